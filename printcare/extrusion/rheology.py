"""Pressure of an ink at a flow through tube and cone, and back: Herschel–Bulkley (process.md §1.1–1.2)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from printcare.domain.machine import Toolhead
from printcare.domain.recipe import InkRequirement, Nozzle
from printcare.errors import PrintcareError

GAS_CONSTANT_J_MOL_K = 8.314462618
ZERO_CELSIUS_K = 273.15
PA_PER_KPA = 1000.0
CONE_INTERVALS = 32  # Simpson over the stresses of a cone; 1e-6 of the integral
ROOT_TOLERANCE = 1e-12  # of the flow
FAR_LOG = 700.0  # for a flow too small to be told from none
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


def cone_of(nozzle: Nozzle) -> Cone | None:
    """Return the hub above the needle as the physics sees it; None where the recipe states none."""
    if nozzle.cone is None:
        return None
    return Cone(float(nozzle.cone.wide_mm), float(nozzle.bore_mm), float(nozzle.cone.half_angle_deg))


def barrel_of(tool: Toolhead, left_mm3: float) -> Tube | None:
    """Return the barrel as far as ink stands in it; None behind air, where no feed tells its bore."""
    if tool.kind == "pneumatic":
        return None
    return Tube(tool.feedstock_diameter_mm, max(0.0, left_mm3) / tool.feedstock_area_mm2)


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

    def off(log_over: float) -> float:
        """Return how far the flow is off, in logarithms: in ln(τ − τ0) nearly a straight line."""
        found = _tube_flow(ink, bore_mm, ink.yield_stress_pa + math.exp(log_over))
        return math.log(found / flow_mm3_s) if found > 0 else -FAR_LOG

    high = math.log(ink.yield_stress_pa + 2 * viscous)
    while off(high) < 0:
        high += 1
    low = high - 1
    while off(low) > 0:
        low, high = low - 1, low
    return ink.yield_stress_pa + math.exp(_root(off, low, high))


def _root(off: Callable[[float], float], low: float, high: float) -> float:
    """Return where a rising function crosses zero between two places, by the Illinois rule: six looks for fifty."""
    below, above, side = off(low), off(high), 0
    for _ in range(ROOT_STEPS):
        middle = (low * above - high * below) / (above - below) if above > below else low
        here = off(middle)
        if abs(here) <= ROOT_TOLERANCE or middle in (low, high):
            return middle
        if here < 0:
            low, below, above, side = middle, here, above / 2 if side < 0 else above, -1
        else:
            high, above, below, side = middle, here, below / 2 if side > 0 else below, 1
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
    """Return the pressure drop over a cone, ∫ 2τw/tan α d(ln r) from its wide to its narrow end (process.md §1.2).

    Closed form for the power law. For Herschel–Bulkley the wall stress stands for the radius: G = Q/(πr³) is explicit
    in it, d(ln r) = −d(ln G)/3, and by parts only ln G has to be integrated between the stresses of the two ends.
    """
    slope = math.tan(math.radians(cone.half_angle_deg))
    n, wide, narrow = ink.flow_index, cone.wide_mm / 2, cone.narrow_mm / 2
    if ink.yield_stress_pa == 0:
        shear = ((3 * n + 1) * flow_mm3_s / (n * math.pi)) ** n
        taper = narrow ** (-3 * n) - wide ** (-3 * n)
        return float(2 * ink.consistency_pa_sn / (3 * n * slope) * shear * taper / PA_PER_KPA)
    if flow_mm3_s == 0:
        return 2 * ink.yield_stress_pa * math.log(wide / narrow) / slope / PA_PER_KPA
    least = wall_stress_pa(ink, cone.wide_mm, flow_mm3_s)
    most = wall_stress_pa(ink, cone.narrow_mm, flow_mm3_s)
    edges = most * _log_shear(ink, most) - least * _log_shear(ink, least)
    return 2 * (edges - _log_shear_area(ink, least, most)) / 3 / slope / PA_PER_KPA


def _log_shear(ink: Ink, stress_pa: float) -> float:
    """Return ln G = ln(Q/(πr³)) at a wall stress, the same at every radius."""
    return math.log(_tube_flow(ink, 2.0, stress_pa) / math.pi)


def _log_shear_area(ink: Ink, least_pa: float, most_pa: float) -> float:
    """Return ∫ ln G dτ by Simpson in ln(τ − τ0), in which it is nearly a straight line."""
    low, high = math.log(least_pa - ink.yield_stress_pa), math.log(most_pa - ink.yield_stress_pa)
    step, total = (high - low) / CONE_INTERVALS, 0.0
    for node in range(CONE_INTERVALS + 1):
        weight = 1 if node in (0, CONE_INTERVALS) else 4 if node % 2 else 2
        over = math.exp(low + node * step)
        total += weight * over * _log_shear(ink, ink.yield_stress_pa + over)
    return total * step / 3


def predicted_pressure_kpa(
    ink: InkRequirement, nozzle: Nozzle, flow_mm3_s: float, temperature_c: float, barrel: Tube | None = None
) -> float:
    """Return the gauge pressure the recipe's ink needs for a flow through needle, its cone and the ink's barrel, kPa.

    What is not stated is left out: a recipe without its nozzle's cone predicts about a tenth too little of a paste
    (process.md §1.2-1.3).
    """
    found, cone = ink_at(ink, temperature_c), cone_of(nozzle)
    pressure_kpa = tube_pressure_kpa(found, tube_of(nozzle), flow_mm3_s)
    if cone is not None:
        pressure_kpa += cone_pressure_kpa(found, cone, flow_mm3_s)
    return pressure_kpa + (tube_pressure_kpa(found, barrel, flow_mm3_s) if barrel is not None else 0.0)


def with_consistency(ink: Ink, factor: float) -> Ink:
    """Return the ink thicker or thinner by a factor, as the soft sensor estimates it."""
    return replace(ink, consistency_pa_sn=ink.consistency_pa_sn * factor)
