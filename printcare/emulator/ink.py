"""Ink in a plunger syringe: C·dP/dt = u − Q(P, T), with a ledger of where every cubic millimetre went."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from printcare.emulator.chance import Stream
from printcare.emulator.flow import GRID_KPA, Channel, FlowTable, Fluid

DT_S = 0.01
SLOW_EVERY = 10  # sub-steps between updates of temperature and inhomogeneity
_GAS_J_MOL_K = 8.314462618
_ZERO_C_K = 273.15
_ATMOSPHERE_KPA = 101.325
_LEVEL_MM = 0.25  # plunger travel after which the barrel's share of the table is renewed
_PARTED_S = 0.5  # a plunger without force gives way this fast
_GEL_BREAKS_KPA = 150.0
_BUBBLE_CONSISTENCY = 0.5  # process-vectors.json, detection_monte_carlo: bubble (k x0.5)
_LOWEST_KPA = -80.0  # the column breaks: a plunger cannot pull more


@dataclass(frozen=True, slots=True)
class InkTruth:
    """What the ink and its cartridge really are, which the host never sees.

    K in Pa·sⁿ and τ0 in Pa at `reference_c`; both imperfections are standard deviations, the bias a half-width.
    """

    k: float = 150.0
    n: float = 0.40
    tau0_pa: float = 80.0
    density_mg_mm3: float = 1.10
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
    channel: Channel = field(default_factory=Channel)

    @property
    def fluid(self) -> Fluid:
        """Return the flow law at the reference temperature."""
        return Fluid(self.k, self.n, self.tau0_pa)


class Ink:
    """Pressure and flow in one cartridge; the attributes without an underscore below `faults` are set by faults."""

    def __init__(
        self,
        truth: InkTruth,
        area_mm2: float,
        capacity_mm3: float,
        compliance_mm3_kpa: float,
        slow: Stream,
        density: Stream,
    ) -> None:
        self.truth = truth
        self.pressure_kpa = 0.0
        self.flow_mm3_s = 0.0
        self.initial_mm3 = capacity_mm3 if truth.filled_mm3 is None else truth.filled_mm3
        self.pushed_mm3 = self.out_mm3 = self.leaked_mm3 = self.air_out_mm3 = 0.0
        self.squeezed_mm3 = self.cavity_mm3 = 0.0  # pushed but not yet out; a gap torn open by pulling
        self.temperature_c = 22.0
        self.delivery = 1.0 + density.uniform(-truth.bias, truth.bias) if truth.bias else 1.0
        # faults
        self.is_clogged = self.is_empty = self.is_parted = self.is_bottomed = False
        self.leak_share = self.skip_share = 0.0
        self.e_factor = 1.0
        self.slug_mm3 = 0.0
        self.air_mm3 = truth.trapped_air_mm3
        self.offset_k = self.offset_target_k = 0.0
        self.creep_share = self.creep_from_mm3 = 0.0
        self.gel_after_s = math.inf
        self.bottom_kpa = 0.0
        self._idle_s = 0.0
        self._is_gelled = False
        self._area_mm2 = area_mm2
        self._stiffness = truth.compliance_mm3_kpa or compliance_mm3_kpa
        self._slow, self._density = slow, density
        self._theta = truth.inhomogeneity * slow.normal()
        self._void = truth.porosity * density.normal()
        self._fluid, self._channel = truth.fluid, truth.channel
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

    def compliance_mm3_kpa(self) -> float:
        """Return C: frame and ink, and air that stiffens as it is squeezed (process.md §1.4)."""
        if not self.air_mm3:
            return self._stiffness
        absolute = max(_ATMOSPHERE_KPA + self.pressure_kpa, 5.0)
        return self._stiffness + self.air_mm3 * _ATMOSPHERE_KPA / (absolute * absolute)

    def density(self) -> float:
        """Return mg per mm³ of what leaves the needle now."""
        return self.truth.density_mg_mm3 * (1.0 + self._void)

    def step(self, commanded_mm3: float) -> float:
        """Let DT_S pass while the plunger is driven by `commanded_mm3`; return the ink that left the needle."""
        moved = self._driven(commanded_mm3 * self.e_factor) if commanded_mm3 else 0.0
        pressure = self.pressure_kpa
        c = self.compliance_mm3_kpa()
        flow = self._flow(pressure) if pressure > 0 else 0.0
        leak = 0.0
        if self.leak_share:  # the share of what is driven that never sees the needle
            leak = min(flow * DT_S * self.leak_share / (1 - self.leak_share), 0.5 * c * max(pressure, 0.0))
        if self.is_clogged:
            flow = 0.0
        elif flow * DT_S > 0.5 * c * pressure:
            flow = 0.5 * c * pressure / DT_S  # thinner than a sub-step can follow
        out = flow * DT_S
        if self.is_parted:
            moved -= c * max(pressure, 0.0) * DT_S / _PARTED_S
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
            gas = min(out, self.slug_mm3)
            self.slug_mm3 -= gas
            self.air_out_mm3 += gas
            out -= gas
        self.out_mm3 += out
        return out

    def settle_slow(self, temperature_c: float) -> None:
        """Let SLOW_EVERY sub-steps pass for temperature, inhomogeneity and porosity."""
        dt = DT_S * SLOW_EVERY
        truth = self.truth
        self.offset_k += (self.offset_target_k - self.offset_k) * dt / 120.0
        self.temperature_c = temperature_c + self.offset_k
        if truth.inhomogeneity:
            self._theta += _wander(self._theta, truth.inhomogeneity, truth.inhomogeneity_s, dt, self._slow)
        if truth.porosity:
            self._void += _wander(self._void, truth.porosity, truth.porosity_s, dt, self._density)
        if abs(self.ink_mm() - self._table_mm) > _LEVEL_MM:
            self._flows = self._table.flows(self.ink_mm())
            self._table_mm = self.ink_mm()
        self._update_consistency()

    def rest_for(self, idle_s: float) -> None:
        """Tell how long the plunger has not advanced, for the gelling fault."""
        if idle_s > self.gel_after_s and not self._is_gelled:
            self._is_gelled = True

    def steady_kpa(self, q_mm3_s: float) -> float:
        """Return the true pressure a steady flow needs now."""
        return self._table.pressure_kpa(q_mm3_s / self._thinness, self.ink_mm())

    def _driven(self, moved: float) -> float:
        if self.is_bottomed and moved > 0:
            self.bottom_kpa += moved / self._stiffness
            return 0.0
        if self.is_empty or self.is_parted:
            return 0.0
        moved *= self.delivery * (1.0 - self.skip_share)
        return min(moved, max(0.0, self.initial_mm3 - self.pushed_mm3))

    def _flow(self, pressure_kpa: float) -> float:
        if self._is_gelled:
            if pressure_kpa < _GEL_BREAKS_KPA:
                return 0.0
            self._is_gelled = False
        place = pressure_kpa / GRID_KPA
        index = int(place)
        flows = self._flows
        if index >= len(flows) - 1:
            return flows[-1] * self._thinness
        low = flows[index]
        thinness = self._thinness
        if self.slug_mm3 > 0:
            thinness *= self._bubble_thinness
        return (low + (flows[index + 1] - low) * (place - index)) * thinness

    def _renew(self) -> None:
        self._table = FlowTable(self._fluid, self._channel)
        self._table_mm = self.ink_mm()
        self._flows = self._table.flows(self._table_mm)
        self._bubble_thinness = math.pow(_BUBBLE_CONSISTENCY, -1 / self._fluid.n)

    def _update_consistency(self) -> None:
        truth = self.truth
        kelvin, reference = self.temperature_c + _ZERO_C_K, truth.reference_c + _ZERO_C_K
        a = math.exp(truth.activation_kj_mol * 1000 / _GAS_J_MOL_K * (1 / kelvin - 1 / reference))
        a *= max(0.2, 1.0 + self._theta)
        if self.creep_share:
            a *= 1.0 + self.creep_share * (self.out_mm3 - self.creep_from_mm3) / 100.0
        self._thinness = math.pow(a, -1 / self._fluid.n)


def _wander(value: float, sd: float, tau_s: float, dt_s: float, chance: Stream) -> float:
    """Return the change of an Ornstein–Uhlenbeck process over dt."""
    return -value * dt_s / tau_s + sd * math.sqrt(2 * dt_s / tau_s) * chance.normal()
