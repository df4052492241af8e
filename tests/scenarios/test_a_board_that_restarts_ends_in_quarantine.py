"""A board that restarts in the middle has lost its position: quarantine, and not one line more."""

from __future__ import annotations

import pytest
from rehearsing import add_up

pytestmark = pytest.mark.hazard("HZ-08")


def test_the_batch_stands_in_quarantine_and_says_why(restarted):
    assert restarted.batch["status"] == "quarantined"
    assert "restarted" in restarted.batch["reason"]
    assert "A13" in restarted.alarms


def test_the_running_unit_is_rejected_and_no_later_one_is_begun(restarted):
    states = [unit["status"] for unit in restarted.units]
    assert "rejected" in states
    assert states[states.index("rejected") + 1 :] == ["unprinted"] * (3 - states.index("rejected"))
    assert add_up(restarted.units, 4)


def test_nothing_is_extruded_after_the_restart(restarted):
    begun = restarted.bench.truth()["units_begun"]
    assert begun == 1 + [unit["status"] for unit in restarted.units].index("rejected")


def test_the_record_verifies(restarted):
    assert restarted.verdict() in ("OK", "UNANCHORED")
