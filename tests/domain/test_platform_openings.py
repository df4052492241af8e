"""A platform's children: what is not left open stays closed, and the rest is the parent's."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.domain.platform import Opening, Platform, child_objections, completed, leaves

OPENINGS = (
    Opening("range.dose_mg", within=(Decimal(1), Decimal(10))),
    Opening("product.inn", one_of=("furosemide", "bumetanide")),
    Opening("shape"),
)
PARENT = {"ink": {"density": Decimal(1), "id": "a"}, "range": {"units": 4}, "evidence": [{"id": "E-1"}]}
PLATFORM = Platform("paste", 2, "Paste", "anna", True, OPENINGS, PARENT, "d")
OWN = {"id": "child", "version": 1, "platform": "paste/2", "title": "t", "author": "bela", "demonstration": True}


def codes(child):
    findings = child_objections(PLATFORM, OWN | child)
    assert all(finding.remedy and finding.reason.startswith(finding.where) for finding in findings)
    return [(finding.code, finding.where) for finding in findings]


def test_a_platform_is_named_by_id_and_version():
    assert PLATFORM.reference == "paste/2"


@pytest.mark.parametrize(
    "child",
    [
        {},
        {"range": {"dose_mg": [Decimal(1), 10]}},
        {"product": {"inn": "bumetanide"}},
        {"shape": {"kind": "teapot", "vessel": {"name": "x"}}},
        {"evidence": [{"id": "E-2"}]},
    ],
)
def test_what_is_left_open_may_be_set(child):
    assert codes(child) == []


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        ({"ink": {"density": Decimal(2)}}, ("F_PLATFORM_CLOSED", "ink.density")),
        ({"range": {"units": 4}}, ("F_PLATFORM_CLOSED", "range.units")),
        ({"shaped": {"kind": "x"}}, ("F_PLATFORM_CLOSED", "shaped.kind")),
        ({"range": {"dose_mg": [Decimal(1), Decimal("10.1")]}}, ("F_PLATFORM_LIMIT", "range.dose_mg")),
        ({"range": {"dose_mg": [Decimal("0.9"), Decimal(10)]}}, ("F_PLATFORM_LIMIT", "range.dose_mg")),
        ({"range": {"dose_mg": "5"}}, ("F_PLATFORM_LIMIT", "range.dose_mg")),
        ({"range": {"dose_mg": True}}, ("F_PLATFORM_LIMIT", "range.dose_mg")),
        ({"product": {"inn": "digoxin"}}, ("F_PLATFORM_LIMIT", "product.inn")),
    ],
)
def test_what_is_not_left_open_is_refused_with_its_key_path(child, expected):
    assert codes(child) == [expected]


def test_a_platform_that_opens_nothing_lets_nothing_through():
    shut = Platform("paste", 2, "Paste", "anna", True, (), PARENT, "d")
    (found,) = child_objections(shut, OWN | {"ink": {"id": "b"}})
    assert "nothing" in found.remedy


def test_the_bounds_are_told_in_the_remedy():
    (number,) = child_objections(PLATFORM, {"range": {"dose_mg": [Decimal(0), Decimal(10)]}})
    (text,) = child_objections(PLATFORM, {"product": {"inn": "digoxin"}})
    assert "1 to 10" in number.remedy
    assert "[0, 10]" in number.reason
    assert "furosemide, bumetanide" in text.remedy


def test_a_child_is_completed_by_its_parent_and_keeps_the_evidence_of_both():
    whole = completed(PLATFORM, {"range": {"dose_mg": [1, 2]}, "ink": {"id": "b"}, "evidence": [{"id": "E-2"}]})
    assert whole == {
        "ink": {"density": Decimal(1), "id": "b"},
        "range": {"units": 4, "dose_mg": [1, 2]},
        "evidence": [{"id": "E-1"}, {"id": "E-2"}],
    }
    assert PARENT["ink"] == {"density": Decimal(1), "id": "a"}  # the parent is shared by every child


def test_every_value_has_a_path_and_a_list_is_one_value():
    assert list(leaves({"a": {"b": 1, "c": [1, 2]}, "d": 3})) == [("a.b", 1), ("a.c", [1, 2]), ("d", 3)]
