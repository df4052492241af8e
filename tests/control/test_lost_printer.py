"""A cable pulled, a printer gone silent, a board restarted, in every phase: the job ends in its time, in safe state."""

from __future__ import annotations

import math
from functools import partial

import pytest
from trial import Trial

from printcare.control.events import Outcome, PhaseBegan, SafeStateSent, UnitBegan, Weighed
from printcare.domain.batch import UnitState

# Virtual seconds from the loss to the end: at once, after a printer's silence, and after its boot text.
STRIKES = {"unplug": 2.0, "mute": 40.0, "reset": 15.0}
MOMENTS = {
    "connect": lambda event: isinstance(event, PhaseBegan) and event.phase.value == "connect",
    "heat": lambda event: isinstance(event, PhaseBegan) and event.phase.value == "heat",
    "soak": lambda event: isinstance(event, PhaseBegan) and event.phase.value == "soak",
    "prime": lambda event: isinstance(event, PhaseBegan) and event.phase.value == "prime",
    "print": lambda event: isinstance(event, UnitBegan),
    "weigh": lambda event: isinstance(event, Weighed),
    "finish": lambda event: isinstance(event, PhaseBegan) and event.phase.value == "finish",
}


def struck(kind: str, moment: str) -> tuple[Trial, float]:
    """Run a job whose printer is lost at a moment; return it, and the virtual seconds from there to its end."""
    at_s: list[float] = []

    def see(trial: Trial, event: object) -> None:
        bench = trial.bench
        if not at_s and MOMENTS[moment](event):
            at_s.append(bench.now_s)
            {"unplug": partial(bench.unplug, math.inf), "mute": partial(bench.mute, math.inf), "reset": bench.reset}[
                kind
            ]()

    trial = Trial(see=see).run()
    return trial, trial.bench.now_s - at_s[0]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", STRIKES)
def test_a_lost_printer_ends_the_job_in_its_time_and_in_safe_state(kind: str, moment: str) -> None:
    trial, taken_s = struck(kind, moment)
    told = (trial.ended.outcome, trial.ended.reason, taken_s)
    if kind == "reset" and moment == "connect":  # a board that wakes up while it is greeted is no loss
        assert trial.ended.outcome is Outcome.COMPLETED, told
        return
    assert trial.ended.outcome is Outcome.FAILED, told
    assert taken_s <= STRIKES[kind], told
    assert len(trial.of(SafeStateSent)) == 1
    assert UnitState.PRINTING not in dict(trial.ended.units).values()


@pytest.mark.parametrize("kind", STRIKES)
def test_the_last_certain_line_is_told_and_was_taken_by_the_printer(kind: str) -> None:
    trial, _ = struck(kind, "weigh")
    first, last = trial.plan.program.unit(1).first_line, trial.plan.program.unit(1).last_line
    assert first < trial.ended.last_line
    assert trial.ended.last_line <= last + 1
