"""The bench's own rheology: Herschel–Bulkley flow through barrel, cone and needle, solved in stress, not in flow.

Every element of a round channel sees the wall stress that belongs to G = Q/(π r³) alone (process.md §1.1), so one curve
stress(G) gives all three pressure drops. Written apart from `extrusion`, which it must be able to contradict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GRID_KPA = 0.25  # spacing of the pressure table; linear between, error < 4e-6 of the flow at 100 kPa
TOP_KPA = 1500.0
_PA_PER_KPA = 1000.0
_MM_PER_M = 1000.0
_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True, slots=True)
class Fluid:
    """τ = τ0 + K·γ̇ⁿ; K in Pa·sⁿ, τ0 in Pa. τ0 = 0 is a power law, n = 1 besides is Newton."""

    k: float
    n: float
    tau0_pa: float


@dataclass(frozen=True, slots=True)
class Channel:
    """What the ink is pushed through: needle, cone above it, barrel. mm, degrees of half-angle."""

    bore_mm: float = 0.603
    needle_mm: float = 12.7
    cone_top_mm: float = 4.0
    cone_half_deg: float = 20.0
    barrel_bore_mm: float = 14.43


@dataclass(frozen=True, slots=True)
class Paste:
    """A stiff paste after Benbow and Bridgwater: what its entry and its die land take, kPa, by speed in m/s.

    Illustrative figures (process.md §1.1); a real paste's come from ram tests at two lengths and three speeds.
    """

    entry_kpa: float = 40.0
    entry_per_speed_kpa: float = 150.0
    entry_exponent: float = 0.35
    land_kpa: float = 4.0
    land_per_speed_kpa: float = 20.0
    land_exponent: float = 0.35

    def die_kpa(self, channel: Channel, q_mm3_s: Floats) -> Floats:
        """Return P = 2(σ0 + αVᵐ)·ln(D0/D) + 4(τ0 + βVᵖ)·L/D from the barrel through the needle."""
        speed_m_s = q_mm3_s / (math.pi * channel.bore_mm**2 / 4) / _MM_PER_M
        entry = self.entry_kpa + self.entry_per_speed_kpa * speed_m_s**self.entry_exponent
        land = self.land_kpa + self.land_per_speed_kpa * speed_m_s**self.land_exponent
        narrowing = math.log(channel.barrel_bore_mm / channel.bore_mm)
        return np.asarray(2 * entry * narrowing + 4 * land * channel.needle_mm / channel.bore_mm)

    def times(self, factor: float) -> Paste:
        """Return a paste that takes so many times the pressure at any speed."""
        return replace(
            self,
            entry_kpa=self.entry_kpa * factor,
            entry_per_speed_kpa=self.entry_per_speed_kpa * factor,
            land_kpa=self.land_kpa * factor,
            land_per_speed_kpa=self.land_per_speed_kpa * factor,
        )


def reduced_flow(fluid: Fluid, stress_pa: Floats) -> Floats:
    """Return G = Q/(π r³) in 1/s for wall stresses, by the closed form of process.md §1.1; 0 below the yield stress."""
    excess = np.maximum(stress_pa - fluid.tau0_pa, 0.0)
    n, t0 = fluid.n, fluid.tau0_pa
    shape = excess**2 / (3 * n + 1) + 2 * t0 * excess / (2 * n + 1) + t0**2 / (n + 1)
    return np.asarray(n * excess ** ((n + 1) / n) / (fluid.k ** (1 / n) * np.maximum(stress_pa, 1e-300) ** 3) * shape)


def wall_stress(fluid: Fluid, g_per_s: Floats) -> Floats:
    """Return the wall stress in Pa that drives G, by bisection in the logarithm of the stress above yield."""
    low = np.full(g_per_s.shape, -30.0)
    high = np.full(g_per_s.shape, 30.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        too_low = reduced_flow(fluid, fluid.tau0_pa + np.exp(middle)) < g_per_s
        low = np.where(too_low, middle, low)
        high = np.where(too_low, high, middle)
    return np.asarray(fluid.tau0_pa + np.exp(0.5 * (low + high)))


def tube_kpa(fluid: Fluid, bore_mm: float, length_mm: float, q_mm3_s: Floats) -> Floats:
    """Return the pressure drop of a tube in kPa."""
    radius = bore_mm / 2
    return np.asarray(2 * wall_stress(fluid, q_mm3_s / (math.pi * radius**3)) * length_mm / radius / _PA_PER_KPA)


def cone_kpa(fluid: Fluid, top_mm: float, bore_mm: float, half_deg: float, q_mm3_s: Floats) -> Floats:
    """Return the pressure drop of a cone in kPa, lubrication approximation, Gauss–Legendre in ln r."""
    ln_low, ln_high = math.log(bore_mm / 2), math.log(top_mm / 2)
    half_span = (ln_high - ln_low) / 2
    ln_r = ln_low + half_span * (1 + _GAUSS_X)
    stress = wall_stress(fluid, q_mm3_s[:, None] / (math.pi * np.exp(3 * ln_r)[None, :]))
    return np.asarray(2 / math.tan(math.radians(half_deg)) * (stress @ _GAUSS_W) * half_span / _PA_PER_KPA)


class FlowTable:
    """Flow against pressure at the reference consistency, for a barrel filled to any length.

    A consistency a·K flows exactly a^(−1/n) as fast at the same pressure, so temperature needs no second table.
    A `paste` takes its own pressure at the needle, and temperature thins it as it thins the fluid.
    """

    def __init__(self, fluid: Fluid, channel: Channel, paste: Paste | None = None) -> None:
        q = np.geomspace(1e-7, 1e4, 500)
        self._q = np.concatenate(([0.0], q))
        tip = paste.die_kpa(channel, q) if paste else _needle_kpa(fluid, channel, q)
        barrel = tube_kpa(fluid, channel.barrel_bore_mm, 1.0, q)
        tip_yield, barrel_yield = _yield_kpa(fluid, channel)
        if paste:
            tip_yield = float(paste.die_kpa(channel, np.zeros(1))[0])
        self._tip = np.concatenate(([tip_yield], tip))
        self._barrel_per_mm = np.concatenate(([barrel_yield], barrel))

    def pressure_kpa(self, q_mm3_s: float, ink_mm: float) -> float:
        """Return the syringe pressure that drives a flow at the reference consistency."""
        return float(
            np.interp(math.log(q_mm3_s), np.log(self._q[1:]), self._tip[1:] + ink_mm * self._barrel_per_mm[1:])
        )

    def flows(self, ink_mm: float, grid_kpa: float = GRID_KPA, top_kpa: float = TOP_KPA) -> list[float]:
        """Return flow in mm³/s at 0, grid_kpa, 2·grid_kpa … top_kpa for `ink_mm` of ink in the barrel."""
        total = self._tip + ink_mm * self._barrel_per_mm
        grid = np.arange(0.0, top_kpa + grid_kpa, grid_kpa)
        inside = np.maximum(grid, total[1])
        flows = np.exp(np.interp(np.log(inside), np.log(total[1:]), np.log(self._q[1:])))
        values: list[float] = np.where(grid > total[0], flows, 0.0).tolist()
        return values


@lru_cache(maxsize=32)
def flow_table(fluid: Fluid, channel: Channel, paste: Paste | None = None) -> FlowTable:
    """Return the table of an ink in a channel; it takes a twentieth of a second to make and never changes."""
    return FlowTable(fluid, channel, paste)


def _needle_kpa(fluid: Fluid, channel: Channel, q: Floats) -> Floats:
    cone = cone_kpa(fluid, channel.cone_top_mm, channel.bore_mm, channel.cone_half_deg, q)
    return tube_kpa(fluid, channel.bore_mm, channel.needle_mm, q) + cone


def _yield_kpa(fluid: Fluid, channel: Channel) -> tuple[float, float]:
    tip = 4 * fluid.tau0_pa * channel.needle_mm / channel.bore_mm
    tip += (
        2
        * fluid.tau0_pa
        * math.log(channel.cone_top_mm / channel.bore_mm)
        / math.tan(math.radians(channel.cone_half_deg))
    )
    return tip / _PA_PER_KPA, 4 * fluid.tau0_pa / channel.barrel_bore_mm / _PA_PER_KPA
