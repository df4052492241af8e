"""Ink and its cartridge, whatever drives it: flow law, temperature, unevenness, and where every mm³ went."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace

from printcare.emulator.chance import Stream
from printcare.emulator.flow import GRID_KPA, TOP_KPA, Channel, Fluid, Paste, flow_table

DT_S = 0.01
SLOW_EVERY = 10  # sub-steps between updates of temperature and inhomogeneity
_GAS_J_MOL_K = 8.314462618
_ZERO_C_K = 273.15
ATMOSPHERE_KPA = 101.325
_LEVEL_MM = 0.25  # plunger travel after which the barrel's share of the table is renewed
_BUBBLE_CONSISTENCY = 0.5  # process-vectors.json, detection_monte_carlo: bubble (k x0.5)
_COOLING_S = 120.0  # lag of the faults ink-cold and ink-hot


@dataclass(frozen=True, slots=True)
class InkTruth:
    """What the ink and its cartridge really are, which the host never sees.

    K in Pa·sⁿ and τ0 in Pa at `reference_c`; both imperfections are standard deviations, the bias a half-width.
    """

    k: float = 150.0
    n: float = 0.40
    tau0_pa: float = 80.0
    density_mg_mm3: float = 1.10
    content_pct: float = 2.5  # of the drug, w/w: what a spectrometer would find
    activation_kj_mol: float = 30.0
    reference_c: float = 38.0
    filled_mm3: float | None = None  # None: the tool's capacity
    compliance_mm3_kpa: float | None = None  # None: the tool's
    trapped_air_mm3: float = 0.0  # at one atmosphere
    inhomogeneity: float = 0.02
    inhomogeneity_s: float = 30.0
    porosity: float = 0.004
    porosity_s: float = 120.0
    bias: float = 0.005
    k_factor: float = 1.0  # of another ink or lot than labelled, with n_more on the exponent
    n_more: float = 0.0
    bore_mm: float | None = None  # of another needle than the channel's
    lot_density_sd: float = 0.0  # relative, of the lot's density about its label
    colder_k: float = 0.0  # of the ink below its jacket, as from a poor fit
    leak_share: float = 0.0  # from the start
    calibrated_mm3_s: float | None = None  # pneumatic: what the regulator was set for; None: the first flow
    set_kpa: float | None = None  # pneumatic: the regulator, whatever was calibrated
    diameter_mm: float | None = None  # filament: its true mean; None: nominal
    diameter_sd_mm: float = 0.005  # filament: along its length
    moisture: float = 0.0  # filament: share of the melt that leaves as steam
    channel: Channel = field(default_factory=Channel)
    paste: Paste | None = None  # stiff: what its entry takes is more than what it flows by

    @property
    def fluid(self) -> Fluid:
        """Return the true flow law at the reference temperature."""
        return Fluid(self.k * self.k_factor, self.n + self.n_more, self.tau0_pa)

    @property
    def labelled(self) -> Fluid:
        """Return the flow law of the ink on the label, which calibrations are made with."""
        return Fluid(self.k, self.n, self.tau0_pa)


class Ink(ABC):
    """What every drive pushes; the attributes below `faults` are set by faults.

    `pressure_kpa` is what a sensor would feel: the ink's own in a syringe, the chamber's above it in a pneumatic head.
    """

    grid_kpa, top_kpa = GRID_KPA, TOP_KPA

    def __init__(self, truth: InkTruth, area_mm2: float, capacity_mm3: float, slow: Stream, density: Stream) -> None:
        self.truth = truth
        self.pressure_kpa = 0.0
        self.flow_mm3_s = 0.0
        self.initial_mm3 = capacity_mm3 if truth.filled_mm3 is None else truth.filled_mm3
        self.pushed_mm3 = self.out_mm3 = self.leaked_mm3 = self.air_out_mm3 = 0.0
        self.squeezed_mm3 = self.cavity_mm3 = 0.0  # pushed but not yet out; a gap torn open by pulling
        self.temperature_c = 22.0
        self.delivery = 1.0 + density.uniform(-truth.bias, truth.bias) if truth.bias else 1.0
        # faults
        self.is_clogged = self.is_empty = self.is_parted = self.is_bottomed = self.is_grinding = False
        self.leak_share, self.skip_share = truth.leak_share, 0.0
        self.e_factor = 1.0
        self.slug_mm3 = 0.0
        self.air_mm3 = truth.trapped_air_mm3
        self.offset_k = self.offset_target_k = -truth.colder_k
        self.creep_share = self.creep_from_mm3 = 0.0
        self.gel_after_s = math.inf
        self.bottom_kpa = 0.0
        self.is_gelled = False
        self._area_mm2 = area_mm2
        self._slow, self._density = slow, density
        self._theta = truth.inhomogeneity * slow.normal()
        self._void = truth.porosity * density.normal()
        self._lot = 1.0 + truth.lot_density_sd * density.normal() if truth.lot_density_sd else 1.0
        self._fluid = truth.fluid
        self._channel = replace(truth.channel, bore_mm=truth.bore_mm or truth.channel.bore_mm)
        self._thinness = self._bubble_thinness = 1.0
        self._table_mm = self.ink_mm()
        self._renew()
        self._update_consistency()

    def use(self, *, bore_mm: float | None = None, k_factor: float | None = None, n_more: float = 0.0) -> None:
        """Change needle or ink from now on."""
        if bore_mm is not None:
            self._channel = replace(self._channel, bore_mm=bore_mm)
        if k_factor is not None:
            self._fluid = replace(self._fluid, k=self._fluid.k * k_factor, n=self._fluid.n + n_more)
        self._renew()
        self._update_consistency()

    @property
    def bore_mm(self) -> float:
        """Return the needle's true bore."""
        return self._channel.bore_mm

    def ink_mm(self) -> float:
        """Return the length of ink left in the barrel."""
        return max(0.0, (self.initial_mm3 - self.pushed_mm3) / self._area_mm2)

    def left_mm3(self) -> float:
        """Return what is still in the cartridge, compressed or not."""
        return self.initial_mm3 - self.out_mm3 - self.leaked_mm3

    def density(self) -> float:
        """Return mg per mm³ of what leaves the needle now."""
        return self.truth.density_mg_mm3 * self._lot * (1.0 + self._void)

    @abstractmethod
    def step(self, commanded_mm3: float) -> float:
        """Let DT_S pass while the drive is told to give `commanded_mm3`; return the ink that left the needle."""

    @abstractmethod
    def is_resting(self) -> bool:
        """Whether a sub-step without a command would change nothing."""

    def settle_slow(self, temperature_c: float) -> None:
        """Let SLOW_EVERY sub-steps pass for temperature, inhomogeneity and porosity."""
        dt = DT_S * SLOW_EVERY
        truth = self.truth
        self.offset_k += (self.offset_target_k - self.offset_k) * dt / _COOLING_S
        self.temperature_c = temperature_c + self.offset_k
        if truth.inhomogeneity:
            self._theta += wander(self._theta, truth.inhomogeneity, truth.inhomogeneity_s, dt, self._slow)
        if truth.porosity:
            self._void += wander(self._void, truth.porosity, truth.porosity_s, dt, self._density)
        if abs(self.ink_mm() - self._table_mm) > _LEVEL_MM:
            self._table_mm = self.ink_mm()
            self._flows = self._table.flows(self._table_mm, self.grid_kpa, self.top_kpa)
        self._update_consistency()

    def rest_for(self, idle_s: float) -> None:
        """Tell how long no ink has been asked for, for the gelling fault."""
        if idle_s > self.gel_after_s and not self.is_gelled:
            self.is_gelled = True

    def steady_kpa(self, q_mm3_s: float) -> float:
        """Return the true pressure a steady flow needs now."""
        return self._table.pressure_kpa(q_mm3_s / self._thinness, self.ink_mm())

    def _flow(self, pressure_kpa: float) -> float:
        place = pressure_kpa / self.grid_kpa
        index = int(place)
        flows = self._flows
        if index >= len(flows) - 1:
            return flows[-1] * self._thinness
        low = flows[index]
        thinness = self._thinness
        if self.slug_mm3 > 0:
            thinness *= self._bubble_thinness
        return (low + (flows[index + 1] - low) * (place - index)) * thinness

    def _without_gas(self, out_mm3: float) -> float:
        """Return the ink in what left the needle; a slug of air in it is counted apart."""
        gas = min(out_mm3, self.slug_mm3)
        self.slug_mm3 -= gas
        self.air_out_mm3 += gas
        return out_mm3 - gas

    def _renew(self) -> None:
        self._table = flow_table(self._fluid, self._channel, self.truth.paste)
        self._table_mm = self.ink_mm()
        self._flows = self._table.flows(self._table_mm, self.grid_kpa, self.top_kpa)
        self._bubble_thinness = math.pow(_BUBBLE_CONSISTENCY, -1 / self._fluid.n)

    def _update_consistency(self) -> None:
        truth = self.truth
        kelvin, reference = self.temperature_c + _ZERO_C_K, truth.reference_c + _ZERO_C_K
        a = math.exp(truth.activation_kj_mol * 1000 / _GAS_J_MOL_K * (1 / kelvin - 1 / reference))
        a *= max(0.2, 1.0 + self._theta)
        if self.creep_share:
            a *= 1.0 + self.creep_share * (self.out_mm3 - self.creep_from_mm3) / 100.0
        self._thinness = math.pow(a, -1 / self._fluid.n)


def wander(value: float, sd: float, tau_s: float, dt_s: float, chance: Stream) -> float:
    """Return the change of an Ornstein–Uhlenbeck process over dt."""
    return -value * dt_s / tau_s + sd * math.sqrt(2 * dt_s / tau_s) * chance.normal()
