"""What differs between two versions of one document."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.difference import Change, bounds, differences

RANGE = {"unit": "degC", "target": "38", "normal": ["37", "39"], "proven": ["35", "41"]}
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab1", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3),
    max_leaves=8,
)


def changed(**members):
    before, after = {"id": "r", "version": 1, "heat": RANGE}, {"id": "r", "version": 2, "heat": RANGE | members}
    return differences(before, after)


def test_a_parameter_is_told_by_its_path_with_old_new_and_unit():
    assert changed(target="37.5") == (Change("heat.target", "38", "37.5", "degC", "changed"),)


@pytest.mark.parametrize(
    ("after", "effect"),
    [
        (["37.5", "39"], "narrower"),
        (["37", "40"], "wider"),
        (["36", "40"], "wider"),
        (["36", "38"], "moved"),
        (["37", "39", "41"], "changed"),
        ("none", "changed"),
    ],
)
def test_a_range_is_told_narrower_wider_or_moved(after, effect):
    assert changed(normal=after) == (Change("heat.normal", ["37", "39"], after, "degC", effect),)


def test_two_versions_are_not_different_for_being_two():
    assert differences({"id": "r", "version": 1, "digest": "a"}, {"id": "s", "version": 2, "digest": "b"}) == ()
    assert differences({"ink": {"id": "a"}}, {"ink": {"id": "b"}}) == (Change("ink.id", "a", "b", "", "changed"),)


def test_what_came_and_what_went_is_told():
    assert [change.effect for change in differences({"a": "1"}, {"b": "2"})] == ["removed", "added"]


def test_listed_tables_are_compared_by_name_and_others_by_place():
    tests = [{"name": "mass", "limit": "5"}, {"name": "content", "limit": "15"}]
    assert differences({"plan": tests}, {"plan": [{"name": "dose", "limit": "1"}, *tests]})[0].path == "plan.dose"
    unnamed = differences({"step": [{"at": "1"}]}, {"step": [{"at": "2"}]})
    assert [change.path for change in unnamed] == ["step.0.at"]
    twice = differences({"band": [{"name": "a", "to": "1"}] * 2}, {"band": [{"name": "a", "to": "2"}] * 2})
    assert [change.path for change in twice] == ["band.0.to", "band.1.to"]


def test_bounds_are_two_numbers_as_texts():
    assert bounds(["1", "2.50"]) == (Decimal(1), Decimal("2.50"))
    assert bounds(["1", "x"]) is None
    assert bounds([1, 2]) is None


@given(st.dictionaries(st.sampled_from("xyz"), PLAIN, max_size=3))
def test_nothing_differs_from_itself(content):
    assert differences(content, content) == ()


@given(*[st.dictionaries(st.sampled_from("xyz"), PLAIN, max_size=3)] * 2)
def test_there_is_a_difference_wherever_two_contents_are_not_equal_but_for_what_is_absent(one, other):
    def without_none(value):
        if isinstance(value, dict):
            return {key: without_none(member) for key, member in value.items() if member is not None}
        return value

    if not differences(one, other):
        assert without_none(one) == without_none(other)
