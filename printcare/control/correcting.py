"""Correct the next unit from the last: its E re-written, read back, hashed anew and recorded before it is sent."""

from __future__ import annotations

from collections.abc import Callable

from printcare.control.alarms import Trip, trip
from printcare.control.events import Corrected, Event
from printcare.control.plan import JobPart, JobPlan
from printcare.errors import PrintcareError
from printcare.extrusion.correction import Correction
from printcare.gcode.check import check_unit
from printcare.gcode.program import Segment, digest_of
from printcare.gcode.writer import write_unit

DIGITS = 4  # of a multiplier: a hundredth of a per cent


class Correcting:
    """The run-to-run correction of each part, and the program as it stands with it (process.md §5.3)."""

    def __init__(self, plan: JobPlan, report: Callable[[Event], None]) -> None:
        self._plan = plan
        self._report = report
        self.program = plan.program
        self._estimates = {part.number: _estimate(part) for part in plan.parts}
        self._multiplier = {part.number: 1.0 for part in plan.parts}

    def prepare(self, index: int, part: JobPart) -> Segment:
        """Return the unit's lines to be sent, corrected where the estimate asks for it and the gate has passed them.

        Raises PrintcareError CORRECTION_REFUSED where the re-written unit does not pass the gate.
        """
        estimate = self._estimates[part.number]
        if estimate is not None and not estimate.is_clamped:
            self._multiplier[part.number] = round(estimate.multiplier, DIGITS)
        multiplier = self._multiplier[part.number]
        if estimate is None or multiplier == 1.0:
            return self.program.unit(index, part.number)
        number, profile = part.number, self._plan.profile
        program = write_unit(part.toolpath, profile, self.program, index, multiplier, number)
        wanted_mm3 = part.toolpath.form.volume_mm3 * multiplier
        verdict = check_unit(program, index, profile, self._plan.master, wanted_mm3, number)
        if not verdict.ok:
            told = "; ".join(finding.reason for finding in verdict.findings)
            raise PrintcareError("CORRECTION_REFUSED", f"Unit {index} corrected by {multiplier}: {told}", "Plan again.")
        self.program = program
        unit = program.unit(index, number)
        digest = digest_of(unit.lines)
        self._report(Corrected(index, number, multiplier, estimate.gain, unit.volume_mm3, digest))
        return unit

    def learn(self, part: JobPart, mass_mg: float) -> Trip | None:
        """Take the mass of an accepted unit that raised no alarm; return the alarm where the proven range is left."""
        estimate = self._estimates[part.number]
        if estimate is None:
            return None
        estimate.update(mass_mg, float(part.gate.target_mg), self._multiplier[part.number])
        if not estimate.is_clamped:
            return None
        told = f"the correction would be {estimate.wanted:.4f}, proven {estimate.low:g} to {estimate.high:g}"
        return trip("A09", told)


def _estimate(part: JobPart) -> Correction | None:
    rule, detectors = part.limits.correction, part.limits.detectors
    if not rule.is_on:
        return None
    low, high = part.parameters.unit_multiplier.proven
    variance = prior = None
    if rule.method == "kalman" and detectors is not None:
        variance = (float(detectors.unit_mass_sd_pct) / 100) ** 2
        prior = float(high - low) ** 2 / 12  # any cartridge the proven range can correct is as likely as another
    return Correction(float(rule.ewma_lambda), float(low), float(high), variance, prior)
