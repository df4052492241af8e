"""Compressed air on the ink: a valve that opens while E moves, a chamber that fills late, a flow that nobody measures.

E counts mm³ of a calibrated flow. The regulator stands at the pressure that gave this flow at calibration, with the
ink as labelled and at its temperature; from then on the ink flows as it pleases, Q = (P/k)^(1/n), for as long as the
valve is open. The chamber fills and vents through one restriction, the later the emptier the cartridge
(process.md §1.4, `pneumatic_headspace`).
"""

from __future__ import annotations

import math

from printcare.emulator.chance import Stream
from printcare.emulator.flow import flow_table
from printcare.emulator.ink import ATMOSPHERE_KPA, DT_S, Ink, InkTruth

RESTRICTION_KPA_S_MM3 = 0.01
DEAD_MM3 = 500.0  # hose and adapter above a full cartridge
_GEL_BREAKS_S = 2.0  # of pressure: the plug creeps out, the start is late
_LEAST_KPA = 0.01  # an open chamber is at rest


def chamber_lag_s(head_mm3: float, absolute_kpa: float, restriction_kpa_s_mm3: float) -> float:
    """Return the time constant of a dead volume filled through a restriction (`pneumatic_headspace`)."""
    return head_mm3 / absolute_kpa * restriction_kpa_s_mm3


class Pneumatic(Ink):
    """Ink driven by pressure: the flow is what the needle makes of it; `pressure_kpa` is the chamber's."""

    def __init__(
        self, truth: InkTruth, area_mm2: float, capacity_mm3: float, limit_kpa: float, slow: Stream, density: Stream
    ) -> None:
        super().__init__(truth, area_mm2, capacity_mm3, slow, density)
        self._limit_kpa = limit_kpa
        self._capacity_mm3 = max(capacity_mm3, self.initial_mm3)
        self.set_kpa = truth.set_kpa
        self.supply_factor = 1.0
        self.tip_kpa = 0.0
        self._gelled_s = 0.0
        if truth.calibrated_mm3_s is not None and truth.set_kpa is None:
            self.calibrate(truth.calibrated_mm3_s)

    def calibrate(self, flow_mm3_s: float) -> None:
        """Set the regulator, once, to what the labelled ink needs for a flow at its reference temperature."""
        if self.set_kpa is None:
            labelled = flow_table(self.truth.labelled, self.truth.channel, self.truth.paste)
            self.set_kpa = min(labelled.pressure_kpa(flow_mm3_s, self.ink_mm()), self._limit_kpa)

    def ink_mm(self) -> float:
        """Return the length of ink left in the barrel, which is wide where E is not."""
        bore = self._channel.barrel_bore_mm
        return max(0.0, self.left_mm3() / (math.pi * bore * bore / 4))

    def head_mm3(self) -> float:
        """Return the air above the ink."""
        return DEAD_MM3 + self._capacity_mm3 - self.left_mm3()

    def compliance_mm3_kpa(self) -> float:
        """Return C of air trapped in the ink; the air above it counts in the chamber's lag."""
        absolute = ATMOSPHERE_KPA + self.tip_kpa
        return self.air_mm3 * ATMOSPHERE_KPA / (absolute * absolute)

    def step(self, commanded_mm3: float) -> float:
        """Let DT_S pass, the valve open when E moved forward; return the ink that left the needle."""
        target_kpa = (self.set_kpa or 0.0) * self.supply_factor if commanded_mm3 > 0 else 0.0
        chamber = self.pressure_kpa
        if target_kpa == 0.0 and chamber == 0.0 and self.tip_kpa == 0.0:
            self.flow_mm3_s = 0.0
            return 0.0
        lag_s = chamber_lag_s(self.head_mm3(), ATMOSPHERE_KPA + chamber, RESTRICTION_KPA_S_MM3)
        chamber = target_kpa + (chamber - target_kpa) * math.exp(-DT_S / lag_s)
        self.pressure_kpa = chamber if chamber > _LEAST_KPA or target_kpa else 0.0
        self._press_tip()
        flow = self._passing()
        out = min(flow * DT_S, max(0.0, self.initial_mm3 - self.out_mm3 - self.leaked_mm3))
        leak = out * self.leak_share
        out -= leak
        self.flow_mm3_s = out / DT_S
        self.leaked_mm3 += leak
        self.pushed_mm3 += out + leak
        if self.slug_mm3 > 0:
            out = self._without_gas(out)
        self.out_mm3 += out
        return out

    def is_resting(self) -> bool:
        """Whether a sub-step with the valve shut would change nothing."""
        return self.flow_mm3_s == 0.0 and self.pressure_kpa == 0.0 and self.tip_kpa == 0.0

    def _press_tip(self) -> None:
        """Let the pressure reach the tip: at once, or late through trapped air, with the lag n·C·P/Q of the plunger."""
        was_kpa, squeezed = self.tip_kpa, self.squeezed_mm3
        if not self.air_mm3:
            self.tip_kpa = self.pressure_kpa
            return
        higher = max(self.pressure_kpa, was_kpa)
        flow = self._flow(higher)
        lag_s = self._fluid.n * self.compliance_mm3_kpa() * higher / flow if flow else math.inf
        self.tip_kpa = self.pressure_kpa + (was_kpa - self.pressure_kpa) * math.exp(-DT_S / max(lag_s, 1e-6))
        if self.tip_kpa < _LEAST_KPA and not self.pressure_kpa:
            self.tip_kpa = 0.0
        self.squeezed_mm3 = self.air_mm3 * self.tip_kpa / (ATMOSPHERE_KPA + self.tip_kpa)
        self.pushed_mm3 += self.squeezed_mm3 - squeezed

    def _passing(self) -> float:
        if self.is_clogged or self.is_empty or self.is_parted or self.tip_kpa <= 0:
            return 0.0
        if self.is_gelled:
            self._gelled_s += DT_S
            if self._gelled_s < _GEL_BREAKS_S:
                return 0.0
            self.is_gelled, self._gelled_s = False, 0.0
        return self._flow(self.tip_kpa) * self.delivery
