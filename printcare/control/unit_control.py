"""One unit, part by part: tare, print, park, wait, weigh, decide by the one mass gate (process.md §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from printcare.control.alarms import Tripped, trip
from printcare.control.events import AlarmRaised, Event, Noted, UnitBegan, UnitEnded, Weighed
from printcare.control.plan import JobPart, JobPlan
from printcare.control.watch import Watch
from printcare.domain.batch import UnitState
from printcare.domain.gate import GateOutcome
from printcare.domain.reading import Reading
from printcare.gcode.program import Segment

WEIGHINGS = 3  # once, and again at most twice where the gate cannot tell
POSITION_TOLERANCE_MM = 0.02
E_TOLERANCE_MM = 0.0051  # half of M114's last digit, and a motor step


class UnitControl:
    """Makes units one by one; every weighing is reported with the balance's own line before it is used."""

    def __init__(
        self, plan: JobPlan, watch: Watch, report: Callable[[Event], None], book: Callable[[JobPart], None]
    ) -> None:
        self._plan = plan
        self._watch = watch
        self._report = report
        self._book = book

    def make(self, index: int) -> UnitState:
        """Print and judge unit `index` and return its state; trips when the print must not go on.

        A unit is accepted when every part is. A rejected part ends it: nothing more is printed on a unit that is lost.
        """
        for part in self._plan.parts:
            self._watch.part = part
            state = self._make_part(index, part)
            self._book(part)
            if state is UnitState.REJECTED:
                return state
        return UnitState.ACCEPTED

    def _make_part(self, index: int, part: JobPart) -> UnitState:
        segment = self._plan.program.unit(index, part.number)
        position = self._plan.positions[index - 1]
        tare = self._watch.weigh()
        began_s = self._watch.process_s()
        self._report(
            UnitBegan(index, position, tare.value, tare.raw, segment.first_line, segment.last_line, part.number)
        )
        self._watch.begin_unit(index, segment)
        self._watch.send(self._plan.program.lines_of(segment))
        self._watch.until_idle()
        self._compare_position(index, segment)
        self._watch.pause(float(part.parameters.dwell_s.target))
        mass_mg, raw, outcome = self._weigh(index, part, tare)
        seconds = self._watch.process_s() - began_s
        state = UnitState.ACCEPTED if outcome is GateOutcome.ACCEPT else UnitState.REJECTED
        features = self._watch.end_unit()
        low_mg, high_mg = part.gate.accepted_mg
        reason = "" if state is UnitState.ACCEPTED else f"{mass_mg} mg, gate {low_mg:.1f} to {high_mg:.1f} mg"
        if state is UnitState.REJECTED:
            self._report(AlarmRaised(trip("A08", f"{self._name(index, part)}: {reason}"), index))
        self._report(
            UnitEnded(
                index=index,
                position=position,
                state=state,
                mass_mg=mass_mg,
                raw=raw,
                reason=reason,
                pressure_mean_kpa=features.pressure_mean_kpa,
                pressure_max_kpa=features.pressure_max_kpa,
                temperature_mean_c=features.temperature_mean_c,
                seconds=seconds,
                lines_sent=features.lines,
                volume_mm3=segment.volume_mm3,
                part=part.number,
            )
        )
        return state

    def _weigh(self, index: int, part: JobPart, tare: Reading) -> tuple[Decimal, str, GateOutcome]:
        """Return mass, raw line and outcome; an indeterminate result is weighed again at most twice, then rejected."""
        mass_mg, raw, outcome = Decimal(0), "", GateOutcome.REJECT
        for _ in range(WEIGHINGS):
            gross = self._watch.weigh()
            mass_mg, raw = gross.value - tare.value, gross.raw
            outcome = part.gate.judge(mass_mg)
            self._report(Weighed(index, gross.value, raw, mass_mg, outcome.value, part.number))
            if outcome is not GateOutcome.INDETERMINATE:
                break
        return mass_mg, raw, outcome

    def _name(self, index: int, part: JobPart) -> str:
        return f"unit {index}" if len(self._plan.parts) == 1 else f"unit {index}, {part.drug}"

    def _compare_position(self, index: int, segment: Segment) -> None:
        """Compare the told position with the unit's end: the only defence against a line executed unchecked."""
        found = self._watch.position()
        wanted = (*segment.end_mm, segment.end_e_mm)
        told = (found.x_mm, found.y_mm, found.z_mm, found.e_mm)
        limits = (POSITION_TOLERANCE_MM,) * 3 + (E_TOLERANCE_MM,)
        off = [
            f"{axis} {is_at:.3f} for {expected:.3f}"
            for axis, is_at, expected, limit in zip("XYZE", told, wanted, limits, strict=True)
            if abs(is_at - expected) > limit
        ]
        if off:
            raise Tripped(trip("A20", f"after unit {index} the printer stands at {', '.join(off)} mm"))
        self._report(
            Noted(
                "position",
                f"after unit {index} as expected: X{told[0]:g} Y{told[1]:g} Z{told[2]:g} E{told[3]:g}",
                index,
            )
        )
