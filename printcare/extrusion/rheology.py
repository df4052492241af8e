"""Pressure of an ink at a flow through tube and cone, and back: Herschel–Bulkley (process.md §1.1–1.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from printcare.domain.recipe import InkRequirement, Nozzle
from printcare.errors import PrintcareError

GAS_CONSTANT_J_MOL_K = 8.314462618
ZERO_CELSIUS_K = 273.15
PA_PER_KPA = 1000.0
CONE_INTERVALS = 64  # Simpson in ln r; 1e-8 of the integral for the smooth stresses met here
ROOT_TOLERANCE = 1e-13
ROOT_STEPS = 200


@dataclass(frozen=True, slots=True)
class Ink:
    """An ink at one temperature: τ = τ0 + K·γ̇ⁿ, K in Pa·sⁿ and τ0 in Pa; n = 1 is Bingham, τ0 = 0 the power law."""

    consistency_pa_sn: float
    flow_index: float
    yield_stress_pa: float = 0.0


@dataclass(frozen=True, slots=True)
class Tube:
    """A straight round channel, mm."""

    bore_mm: float
    length_mm: float


@dataclass(frozen=True, slots=True)
class Cone:
    """A round taper from the wide to the narrow bore, mm; lubrication theory holds up to about 30° half-angle."""

    wide_mm: float
    narrow_mm: float
    half_angle_deg: float


def ink_at(requirement: InkRequirement, temperature_c: float) -> Ink:
    """Return the recipe's ink at a temperature; K follows Arrhenius, n and τ0 stay (process.md §1.3)."""
    factor = arrhenius_factor(float(requirement.activation_kj_mol), temperature_c, float(requirement.reference_c))
    return Ink(
        float(requirement.consistency_pa_sn) * factor,
        float(requirement.flow_index),
        float(requirement.yield_stress_pa),
    )


def tube_of(nozzle: Nozzle) -> Tube:
    """Return the nozzle as the physics sees it."""
    return Tube(float(nozzle.bore_mm), float(nozzle.length_mm))


def arrhenius_factor(activation_kj_mol: float, temperature_c: float, reference_c: float) -> float:
    """Return K(T)/K(T_ref) = exp[(Ea/R)(1/T − 1/T_ref)]."""
    inverse = 1 / (temperature_c + ZERO_CELSIUS_K) - 1 / (reference_c + ZERO_CELSIUS_K)
    return math.exp(activation_kj_mol * 1000 / GAS_CONSTANT_J_MOL_K * inverse)


def temperature_for(factor: float, activation_kj_mol: float, reference_c: float) -> float:
    """Return the temperature at which K is `factor` of K at the reference, °C: Arrhenius the other way round."""
    inverse = math.log(factor) * GAS_CONSTANT_J_MOL_K / (activation_kj_mol * 1000)
    return 1 / (inverse + 1 / (reference_c + ZERO_CELSIUS_K)) - ZERO_CELSIUS_K


def wall_stress_pa(ink: Ink, bore_mm: float, flow_mm3_s: float) -> float:
    """Return the stress at a tube's wall for a flow; at no flow, the yield stress.

    Power law by Rabinowitsch in closed form, Herschel–Bulkley by a bracketed root (process.md §1.1).
    """
    if flow_mm3_s < 0:
        raise PrintcareError(
            "RHEOLOGY_FLOW", f"A flow of {flow_mm3_s} mm³/s has no pressure.", "Ask for a flow of zero or more."
        )
    if flow_mm3_s == 0:
        return ink.yield_stress_pa
    n = ink.flow_index
    apparent = 32 * flow_mm3_s / (math.pi * bore_mm**3)
    viscous: float = ink.consistency_pa_sn * ((3 * n + 1) / (4 * n) * apparent) ** n
    if ink.yield_stress_pa == 0:
        return viscous
    # The stress lies above τ0 and above the power law; the bracket doubles until it holds the flow.
    low, high = ink.yield_stress_pa, 2 * (ink.yield_stress_pa + viscous)
    while _tube_flow(ink, bore_mm, high) < flow_mm3_s:
        low, high = high, 2 * high
    return _bisect(ink, bore_mm, flow_mm3_s, low, high)


