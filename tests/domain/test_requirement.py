"""The table of requirements: missing, over, simulated, due soon, or all well; each told with its own code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from printcare.domain.checks import error
from printcare.domain.requirement import REQUIREMENTS, Held, unmet

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ANY = pytest.mark.parametrize("row", REQUIREMENTS, ids=lambda row: f"{row.asked}-{row.name}")


def told(row, held, *, blocks=True, counts_simulated=False):
    wanted = (row, "subject")
    kept = {} if held is None else {wanted: held}
    found = unmet([wanted], kept, NOW, blocks=blocks, counts_simulated=counts_simulated)
    return [(each.code, each.blocks) for each in found]


@ANY
def test_what_is_not_on_record_blocks_with_its_own_code(row):
    assert told(row, None) == [(row.missing, True)]


@ANY
def test_what_has_ended_blocks_with_its_own_code(row):
    assert told(row, Held(NOW - timedelta(seconds=1))) == [(row.over, True)]


@ANY
def test_what_stands_long_enough_is_silent(row):
    assert told(row, Held(NOW + timedelta(days=row.warn_days + 1))) == []
    assert told(row, Held()) == []


@ANY
def test_what_ends_soon_is_told_where_the_row_warns(row):
    expected = [(row.due, False)] if row.due else []
    assert told(row, Held(NOW + timedelta(hours=1))) == expected


@ANY
def test_what_a_rehearsal_recorded_counts_only_where_nothing_is_released(row):
    assert told(row, Held(is_simulated=True)) == [("E_EVIDENCE_SIMULATED", True)]
    assert told(row, Held(is_simulated=True), counts_simulated=True) == []


@ANY
def test_research_is_told_and_goes_on(row):
    assert told(row, None, blocks=False) == [(row.missing, False)]


def test_an_objection_of_the_record_itself_comes_first():
    own = error("E_OWN", "It is out of use.", "Mend it.")
    assert told(REQUIREMENTS[0], Held(NOW - timedelta(days=1), objections=(own,))) == [("E_OWN", True)]
