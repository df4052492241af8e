"""A site narrows what a supplier validated, and never widens it."""

from __future__ import annotations

import copy

import pytest

from printcare.domain.narrowing import widened

HEAT = {"unit": "degC", "target": "38", "normal": ["37", "39"], "proven": ["35", "41"], "is_critical": True}
SUPPLIED = {
    "id": "r",
    "version": 1,
    "title": "Supplier's",
    "product": {"inn": "drug"},
    "parameters": {"cartridge_c": HEAT},
    "unit_range": {"dose_mg": ["5", "40"], "max_units_per_dose": 4},
    "limits": {"mass_pct": "7.5", "pressure_min_kpa": "20"},
    "allocation": {"retain": 1},
    "beyond_use": [{"storage": "cold", "days": "14"}],
    "printer_classes": ["a", "b"],
    "further": [{"parameters": {"cartridge_c": dict(HEAT)}, "limits": {"mass_pct": "5"}}],
}


def changed(path: str, value: object):
    ours = copy.deepcopy(SUPPLIED)
    *way, last = path.split(".")
    place = ours
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    place[last] = value
    return [(finding.code, finding.where) for finding in widened(SUPPLIED, ours)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("parameters.cartridge_c.normal", ["37.5", "38.5"]),
        ("parameters.cartridge_c.proven", ["36", "41"]),
        ("parameters.cartridge_c.target", "37.5"),
        ("unit_range.dose_mg", ["10", "40"]),
        ("unit_range.max_units_per_dose", 2),
        ("limits.mass_pct", "5"),
        ("limits.pressure_min_kpa", "30"),
        ("allocation.retain", 2),
        ("beyond_use.0.days", "7"),
        ("printer_classes", ["a"]),
        ("further.0.limits.mass_pct", "4"),
        ("further.0.parameters.cartridge_c.target", "39"),
        ("title", "Ours"),
    ],
)
def test_a_site_may_narrow(path, value):
    assert changed(path, value) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("parameters.cartridge_c.normal", ["36", "39"]),
        ("parameters.cartridge_c.proven", ["34", "40"]),
        ("parameters.cartridge_c.target", "39.5"),
        ("parameters.cartridge_c.target", "hot"),
        ("parameters.cartridge_c.unit", "K"),
        ("parameters.cartridge_c.is_critical", False),
        ("unit_range.dose_mg", ["5", "41"]),
        ("unit_range.max_units_per_dose", 5),
        ("limits.mass_pct", "8"),
        ("limits.mass_pct", None),
        ("limits.pressure_min_kpa", "10"),
        ("allocation.retain", 0),
        ("beyond_use.0.days", "15"),
        ("beyond_use.0.storage", "warm"),
        ("printer_classes", ["a", "c"]),
        ("printer_classes", None),
        ("product.inn", "another"),
        ("further.0.limits.mass_pct", "6"),
        ("further.0.parameters.cartridge_c.target", "40"),
    ],
)
def test_each_widened_or_changed_key_is_refused_by_its_path(path, value):
    assert changed(path, value) == [("E_WIDENED", path)]


def test_a_parameter_the_supplier_never_validated_is_refused_whole():
    assert changed("parameters.bed_c", HEAT) == [("E_WIDENED", "parameters.bed_c")]
    without = copy.deepcopy(SUPPLIED)
    del without["parameters"]["cartridge_c"]["normal"]
    found = widened(without, SUPPLIED | {"further": without["further"]})
    assert [finding.where for finding in found] == ["parameters.cartridge_c.normal"]


def test_a_target_without_a_normal_range_to_hold_it_is_refused():
    bare = {"parameters": {"heat": {"target": "1"}}}
    assert [finding.where for finding in widened(bare, {"parameters": {"heat": {"target": "2"}}})] == [
        "parameters.heat.target"
    ]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (
            "unit_range.dose_mg",
            ["5", "41"],
            "unit_range.dose_mg: the supplier validated 5 to 40, this version has 5 to",
        ),
        ("printer_classes", ["a", "c"], "this version has a, c"),
        ("limits.mass_pct", None, "this version has nothing"),
    ],
)
def test_what_is_wider_is_told_in_words_with_its_path(path, value, told):
    changed_to = copy.deepcopy(SUPPLIED)
    *way, last = path.split(".")
    place = changed_to
    for name in way:
        place = place[name]
    place[last] = value
    (finding,) = widened(SUPPLIED, changed_to)
    assert told in finding.reason
