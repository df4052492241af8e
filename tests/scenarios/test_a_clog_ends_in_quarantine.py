"""A clog stops the print: quarantine, the unit rejected, and the reason in words."""

from __future__ import annotations

import pytest
from rehearsing import add_up

pytestmark = pytest.mark.hazard("HZ-06")


def test_the_batch_stands_in_quarantine_with_an_open_deviation(clogged):
    assert clogged.batch["status"] == "quarantined"
    assert len(clogged.records.all("deviation", batch_id=clogged.planned.id, status="open")) == 1


def test_the_running_unit_is_rejected_and_no_later_one_is_begun(clogged):
    states = [unit["status"] for unit in clogged.units]
    assert states == ["accepted", "accepted", "rejected", "unprinted"]
    assert add_up(clogged.units, 4)


def test_the_reason_says_what_was_seen(clogged):
    reason = clogged.batch["reason"]
    assert "clog" in reason
    assert "kPa" in reason
    assert clogged.units[2]["reason"] == reason
    assert set(clogged.alarms) <= {"A03", "A04"}


def test_safe_state_was_sent_and_confirmed_and_the_heater_is_off(clogged):
    assert clogged.sent_safe()
    assert clogged.bench.jacket.target_c == 0.0


def test_the_record_verifies(clogged):
    assert clogged.verdict() in ("OK", "UNANCHORED")
