"""The run as the window knows it: every message of the job folded, in order, into one state the page draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any  # a message is parsed JSON

from printcare.domain.batch import UnitState
from printcare.ui.figures import figure
from printcare.ui.messages import said
from printcare.ui.models import RunPlan
from printcare.ui.words import tr

TURN_S = 0.1  # wall seconds between two of the job's progress messages
PRESSURE = "pressure"  # the first tool's transmitter; those of further tools are pressure-1, pressure-2
LIVE_POINTS = 2000  # of the running unit, until its recorded block replaces them


@dataclass(slots=True)
class RunUnit:
    """One unit on the tray."""

    index: int
    position: str
    state: str = UnitState.UNPRINTED.value
    mass_mg: float | None = None
    reason: str = ""
    masses_mg: dict[int, float] = field(default_factory=dict)  # by part, of a unit of several drugs
    part_states: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunAlarm:
    """An alarm with everything a person needs to act."""

    id: str
    title: str
    seen: str
    cause: str
    consequence: str
    action: str
    priority: int
    unit: int | None
    number: int = 0  # of this job's alarms, from 1, as the record counts them
    state: str = "UNACK"  # as it is raised
    respond_s: float = 0.0  # within which a person should act; 0 at once

    @property
    def may_acknowledge(self) -> bool:
        """Whether the core's table of alarm states takes an acknowledgement now."""
        from printcare.workflow.batch.alarm_answers import takes

        return takes(self.id, self.state, "ack")

    @property
    def may_shelve(self) -> bool:
        """Whether the core's table lets it be put aside now."""
        from printcare.workflow.batch.alarm_answers import takes

        return takes(self.id, self.state, "shelve")

    @property
    def wants_signature(self) -> bool:
        """Whether the core asks for a signature beside the reason."""
        from printcare.workflow.batch.alarm_answers import wants_signature

        return wants_signature(self.id)


@dataclass(slots=True)
class RunState:
    """Everything the run page draws; `apply` is its only way to change."""

    plan: RunPlan
    units: list[RunUnit] = field(default_factory=list)
    phase: str = ""
    done: float = 0.0
    left_s: float = 0.0  # wall seconds
    unit: int = 0
    pressure_kpa: float | None = None
    temperature_c: float | None = None
    reference_kpa: float | None = None
    speed: float = 1.0
    is_simulated: bool = False
    held: str | None = None
    placing: tuple[int, str, str] | None = None  # index, position and place | empty, asked of a person
    alarms: list[RunAlarm] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)  # commands the job took and did not follow, with why
    facts: dict[str, str] = field(default_factory=dict)  # what was corrected, predicted and summed, the latest of each
    references_kpa: dict[int, float] = field(default_factory=dict)  # by part
    trace: list[tuple[float, float]] = field(default_factory=list)  # process s, kPa, as recorded
    further_traces: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # of further tools, by source
    live: list[float] = field(default_factory=list)  # kPa since the last recorded block
    spans: dict[int, tuple[float, float]] = field(default_factory=dict)  # unit -> process s of its trace
    outcome: str = ""
    reason: str = ""
    safe: str = ""

    def __post_init__(self) -> None:
        if not self.units:
            self.units = [RunUnit(index, name) for index, name in enumerate(self.plan.positions, start=1)]

    @property
    def is_over(self) -> bool:
        """Whether the job has told its end."""
        return bool(self.outcome)

    def count(self, state: UnitState) -> int:
        """Return how many units are in a state."""
        return sum(unit.state == state.value for unit in self.units)

    def apply(self, name: str, told: Mapping[str, Any]) -> None:
        """Fold one message in; a message this version does not know changes nothing."""
        handler = _HANDLERS.get(name)
        if handler is not None:
            handler(self, told)

    def at(self, index: int) -> RunUnit:
        """Return the unit with this 1-based index."""
        return self.units[index - 1]


def _phase(run: RunState, told: Mapping[str, Any]) -> None:
    run.phase, run.done, run.left_s = str(told["phase"]), 0.0, 0.0


def _device(run: RunState, told: Mapping[str, Any]) -> None:
    identity = told["identity"]
    if identity.get("simulated"):
        run.is_simulated = True
        run.speed = float(identity.get("speed") or 1)


def _primed(run: RunState, told: Mapping[str, Any]) -> None:
    part, kpa = int(told.get("part", 1)), float(told["reference_kpa"])
    run.references_kpa[part] = kpa
    if part == 1:
        run.reference_kpa = kpa


def _unit_began(run: RunState, told: Mapping[str, Any]) -> None:
    run.unit = int(told["index"])
    run.at(run.unit).state = UnitState.PRINTING.value


def _weighed(run: RunState, told: Mapping[str, Any]) -> None:
    unit, part, mass_mg = run.at(int(told["index"])), int(told.get("part", 1)), float(told["mass_mg"])
    unit.masses_mg[part] = mass_mg
    if part == 1:
        unit.mass_mg = mass_mg


def _unit_ended(run: RunState, told: Mapping[str, Any]) -> None:
    """Take one part's judgement; a unit of several is accepted with its last part and rejected with any."""
    unit, part, state = run.at(int(told["index"])), int(told.get("part", 1)), str(told["state"])
    mass_mg = None if told.get("mass_mg") is None else float(told["mass_mg"])
    unit.part_states[part], unit.reason = state, str(told.get("reason") or "")
    if mass_mg is not None:
        unit.masses_mg[part] = mass_mg
    if part == 1:
        unit.mass_mg = mass_mg
    is_judged = part == len(run.plan.parts) or state != UnitState.ACCEPTED.value
    unit.state = state if is_judged else UnitState.PRINTING.value


