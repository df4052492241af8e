"""A plunger in a syringe: C·dP/dt = u − Q(P, T)."""

from __future__ import annotations

from printcare.emulator.chance import Stream
from printcare.emulator.ink import ATMOSPHERE_KPA, DT_S, Ink, InkTruth

_PARTED_S = 0.5  # a plunger without force gives way this fast
_GEL_BREAKS_KPA = 150.0
_LOWEST_KPA = -80.0  # the column breaks: a plunger cannot pull more


class Plunger(Ink):
    """Ink driven by volume: the pressure is what the needle makes of it."""

    def __init__(
        self,
        truth: InkTruth,
        area_mm2: float,
        capacity_mm3: float,
        compliance_mm3_kpa: float,
        slow: Stream,
        density: Stream,
    ) -> None:
        super().__init__(truth, area_mm2, capacity_mm3, slow, density)
        self._stiffness = truth.compliance_mm3_kpa or compliance_mm3_kpa

    def compliance_mm3_kpa(self) -> float:
        """Return C: frame and ink, and air that stiffens as it is squeezed (process.md §1.4)."""
        if not self.air_mm3:
            return self._stiffness
        absolute = max(ATMOSPHERE_KPA + self.pressure_kpa, 5.0)
        return self._stiffness + self.air_mm3 * ATMOSPHERE_KPA / (absolute * absolute)

    def step(self, commanded_mm3: float) -> float:
        """Let DT_S pass while the plunger is driven by `commanded_mm3`; return the ink that left the needle."""
        moved = self._driven(commanded_mm3 * self.e_factor) if commanded_mm3 else 0.0
        pressure = self.pressure_kpa
        c = self.compliance_mm3_kpa() if self.air_mm3 else self._stiffness
        flow = leak = 0.0
        if pressure > 0:  # the plain case written out: it is asked a hundred times a second
            flows, place = self._flows, pressure / self.grid_kpa
            index = int(place)
            if self.slug_mm3 or self.is_gelled or index >= len(flows) - 1:
                flow = self._passing(pressure)
            else:
                low = flows[index]
                flow = (low + (flows[index + 1] - low) * (place - index)) * self._thinness
            most = 0.5 * c * pressure  # thinner than a sub-step can follow
            if self.leak_share:  # the share of what is driven that never sees the needle
                leak = min(flow * DT_S * self.leak_share / (1 - self.leak_share), most)
            if self.is_clogged:
                flow = 0.0
            elif flow * DT_S > most:
                flow = most / DT_S
            if self.is_parted:
                moved -= c * pressure * DT_S / _PARTED_S
        out = flow * DT_S
        self.pushed_mm3 += moved
        self.leaked_mm3 += leak
        self.flow_mm3_s = flow
        if self.cavity_mm3 > 0:
            refilled = min(self.cavity_mm3, max(moved, 0.0))
            self.cavity_mm3 -= refilled
            moved -= refilled
        rise = (moved - out - leak) / c
        if pressure + rise < _LOWEST_KPA:
            self.cavity_mm3 += (_LOWEST_KPA - pressure - rise) * c
            rise = _LOWEST_KPA - pressure
        self.pressure_kpa = pressure + rise
        self.squeezed_mm3 += rise * c
        if self.slug_mm3 > 0:
            out = self._without_gas(out)
        self.out_mm3 += out
        return out

    def is_resting(self) -> bool:
        """Whether a sub-step without a command would change nothing."""
        return not (
            self.flow_mm3_s or self.is_parted or (self.pressure_kpa > 0 and self._passing(self.pressure_kpa) > 0)
        )

    def _driven(self, moved: float) -> float:
        if self.is_bottomed and moved > 0:
            self.bottom_kpa += moved / self._stiffness
            return 0.0
        if self.is_empty or self.is_parted:
            return 0.0
        moved *= self.delivery * (1.0 - self.skip_share)
        left = self.initial_mm3 - self.pushed_mm3
        return moved if moved <= left or moved <= 0 else max(left, 0.0)

    def _passing(self, pressure_kpa: float) -> float:
        if self.is_gelled:
            if pressure_kpa < _GEL_BREAKS_KPA:
                return 0.0
            self.is_gelled = False
        return self._flow(pressure_kpa)
