"""Choosing the one rule that fits, and the order it makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from printcare.domain.checks import Finding
from printcare.domain.dose_case import BsaEntry, InfantRuleEntry, Quantity, RoundingEntry, WeightBand
from printcare.domain.dosing_rule import (
    AgeGroup,
    DosingRule,
    InfantDivisor,
    RoundingRule,
    RuleBand,
    RuleSource,
    SurfaceRule,
    UsualRange,
    order_under,
    rule_for,
)

CHILDREN = DosingRule(
    id="children",
    version=1,
    demonstration=True,
    drug="Cyclophosphamide",
    indication="metronomic",
    age_group=AgeGroup(Decimal(1), Decimal(12)),
    ordered_form="cyclophosphamide anhydrous",
    basis="per_m2",
    surface=SurfaceRule("mosteller", 2, Decimal("2.0")),
    infant_rule=InfantDivisor(Decimal(10), None, Decimal(30)),
    bands=(),
    max_single_mg=Decimal(100),
    max_daily_mg=None,
    rounding=RoundingRule("nearest_half_up", Decimal("0.50"), Decimal(5)),
    usual_range=UsualRange(),
    cumulative_limits=(),
    source=RuleSource("a paper", "2012", "somebody", date(2026, 1, 2)),
    digest="",
)
YOUNG = replace(CHILDREN, id="young", age_group=AgeGroup(Decimal(12), Decimal(18)))
OTHER = replace(CHILDREN, id="other", indication="lupus")


def code(outcome: DosingRule | Finding) -> str:
    assert isinstance(outcome, Finding), outcome
    return outcome.code


@pytest.mark.parametrize(("age", "rule"), [("1", CHILDREN), ("11.999", CHILDREN), ("12", YOUNG)])
def test_age_groups_begin_inclusive_and_end_exclusive(age, rule):
    assert rule_for((CHILDREN, YOUNG), "cyclophosphamide", "Metronomic", Decimal(age)) is rule


@pytest.mark.parametrize(
    ("drug", "indication", "age"),
    [("sildenafil", None, "4"), ("cyclophosphamide", "lupus", "4"), ("cyclophosphamide", None, "0.9")],
)
def test_no_fitting_rule_refuses(drug, indication, age):
    assert code(rule_for((CHILDREN, YOUNG), drug, indication, Decimal(age))) == "E_RULE_NONE"


def test_a_gap_between_age_groups_refuses():
    late = replace(YOUNG, age_group=AgeGroup(Decimal(13), Decimal(18)))
    assert code(rule_for((CHILDREN, late), "cyclophosphamide", None, Decimal(12))) == "E_RULE_NONE"


def test_two_fitting_rules_refuse():
    assert code(rule_for((CHILDREN, OTHER), "cyclophosphamide", None, Decimal(4))) == "E_RULE_AMBIGUOUS"
    assert rule_for((CHILDREN, OTHER), "cyclophosphamide", "lupus", Decimal(4)) is OTHER


def test_a_rule_adds_all_it_states_to_the_order():
    order = order_under(CHILDREN, Quantity("25", "mg"), "day", "1", reduction_pct="10")
    assert (order.form, order.basis, order.per, order.reduction_pct) == (
        "cyclophosphamide anhydrous",
        "per_m2",
        "day",
        "10",
    )
    assert order.rounding == RoundingEntry("nearest_half_up", "0.5", "5")
    assert (order.max_single_mg, order.max_daily_mg) == ("100", None)
    assert order.bsa == BsaEntry("mosteller", "2", "2")
    assert order.infant_rule == InfantRuleEntry("10", None, "30")


def test_a_rule_by_weight_band_brings_its_amounts():
    rule = replace(
        CHILDREN,
        basis="weight_band",
        surface=None,
        infant_rule=None,
        bands=(RuleBand(Decimal(20), Decimal(10)), RuleBand(None, Decimal("20.0"))),
    )
    order = order_under(rule, None, "dose", "3")
    assert order.bands == (WeightBand("20", Quantity("10", "mg")), WeightBand(None, Quantity("20", "mg")))
    assert (order.bsa, order.infant_rule) == (None, None)


def test_an_explicit_none_stays_explicit():
    rule = replace(CHILDREN, infant_rule="none", surface=SurfaceRule("mosteller", None, None))
    order = order_under(rule, Quantity("10", "mg"), "day", "3")
    assert (order.infant_rule, order.bsa) == ("none", BsaEntry("mosteller", None, None))


def test_an_order_in_milligrams_keeps_the_rules_caps():
    order = order_under(CHILDREN, Quantity("17", "mg"), "dose", "1", basis="fixed")
    assert (order.basis, order.max_single_mg) == ("fixed", "100")
