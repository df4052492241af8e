"""One job against one fault on virtual time: what it did about it, how soon, and what it called it.

Shared by the suite (tests/scenarios) and the benchmark. A fault strikes early, in the middle or late in a scenario of
about a minute; one that has no other trigger strikes with the first unit, the second or the third.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "control"))

from trial import BALANCE, Trial, soaking, with_part

from printcare.control.alarms import Stop
from printcare.control.events import AlarmRaised, JobEnded, Outcome, UnitEnded
from printcare.control.plan import JobPlan
from printcare.domain.batch import UnitState
from printcare.domain.policy import REHEARSAL
from printcare.emulator.bench import Bench
from printcare.emulator.faults import FAULTS, FaultKind
from printcare.emulator.labelled import truths_of
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.program import Header
from printcare.protocol.wire import PRINTER
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job

STOPS = (b"M410", b"M112")
HOLD_S = 30.0  # process seconds; nobody answers an alarm in a scenario
FREE_UNITS = 12
MOMENTS = ("early", "middle", "late")


LINK = ("corrupt", "lost-n", "truncate", "join-lines", "drop", "lost-ok", "double-ok", "stale-resend", "resend-no-ok")
LINK += ("rx-overflow", "garbage", "latency")
FLOW_BY_MASS = ("flow stopped", "nothing lies there", "too little")
# What an alarm has to say to have named the cause; a fault that is not here is named by any alarm of its own kind.
NAMES: dict[str, tuple[str, ...]] = {
    "clog": ("clog", *FLOW_BY_MASS),
    "partial-clog": ("clog", *FLOW_BY_MASS),
    "air": ("air", "flow stopped"),
    "trapped-air": ("air", "flow stopped", "too little"),
    "empty": ("empty", *FLOW_BY_MASS),
    "plunger-parted": ("parted", *FLOW_BY_MASS),
    "plunger-bottomed": ("plunger at a stop", "plunger at its end", "closed nozzle"),
    "leak": ("leak",),
    "wrong-nozzle": ("nozzle",),
    "wrong-ink": ("ink",),
    "creep": ("migration", "ink"),
    "gelling": ("clog", "too little"),
    "ink-cold": ("cold", "core"),
    "ink-hot": ("hot",),
    "grinding": ("grinding",),
    "thin-filament": ("thin",),
    "moisture": ("wet",),
    "supply-low": ("supply",),
    "heater-failed": ("°C", "cold", "Heating failed", *FLOW_BY_MASS),
    "core-not-soaked": ("core", "cold"),
    "skipped-steps": ("skipped",),
    "wrong-esteps": ("E steps",),
    "drip": ("drip", "something else lies"),
    "string": ("string",),
    "unit-taken": ("taken",),
    "unit-stuck": ("stuck",),
    "plate-touched": ("stable", "tray", "something else lies"),
    "balance-draft": ("stable", "balance", "tray"),
    "balance-drift": ("tray", "balance", "unexplained"),
    "balance-wrong-unit": ("balance", "tray"),
    "balance-unstable": ("stable",),
    "balance-shaken": ("stable",),
    "balance-tare-lost": ("tray",),
    "pressure-stuck": ("reading stands",),
    "pressure-offset": ("sensor",),
    "pressure-drift": ("sensor",),
    "runaway": ("°C",),
    "sensor-stuck": ("°C", "thermistor", "temperature"),
}


@dataclass(frozen=True, slots=True)
class Drive:
    """One way of printing: its recipe, printer, unit and when in a minute a fault strikes."""

    name: str
    recipe: str
    profile: str
    target_mg: Decimal
    units: int
    moments_s: tuple[float, float, float]  # after the first line of unit 1
    feels: tuple[str, ...] = ()  # by a force sensor: the faults run with it; none: there is no such sensor


DRIVES = {
    "syringe": Drive("SSE plunger", "cyclophosphamide-sse", "marlin-syringe", Decimal(125), 2, (3.0, 12.0, 21.0)),
    "pneumatic": Drive("pneumatic", "melatonin-blister", "marlin-pneumatic", Decimal(100), 2, (5.0, 15.0, 25.0)),
    "filament": Drive("FDM", "hydrocortisone-fdm", "marlin-filament", Decimal(40), 2, (3.0, 10.0, 18.0)),
}
FELT = ("clog", "partial-clog", "empty", "plunger-parted", "grinding", "thin-filament", "heater-failed")
FELT += ("pressure-stuck", "pressure-dead", "pressure-saturated")
DRIVES["filament-force"] = replace(DRIVES["filament"], name="FDM, force measured", feels=FELT)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one job."""

    kind: str
    drive: str
    moment: str
    has_struck: bool
    alarm: str = ""  # the first that answers it; a warning counts where nothing else came
    told: str = ""
    delay_s: float | None = None  # from the fault to the stop bytes or the alarm
    lost_mg: float = 0.0  # of ink that left the nozzle and is no accepted unit, after the fault
    rejected: int = 0
    worst_pct: float = 0.0  # true mass of an accepted unit against its target
    outcome: Outcome | None = None

    @property
    def is_detected(self) -> bool:
        """Whether an alarm or a rejected unit answered it."""
        return bool(self.alarm)

    @property
    def is_named(self) -> bool:
        """Whether the alarm names what it was."""
        return self.is_detected and any(word in self.told for word in NAMES.get(self.kind, ("",)))

    def is_harmless(self, limit_pct: float) -> bool:
        """Whether every unit that was accepted is within the limit all the same."""
        return self.worst_pct <= limit_pct


