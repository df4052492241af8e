"""After a clog a job goes on where the recipe allows it: purged, primed anew, answered by a person, one unit lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from trial import Trial, answering, plan, with_part

from printcare.control.alarms import ALARMS
from printcare.control.events import (
    AlarmMoved,
    AlarmRaised,
    JobEnded,
    Outcome,
    Phase,
    PhaseBegan,
    Primed,
    PurgeBegan,
    Resumed,
    UnitBegan,
    UnitEnded,
)
from printcare.domain.batch import UnitState
from printcare.emulator.bench import Bench

UNITS = 3
CLOG = "clog@unit:2"


def allowing(restarts, units=UNITS):
    made = plan(units)
    return with_part(made, limits=replace(made.first.limits, restarts_max=restarts))


def clearing(trial):
    """Clear the nozzle as a person does who was called."""
    trial.bench.active.ink.is_clogged = False


def run(restarts=1, faults=(CLOG,), see=None, units=UNITS):
    made = allowing(restarts, units)
    return Trial(job=made, bench=Bench(made.profile, faults=faults), see=see or answering(clearing)).run()


@pytest.fixture(scope="module")
def restarted():
    return run()


def test_the_stopped_unit_is_rejected_and_the_batch_goes_on_with_the_next(restarted):
    assert (restarted.ended.outcome, restarted.ended.trip) == (Outcome.COMPLETED, None)
    states = (UnitState.ACCEPTED, UnitState.REJECTED, UnitState.ACCEPTED)
    assert restarted.ended.units == tuple(enumerate(states, 1))
    assert [event.index for event in restarted.of(UnitBegan)] == [1, 2, 3]  # none twice


def test_it_is_stopped_before_its_end_and_says_by_what(restarted):
    stopped, whole = restarted.of(UnitEnded)[1], restarted.of(UnitEnded)[2]
    assert stopped.reason.startswith("stopped by A04")
    assert stopped.volume_mm3 < 0.9 * whole.volume_mm3
    assert float(stopped.mass_mg) == pytest.approx(restarted.bench.truth()["masses_mg"]["A2"], abs=1.5)


def test_it_is_purged_and_primed_before_the_next_unit_and_after_the_answer(restarted):
    phases = [event.phase for event in restarted.of(PhaseBegan)]
    assert phases[-4:] == [Phase.PRINT, Phase.PRIME, Phase.PRINT, Phase.FINISH]
    told = [type(event) for event in restarted.told]
    third = [place for place, event in enumerate(restarted.told) if isinstance(event, UnitBegan)][2]
    again = [place for place, event in enumerate(restarted.told) if isinstance(event, Primed)][1]
    assert told.index(AlarmRaised) < told.index(Resumed) < told.index(PurgeBegan) < again < third


def test_the_acknowledgement_of_the_clog_wants_a_signature(restarted):
    (moved,) = [event for event in restarted.of(AlarmMoved) if event.event == "ack"]
    assert (moved.alarm, moved.wants_signature) == ("A04", True)


def test_the_purged_ink_is_counted_and_lies_over_the_waste(restarted):
    (began,), (first, again) = restarted.of(PurgeBegan), restarted.of(Primed)
    assert 0 < again.volume_mm3 <= began.most_mm3
    laid_mm3 = sum(event.volume_mm3 for event in restarted.of(UnitEnded))
    assert restarted.ended.ink_used_mm3 == pytest.approx(first.volume_mm3 + laid_mm3 + again.volume_mm3)
    assert set(restarted.bench.truth()["masses_mg"]) == {"A1", "A2", "A3"}  # nothing but units on the tray


def test_a_recipe_that_allows_no_restart_ends_the_batch_as_ever():
    trial = run(0)
    assert (trial.ended.outcome, trial.ended.trip.kind) == (Outcome.STOPPED, ALARMS["A04"])
    assert trial.is_safe()


def test_no_more_restarts_are_made_than_the_recipe_allows():
    trial = run(1, faults=(CLOG, "clog@unit:3"))
    assert trial.ended.trip.kind is ALARMS["A04"]
    assert dict(trial.ended.units)[3] is UnitState.REJECTED
    assert trial.is_safe()


def test_a_nozzle_that_is_still_closed_fails_the_prime_and_nothing_more_is_printed():
    trial = run(see=answering())
    assert trial.ended.trip.kind.id in ("A03", "A04")
    assert dict(trial.ended.units)[3] is UnitState.UNPRINTED
    assert trial.is_safe()


def test_without_an_answer_the_hold_ends_in_safe_state():
    made = replace(allowing(1), hold_max_s=30.0)
    trial = Trial(job=made, bench=Bench(made.profile, faults=(CLOG,))).run()
    assert (trial.ended.outcome, trial.of(Resumed)) == (Outcome.STOPPED, [])
    assert "hold lasted longer" in trial.ended.reason
    assert trial.is_safe()


def test_a_clog_in_the_last_unit_is_answered_and_nothing_is_purged():
    trial = run(units=2)
    assert trial.ended.outcome is Outcome.COMPLETED
    assert (len(trial.of(Resumed)), trial.of(PurgeBegan)) == (1, [])


def test_a_cartridge_too_empty_to_purge_ends_the_batch():
    made = allowing(1)
    made = with_part(made, ink_available_mm3=345.0)  # a prime of 80 mm³ and two units of 114 mm³ fit, no prime more
    trial = Trial(job=made, bench=Bench(made.profile, faults=("clog@volume:170",)), see=answering(clearing)).run()
    assert trial.ended.trip.kind.id == "A14"
    assert "purge" in trial.ended.reason
    assert isinstance(trial.told[-1], JobEnded)
