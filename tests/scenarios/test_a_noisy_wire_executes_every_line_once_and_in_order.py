"""A wire that spoils two lines in a hundred: the batch finishes, and every line was executed once and in order."""

from __future__ import annotations

import pytest
from rehearsing import add_up

pytestmark = pytest.mark.hazard("HZ-05")

NOISE_PCT = 1.0  # the ink's own spread between two runs, whose timing differs


def test_the_batch_finishes_and_is_rehearsed(noisy):
    assert noisy.batch["status"] == "rehearsed"
    assert [unit["status"] for unit in noisy.units] == ["accepted"] * 10
    assert add_up(noisy.units, 10)


def test_lines_were_spoilt_and_asked_for_again(noisy):
    assert len([fault for fault in noisy.bench.truth()["faults"] if fault["kind"] == "corrupt"]) > 20
    assert noisy.noted("link")


def test_the_plunger_went_exactly_as_far_as_without_faults(noisy, clean):
    # A line left out, doubled or out of order would leave the plunger elsewhere: E is absolute, and steps are counted.
    pushed, expected = (one.bench.truth()["ledger_mm3"]["pushed"] for one in (noisy, clean))
    assert pushed == pytest.approx(expected, abs=2 * clean.planned.profile.tool.step_volume_mm3 * 10)


def test_every_unit_holds_what_it_holds_without_faults(noisy, clean):
    without = clean.true_masses_mg()
    for position, mass_mg in noisy.true_masses_mg().items():
        assert mass_mg == pytest.approx(without[position], rel=NOISE_PCT / 100)
    assert noisy.true_masses_mg().keys() == without.keys()


def test_after_every_unit_the_printer_stood_where_the_program_ends(noisy):
    assert len(noisy.noted("position")) == 10


def test_a_line_whose_number_was_spoilt_is_in_the_record_as_a_foreign_line(noisy):
    assert noisy.noted("foreign line")
    assert all("not executed" in text for text in noisy.noted("foreign line"))


def test_the_record_verifies(noisy):
    assert noisy.verdict() in ("OK", "UNANCHORED")
