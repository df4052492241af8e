"""Age, weight and height: what cannot be, what must be confirmed, and what is too old."""

from __future__ import annotations

from fractions import Fraction

import pytest
from dosing_cases import DATA
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.checks import Finding
from printcare.domain.dose_case import Override, PatientEntry, Quantity
from printcare.domain.plausibility import (
    GROWTH_LIMITS,
    Age,
    Body,
    body_mass_index,
    growth_findings,
    limits_for_age,
    overridden,
    override_objection,
    read_age,
    read_body,
    staleness,
    unit_suspicion,
)


def patient(age="4", weeks=None, weight=None, height=None) -> PatientEntry:
    return PatientEntry(age, "F", "3", weight, height, (), weeks)


def body(weight: str | None = None, height: str | None = None) -> Body:
    return Body(None if weight is None else Fraction(weight), None if height is None else Fraction(height), ())


def age(years: str) -> Age:
    return Age(Fraction(years), Fraction(years), ())


def codes(weight: str | None, height: str | None, years: str) -> list[str]:
    return [finding.code for finding in growth_findings(body(weight, height), age(years))[0]]


def test_the_table_is_the_references():
    stated = [tuple(Fraction(cell) for cell in row) for row in DATA["plausibility_table"]["rows"]]
    assert list(GROWTH_LIMITS) == stated


@pytest.mark.parametrize(("years", "ok"), [("0", True), ("120", True), ("-0.1", False), ("120.1", False)])
def test_ages_from_birth_to_a_hundred_and_twenty_are_taken(years, ok):
    outcome = read_age(patient(years))
    assert isinstance(outcome, Age) is ok
    if isinstance(outcome, Finding):
        assert outcome.code == "E_AGE_RANGE"


def test_an_absent_age_is_missing():
    outcome = read_age(patient(None))
    assert isinstance(outcome, Finding)
    assert outcome.code == "E_MISSING"


@pytest.mark.parametrize(
    ("years", "weeks", "corrected"),
    [
        ("0.5", "28", Fraction("0.5") - 12 / Fraction("52.18")),
        ("0.1", "28", Fraction(0)),
        ("0.5", "37", Fraction("0.5")),
        ("2", "28", Fraction(2)),
        ("1.99", "36.9", Fraction("1.99") - Fraction("3.1") / Fraction("52.18")),
    ],
)
def test_growth_limits_of_a_preterm_child_use_the_corrected_age_until_two(years, weeks, corrected):
    outcome = read_age(patient(years, weeks))
    assert isinstance(outcome, Age)
    assert (outcome.years, outcome.for_growth_years) == (Fraction(years), corrected)
    assert len(outcome.steps) == (2 if corrected != Fraction(years) else 1)


@pytest.mark.parametrize(
    ("weeks", "code"), [("19", "E_GESTATION_RANGE"), ("46", "E_GESTATION_RANGE"), ("x", "E_NUMBER_FORMAT")]
)
def test_an_impossible_gestational_age_is_refused(weeks, code):
    outcome = read_age(patient("0.5", weeks))
    assert isinstance(outcome, Finding)
    assert outcome.code == code


@pytest.mark.parametrize(
    ("weight", "height", "code"),
    [
        (None, Quantity("102", "cm"), "E_MISSING"),
        (Quantity("16", "kg"), None, "E_MISSING"),
        (Quantity("16", "stone"), Quantity("102", "cm"), "E_UNIT_UNKNOWN"),
        (Quantity("16", "kg"), Quantity("102", "ft"), "E_UNIT_UNKNOWN"),
    ],
)
def test_what_the_order_needs_must_be_there_and_readable(weight, height, code):
    outcome = read_body(patient(weight=weight, height=height), needs_weight=True, needs_height=True)
    assert isinstance(outcome, Finding)
    assert outcome.code == code


def test_a_conversion_stands_on_the_sheet_with_its_factor():
    entry = patient(weight=Quantity("35.2", "lb"), height=Quantity("1.02", "m"))
    outcome = read_body(entry, needs_weight=True, needs_height=True)
    assert isinstance(outcome, Body)
    assert [step.formula for step in outcome.steps] == ["35.2 lb × 0.45359237", "1.02 m × 100"]


@pytest.mark.parametrize(
    ("weight", "height", "code"),
    [
        ("0.149", "50", "E_WEIGHT_UNIT_SUSPECT"),
        ("500.1", "1000", "E_WEIGHT_UNIT_SUSPECT"),
        ("3", "19.9", "E_HEIGHT_UNIT_SUSPECT"),
        (None, "300.1", "E_HEIGHT_UNIT_SUSPECT"),
        ("0.15", "20", None),
        ("500", "300", None),
        (None, None, None),
    ],
)
def test_no_human_is_outside_the_absolute_limits_and_weight_is_tested_first(weight, height, code):
    finding = unit_suspicion(body(weight, height))
    assert (finding.code if finding else None) == code


@pytest.mark.parametrize(
    ("years", "flag_above", "refuse_above"),
    [("0.99", 7, 14), ("1", 7, 30), ("1.99", 7, 30), ("2", 30, 90), ("12", 90, 90), ("17.9", 90, 90), ("18", 90, 365)],
)
def test_measurements_grow_old_by_age(years, flag_above, refuse_above):
    def code(days: int) -> str | None:
        finding = staleness(str(days), Fraction(years))
        return finding.code if finding else None

    assert code(flag_above) is None
    assert code(refuse_above) == (None if refuse_above == flag_above else "W_MEASUREMENT_OLD")
    assert code(refuse_above + 1) == "E_MEASUREMENT_STALE"