def _bisect(ink: Ink, bore_mm: float, flow_mm3_s: float, low: float, high: float) -> float:
    for _ in range(ROOT_STEPS):
        middle = (low + high) / 2
        if high - low <= ROOT_TOLERANCE * high:
            break
        if _tube_flow(ink, bore_mm, middle) < flow_mm3_s:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _tube_flow(ink: Ink, bore_mm: float, stress_pa: float) -> float:
    """Return the flow in mm³/s at a wall stress, Herschel–Bulkley in closed form."""
    n, plug = ink.flow_index, ink.yield_stress_pa
    over = stress_pa - plug
    if over <= 0:
        return 0.0
    head = math.pi * (bore_mm / 2) ** 3 * n * (over / ink.consistency_pa_sn) ** (1 / n) * over / stress_pa**3
    return float(head * (over**2 / (3 * n + 1) + 2 * plug * over / (2 * n + 1) + plug**2 / (n + 1)))


def tube_pressure_kpa(ink: Ink, tube: Tube, flow_mm3_s: float) -> float:
    """Return the pressure drop over a tube, ΔP = 4·τw·L/D."""
    return 4 * wall_stress_pa(ink, tube.bore_mm, flow_mm3_s) * tube.length_mm / tube.bore_mm / PA_PER_KPA


def tube_flow_mm3_s(ink: Ink, tube: Tube, pressure_kpa: float) -> float:
    """Return the flow a pressure drives through a tube; nothing below the yield limit."""
    if pressure_kpa <= 0:
        return 0.0
    return _tube_flow(ink, tube.bore_mm, pressure_kpa * PA_PER_KPA * tube.bore_mm / (4 * tube.length_mm))


def tube_yield_kpa(ink: Ink, tube: Tube) -> float:
    """Return the pressure below which the tube stands still, 4·τ0·L/D."""
    return tube_pressure_kpa(ink, tube, 0.0)


def cone_pressure_kpa(ink: Ink, cone: Cone, flow_mm3_s: float) -> float:
    """Return the pressure drop over a cone: closed form for the power law, else ∫ 2τw/tan α d(ln r) by Simpson."""
    slope = math.tan(math.radians(cone.half_angle_deg))
    n, wide, narrow = ink.flow_index, cone.wide_mm / 2, cone.narrow_mm / 2
    if ink.yield_stress_pa == 0:
        shear = ((3 * n + 1) * flow_mm3_s / (n * math.pi)) ** n
        taper = narrow ** (-3 * n) - wide ** (-3 * n)
        return float(2 * ink.consistency_pa_sn / (3 * n * slope) * shear * taper / PA_PER_KPA)
    step = math.log(wide / narrow) / CONE_INTERVALS
    total = 0.0
    for node in range(CONE_INTERVALS + 1):
        weight = 1 if node in (0, CONE_INTERVALS) else 4 if node % 2 else 2
        total += weight * wall_stress_pa(ink, 2 * narrow * math.exp(node * step), flow_mm3_s)
    return 2 * total * step / 3 / slope / PA_PER_KPA


def predicted_pressure_kpa(ink: InkRequirement, nozzle: Nozzle, flow_mm3_s: float, temperature_c: float) -> float:
    """Return the gauge pressure the recipe's ink needs for a flow through its nozzle, kPa.

    Cone and barrel are left out: the recipe describes neither, and a 20G needle carries nine tenths of the drop
    (process.md §1.3).
    """
    return tube_pressure_kpa(ink_at(ink, temperature_c), tube_of(nozzle), flow_mm3_s)


def with_consistency(ink: Ink, factor: float) -> Ink:
    """Return the ink thicker or thinner by a factor, as the soft sensor estimates it."""
    return replace(ink, consistency_pa_sn=ink.consistency_pa_sn * factor)
