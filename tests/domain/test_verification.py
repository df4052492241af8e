"""Which dose is printed, who stands for it, and that nobody makes a verified dose another way."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from dosing_cases import dose

from printcare.domain.checks import error, warning
from printcare.domain.dose_case import Quantity
from printcare.domain.dosing import DoseCalculation, Refusal
from printcare.domain.verification import Acknowledgement, SecondEntry, Tolerance, VerifiedDose, verify
from printcare.errors import PrintcareError

pytestmark = pytest.mark.hazard("HZ-03")

CHILD = dose("V01")  # 16.0 kg, 102 cm, recomputed 17 mg
SECOND = SecondEntry("bela", Quantity("16", "kg"), Quantity("102.0", "cm"), "17")


def outcome(calculation: DoseCalculation = CHILD, **changes: object) -> VerifiedDose | Refusal:
    given = {"ordered_dose_mg": Decimal(17), "proposal_mg": None, "pharmacist_id": "anna", "second_entry": SECOND}
    return verify(calculation, **(given | changes))


def codes(calculation: DoseCalculation = CHILD, **changes: object) -> list[str]:
    refused = outcome(calculation, **changes)
    assert isinstance(refused, Refusal), refused
    assert all(finding.blocks for finding in refused.findings)
    return [finding.code for finding in refused.findings]


def verified(calculation: DoseCalculation = CHILD, **changes: object) -> VerifiedDose:
    found = outcome(calculation, **changes)
    assert isinstance(found, VerifiedDose), found
    return found


def ordered(text: str, **changes: object) -> dict[str, object]:
    return {"ordered_dose_mg": Decimal(text), "second_entry": replace(SECOND, dose_mg=text), **changes}


def acknowledged(*code: str, reason: str = "discussed with the prescriber") -> tuple[Acknowledgement, ...]:
    return tuple(Acknowledgement(name, reason, "anna") for name in code)


def test_an_ordered_dose_that_agrees_is_printed_silently():
    found = verified()
    assert (found.printed_dose_mg, found.origin, found.difference_pct, found.warnings) == (17, "ordered", 0, ())
    assert (found.pharmacist_id, found.second_id) == ("anna", "bela")


def test_the_ordered_dose_is_printed_not_the_recomputed_one():
    found = verified(**ordered("16.9"))
    assert (found.printed_dose_mg, found.recomputed_dose_mg) == (Decimal("16.9"), 17)
    # 16.9 mg ÷ 40 mg/g = 422.5 mg
    assert found.units.target_wet_mass_mg == Decimal("422.5")
    assert found.lines[-2].result == "422.5"


@pytest.mark.parametrize(("text", "silent"), [("17.17", True), ("16.83", True), ("17.171", False), ("16.829", False)])
def test_up_to_one_percent_is_silent_and_above_it_a_reason_is_asked(text, silent):
    if silent:
        assert verified(**ordered(text)).warnings == ()
    else:
        assert codes(**ordered(text)) == ["E_ACKNOWLEDGEMENT_MISSING"]
        found = verified(**ordered(text, acknowledgements=acknowledged("W_RECOMPUTATION_DIFFERS")))
        assert [warning.code for warning in found.warnings] == ["W_RECOMPUTATION_DIFFERS"]


@pytest.mark.parametrize(("text", "stopped"), [("17.85", False), ("16.15", False), ("17.851", True), ("16.149", True)])
def test_above_five_percent_nothing_is_printed_whatever_the_reason(text, stopped):
    given = ordered(text, acknowledgements=acknowledged("W_RECOMPUTATION_DIFFERS"))
    found = outcome(**given)
    assert isinstance(found, Refusal) is stopped
    if isinstance(found, Refusal):
        assert [finding.code for finding in found.findings] == ["E_RECOMPUTATION_DISAGREES"]


def test_the_daily_amount_is_compared_as_well():
    assert codes(ordered_daily_mg=Decimal(34)) == ["E_RECOMPUTATION_DISAGREES"]
    assert verified(ordered_daily_mg=Decimal(17)).warnings == ()


def test_a_site_may_tighten_the_comparison():
    strict = Tolerance(Fraction(0), Fraction(1, 2))
    assert codes(**ordered("17.1", tolerance=strict)) == ["E_RECOMPUTATION_DISAGREES"]


@pytest.mark.parametrize(("silent", "stop"), [("1.1", "5"), ("1", "5.1"), ("1", "0.5"), ("-1", "5")])
def test_a_site_may_not_widen_the_comparison(silent, stop):
    with pytest.raises(PrintcareError, match="TOLERANCE_WIDENED"):
        Tolerance(Fraction(silent), Fraction(stop))


def test_without_an_ordered_amount_the_pharmacist_enters_one_on_the_proposal():
    found = verified(ordered_dose_mg=None, proposal_mg=Decimal(17))
    assert (found.printed_dose_mg, found.origin) == (17, "entered")


def test_a_proposal_is_never_taken_unentered():
    assert codes(ordered_dose_mg=None) == ["E_DOSE_NOT_ENTERED"]


def test_an_entered_amount_never_stands_beside_an_ordered_one():
    assert codes(proposal_mg=Decimal(17)) == ["E_TWO_DOSES"]


@pytest.mark.parametrize(
    ("number", "code"),
    [("NaN", "E_NOT_FINITE"), ("Infinity", "E_NOT_FINITE"), ("0", "E_NON_POSITIVE"), ("-17", "E_NON_POSITIVE")],
)
def test_a_dose_is_a_finite_number_above_zero(number, code):
    assert codes(ordered_dose_mg=Decimal(number)) == [code]


@pytest.mark.parametrize("second_id", ["anna", "ANNA", " anna "])
def test_the_same_person_cannot_be_the_second(second_id):
    assert codes(second_entry=replace(SECOND, user_id=second_id)) == ["E_SECOND_PERSON_SAME"]


@pytest.mark.parametrize(("first", "second"), [("", "bela"), ("anna", " ")])
def test_both_people_are_named(first, second):
    assert codes(pharmacist_id=first, second_entry=replace(SECOND, user_id=second)) == ["E_PERSON_MISSING"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weight": Quantity("16.1", "kg")}, "E_SECOND_ENTRY_WEIGHT"),
        ({"weight": None}, "E_SECOND_ENTRY_WEIGHT"),
        ({"height": Quantity("102", "mm")}, "E_SECOND_ENTRY_HEIGHT"),
        ({"dose_mg": "17.5"}, "E_SECOND_ENTRY_DOSE"),
        ({"dose_mg": None}, "E_MISSING"),
        ({"dose_mg": "17,0"}, "E_NUMBER_FORMAT"),
        ({"weight": Quantity("16", "KG")}, "E_UNIT_UNKNOWN"),
    ],
)
def test_a_different_second_entry_refuses(change, code):
    assert codes(second_entry=replace(SECOND, **change)) == [code]


def test_all_mismatches_are_told_at_once_and_none_of_the_first_values():
    refused = outcome(second_entry=SecondEntry("bela", Quantity("61", "kg"), Quantity("120", "cm"), "71"))
    assert isinstance(refused, Refusal)
    assert [finding.code for finding in refused.findings] == [
        "E_SECOND_ENTRY_WEIGHT",
        "E_SECOND_ENTRY_HEIGHT",
        "E_SECOND_ENTRY_DOSE",
    ]
    told = " ".join(finding.reason + finding.remedy for finding in refused.findings)
    assert not any(first in told for first in ("16", "102", "17"))


def test_the_same_weight_in_another_unit_is_the_same_weight():
    assert verified(second_entry=replace(SECOND, weight=Quantity("16000", "g"))).second_id == "bela"


def test_a_fixed_dose_without_measurements_is_entered_again_without_them():
    fixed = dose("V15")
    second = SecondEntry("bela", None, None, "1.25")
    assert verified(fixed, ordered_dose_mg=Decimal("1.25"), second_entry=second).units.target_wet_mass_mg == 250
    measured = replace(second, weight=Quantity("60", "kg"))
    assert codes(fixed, ordered_dose_mg=Decimal("1.25"), second_entry=measured) == ["E_SECOND_ENTRY_WEIGHT"]


def test_an_ordered_dose_above_the_cap_is_refused_not_lowered():
    capped = dose("V01", {"order.max_single_mg": "17"})
    assert codes(capped, **ordered("17.1")) == ["E_MAX_DOSE_EXCEEDED"]


def test_an_ordered_dose_the_recipe_cannot_make_is_refused():
    narrow = dose("V01", {"recipe.dose_per_unit_mg": ["5", "17"], "recipe.max_units_per_dose": 1})
    assert codes(narrow, **ordered("17.1")) == ["E_DOSE_ABOVE_RECIPE"]


def test_units_of_the_printed_dose_speak_for_it():
    edge = dose("V01", {"recipe.dose_per_unit_mg": ["5", "17"]})
    found = verified(edge, **ordered("17.1"))
    assert [warning.code for warning in found.warnings] == ["W_MULTI_UNIT"]
    two = dose("V01", {"recipe.dose_per_unit_mg": ["5", "16.95"]})
    assert verified(two, **ordered("16.9")).warnings == ()


@pytest.mark.parametrize(
    ("case_id", "changes", "needed"),
    [
        ("V07", {}, ["W_GROWTH_CONFIRM_WEIGHT"]),
        ("V01", {"patient.measured_days_ago": "40"}, ["W_MEASUREMENT_OLD"]),
        ("V12", {}, ["W_REDUCED"]),
        ("V06", {}, ["W_INFANT_EDGE"]),
    ],
)
def test_warnings_that_need_a_reason_stop_until_somebody_gives_one(case_id, changes, needed):
    calculation = dose(case_id, changes)
    weight, height = Quantity(str(calculation.weight_kg), "kg"), Quantity(str(calculation.height_cm), "cm")
    printed = calculation.dose_rounded_mg
    given = {"ordered_dose_mg": printed, "second_entry": SecondEntry("bela", weight, height, str(printed))}
    refused = outcome(calculation, **given)
    assert isinstance(refused, Refusal)
    assert [(finding.code, finding.where) for finding in refused.findings] == [
        ("E_ACKNOWLEDGEMENT_MISSING", code) for code in needed
    ]
    assert verified(calculation, **given, acknowledgements=acknowledged(*needed)).acknowledgements
    assert codes(calculation, **given, acknowledgements=acknowledged(*needed, reason=" ")) == [
        "E_ACKNOWLEDGEMENT_MISSING"
    ]
    nobody = tuple(replace(entry, user_id="") for entry in acknowledged(*needed))
    assert codes(calculation, **given, acknowledgements=nobody) == ["E_ACKNOWLEDGEMENT_MISSING"]


def test_comparisons_with_what_is_usual_need_a_reason_and_stops_stop():
    unusual = warning("W_USUAL_RANGE", "2.3 × the usual upper limit.", "Compare.", "order.amount")
    assert codes(comparisons=(unusual,)) == ["E_ACKNOWLEDGEMENT_MISSING"]
    found = verified(comparisons=(unusual,), acknowledgements=acknowledged("W_USUAL_RANGE"))
    assert found.warnings == (unusual,)
    limit = error("E_CUMULATIVE_LIMIT", "Above the lifetime dose.", "Ask.", "ledger")
    assert codes(comparisons=(limit,), acknowledgements=acknowledged("E_CUMULATIVE_LIMIT")) == ["E_CUMULATIVE_LIMIT"]


def test_the_sheet_goes_on_with_the_comparison_and_the_printed_doses_units():
    lines = verified(**ordered("16.9")).lines
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert lines[len(CHILD.lines)].what == "printed dose against recomputed"
    assert len(verified().lines) == len(CHILD.lines) + 1


def test_a_verified_dose_has_no_other_maker():
    genuine = verified()
    fields = {name: getattr(genuine, name) for name in VerifiedDose.__slots__}
    with pytest.raises(PrintcareError, match="VERIFIED_DOSE_FORGED"):
        VerifiedDose(**fields, seal=object())
    with pytest.raises(TypeError):
        VerifiedDose(**fields)
    with pytest.raises(ValueError, match="seal"):
        replace(genuine, printed_dose_mg=Decimal(170))


def test_a_verified_dose_cannot_be_changed():
    genuine = verified()
    with pytest.raises(AttributeError):
        genuine.printed_dose_mg = Decimal(170)
    assert copy.copy(genuine).printed_dose_mg == 17
