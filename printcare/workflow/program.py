"""From a recipe and a target mass to a checked program and the job's plan; the same input gives the same bytes."""

from __future__ import annotations

from decimal import Decimal

from printcare.control.plan import JobPart, JobPlan
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.gate import MassGate, Weighing, mass_gate
from printcare.domain.machine import FirmwareProfile
from printcare.domain.policy import Policy
from printcare.domain.recipe import MasterRecipe, unit_volume_mm3
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.check import check
from printcare.gcode.compose import compose
from printcare.gcode.program import Header, Program

SETTLE_SPREAD_MG = Decimal("0.3")  # three immediate readings this close, half a second apart, stand still


def gate_for(master: MasterRecipe, target_mg: Decimal, weighing: Weighing) -> MassGate | Finding:
    """Return the mass gate of a unit, or why this balance cannot judge it."""
    limits = master.limits
    gate = mass_gate(target_mg, limits.mass_pct, limits.u_assay_pct, limits.u_homogeneity_pct, weighing)
    if gate.is_usable:
        return gate
    told = f"The gate of {gate.gate_mg:.2f} mg is not above the weighing uncertainty of {gate.expanded_mg:.2f} mg."
    return error("E_BALANCE_UNFIT", told, "Use a better balance or a heavier unit.", "balance")


def plan_job(
    batch_id: str,
    master: MasterRecipe,
    target_mg: Decimal,
    units: int,
    profile: FirmwareProfile,
    policy: Policy,
    gate: MassGate,
    ink_left_g: Decimal,
    header: Header,
    cartridge_id: str = "",
) -> JobPlan | tuple[Finding, ...]:
    """Return the job's plan with its program, read back and judged by the independent reader; or every objection."""
    volume_mm3 = unit_volume_mm3(target_mg, master.ink)
    made = compose(master, profile, volume_mm3, units, header)
    if isinstance(made, tuple):
        return made
    path, program = made.toolpath, made.program
    temperature_c = float(master.parameters.cartridge_c.target)
    predicted_kpa = predicted_pressure_kpa(master.ink, master.nozzle, path.flow_mm3_s, temperature_c)
    stops = blocking(_gate(program, profile, master, volume_mm3, units))
    if stops:
        return stops
    part = JobPart(
        number=1,
        tool=0,
        drug=master.product.inn,
        cartridge_id=cartridge_id,
        ink=master.ink,
        nozzle=master.nozzle,
        parameters=master.parameters,
        limits=master.limits,
        gate=gate,
        predicted_kpa=predicted_kpa,
        flow_mm3_s=path.flow_mm3_s,
        density_mg_mm3=master.ink.density_mg_mm3,
        ink_available_mm3=float(ink_left_g * 1000 / master.ink.density_mg_mm3),
        toolpath=path,
    )
    return JobPlan(
        batch_id=batch_id,
        program=program,
        profile=profile,
        policy=policy,
        master=master,
        parts=(part,),
        units=units,
        positions=tuple(profile.tray.name(index) for index in range(units)),
        hold_max_s=float(master.hold_max_min) * 60,
        settle_spread_mg=SETTLE_SPREAD_MG,
    )


def _gate(
    program: Program, profile: FirmwareProfile, master: MasterRecipe, volume_mm3: float, units: int
) -> tuple[Finding, ...]:
    return tuple(check(program, profile, master, volume_mm3, units).findings)