def _alarm(run: RunState, told: Mapping[str, Any]) -> None:
    trip = told["trip"]
    kind = trip["kind"]
    run.alarms.append(
        RunAlarm(
            id=str(kind["id"]),
            title=str(kind["title"]),
            seen=str(trip["seen"]),
            cause=str(kind["cause"]),
            consequence=str(kind["consequence"]),
            action=str(kind["action"]),
            priority=int(kind.get("priority", 1)),
            unit=None if told.get("unit") is None else int(told["unit"]),
            number=len(run.alarms) + 1,
            respond_s=float(kind.get("respond_s", 0.0)),
        )
    )


def _alarm_moved(run: RunState, told: Mapping[str, Any]) -> None:
    """Every alarm of that number stands where the job's one list of alarms says."""
    run.alarms[:] = [
        replace(alarm, state=str(told["after"])) if alarm.id == told["alarm"] else alarm for alarm in run.alarms
    ]


def _corrected(run: RunState, told: Mapping[str, Any]) -> None:
    flow, gain = figure(float(told["multiplier"]), 3), figure(float(told["gain"]), 3)
    key = _of_part(run, tr("Correction"), told)
    words = tr("unit {} is written with flow × {} (delivered over commanded: {})")
    run.facts[key] = words.format(told["index"], flow, gain)


def _predicted(run: RunState, told: Mapping[str, Any]) -> None:
    foreseen, weighed = (figure(float(told[name]), 1, "mg") for name in ("predicted_mg", "weighed_mg"))
    key = _of_part(run, tr("Predicted by the plunger's way"), told)
    words = tr("unit {}: {}; weighed {} (z {})")
    run.facts[key] = words.format(told["index"], foreseen, weighed, figure(float(told["z"]), 1))


def _identified(run: RunState, told: Mapping[str, Any]) -> None:
    run.facts[_of_part(run, tr("Found while priming"), told)] = said(str(told["evidence"]))


def _summed(run: RunState, told: Mapping[str, Any]) -> None:
    unexplained, limit = (figure(float(told[name]), 1, "mg") for name in ("unexplained_mg", "limit_mg"))
    mark = tr("✓ closed") if told["is_closed"] else tr("▲ not closed")
    words = tr("{}, {} unexplained (limit {})")
    run.facts[tr("Sum of the units against the tray")] = words.format(mark, unexplained, limit)


def _of_part(run: RunState, words: str, told: Mapping[str, Any]) -> str:
    return words if len(run.plan.parts) == 1 else f"{words}, {run.plan.parts[int(told['part']) - 1].product}"


def _noted(run: RunState, told: Mapping[str, Any]) -> None:
    run.notes.append(f"{told['what']}: {told['text']}")
    if told["what"] == "command":
        run.refusals.append(str(told["text"]))


def _placement_asked(run: RunState, told: Mapping[str, Any]) -> None:
    run.placing = int(told["index"]), str(told["position"]), str(told["what"])


def _placed(run: RunState, _: Mapping[str, Any]) -> None:
    run.placing = None


def _held(run: RunState, told: Mapping[str, Any]) -> None:
    run.held = str(told.get("reason") or "")


def _resumed(run: RunState, _: Mapping[str, Any]) -> None:
    run.held = None


def _readings(run: RunState, told: Mapping[str, Any]) -> None:
    if str(told["unit"]).lower() != "kpa":
        return
    rows = [(float(row[0]), float(row[1])) for row in told["rows"]]
    if not rows:
        return
    if str(told.get("source", PRESSURE)) != PRESSURE:
        run.further_traces.setdefault(str(told["source"]), []).extend(rows)
        return
    run.live.clear()
    run.trace.extend(rows)
    index = int(told["index"])
    if index:
        began = run.spans.get(index, (rows[0][0], 0.0))[0]
        run.spans[index] = (began, rows[-1][0])


def _progress(run: RunState, told: Mapping[str, Any]) -> None:
    run.phase, run.done = str(told["phase"]), float(told["done"])
    run.left_s = float(told["left_s"]) / run.speed
    if told.get("pressure_kpa") is not None:
        run.pressure_kpa = float(told["pressure_kpa"])
        if run.unit and len(run.live) < LIVE_POINTS:
            run.live.append(run.pressure_kpa)
    if told.get("temperature_c") is not None:
        run.temperature_c = float(told["temperature_c"])


def _safe(run: RunState, told: Mapping[str, Any]) -> None:
    confirmed, still_open = (
        tr("{} was sent, and the printer confirmed it"),
        tr("{} was sent, but the printer did not confirm it"),
    )
    run.safe = (confirmed if told.get("confirmed") else still_open).format(told["how"])


def _ended(run: RunState, told: Mapping[str, Any]) -> None:
    run.outcome, run.reason, run.held, run.placing = str(told["outcome"]), str(told["reason"]), None, None
    run.left_s = 0.0
    for index, state in told.get("units", ()):
        run.at(int(index)).state = str(state)
    if run.outcome == "completed":
        run.done = 1.0


_HANDLERS: Mapping[str, Callable[[RunState, Mapping[str, Any]], None]] = {
    "PhaseBegan": _phase,
    "DeviceFound": _device,
    "Primed": _primed,
    "UnitBegan": _unit_began,
    "Weighed": _weighed,
    "UnitEnded": _unit_ended,
    "AlarmRaised": _alarm,
    "AlarmMoved": _alarm_moved,
    "Identified": _identified,
    "Corrected": _corrected,
    "Predicted": _predicted,
    "SumChecked": _summed,
    "Noted": _noted,
    "PlacementAsked": _placement_asked,
    "Placed": _placed,
    "Held": _held,
    "Resumed": _resumed,
    "ReadingBlock": _readings,
    "Progress": _progress,
    "SafeStateSent": _safe,
    "JobEnded": _ended,
}
