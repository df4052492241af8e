"""From a recipe and a target mass to a checked program and the job's plan; the same input gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from printcare.control.plan import JobPart, JobPlan
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.gate import MassGate, Weighing, mass_gate
from printcare.domain.machine import FirmwareProfile, Toolhead
from printcare.domain.policy import Policy
from printcare.domain.recipe import MasterRecipe, Part, unit_volume_mm3
from printcare.extrusion.rheology import barrel_of, predicted_pressure_kpa
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose, compose_parts
from printcare.gcode.program import Header
from printcare.geometry.layout import Toolpath

SETTLE_SPREAD_MG = Decimal("0.3")  # three immediate readings this close, half a second apart, stand still


def gate_for(master: MasterRecipe, target_mg: Decimal, weighing: Weighing) -> MassGate | Finding:
    """Return the mass gate of a unit, or why this balance cannot judge it."""
    limits = master.limits
    gate = mass_gate(target_mg, limits.mass_pct, limits.u_assay_pct, limits.u_homogeneity_pct, weighing)
    if gate.is_usable:
        return gate
    told = f"The gate of {gate.gate_mg:.2f} mg is not above the weighing uncertainty of {gate.expanded_mg:.2f} mg."
    return error("E_BALANCE_UNFIT", told, "Use a better balance or a heavier unit.", "balance")


@dataclass(frozen=True, slots=True)
class PartTarget:
    """What one part of every unit shall weigh, the gate that judges it, and the ink there is for it."""

    target_mg: Decimal
    gate: MassGate
    cartridge_id: str
    ink_left_g: Decimal
    warm_left_s: float = math.inf  # process seconds its cartridge may still be at temperature


def plan_job(
    batch_id: str,
    master: MasterRecipe,
    targets: Sequence[PartTarget],
    units: int,
    profile: FirmwareProfile,
    policy: Policy,
    header: Header,
) -> JobPlan | tuple[Finding, ...]:
    """Return the job's plan with its program, read back and judged by the independent reader; or every objection.

    `targets` stand in the order of the recipe's parts, one for each.
    """
    inks = [part.ink for part in master.parts]
    volumes_mm3 = [unit_volume_mm3(target.target_mg, ink) for target, ink in zip(targets, inks, strict=True)]
    made = composed(master, profile, volumes_mm3, units, header)
    if isinstance(made, tuple):
        return made
    wanted = volumes_mm3 if master.further else volumes_mm3[0]
    stops = blocking(check(made.program, profile, master, wanted, units).findings)
    if stops:
        return stops
    return JobPlan(
        batch_id=batch_id,
        program=made.program,
        profile=profile,
        policy=policy,
        master=master,
        parts=tuple(
            _job_part(number, part, target, path, profile.tools[part.tool])
            for number, (part, target, path) in enumerate(zip(master.parts, targets, made.toolpaths, strict=True), 1)
        ),
        units=units,
        positions=tuple(profile.tray.name(index) for index in made.toolpath.positions[:units]),
        hold_max_s=float(master.hold_max_min) * 60,
        settle_spread_mg=SETTLE_SPREAD_MG,
    )


def composed(
    master: MasterRecipe, profile: FirmwareProfile, volumes_mm3: Sequence[float], units: int, header: Header
) -> Composed | tuple[Finding, ...]:
    """Return paths and program of units of one volume for each part of the recipe, or every objection."""
    if not master.further:
        return compose(master, profile, volumes_mm3[0], units, header)
    missing = [part.tool for part in master.parts if part.tool >= len(profile.tools)]
    if missing:
        told = f"The recipe prints with tool T{missing[0]}, the printer has {len(profile.tools)}."
        return (error("E_TOOL_MISSING", told, "Use a printer with a tool for each ink.", "printer"),)
    return compose_parts(master, profile, volumes_mm3, units, header)


def _job_part(number: int, part: Part, target: PartTarget, path: Toolpath, tool: Toolhead) -> JobPart:
    temperature_c = float(part.parameters.cartridge_c.target)
    left_mm3 = float(target.ink_left_g * 1000 / part.ink.density_mg_mm3)
    return JobPart(
        number=number,
        tool=part.tool,
        drug=part.product.inn,
        cartridge_id=target.cartridge_id,
        ink=part.ink,
        nozzle=part.nozzle,
        parameters=part.parameters,
        limits=part.limits,
        gate=target.gate,
        predicted_kpa=predicted_pressure_kpa(
            part.ink, part.nozzle, path.flow_mm3_s, temperature_c, barrel_of(tool, left_mm3)
        ),
        flow_mm3_s=path.flow_mm3_s,
        density_mg_mm3=part.ink.density_mg_mm3,
        ink_available_mm3=left_mm3,
        toolpath=path,
        warm_left_s=target.warm_left_s,
    )
