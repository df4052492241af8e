"""Confirmatory batches carry a supplier's recipe only where there are enough of them, spread as quality.md §9 asks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.domain.confirmation import ConfirmatoryBatch, LaboratoryReport, level_of, unconfirmed

RANGE_MG = (Decimal(5), Decimal(40))
DOSES = {"low": 5, "middle": 20, "high": 40}
NINE = [
    ConfirmatoryBatch(f"B-{level}-{number}", Decimal(dose), f"u-{number % 2}", f"C-{number % 2}", f"2026-03-0{number}")
    for level, dose in DOSES.items()
    for number in (1, 2, 3)
]
REPORTS = [LaboratoryReport(f"B-{level}-1", "Lab", "0" * 64) for level in DOSES]


def told(batches=NINE, reports=REPORTS, justification=""):
    return [(finding.code, finding.where) for finding in unconfirmed(batches, RANGE_MG, reports, justification)]


def test_three_batches_a_level_by_two_people_from_two_cartridges_on_two_days_are_enough():
    assert told() == []


@pytest.mark.parametrize(
    ("dose", "level"), [("5", "low"), ("8.5", "low"), ("8.6", "middle"), ("36.5", "high"), ("36.4", "middle")]
)
def test_a_batch_counts_for_an_end_only_near_to_it(dose, level):
    assert level_of(Decimal(dose), RANGE_MG) == level


@pytest.mark.parametrize("level", DOSES)
def test_a_level_with_two_batches_is_not_confirmed(level):
    assert told([batch for batch in NINE if batch.id != f"B-{level}-3"]) == [("E_CONFIRMATION_BATCHES", level)]


def test_a_justified_site_may_have_one_batch_a_level_and_never_none():
    ones = [batch for batch in NINE if batch.id.endswith("1")]
    spread = [replace(ones[0], operator="u-9", cartridge="C-9", day="2026-03-09"), *ones[1:]]
    assert told(spread, justification="transferred from our other pharmacy") == []
    assert told(spread[1:], justification="transferred")[0] == ("E_CONFIRMATION_BATCHES", "low")
    assert told(spread, justification=" ")[0] == ("E_CONFIRMATION_BATCHES", "low")


@pytest.mark.parametrize("level", DOSES)
def test_a_level_no_laboratory_looked_at_is_not_confirmed(level):
    reports = [report for report in REPORTS if level not in report.batch]
    assert told(reports=[*reports, LaboratoryReport("B-other", "Lab", "0" * 64)]) == [("E_CONFIRMATION_CONTENT", level)]


@pytest.mark.parametrize("what", ["operator", "cartridge", "day"])
def test_batches_of_one_hand_one_cartridge_or_one_day_confirm_nothing(what):
    assert told([replace(batch, **{what: "one"}) for batch in NINE]) == [("E_CONFIRMATION_SPREAD", what)]
