"""Prime over the purge tray at two speeds, until nozzle and ink are known to be the recipe's (process.md §1.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from printcare.control.alarms import Tripped, trip
from printcare.control.events import Event, Identified, Primed
from printcare.control.plan import JobPart, JobPlan
from printcare.control.tool_watch import REST_S
from printcare.control.watch import Watch
from printcare.domain.recipe import Detectors
from printcare.extrusion.detectors import slope
from printcare.extrusion.rheology import predicted_pressure_kpa, temperature_for
from printcare.extrusion.signature import Point, Verdict, judge
from printcare.extrusion.syringe_model import SyringeModel
from printcare.gcode.program import Segment

IN_FLIGHT_S = 0.4  # process seconds of motion left when the next chunk goes out; the printer accepts far ahead
# On a bench in scaled time the next chunk goes out this much of the host's own time earlier still: a machine busy with
# something else for 40 ms would otherwise stand still for seconds of the process, and the pressure with it.
LEAD_S = 0.04
GAP_S = 0.1  # of process time without motion, after which the pressure has to come up again


class Prime:
    """One tool's prime: chunk by chunk, slow first and then at the print's own flow, where the reference is taken."""

    def __init__(
        self, plan: JobPlan, part: JobPart, watch: Watch, report: Callable[[Event], None], *, is_again: bool = False
    ) -> None:
        self._plan = plan
        self._part = part
        self._is_again = is_again  # after a purge the ink still presses: rest and compliance are the first prime's
        self._watch = watch
        self._report = report
        self._tool = watch.tool
        self._spent_mm3 = 0.0
        self._ends_s = watch.process_s()
        self._flow_mm3_s = 0.0
        self._moves_since_s = (0.0, 0.0)  # at this flow and without a gap, in process and in the transmitter's time
        self._has_paused = False
        self._points: list[Point] = []
        self._latest: Point | None = None  # whether it stands or still rises

    def run(self) -> None:
        """Prime; trips A04 or A05 with the likely cause where nozzle or ink are not the recipe's."""
        chunks = [chunk for chunk in self._plan.program.of_kind("prime") if chunk.part == self._part.number]
        detectors, model = self._part.limits.detectors, self._tool.model
        if detectors is None or model is None:
            for chunk in chunks:
                self._send(chunk)
            force_kpa = self._tool.take_force()
            self._end()
            self._report(Primed(force_kpa, 0.0, self._spent_mm3, self._part.number))
            return
        if not self._is_again:
            model = replace(model, rest_kpa=self._tool.mean_kpa(REST_S))
        flow_mm3_s = self._part.flow_mm3_s
        model = self._slow([chunk for chunk in chunks if chunk.flow_mm3_s < flow_mm3_s], detectors, model)
        fast = [chunk for chunk in chunks if chunk.flow_mm3_s >= flow_mm3_s]
        verdict = self._fast([] if self._would_pass_the_limit() else fast, detectors, model)
        mean_kpa = self._tool.mean_kpa(float(detectors.prime_point_s))
        self._end()
        self._answer(verdict, mean_kpa - model.rest_kpa)
        stands = self._points[-1]
        found = model.standing_at(stands.kpa + model.rest_kpa, stands.flow_mm3_s)
        self._tool.identify(found)
        area_mm2 = self._plan.tool(self._part).feedstock_area_mm2
        self._report(
            Identified(
                part=self._part.number,
                compliance_mm3_kpa=found.compliance_mm3_kpa,
                thickness=found.thickness,
                rest_kpa=found.rest_kpa,
                friction_n=found.rest_kpa * area_mm2 / 1000,
                evidence=verdict.evidence,
            )
        )
        reference_kpa = found.steady_kpa(self._part.flow_mm3_s)
        self._report(Primed(reference_kpa, self._part.predicted_kpa, self._spent_mm3, self._part.number))

    def _slow(self, chunks: list[Segment], detectors: Detectors, model: SyringeModel) -> SyringeModel:
        """Prime at the slower speed until it stands or its chunks are spent; return the model with its compliance."""
        began_s, steady = self._tool.device_s, 0
        for chunk in chunks:
            self._send(chunk)
            ramp = [(at_s, kpa) for at_s, kpa in self._tool.recent if at_s >= began_s]
            if not (self._has_paused or self._is_again):
                model = model.with_ramp(ramp, chunk.flow_mm3_s)
            steady += self._look(chunk.flow_mm3_s, detectors, model)
            if steady >= detectors.prime_points:
                break
        return model

    def _would_pass_the_limit(self) -> bool:
        """Whether what the slow speed shows would pass the hard limit at the print's: it is wrong already."""
        latest = self._latest
        if latest is None or latest.share * self._part.predicted_kpa <= float(self._part.limits.pressure_max_kpa):
            return False
        self._points = self._points or [latest]
        return True

    def _fast(self, chunks: list[Segment], detectors: Detectors, model: SyringeModel) -> Verdict:
        """Prime at the print's flow until it stands and the signature is certain, or the chunks are spent."""
        steady = 0
        verdict = self._verdict(detectors)
        for chunk in chunks:
            self._send(chunk)
            steady += self._look(chunk.flow_mm3_s, detectors, model)
            verdict = self._verdict(detectors)
            if steady >= detectors.prime_points and verdict.is_right is not None:
                break
        return verdict

    def _send(self, chunk: Segment) -> None:
        watch = self._watch
        self._spent_mm3 += chunk.volume_mm3
        watch.unit_volume_mm3 = self._spent_mm3  # from its first line on: a prime that is stopped has used ink too
        self._note_motion(chunk.flow_mm3_s)
        watch.send(chunk.lines)
        watch.until_idle()
        self._ends_s = max(self._ends_s, watch.process_s()) + chunk.volume_mm3 / chunk.flow_mm3_s
        watch.pause(self._ends_s - IN_FLIGHT_S - LEAD_S * (watch.speed - 1) - watch.process_s())

    def _note_motion(self, flow_mm3_s: float) -> None:
        """Note when motion at this flow begins: behind what is under way, or now where it has come to its end."""
        now_s = self._watch.process_s()
        has_paused = bool(self._flow_mm3_s) and now_s > self._ends_s + GAP_S
        if has_paused or flow_mm3_s != self._flow_mm3_s:
            begins_s = max(self._ends_s, now_s)
            self._moves_since_s = (begins_s, self._tool.device_s + begins_s - now_s)
        self._flow_mm3_s, self._has_paused = flow_mm3_s, self._has_paused or has_paused

    def _look(self, flow_mm3_s: float, detectors: Detectors, model: SyringeModel) -> bool:
        """Note pressure and flow through the nozzle, which is the plunger's less what compresses; say if it stands."""
        tool = self._tool
        over_s, predicted_kpa = float(detectors.prime_over_s), self._part.predicted_kpa
        rate = slope((at_s, kpa) for at_s, kpa in tool.recent if tool.device_s - at_s <= over_s)
        through_mm3_s = flow_mm3_s - model.compliance_mm3_kpa * rate
        # A pressure that has not begun to change, at rest or from the speed before, stands still too.
        moved_s = (
            now_s - since_s
            for now_s, since_s in zip((self._watch.process_s(), tool.device_s), self._moves_since_s, strict=True)
        )
        has_changed = min(moved_s) >= over_s + IN_FLIGHT_S
        kpa = tool.mean_kpa(float(detectors.prime_point_s))
        has_begun = kpa - model.rest_kpa > float(detectors.prime_begun_pct) / 100 * predicted_kpa
        is_steady = has_changed and has_begun and abs(rate) < float(detectors.prime_steady_pct_s) / 100 * predicted_kpa
        if not has_begun or through_mm3_s < float(detectors.prime_through_pct) / 100 * flow_mm3_s:
            return False
        rest_kpa = model.rest_kpa
        self._latest = Point(through_mm3_s, kpa - rest_kpa, model.steady_kpa(through_mm3_s) - rest_kpa)
        if is_steady:
            self._points.append(self._latest)
        return is_steady

    def _verdict(self, detectors: Detectors) -> Verdict:
        if not self._points:
            return Verdict(None, "", "the pressure never stood still")
        return judge(
            self._points,
            float(detectors.prime_sd_pct),
            float(detectors.prime_theta),
            float(detectors.prime_alpha),
            float(detectors.prime_beta),
            float(self._part.nozzle.bore_mm),
            self._needs_kpa,
        )

    def _needs_kpa(self, bore_mm: float, flow_mm3_s: float) -> float:
        """Return what the recipe's ink needs behind another bore in the same hub."""
        part = self._part
        nozzle = replace(part.nozzle, bore_mm=Decimal(str(bore_mm)))
        celsius = float(part.parameters.cartridge_c.target)
        return predicted_pressure_kpa(part.ink, nozzle, flow_mm3_s, celsius)

    def _end(self) -> None:
        for ending in self._plan.program.of_kind("prime_end"):
            if ending.part == self._part.number:
                self._watch.send(ending.lines)
        self._watch.until_idle()

    def _answer(self, verdict: Verdict, over_kpa: float) -> None:
        """Trip unless nozzle and ink may be the recipe's and the pressure stands in the proven share of the predicted.

        Beside the normal share it is told, and the units are weighed. A signature that could not tell does not stop
        it either: another gauge would not stand so near, and an ink's own scatter does in one prime of two hundred.
        """
        fraction, predicted_kpa = self._part.parameters.prime_pressure_fraction, self._part.predicted_kpa
        share = round(over_kpa / predicted_kpa, 4)
        may_be_right = bool(self._points) and verdict.is_right is not False
        if may_be_right and fraction.is_normal(share):
            return
        seen = (
            f"primed {self._spent_mm3:.0f} mm³ and stands at {over_kpa:.0f} kPa, predicted {predicted_kpa:.0f} kPa "
            f"({{}} {{}} to {{}} of it); {verdict.evidence}"
        )
        if may_be_right and fraction.is_proven(share):
            self._watch.warn(trip("A21", seen.format("normal", *fraction.normal)))
            return
        ink = self._part.ink
        told = ""
        if share > 0:
            like_c = temperature_for(share, float(ink.activation_kj_mol), float(ink.reference_c))
            told = f"; or ink at {like_c:.0f} °C, if its core can be that"
        cause = verdict.cause or ("too much" if share > 1 else "too little") + " pressure"
        seen = seen.format("proven", *fraction.proven)
        raise Tripped(trip("A04" if share > 1 else "A05", f"{cause}: {seen}{told}"))
