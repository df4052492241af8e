"""One unit, part by part: tare, print, park, wait, weigh, decide by the one mass gate (process.md §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from printcare.control.alarms import Trip, Tripped, trip
from printcare.control.cause import likely_cause_of_mass
from printcare.control.correcting import Correcting
from printcare.control.events import Event, Noted, Predicted, UnitBegan, UnitCut, UnitEnded
from printcare.control.placing import Placing
from printcare.control.plan import JobPart, JobPlan
from printcare.control.tool_watch import is_bead
from printcare.control.unit_charts import UnitCharts
from printcare.control.unit_weighing import NOT_WEIGHED, STRATEGIES, Judgement, Weighing
from printcare.control.watch import Watch
from printcare.domain.batch import UnitState
from printcare.domain.gate import GateOutcome
from printcare.extrusion.soft_sensor import displacement_mass_mg
from printcare.gcode.program import Segment
from printcare.protocol.wire import Command

CUT = "stopped before its end, as what lacks cannot be made good"
RESTARTABLE = ("A04", "A05")  # where the recipe allows it: purge, prime again, go on with the next unit
REST_S = 1.0  # of readings at rest, before a unit and after it
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
        self._placing = Placing(plan, watch, report)
        self._weighing: Weighing = STRATEGIES[plan.master.weighing](plan, watch, report, self._placing)
        self.masses_mg: dict[int, list[Decimal | None]] = {}  # of every unit that was judged, part by part
        self.to_purge: JobPart | None = None  # whose pressure stopped the last unit
        self._restarts = 0

    def weigh_reference(self) -> None:
        """Weigh what carries no unit yet: the batch's zero."""
        self._weighing.reference()

    def close_sum(self) -> None:
        """Weigh it again after the last unit and close the sum; trips A11 where that fails."""
        self._weighing.close()

    def placed(self, command: Command) -> str | None:
        """Take a person's word that a unit lies on the balance, or return why it is no answer."""
        return self._placing.placed(command)

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
        tare = self._weighing.tare()
        if tare is None:  # a weighing would have let the pressure come to rest
            self._watch.pause(float(part.parameters.dwell_s.target))
        began_s = self._watch.process_s()
        tare_mg, tare_raw = (None, "") if tare is None else (tare.value, tare.raw)
        self._report(UnitBegan(index, position, tare_mg, tare_raw, segment.first_line, segment.last_line, part.number))
        rest_kpa = self._watch.tool.mean_kpa(REST_S)
        lines = segment.lines
        self._watch.begin_unit(index, segment, lines)
        laid_mm3, cut = self._lay(index, part, segment, lines)
        self._compare_position(index, segment)
        rested_s = self._watch.process_s()
        self._watch.pause(float(part.parameters.dwell_s.target))
        dwell_s = self._watch.process_s() - rested_s
        ended_kpa = self._watch.tool.mean_kpa(REST_S)
        stopped = self.to_purge is not None
        if stopped and tare is None:  # half a unit is carried to no balance
            judged = Judgement(None, "", GateOutcome.REJECT)
        else:
            judged = self._weighing.judge(index, part, tare, began_s)
        if tare is not None:  # the pressure has rested as long as before the unit; nobody has walked to a balance
            ended_kpa = self._watch.tool.mean_kpa(REST_S)
        mass_mg = judged.mass_mg
        self.masses_mg.setdefault(index, []).append(mass_mg)
        seconds = self._watch.process_s() - began_s
        is_good = not cut and judged.outcome is GateOutcome.ACCEPT
        state = UnitState.ACCEPTED if is_good else UnitState.REJECTED
        compliance = self._watch.tool.compliance_mm3_kpa
        predicted_mg = displacement_mass_mg(laid_mm3, compliance, rest_kpa, ended_kpa, float(part.density_mg_mm3))
        features = self._watch.end_unit()
        reason = cut if stopped else "; ".join(told for told in (cut, _reason(part, judged)) if told)
        if mass_mg is not None and not is_good and not stopped:
            likely = likely_cause_of_mass(float(mass_mg / part.gate.target_mg))
            self._alarm(trip("A08", f"{self._name(index, part)}: {reason}; {likely}"), index)
        self._report(
            UnitEnded(
                index=index,
                position=position,
                state=state,
                mass_mg=mass_mg,
                raw=judged.raw,
                reason=reason,
                pressure_mean_kpa=features.pressure_mean_kpa,
                pressure_max_kpa=features.pressure_max_kpa,
                temperature_mean_c=features.temperature_mean_c,
                seconds=seconds,
                lines_sent=features.lines,
                volume_mm3=laid_mm3,
                part=part.number,
                weighing_is=part.gate.weighing_is,
                dwell_s=dwell_s,
                flow_mm3_s=features.flow_mm3_s,
                speed_mm_s=features.flow_mm3_s and features.flow_mm3_s / part.toolpath.bead_area_mm2,
            )
        )
        if mass_mg is not None and not stopped:
            self._compare(index, part, state, predicted_mg, float(mass_mg))
        return state

    def _lay(self, index: int, part: JobPart, segment: Segment, lines: tuple[str, ...]) -> tuple[float, str]:
        """Print a unit; return its mm³ as commanded, and why it was stopped before its end, or nothing.

        It is stopped where it is surely lost, and by a clog or a loss of pressure that the recipe lets a job answer.
        """
        tool, forecast, why = self._watch.tool, self._watch.tool.forecast, CUT
        try:
            if not self._watch.lay(lines) or forecast is None:
                return segment.volume_mm3, ""
            laid_mm3 = tool.fed_mm3 - segment.compensation_mm3
            self._report(UnitCut(index, part.number, laid_mm3, forecast.lacking_mg, forecast.limit_mg))
        except Tripped as tripped:
            if tripped.trip.kind.id not in RESTARTABLE or self._restarts >= part.limits.restarts_max:
                raise
            self._watch.cut()
            laid_mm3 = tool.fed_mm3 - segment.compensation_mm3
            self._restarts += 1
            self.to_purge, why = part, f"stopped by {tripped.trip.reason}"
            self._alarm(tripped.trip, index)
        self._watch.unit_volume_mm3 = laid_mm3
        self._watch.send(_ending(lines))
        self._watch.until_idle()
        return laid_mm3, why

    def _compare(self, index: int, part: JobPart, state: UnitState, predicted_mg: float, mass_mg: float) -> None:
        """Compare prediction and balance of any unit, and let a good one teach correction, model and charts.

        A rejected unit too is a unit whose mass one of the two tells wrongly: the job holds for either (A15).
        """
        charts = self._charts.get(part.number)
        if charts is not None:
            fused = charts.compare(predicted_mg, mass_mg)
            apart = charts.disagreement(fused, predicted_mg, mass_mg)
            is_fused = apart is None and part.limits.soft_sensor.use == "fusion"
            forecast = self._watch.tool.forecast
            self._report(
                Predicted(
                    index=index,
                    part=part.number,
                    predicted_mg=predicted_mg,
                    weighed_mg=mass_mg,
                    z=fused.z,
                    fused_mg=fused.mass_mg if is_fused else None,
                    forecast_mg=None if forecast is None else predicted_mg - forecast.lacking_mg,
                )
            )
            if apart is not None:
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


def _ending(lines: tuple[str, ...]) -> list[str]:
    """Return how a unit ends after its last bead, from wherever the plunger stands: it takes back as much as always."""
    last = max(place for place, line in enumerate(lines) if is_bead(line))
    return [f"G92 E{lines[last].rpartition(' E')[2]}", *lines[last + 1 :]]


def _reason(part: JobPart, judged: Judgement) -> str:
    """Return why a part was rejected; nothing where it was accepted."""
    if judged.mass_mg is None:
        return NOT_WEIGHED
    low_mg, high_mg = part.gate.accepted_mg
    is_good = judged.outcome is GateOutcome.ACCEPT
    return "" if is_good else f"{judged.mass_mg} mg, gate {low_mg:.1f} to {high_mg:.1f} mg"