def test_twenty_days_are_flagged_at_one_year_and_refused_in_an_infant():
    codes_found = [
        finding.code for finding in (staleness("20", Fraction("1.2")), staleness("20", Fraction("0.6"))) if finding
    ]
    assert codes_found == ["W_MEASUREMENT_OLD", "E_MEASUREMENT_STALE"]


@pytest.mark.parametrize(
    ("days", "code"), [(None, "E_MISSING"), ("x", "E_NUMBER_FORMAT"), ("-1", "E_MEASUREMENT_FUTURE")]
)
def test_a_measurement_without_a_sound_date_is_refused(days, code):
    finding = staleness(days, Fraction(4))
    assert finding is not None
    assert finding.code == code


@pytest.mark.parametrize("row", GROWTH_LIMITS, ids=lambda row: str(row[0]))
def test_all_four_limits_are_inclusive_at_every_row(row):
    for column, found in ((1, "weight"), (5, "height")):
        low, soft_low, soft_high, high = row[column : column + 4]
        values = {low: "soft", soft_low: "", soft_high: "", high: "soft"}
        for value, expected in values.items():
            measured = body(str(value), None) if found == "weight" else body(None, str(value))
            kinds = [finding.severity.value for finding in growth_findings(measured, age(str(row[0])))[0]]
            assert kinds == (["warning"] if expected else [])


def test_just_outside_the_hard_limits_is_an_error():
    assert codes("7.69", None, "4") == ["E_WEIGHT_FOR_AGE"]
    assert codes("39.11", None, "4") == ["E_WEIGHT_FOR_AGE"]
    assert codes(None, "119.1", "4") == ["E_HEIGHT_FOR_AGE"]


def test_limits_are_interpolated_in_age():
    assert limits_for_age(Fraction("3.5"), 1).hard_low == Fraction("7.45")
    assert limits_for_age(Fraction("0.6"), 5).soft_high == Fraction(78)


def test_nineteen_holds_until_twenty_and_then_the_adult_row():
    assert limits_for_age(Fraction("19.9"), 1).hard_high == Fraction("200.4")
    assert limits_for_age(Fraction(20), 1).hard_high == limits_for_age(Fraction(120), 1).hard_high == 300


def test_all_hard_failures_are_collected():
    assert codes("60", "60", "4") == ["E_WEIGHT_FOR_AGE", "E_HEIGHT_FOR_AGE", "E_BMI_IMPLAUSIBLE"]


def test_soft_limits_ask_for_confirmation():
    assert codes("115", "188", "16") == ["W_GROWTH_CONFIRM_WEIGHT"]
    assert codes("16", "87", "4") == ["W_GROWTH_CONFIRM_HEIGHT", "W_GROWTH_CONFIRM_BMI"]


def test_pounds_typed_as_kilograms_are_caught_by_bmi_alone_at_four():
    assert codes("35.3", "102", "4") == ["W_GROWTH_CONFIRM_WEIGHT", "E_BMI_IMPLAUSIBLE"]


@pytest.mark.parametrize(("weight", "height"), [(None, "100"), ("16", None)])
def test_there_is_no_bmi_from_one_measure(weight, height):
    assert body_mass_index(body(weight, height)) is None


@given(st.fractions(min_value=0, max_value=120, max_denominator=1000))
def test_limits_never_cross_at_any_age(years):
    for column in (1, 5, 9):
        limits = limits_for_age(years, column)
        assert limits.hard_low < limits.soft_low < limits.soft_high < limits.hard_high


OVERRIDE = Override("anna", "dwarfism", "bela", "weighed again myself", "7.5")


@pytest.mark.parametrize(
    "override",
    [
        Override("anna", "reason", "anna", "reason", "7.5"),
        Override("anna", "reason", "", "reason", "7.5"),
        Override(" ", "reason", "bela", "reason", "7.5"),
        Override("anna", "", "bela", "reason", "7.5"),
        Override("anna", "reason", "bela", "  ", "7.5"),
        Override("anna", "reason", "bela", "reason", "7.6"),
    ],
)
def test_an_override_needs_two_pharmacists_two_reasons_and_the_weight_again(override):
    finding = override_objection(override, body("7.5"))
    assert finding is not None
    assert finding.code == "E_OVERRIDE_INCOMPLETE"


def test_an_unreadable_repeated_weight_does_not_count():
    finding = override_objection(Override("anna", "a", "bela", "b", "7,5"), body("7.5"))
    assert finding is not None
    assert finding.code == "E_NUMBER_FORMAT"


def test_a_complete_override_turns_hard_limits_into_warnings_that_name_both():
    findings = growth_findings(body("7.5", "79"), age("4"))[0]
    let_pass = overridden(findings, OVERRIDE)
    assert override_objection(OVERRIDE, body("7.5", "79")) is None
    assert [finding.code for finding in let_pass] == [
        "W_LIMIT_OVERRIDDEN",
        "W_LIMIT_OVERRIDDEN",
        "W_GROWTH_CONFIRM_BMI",
    ]
    assert "anna" in let_pass[0].reason
    assert "weighed again myself" in let_pass[0].reason
