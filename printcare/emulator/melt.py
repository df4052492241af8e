"""Filament into a hot end: driven by length, limited by what the heater melts and by what the drive gear can grip.

Mass is density times volume: the true diameter, not the nominal one, decides the volume (process.md §1.5). The melt has
a pressure of its own, which only a force sensor on the drive would feel.
"""

from __future__ import annotations

import math

from printcare.emulator.chance import Stream
from printcare.emulator.flow import Channel
from printcare.emulator.ink import DT_S, InkTruth, wander
from printcare.emulator.plunger import Plunger

GRIP_N = 60.0  # of the drive gear; beyond it grinds a notch and loses hold
COMPLIANCE_MM3_KPA = 0.0003  # filament between gear and melt, compressed
HEAT_J_GK = 1.8
WANDER_MM3 = 600.0  # of filament over which the diameter changes: a quarter of a metre
COLDER_AT_LIMIT = 0.15  # of the rise above ambient: melt leaves cooler the nearer the flow comes to the limit
MELT_MM = 12.0  # of filament above the cone
WET_SCATTER = 3.0  # steam makes the strand uneven
_KELVIN_LEAST = 1.0
HOT_MELT = InkTruth(
    k=5000.0,
    n=0.5,
    tau0_pa=0.0,
    density_mg_mm3=1.20,
    activation_kj_mol=60.0,
    reference_c=180.0,
    inhomogeneity=0.01,
    porosity=0.002,
    channel=Channel(bore_mm=0.4, needle_mm=1.0, cone_top_mm=1.75, cone_half_deg=30.0, barrel_bore_mm=1.75),
)


def melt_limit_mm3_s(power_w: float, density_g_mm3: float, heat_j_gk: float, rise_k: float) -> float:
    """Return Q_max = P/(ρ·c_p·ΔT), the flow a power can melt (`melt_capacity_fdm`)."""
    return power_w / (density_g_mm3 * heat_j_gk * max(rise_k, _KELVIN_LEAST))


def area_factor(true_mm: float, nominal_mm: float) -> float:
    """Return true over nominal cross-section (`filament_volume_error`)."""
    return (true_mm / nominal_mm) ** 2


class Melt(Plunger):
    """A filament drive; `grip_n` and the melt limit bound what it pushes, and what is not pushed is ground away."""

    grid_kpa, top_kpa = 10.0, 40_000.0

    def __init__(self, truth: InkTruth, nominal_mm: float, capacity_mm3: float, slow: Stream, density: Stream) -> None:
        area = math.pi * nominal_mm**2 / 4
        super().__init__(truth, area, capacity_mm3, COMPLIANCE_MM3_KPA, slow, density)
        self.nominal_mm = nominal_mm
        self.mean_mm = truth.diameter_mm or nominal_mm
        self.wet_share = truth.moisture
        self.grip_n = GRIP_N
        self.limit_mm3_s = math.inf
        self.ground_mm3 = 0.0  # asked for and never pushed
        self._off_mm = truth.diameter_sd_mm * slow.normal() if truth.diameter_sd_mm else 0.0
        self._rise_k = 0.0
        self._wander_mm3 = self._drawn_mm3 = 0.0

    def ink_mm(self) -> float:
        """Return the length of the melt, which does not depend on what is left on the spool."""
        return MELT_MM

    def diameter_mm(self) -> float:
        """Return the true diameter of the filament at the gear."""
        return self.mean_mm + self._off_mm

    def drawn_mm_s(self, for_s: float) -> float:
        """Return how fast filament has been drawn in over the last `for_s`; asked once each time."""
        drawn, self._drawn_mm3 = self.pushed_mm3 - self._drawn_mm3, self.pushed_mm3
        return max(0.0, drawn) / (self._area_mm2 * for_s)

    def force_n(self) -> float:
        """Return what the gear pushes with."""
        return max(0.0, self.pressure_kpa) * self._area_mm2 / 1000.0

    def density(self) -> float:
        """Return mg per mm³ of what leaves the nozzle; steam makes it lighter and uneven."""
        return self.truth.density_mg_mm3 * self._lot * (1 - self.wet_share) * (1 + self._void * self._scatter())

    def heat(self, block_c: float, spare_w: float, ambient_c: float) -> None:
        """Take what the heater has to spare as the limit of what melts, and cool the melt by its flow."""
        self._rise_k = max(0.0, block_c - ambient_c)
        self.limit_mm3_s = melt_limit_mm3_s(
            max(spare_w, 0.0), self.truth.density_mg_mm3 / 1000, HEAT_J_GK, self._rise_k
        )

    def settle_slow(self, temperature_c: float) -> None:
        """Let SLOW_EVERY sub-steps pass: the melt's temperature, and the filament's diameter by what was drawn in."""
        share = min(1.0, self.flow_mm3_s / self.limit_mm3_s) if self.limit_mm3_s > 0 else 1.0
        super().settle_slow(temperature_c - COLDER_AT_LIMIT * self._rise_k * share * bool(self.flow_mm3_s))
        drawn, self._wander_mm3 = self.pushed_mm3 - self._wander_mm3, self.pushed_mm3
        if self.truth.diameter_sd_mm and drawn > 0:
            self._off_mm += wander(self._off_mm, self.truth.diameter_sd_mm, WANDER_MM3, drawn, self._slow)

    def _scatter(self) -> float:
        return WET_SCATTER if self.wet_share else 1.0

    def _driven(self, moved: float) -> float:
        if moved <= 0:
            return super()._driven(moved)
        wanted = moved * area_factor(self.diameter_mm(), self.nominal_mm)
        most = self.limit_mm3_s * DT_S
        if self.is_grinding or self.force_n() > self.grip_n:
            most = 0.0
        pushed = super()._driven(min(wanted, most))
        self.ground_mm3 += max(0.0, wanted - most)
        return pushed