@cache
def job_of(drive: str) -> JobPlan:
    """Return the scenario's job: small units, a short soak, the ink's own labels."""
    way = DRIVES[drive]
    recipe, profile = load_recipe(way.recipe), load_profile(way.profile)
    profile = replace(profile, tool=replace(profile.tool, has_force_sensor=bool(way.feels)))
    gate = gate_for(recipe, way.target_mg, BALANCE)
    target = PartTarget(way.target_mg, gate, "C-1", Decimal(10))
    header = Header(f"{recipe.id} {recipe.version}", "lot T", "5", True)
    made = plan_job("B-1", recipe, [target], way.units, profile, REHEARSAL, header)
    short = with_part(made, parameters=replace(made.first.parameters, soak_min=soaking(made)))
    return replace(short, hold_max_s=HOLD_S)


def spec_of(kind: FaultKind, drive: str, moment: str) -> str:
    """Return the fault as it is told to the bench."""
    place = MOMENTS.index(moment)
    if "t" in kind.triggers:
        return f"{kind.name}@t:{DRIVES[drive].moments_s[place]:g}"
    return f"{kind.name}@unit:{min(place + 1, DRIVES[drive].units)}"


def kinds_of(drive: str) -> list[FaultKind]:
    """Return the faults that mean something on a drive."""
    feels = DRIVES[drive].feels
    return [kind for kind in FAULTS.values() if (kind.name in feels if feels else drive in kind.drives)]


def run(drive: str, fault: str | None, moment: str, seed: int) -> Answer:
    """Return what one job did about one fault; None: fault-free."""
    job, way = job_of(drive), DRIVES[drive]
    kind = FAULTS[fault] if fault else None
    faults = [] if kind is None else [spec_of(kind, drive, moment)]
    bench = Bench(job.profile, seed=seed, faults=faults, ink=truths_of(job.master, job.profile))
    celsius = float(job.first.parameters.cartridge_c.target)
    alarms: list[tuple[float, AlarmRaised]] = []
    stops: list[float] = []

    def see(trial: Trial, event: object) -> None:
        if isinstance(event, AlarmRaised):
            alarms.append((trial.ports.now(), event))

    trial = Trial(job=job, bench=bench, celsius=celsius, see=see)
    send = trial.ports.send

    def noting(source: str, data: bytes) -> None:
        if source == PRINTER and data.strip() in STOPS:
            stops.append(trial.ports.now())
        send(source, data)

    trial.ports.send = noting
    trial.run()
    struck = [at_s for at_s, name, _ in bench.noted if name == fault]
    return _answer(trial, way, drive, fault or "", moment, struck, alarms, stops)


def run_free(drive: str, seed: int) -> tuple[float, list[str]]:
    """Print a longer batch without a fault; return its virtual seconds and what it alarmed."""
    way = DRIVES[drive]
    DRIVES["free " + drive] = replace(way, units=FREE_UNITS)
    job = job_of("free " + drive)
    bench = Bench(job.profile, seed=seed, ink=truths_of(job.master, job.profile))
    trial = Trial(job=job, bench=bench, celsius=float(job.first.parameters.cartridge_c.target)).run()
    return bench.now_s, [f"{way.name} {event.trip.kind.id}" for event in trial.of(AlarmRaised)]


def _answer(trial, way, drive, fault, moment, struck, alarms, stops) -> Answer:
    ended: JobEnded = trial.ended
    units = trial.of(UnitEnded)
    accepted = [unit for unit in units if unit.state is UnitState.ACCEPTED]
    masses = trial.bench.truth()["masses_mg"]
    target = float(way.target_mg)
    worst = max((abs(100 * (masses[unit.position] / target - 1)) for unit in accepted), default=0.0)
    lost = sum(masses.values()) - sum(masses[unit.position] for unit in accepted)
    since = struck[0] if struck else 0.0
    after = [(at_s, event) for at_s, event in alarms if at_s >= since]
    firm = [each for each in after if each[1].trip.kind.stop is not Stop.WARN] or after
    at_s = firm[0][0] if firm else None
    if at_s is not None and stops and stops[0] < at_s and stops[0] >= since:
        at_s = stops[0]
    told = firm[0][1].trip.seen if firm else ended.reason
    return Answer(
        fault,
        drive,
        moment,
        bool(struck) or not fault,
        firm[0][1].trip.kind.id if firm else "",
        told,
        None if at_s is None or not struck else at_s - since,
        lost,
        sum(unit.state is UnitState.REJECTED for unit in units),
        worst,
        ended.outcome,
    )
