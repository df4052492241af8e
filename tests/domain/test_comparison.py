"""Usual range, previous weight and order, cumulative limits, excipients per kilogram and day."""

from __future__ import annotations

from decimal import Decimal

import pytest
from dosing_cases import dose

from printcare.domain.comparison import (
    change_of_dose,
    change_of_schedule,
    change_of_weight,
    cumulative_objections,
    excipient_notices,
    stated_surface,
    usual_range_notices,
)
from printcare.domain.dosing_rule import CumulativeLimit, UsualRange

CHILD = dose("V01")  # 16 kg, 0.6733 m² by Mosteller, 17 mg once a day
DIVIDED = dose("V20")  # 9 kg, 30 mg three times a day, no surface used


def limits(low: str, high: str) -> tuple[Decimal, Decimal]:
    return Decimal(low), Decimal(high)


def test_a_dose_above_the_usual_range_is_told_as_a_multiple_of_the_limit():
    notices = usual_range_notices(CHILD, Decimal(23), UsualRange(dose_mg=limits("5", "10")))
    assert [notice.code for notice in notices] == ["W_USUAL_RANGE"]
    assert "2.3 × the usual upper limit" in notices[0].reason


def test_a_dose_below_the_usual_range_is_told_too():
    notices = usual_range_notices(CHILD, Decimal(17), UsualRange(mg_per_m2_day=limits("50", "100")))
    # 17 ÷ 0.6733 = 25.25 mg/m²; half of 50.
    assert "0.5 × the usual lower limit" in notices[0].reason


@pytest.mark.parametrize("usual", [UsualRange(), UsualRange(dose_mg=limits("17", "17"))])
def test_within_the_range_or_without_one_nothing_is_told(usual):
    assert usual_range_notices(CHILD, Decimal(17), usual) == ()


def test_per_kilogram_and_per_surface_count_the_whole_day():
    # 90 mg a day ÷ 9 kg = 10 mg/kg.
    assert usual_range_notices(DIVIDED, Decimal(30), UsualRange(mg_per_kg_day=limits("10", "10"))) == ()
    assert len(usual_range_notices(DIVIDED, Decimal(30), UsualRange(mg_per_kg_day=limits("3", "9.9")))) == 1
    # √(72 × 9 ÷ 3600) = 0.42426 m²: 212 mg/m² a day.
    assert usual_range_notices(DIVIDED, Decimal(30), UsualRange(mg_per_m2_day=limits("212", "213"))) == ()


def test_without_measurements_only_the_dose_itself_is_compared():
    usual = UsualRange(limits("5", "10"), limits("5", "10"), limits("5", "10"))
    assert len(usual_range_notices(dose("V15"), Decimal("1.25"), usual)) == 1


@pytest.mark.parametrize(
    ("weight", "codes"), [("17.6", []), ("17.61", ["W_WEIGHT_CHANGED"]), ("14.3", ["W_WEIGHT_CHANGED"])]
)
def test_a_weight_more_than_ten_percent_from_the_previous_is_told(weight, codes):
    assert [finding.code for finding in change_of_weight(Decimal(weight), Decimal(16))] == codes


@pytest.mark.parametrize("weight", ["35.3", "33.6", "37.0"])
def test_a_weight_about_twice_the_previous_is_suspected_to_be_pounds(weight):
    assert "W_POUNDS_SUSPECTED" in [finding.code for finding in change_of_weight(Decimal(weight), Decimal(16))]


@pytest.mark.parametrize(("mg", "codes"), [("18.7", []), ("18.8", ["W_DOSE_CHANGED"]), ("15", ["W_DOSE_CHANGED"])])
def test_a_dose_more_than_ten_percent_from_the_previous_order_is_told(mg, codes):
    assert [finding.code for finding in change_of_dose(Decimal(mg), Decimal(17))] == codes


LIFETIME = CumulativeLimit("lifetime", "mg/m2", Decimal(450))
COURSE = CumulativeLimit("course", "mg", Decimal(300))
LEDGER = {("lifetime", "mg/m2"): Decimal(400), ("course", "mg"): Decimal(0)}


@pytest.mark.parametrize(
    ("planned", "codes"), [("100", []), ("100.1", ["E_CUMULATIVE_LIMIT"]), ("400", ["E_CUMULATIVE_LIMIT"] * 2)]
)
def test_what_was_given_and_what_is_planned_must_stay_within_the_limit(planned, codes):
    found = cumulative_objections([LIFETIME, COURSE], LEDGER, Decimal(planned), Decimal(60), Decimal(2))
    assert [finding.code for finding in found] == codes


def test_an_empty_ledger_is_not_an_empty_past():
    found = cumulative_objections([LIFETIME], {}, Decimal(1), Decimal(60), Decimal(2))
    assert [finding.code for finding in found] == ["E_CUMULATIVE_UNKNOWN"]


def test_a_limit_per_surface_needs_the_surface():
    found = cumulative_objections([LIFETIME], LEDGER, Decimal(1), Decimal(60), None)
    assert [finding.code for finding in found] == ["E_CUMULATIVE_UNKNOWN"]


def test_excipients_are_counted_for_every_unit_of_the_day():
    # 425 mg of ink a day ÷ 16 kg = 26.5625 mg/kg; of 200 mg/g lactose 5.3125 mg/kg.
    contents = {"lactose": Decimal(200)}
    assert excipient_notices(CHILD, contents, {"lactose": Decimal("5.3125")}) == ()
    found = excipient_notices(CHILD, contents, {"lactose": Decimal("5.3124"), "ethanol": Decimal(1)})
    assert [finding.code for finding in found] == ["W_EXCIPIENT_AMOUNT"]
    assert "5.3125 mg/kg" in found[0].reason


def test_several_units_multiply_the_excipients():
    two = dose("V04")  # 25 kg, two units of 581.25 mg
    found = excipient_notices(two, {"lactose": Decimal(1000)}, {"lactose": Decimal("46.4")})
    assert "46.5 mg/kg" in found[0].reason


def test_without_a_weight_a_limited_excipient_is_unknown():
    limits_by_name = {"lactose": Decimal(5)}
    found = excipient_notices(dose("V15"), {"lactose": Decimal(1)}, limits_by_name)
    assert [finding.code for finding in found] == ["W_EXCIPIENT_UNKNOWN"]
    assert excipient_notices(dose("V15"), {"starch": Decimal(1)}, limits_by_name) == ()


@pytest.mark.parametrize(("stated", "codes"), [("0.68", []), ("0.681", ["W_BSA_DIFFERS"]), ("0.64", ["W_BSA_DIFFERS"])])
def test_a_stated_surface_within_five_percent_warns_at_most(stated, codes):
    # 0.67330 m² by Mosteller: 1 % is 0.68003, 5 % 0.70697 and 0.63964.
    assert [finding.code for finding in stated_surface(CHILD, Decimal(stated))] == codes


@pytest.mark.parametrize("stated", ["0.707", "0.639"])
def test_a_stated_surface_beyond_five_percent_stops(stated):
    assert [finding.code for finding in stated_surface(CHILD, Decimal(stated))] == ["E_BSA_DISAGREES"]


def test_a_stated_surface_without_weight_and_height_stops():
    assert [finding.code for finding in stated_surface(dose("V15"), Decimal("1.7"))] == ["E_BSA_DISAGREES"]


@pytest.mark.parametrize(("before", "codes"), [(1, []), (3, ["W_SCHEDULE_CHANGED"])])
def test_another_number_of_doses_a_day_is_told(before, codes):
    assert [finding.code for finding in change_of_schedule(1, before)] == codes
