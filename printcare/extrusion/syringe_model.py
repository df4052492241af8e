"""A syringe as the host knows it: C·dP/dt = Q − Q(P), told by the recipe and identified at the prime (process.md §3.2).

Pressure and flow stand in two tables made once, so that a reading is judged in microseconds.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from printcare.extrusion.detectors import slope
from printcare.extrusion.rheology import Cone, Ink, Tube, cone_pressure_kpa, tube_pressure_kpa

GRID = 48  # flows in the table, evenly in Q^n so that pressures are even
REACH = 3.0  # times the print's flow
LOW_FLOW_SHARE = 0.05  # of the plunger's: below it nearly all of the plunger's travel compresses
SUB_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class SyringeModel:
    """Nozzle and barrel at one temperature; `thickness` and `compliance_mm3_kpa` are what the prime identifies.

    `rest_kpa` is what the transmitter shows with nothing pressing: its offset, or friction where force is measured.
    """

    flows_mm3_s: tuple[float, ...]
    nozzle_kpa: tuple[float, ...]
    barrel_kpa_mm: tuple[float, ...]  # a millimetre of ink in the barrel
    compliance_mm3_kpa: float
    thickness: float = 1.0  # of the recipe's K
    rest_kpa: float = 0.0
    level_mm: float = 0.0  # of ink in the barrel

    def steady_kpa(self, flow_mm3_s: float) -> float:
        """Return the pressure a steady flow needs, as the transmitter would show it."""
        place = bisect_left(self.flows_mm3_s, flow_mm3_s)
        if place == 0:
            return self.rest_kpa + self._at(0)
        place = min(place, len(self.flows_mm3_s) - 1)
        low, high = self.flows_mm3_s[place - 1], self.flows_mm3_s[place]
        share = (flow_mm3_s - low) / (high - low)
        return self.rest_kpa + self._at(place - 1) * (1 - share) + self._at(place) * share

    def flow_mm3_s(self, kpa: float) -> float:
        """Return what leaves the nozzle at a shown pressure; nothing below the yield limit."""
        over = kpa - self.rest_kpa
        low, high = 0, len(self.flows_mm3_s) - 1
        if over <= self._at(0):
            return 0.0
        while high - low > 1:
            middle = (low + high) // 2
            if self._at(middle) < over:
                low = middle
            else:
                high = middle
        span = self._at(high) - self._at(low)
        share = (over - self._at(low)) / span  # beyond the table its last piece goes on
        return self.flows_mm3_s[low] + share * (self.flows_mm3_s[high] - self.flows_mm3_s[low])

    def flow_slope(self, kpa: float) -> float:
        """Return dQ/dP."""
        step = max(0.5, 0.01 * abs(kpa))
        return (self.flow_mm3_s(kpa + step) - self.flow_mm3_s(kpa - step)) / (2 * step)

    def after(self, kpa: float, plunger_mm3_s: float, seconds: float) -> float:
        """Return the pressure after `seconds` of a plunger flow; midpoint steps of at most a twentieth of a second.

        Without compliance, under a regulator, the pressure is there at once.
        """
        if not self.compliance_mm3_kpa:
            return self.steady_kpa(plunger_mm3_s) if plunger_mm3_s > 0 else self.rest_kpa
        steps = max(1, math.ceil(seconds / SUB_STEP_S))
        step_s = seconds / steps
        for _ in range(steps):
            rate = (plunger_mm3_s - self.flow_mm3_s(kpa)) / self.compliance_mm3_kpa
            middle = kpa + rate * step_s / 2
            kpa += (plunger_mm3_s - self.flow_mm3_s(middle)) / self.compliance_mm3_kpa * step_s
        return kpa

    def lag_s(self, flow_mm3_s: float) -> float:
        """Return the time constant C/(dQ/dP) at a steady flow."""
        per_kpa = self.flow_slope(self.steady_kpa(flow_mm3_s))
        return self.compliance_mm3_kpa / per_kpa if per_kpa > 0 else math.inf

    def standing_at(self, kpa: float, flow_mm3_s: float) -> SyringeModel:
        """Return the model whose steady pressure at a flow is the measured one: K identified."""
        share = (kpa - self.rest_kpa) / (self.steady_kpa(flow_mm3_s) - self.rest_kpa)
        return replace(self, thickness=self.thickness * share)

    def with_ramp(self, ramp: Sequence[tuple[float, float]], plunger_mm3_s: float) -> SyringeModel:
        """Return the model with C identified from (s, kPa) readings of the first rise; unchanged where too few tell."""
        most_kpa = self.steady_kpa(LOW_FLOW_SHARE * plunger_mm3_s)
        told = [(at_s, kpa) for at_s, kpa in ramp if self.rest_kpa + 0.15 * most_kpa < kpa < most_kpa]
        rise = slope(told)
        if len(told) < 8 or rise <= 0:
            return self
        mean_kpa = sum(kpa for _, kpa in told) / len(told)
        return replace(self, compliance_mm3_kpa=(plunger_mm3_s - self.flow_mm3_s(mean_kpa)) / rise)

    def _at(self, place: int) -> float:
        return self.thickness * (self.nozzle_kpa[place] + self.level_mm * self.barrel_kpa_mm[place])


def syringe_model(
    ink: Ink,
    nozzle: Tube,
    barrel_mm: float,
    compliance_mm3_kpa: float,
    print_mm3_s: float,
    level_mm: float = 0.0,
    cone: Cone | None = None,
) -> SyringeModel:
    """Return the model of an ink in a barrel of a bore behind a nozzle, good up to three times the print's flow.

    Without its `cone` the nozzle is the needle alone.
    """
    top = (REACH * print_mm3_s) ** ink.flow_index
    flows = tuple((top * step / GRID) ** (1 / ink.flow_index) for step in range(GRID + 1))
    barrel = Tube(barrel_mm, 1.0)
    return SyringeModel(
        flows,
        tuple(
            tube_pressure_kpa(ink, nozzle, flow) + (cone_pressure_kpa(ink, cone, flow) if cone is not None else 0.0)
            for flow in flows
        ),
        tuple(tube_pressure_kpa(ink, barrel, flow) for flow in flows),
        compliance_mm3_kpa,
        level_mm=level_mm,
    )
