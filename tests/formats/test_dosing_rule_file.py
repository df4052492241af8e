"""Dosing rule files: what ships, and every problem told at once with its key path."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.domain.dosing_rule import AgeGroup, DosingRule, InfantDivisor, RuleBand, rule_for
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import load_rule, load_rules, read_rule
from printcare.formats.find import data_file
from printcare.formats.tables import FileProblems

CHILD = "cyclophosphamide-oral-paediatric"


def source(rule_id: str = CHILD, *edits: tuple[str, str]) -> bytes:
    text = data_file("recipes/dosing_rules", rule_id)[1].decode()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


def problems(rule_id: str, *edits: tuple[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(FileProblems) as caught:
        read_rule(source(rule_id, *edits), "x.toml")
    return [(finding.code, finding.where) for finding in caught.value.findings]


def test_the_shipped_rules_are_read_and_marked_as_demonstration():
    rules = load_rules()
    assert {rule.drug for rule in rules} >= {"cyclophosphamide", "minoxidil", "sildenafil", "hydrocortisone"}
    assert all(rule.demonstration for rule in rules)
    assert len({rule.digest for rule in rules}) == len(rules)


def test_the_child_of_the_main_job_finds_exactly_one_rule():
    rule = rule_for(load_rules(), "cyclophosphamide", "metronomic chemotherapy", Decimal(4))
    assert isinstance(rule, DosingRule)
    assert rule.id == CHILD
    assert rule.infant_rule == InfantDivisor(Decimal(10), None, Decimal(30))
    assert (rule.rounding.step_mg, rule.rounding.tolerance_pct) == (Decimal("0.5"), Decimal(5))
    assert rule.surface is not None
    assert (rule.surface.formula, rule.surface.cap_m2, rule.max_single_mg) == ("mosteller", 2, 100)


def test_no_rule_that_is_not_cytotoxic_carries_a_divisor():
    assert load_rule("hydrocortisone-oral-paediatric").infant_rule == "none"


def test_weight_bands_are_read_in_order():
    rule = load_rule("sildenafil-oral-paediatric")
    assert rule.bands == (RuleBand(Decimal(20), Decimal(10)), RuleBand(None, Decimal(20)))
    assert rule.age_group == AgeGroup(Decimal(1), Decimal(18))


def test_cumulative_limits_and_optional_limbs_are_read():
    lifetime = '[[cumulative_limits]]\nover = "lifetime"\nunit = "mg/m2"\nlimit = 450.5\n\n[source]'
    edits = (("[source]", lifetime), ("weight_lt_kg = 10", "age_lt_years = 1"), ("cap_m2 = 2.0", "round_dp = 2"))
    rule = read_rule(source(CHILD, *edits), "x.toml")
    assert [(limit.over, limit.unit, limit.limit) for limit in rule.cumulative_limits] == [
        ("lifetime", "mg/m2", Decimal("450.5"))
    ]
    assert rule.infant_rule == InfantDivisor(None, Decimal(1), Decimal(30))
    assert rule.surface is not None
    assert rule.surface.round_dp == 2


def test_rewriting_a_number_keeps_the_digest_and_changing_it_does_not():
    same, other = (read_rule(source(CHILD, ("cap_m2 = 2.0", f"cap_m2 = {cap}")), "x").digest for cap in ("2.00", "2.1"))
    assert same == load_rule(CHILD).digest != other


@pytest.mark.parametrize(
    ("rule_id", "edit", "expected"),
    [
        (CHILD, ("mosteller", "ruler"), ("F_KEY_CHOICE", "bsa.formula")),
        (CHILD, ("mosteller", "lipscombe"), ("F_KEY_CHOICE", "bsa.formula")),
        (CHILD, ("mosteller", "schlich"), ("F_FORMULA_AGE", "bsa.formula")),
        (CHILD, ("max_single_mg", "max_singel_mg"), ("F_KEY_UNKNOWN", "caps.max_singel_mg")),
        (CHILD, ("weight_lt_kg = 10\n", ""), ("F_KEY_MISSING", "infant_rule.weight_lt_kg")),
        (CHILD, ("divisor = 30\n", ""), ("F_KEY_MISSING", "infant_rule.divisor")),
        (CHILD, ("step_mg = 0.5\n", ""), ("F_KEY_MISSING", "rounding.step_mg")),
        (CHILD, ("tolerance_pct = 5\n", ""), ("F_KEY_MISSING", "rounding.tolerance_pct")),
        (CHILD, ("tolerance_pct = 5", "tolerance_pct = -5"), ("F_KEY_RANGE", "rounding.tolerance_pct")),
        (CHILD, ("from_years = 0", "from_years = 18"), ("F_RANGE_ORDER", "age_group.from_years")),
        (CHILD, ("from_years = 0", "from_years = -1"), ("F_RANGE_ORDER", "age_group.from_years")),
        (CHILD, ('basis = "per_m2"', 'basis = "per_m3"'), ("F_KEY_CHOICE", "basis")),
        (CHILD, ("compared_on = 2026-11-02\n", ""), ("F_KEY_MISSING", "source.compared_on")),
        (CHILD, ("[25, 100]", "[100, 25]"), ("F_RANGE_ORDER", "usual_range.mg_per_m2_day")),
        ("hydrocortisone-oral-paediatric", ('rule = "none"', 'rule = "no"'), ("F_KEY_CHOICE", "infant_rule")),
        ("sildenafil-oral-paediatric", ("max_kg = 20\n", ""), ("F_RANGE_ORDER", "bands[1].max_kg")),
        ("sildenafil-oral-paediatric", ("max_daily_mg = 60", "max_daily_mg = 6"), ("F_CAPS_ORDER", "caps")),
        ("minoxidil-oral-adult", ('"fixed"', '"weight_band"\nbands = []'), ("F_KEY_EMPTY", "bands")),
        ("minoxidil-oral-adult", ('"fixed"', '"weight_band"'), ("F_KEY_MISSING", "bands")),
    ],
)
def test_a_wrong_file_is_refused_with_the_path_of_what_is_wrong(rule_id, edit, expected):
    assert expected in problems(rule_id, edit)


def test_all_problems_are_told_at_once():
    found = problems(CHILD, ("mosteller", "ruler"), ("version = 1", "version = 0"), ("divisor = 30", "divisor = 0"))
    assert {("F_KEY_CHOICE", "bsa.formula"), ("F_KEY_RANGE", "version"), ("F_KEY_RANGE", "infant_rule.divisor")} <= set(
        found
    )


def test_a_file_that_is_not_toml_is_refused():
    with pytest.raises(PrintcareError, match="FILE_NOT_TOML"):
        read_rule(b"= 1", "x.toml")
