"""Pressure behind a nozzle over time: C·dP/dt = Q − Q(P) (process.md §1.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from printcare.extrusion.rheology import Ink, Tube, tube_flow_mm3_s, tube_pressure_kpa

STIFFNESS_PER_STEP = 0.2  # step over time constant; RK4 is then within 1e-5 of the exact decay
SETTLED = 1e-9  # of the steady pressure; the ink then follows the plunger
SLOPE_STEP = 1e-3  # relative pressure step for dQ/dP


@dataclass(frozen=True, slots=True)
class Chamber:
    """Ink under a plunger: what gives way, the ink and the tube it leaves through."""

    compliance_mm3_kpa: float
    ink: Ink
    tube: Tube

    def flow_mm3_s(self, pressure_kpa: float) -> float:
        """Return what leaves the nozzle at a pressure."""
        return tube_flow_mm3_s(self.ink, self.tube, pressure_kpa)

    def time_constant_s(self, pressure_kpa: float) -> float:
        """Return the small-signal lag C/(dQ/dP) = n·C·P/Q for a power law; infinite where nothing flows."""
        step = max(pressure_kpa, 1e-6) * SLOPE_STEP
        slope = (self.flow_mm3_s(pressure_kpa + step) - self.flow_mm3_s(pressure_kpa - step)) / (2 * step)
        return self.compliance_mm3_kpa / slope if slope > 0 else math.inf

    def after(self, pressure_kpa: float, plunger_mm3_s: float, seconds: float) -> float:
        """Return the pressure after `seconds` of a constant plunger flow, kPa; negative flow retracts.

        Runge–Kutta 4 in steps of a share of the time constant: thick ink takes one step, thin ink ends settled.
        """
        goal = tube_pressure_kpa(self.ink, self.tube, max(plunger_mm3_s, 0.0))
        left = seconds
        while left > 0:
            if plunger_mm3_s >= 0 and abs(pressure_kpa - goal) <= SETTLED * max(goal, 1.0):
                return goal
            probe = pressure_kpa
            if plunger_mm3_s > 0:
                probe = min(max(pressure_kpa, goal), pressure_kpa + plunger_mm3_s * left / self.compliance_mm3_kpa)
            step = min(left, STIFFNESS_PER_STEP * self.time_constant_s(probe))
            pressure_kpa = self._step(pressure_kpa, plunger_mm3_s, step)
            left -= step
        return pressure_kpa

    def _step(self, pressure_kpa: float, plunger_mm3_s: float, seconds: float) -> float:
        def rate(kpa: float) -> float:
            return (plunger_mm3_s - self.flow_mm3_s(kpa)) / self.compliance_mm3_kpa

        first = rate(pressure_kpa)
        second = rate(pressure_kpa + seconds / 2 * first)
        third = rate(pressure_kpa + seconds / 2 * second)
        fourth = rate(pressure_kpa + seconds * third)
        return pressure_kpa + seconds / 6 * (first + 2 * second + 2 * third + fourth)


def advance_mm3(compliance_mm3_kpa: float, pressure_kpa: float) -> float:
    """Return the volume stored at a pressure, C·P: what a start lacks, a stop oozes and a retraction takes back."""
    return compliance_mm3_kpa * pressure_kpa
