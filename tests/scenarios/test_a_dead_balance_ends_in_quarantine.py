"""A balance that dies leaves a unit nobody can judge: it is rejected, and no further one is begun."""

from __future__ import annotations

from rehearsing import add_up


def test_the_batch_stands_in_quarantine_and_says_why(unweighed):
    assert unweighed.batch["status"] == "quarantined"
    assert "balance" in unweighed.batch["reason"]
    assert "A11" in unweighed.alarms


def test_the_unit_that_could_not_be_weighed_is_rejected(unweighed):
    states = [unit["status"] for unit in unweighed.units]
    assert states == ["accepted", "rejected", "unprinted", "unprinted"]
    assert unweighed.units[1]["mass_mg"] is None
    assert add_up(unweighed.units, 4)


def test_safe_state_was_sent_and_confirmed(unweighed):
    assert unweighed.sent_safe()
    assert unweighed.bench.jacket.target_c == 0.0


def test_the_record_verifies(unweighed):
    assert unweighed.verdict() in ("OK", "UNANCHORED")
