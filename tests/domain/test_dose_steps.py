"""Unequal daily doses, tapers, and units of several drugs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from dosing_cases import dose_case

from printcare.domain.dose_case import DoseStep, Quantity, TimedDose
from printcare.domain.dose_steps import CalculatedStep, calculate_components, calculate_steps
from printcare.domain.dosing import DoseCalculation, Refusal

FIXED = dose_case(
    "V11",
    {
        "order.basis": "fixed",
        "order.max_daily_mg": "15",
        "order.rounding": {"mode": "nearest_half_up", "step_mg": "0.5", "max_deviation_pct": "5"},
    },
)


def step(days: int, *doses: tuple[str, str]) -> DoseStep:
    return DoseStep(days, tuple(TimedDose(time, Quantity(amount, "mg")) for time, amount in doses))


def steps(*given: DoseStep) -> tuple[CalculatedStep, ...]:
    found = calculate_steps(FIXED, given)
    assert not isinstance(found, Refusal), found
    return found


def refused(*given: DoseStep) -> list[str]:
    found = calculate_steps(FIXED, given)
    assert isinstance(found, Refusal), found
    return [finding.code for finding in found.findings]


def test_unequal_doses_of_a_day_are_each_calculated():
    (found,) = steps(step(7, ("08:00", "10"), ("14:00", "5")))
    assert [(time, calculated.dose_rounded_mg) for time, calculated in found.doses] == [("08:00", 10), ("14:00", 5)]
    assert (found.daily_dose_mg, found.units) == (15, 14)


def test_a_taper_is_several_steps():
    found = steps(step(3, ("08:00", "10")), step(3, ("08:00", "5")), step(4, ("08:00", "2.5")))
    assert [(entry.days, entry.daily_dose_mg) for entry in found] == [(3, 10), (3, 5), (4, Decimal("2.5"))]


def test_a_step_of_more_than_one_unit_per_dose_counts_all_units():
    (found,) = steps(step(2, ("08:00", "12")))
    assert found.units == 4


def test_the_highest_daily_dose_is_compared_with_the_sum_of_the_day():
    assert refused(step(1, ("08:00", "10"), ("20:00", "5.5"))) == ["E_MAX_DOSE_EXCEEDED"]


def test_without_a_highest_daily_dose_the_sum_is_free():
    free = dose_case("V11", {"order.basis": "fixed", "order.rounding": {"mode": "none"}})
    assert not isinstance(calculate_steps(free, (step(1, ("08:00", "10"), ("20:00", "9")),)), Refusal)


def test_one_refused_dose_refuses_the_order_and_is_named():
    found = calculate_steps(FIXED, (step(1, ("08:00", "10")), step(1, ("08:00", "5"), ("20:00", "0.1"))))
    assert isinstance(found, Refusal)
    assert [(finding.code, finding.where) for finding in found.findings] == [
        ("E_ROUNDING_TOLERANCE", "order.steps[1].doses[1]: order.rounding")
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ((), "E_STEPS_EMPTY"),
        ((step(1),), "E_STEPS_EMPTY"),
        ((step(0, ("08:00", "10")),), "E_STEP_DAYS"),
        ((step(1, ("8:00", "10")),), "E_STEP_TIMES"),
        ((step(1, ("24:00", "10")),), "E_STEP_TIMES"),
        ((step(1, ("08:00", "5"), ("08:00", "5")),), "E_STEP_TIMES"),
        ((step(1, ("14:00", "5"), ("08:00", "5")),), "E_STEP_TIMES"),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused(given, code):
    assert refused(*given) == [code]


def test_each_drug_of_a_unit_is_calculated_by_itself():
    found = calculate_components({"cyclophosphamide": dose_case("V01"), "hydrocortisone": dose_case("V11")})
    assert not isinstance(found, Refusal)
    assert {name: calculated.dose_rounded_mg for name, calculated in found.items()} == {
        "cyclophosphamide": 17,
        "hydrocortisone": 2,
    }
    assert all(isinstance(calculated, DoseCalculation) for calculated in found.values())


def test_one_refused_drug_refuses_the_unit():
    found = calculate_components({"a": dose_case("V01"), "b": dose_case("R08"), "c": dose_case("R03")})
    assert isinstance(found, Refusal)
    assert [(finding.code, finding.where) for finding in found.findings] == [
        ("E_BMI_IMPLAUSIBLE", "b.patient"),
        ("E_NON_POSITIVE", "c.patient.weight"),
    ]
