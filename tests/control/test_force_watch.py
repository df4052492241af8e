"""A measured extrusion force is judged by its share of the prime's, and without one mass and temperature stay alone."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from fault_matrix import job_of
from trial import Trial

from printcare.control.alarms import Tripped
from printcare.control.events import Outcome, Primed, UnitEnded
from printcare.control.force_watch import ForceWatch
from printcare.control.instruments import Instruments
from printcare.domain.process import ForceLimits
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts

LIMITS = ForceLimits(
    max_n=Decimal(30), min_n=Decimal("0.5"), window_s=Decimal(1), window_pct=Decimal(30), flat_sd_n=Decimal("0.001")
)
AREA_MM2, LEARNT_N, PERIOD_S = 2.0, 4.0, 0.05


def kpa(force_n):
    return force_n / AREA_MM2 * 1000


def watch(celsius=170.0):
    made = ForceWatch(LIMITS, AREA_MM2, 1.5, lambda: celsius, (166.0, 174.0))
    made.learn(kpa(LEARNT_N))
    made.arm(0.0)
    return made


def fed(made, course, seconds=10.0):
    """Feed 20 living readings a second and return the first trip with its time."""
    for number in range(1, round(seconds / PERIOD_S)):
        at_s = number * PERIOD_S
        cause = made.judge(kpa(course(at_s) + 0.01 * math.sin(number * 2.1)), "OK", at_s)
        if cause is not None:
            return cause, at_s
    return None, None


def test_a_force_as_the_prime_s_never_trips_and_a_start_from_nothing_neither():
    assert fed(watch(), lambda at_s: LEARNT_N * min(1.0, at_s)) == (None, None)


@pytest.mark.parametrize(
    ("share", "alarm", "word"),
    [(1.6, "A04", "clog"), (0.6, "A05", "slipping gear"), (0.1, "A05", "flow stopped: empty")],
)
def test_a_force_beyond_its_share_of_the_prime_s_trips_within_its_window_and_is_named(share, alarm, word):
    cause, at_s = fed(watch(), lambda at_s: LEARNT_N * (1.0 if at_s < 4 else share))
    assert (cause.kind.id, at_s - 4.0 < 1.1) == (alarm, True)
    assert word in cause.seen


@pytest.mark.parametrize(("celsius", "word"), [(150.0, "cold melt"), (180.0, "hot melt")])
def test_a_nozzle_outside_its_normal_range_is_the_cause(celsius, word):
    cause, _ = fed(watch(celsius), lambda at_s: LEARNT_N * (1.0 if at_s < 4 else 0.5))
    assert cause.seen.startswith(f"{word}: the nozzle stands at {celsius}")


def test_a_nozzle_nobody_knows_the_temperature_of_is_no_cause():
    cause, _ = fed(watch(None), lambda at_s: LEARNT_N * (1.0 if at_s < 4 else 1.5))
    assert cause.seen.startswith("clog")


def test_above_the_hard_limit_it_trips_even_before_the_prime_is_known():
    made = ForceWatch(LIMITS, AREA_MM2, 1.5, lambda: None, (166.0, 174.0))
    cause, at_s = fed(made, lambda _: 31.0)
    assert (cause.kind.id, at_s) == ("A03", pytest.approx(0.25, abs=0.06))
    assert fed(ForceWatch(LIMITS, AREA_MM2, 1.5, lambda: None, (166.0, 174.0)), lambda _: 20.0) == (None, None)


@pytest.mark.parametrize("flag", ["SAT", "FLT"])
def test_a_force_sensor_at_its_end_or_broken_trips_at_once(flag):
    assert watch().judge(kpa(LEARNT_N), flag, 1.0).kind.id == "A12"


def test_a_force_that_stands_still_while_filament_moves_is_no_reading():
    made = watch()
    causes = [made.judge(kpa(LEARNT_N), "OK", number * PERIOD_S) for number in range(1, 80)]
    assert next(cause for cause in causes if cause is not None).kind.id == "A12"


def test_nothing_is_compared_after_it_is_disarmed():
    made = watch()
    made.disarm()
    assert fed(made, lambda _: 0.1 * LEARNT_N) == (None, None)


def test_a_prime_that_presses_nothing_makes_no_unit():
    with pytest.raises(Tripped, match="A05"):
        watch().learn(kpa(0.2))


# ---- a whole job on the bench


@pytest.mark.parametrize("fault", ["empty@line:1", "grinding@line:1"])
def test_a_job_whose_prime_presses_nothing_ends_before_its_first_unit(fault):
    trial = Trial([fault], job=job_of("filament-force"), celsius=170.0).run()
    assert trial.ended.trip.kind.id == "A05"
    assert not trial.of(UnitEnded)


def test_the_prime_s_force_is_told_as_its_reference():
    job = job_of("filament-force")
    trial = Trial(job=job, celsius=170.0)
    felt = []
    trial._see = lambda _trial, event: felt.append(trial.bench.truth()["pressure_kpa"]) if is_primed(event) else None
    trial.run()
    (told,) = trial.of(Primed)
    assert trial.ended.outcome is Outcome.COMPLETED
    assert told.reference_kpa > 1000 * float(job.first.limits.force.min_n) / job.profile.tool.feedstock_area_mm2
    assert felt[0] < told.reference_kpa  # by now it is relieved


def is_primed(event):
    return isinstance(event, Primed)


@pytest.mark.parametrize("has", [True, False])
def test_a_filament_drive_has_a_transmitter_where_its_profile_names_a_force_sensor(has):
    job = job_of("filament-force")
    profile = replace(job.profile, tool=replace(job.profile.tool, has_force_sensor=has))
    bench = Bench(profile)
    assert ("pressure" in bench.sources) is has
    assert bool(Instruments(VirtualPorts(bench), profile).pressures) is has
