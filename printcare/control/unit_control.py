"""One unit, part by part: tare, print, park, wait, weigh, decide by the one mass gate (process.md §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from printcare.control.alarms import Trip, Tripped, trip
from printcare.control.correcting import Correcting
from printcare.control.drift import Drift, SumCheck, evaporated_mg, limit_for
from printcare.control.events import (
    Event,
    Noted,
    Predicted,
    ReferenceWeighed,
    SumChecked,
    UnitBegan,
    UnitEnded,
    Weighed,
)
from printcare.control.plan import JobPart, JobPlan
from printcare.control.unit_charts import UnitCharts
from printcare.control.watch import Watch
from printcare.domain.batch import UnitState
from printcare.domain.gate import GateOutcome
from printcare.domain.reading import Reading
from printcare.extrusion.soft_sensor import displacement_mass_mg
from printcare.gcode.program import Segment

REST_S = 1.0  # of readings at rest, before a unit and after it
WEIGHINGS = 3  # once, and again at most twice where the gate cannot tell
POSITION_TOLERANCE_MM = 0.02
E_TOLERANCE_MM = 0.0051  # half of M114's last digit, and a motor step


class UnitControl:
    """Makes units one by one; every weighing is reported with the balance's own line before it is used."""

    def __init__(
        self,
        plan: JobPlan,
        watch: Watch,
        report: Callable[[Event], None],
        book: Callable[[JobPart], None],
        alarm: Callable[[Trip, int], None],
    ) -> None:
        self._plan = plan
        self._watch = watch
        self._report = report
        self._book = book
        self._alarm = alarm
        self._correcting = Correcting(plan, report)
        self._charts = {
            part.number: UnitCharts(part, part.limits.detectors)
            for part in plan.parts
            if part.limits.detectors is not None
        }
        self._drift = Drift(plan.first.gate)
        self._reference: Reading | None = None
        self._reference_s = 0.0
        self._sum_mg = Decimal(0)
        self._weighed = 0

    # ---- the tray as a whole

    def weigh_reference(self) -> None:
        """Weigh the tray before anything lies on it: the batch's zero."""
        self._reference, self._reference_s = self._rested(), self._watch.process_s()
        self._report(ReferenceWeighed("start", self._reference.value, self._reference.raw))

    def close_sum(self) -> None:
        """Weigh the tray after the last unit, and close Σm against what it gained; trips A11 where that fails."""
        if self._reference is None:
            return
        end = self._rested()
        self._report(ReferenceWeighed("end", end.value, end.raw))
        drift_mg = self._drift.over_mg(self._watch.process_s() - self._reference_s)
        limit_mg = limit_for(self._plan.first.gate, max(1, self._weighed)) + abs(drift_mg)
        check = SumCheck(self._reference.value, end.value, self._sum_mg, drift_mg, limit_mg)
        gained_mg = check.end_mg - check.reference_mg
        self._report(SumChecked(check.sum_mg, gained_mg, drift_mg, check.unexplained_mg, limit_mg, check.is_closed))
        if not check.is_closed:
            told = f"Σm is {check.sum_mg} mg, the tray gained {gained_mg} mg: {check.unexplained_mg:+} mg unexplained"
            raise Tripped(trip("A11", told))

    def _rested(self) -> Reading:
        """Weigh with nothing laid since the last weighing; trips A11 where the tray changed all the same."""
        reading = self._watch.weigh()
        wrong = self._drift.rested(self._watch.process_s(), reading.value)
        if wrong is not None:
            raise Tripped(trip("A11", wrong))
        return reading

    # ---- units

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
        segment = self._correcting.prepare(index, part)
        position = self._plan.positions[index - 1]
        tare = self._rested()
        began_s = self._watch.process_s()
        self._report(
            UnitBegan(index, position, tare.value, tare.raw, segment.first_line, segment.last_line, part.number)
        )
        rest_kpa = self._watch.tool.mean_kpa(REST_S)
        lines = self._correcting.program.lines_of(segment)
        self._watch.begin_unit(index, segment, lines)
        self._watch.send(lines)
        self._watch.until_idle()
        self._compare_position(index, segment)
        self._watch.pause(float(part.parameters.dwell_s.target))
        mass_mg, raw, outcome = self._weigh(index, part, tare, began_s)
        seconds = self._watch.process_s() - began_s
        state = UnitState.ACCEPTED if outcome is GateOutcome.ACCEPT else UnitState.REJECTED
        compliance = self._watch.tool.compliance_mm3_kpa
        predicted_mg = displacement_mass_mg(
            segment.volume_mm3, compliance, rest_kpa, self._watch.tool.mean_kpa(REST_S), float(part.density_mg_mm3)
        )
        features = self._watch.end_unit()
        low_mg, high_mg = part.gate.accepted_mg
        reason = "" if state is UnitState.ACCEPTED else f"{mass_mg} mg, gate {low_mg:.1f} to {high_mg:.1f} mg"
        if state is UnitState.REJECTED:
            self._alarm(trip("A08", f"{self._name(index, part)}: {reason}"), index)
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
        self._compare(index, part, state, predicted_mg, float(mass_mg))
        return state

    def _compare(self, index: int, part: JobPart, state: UnitState, predicted_mg: float, mass_mg: float) -> None:
        """Compare prediction and balance, and let a good unit teach correction, model and charts.

        A unit the gate rejected is answered by that: the job is not held for a disagreement that is already acted on.
        """
        charts = self._charts.get(part.number)
        if charts is not None:
            fused = charts.compare(predicted_mg, mass_mg)
            apart = charts.disagreement(fused, predicted_mg, mass_mg)
            is_fused = apart is None and part.limits.soft_sensor.use == "fusion"
            self._report(
                Predicted(index, part.number, predicted_mg, mass_mg, fused.z, fused.mass_mg if is_fused else None)
            )
            if apart is not None and state is UnitState.ACCEPTED:
                self._alarm(apart, index)
        if state is UnitState.REJECTED or self._watch.was_alarmed:
            return
        pressure_share = self._watch.tool.learn()
        learnt = self._correcting.learn(part, mass_mg)
        drifts = None
        if charts is not None:
            drifts = charts.judge(predicted_mg, mass_mg, pressure_share)
        for cause in (learnt, drifts):
            if cause is not None:
                self._alarm(cause, index)

    def _weigh(self, index: int, part: JobPart, tare: Reading, began_s: float) -> tuple[Decimal, str, GateOutcome]:
        """Return mass, raw line and outcome; an indeterminate result is weighed again at most twice, then rejected.

        Drift since the tare is taken off and what dried since the middle of the deposition is added, both told.
        """
        middle_s = (began_s + self._watch.process_s()) / 2
        mass_mg, raw, outcome = Decimal(0), "", GateOutcome.REJECT
        for _ in range(WEIGHINGS):
            gross = self._watch.weigh()
            now_s = self._watch.process_s()
            since_s = now_s - middle_s
            drift_mg = self._drift.over_mg(now_s - began_s)
            dried_mg = evaporated_mg(part.limits.evaporation_mg_min, since_s)
            laid_mg, raw = gross.value - tare.value, gross.raw
            mass_mg = laid_mg - drift_mg + dried_mg if drift_mg or dried_mg else laid_mg
            outcome = part.gate.judge(mass_mg)
            self._report(
                Weighed(index, gross.value, raw, mass_mg, outcome.value, part.number, since_s, drift_mg, dried_mg)
            )
            if outcome is not GateOutcome.INDETERMINATE:
                break
        self._drift.laid(now_s, gross.value)
        self._sum_mg += laid_mg - drift_mg
        self._weighed += 1
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
