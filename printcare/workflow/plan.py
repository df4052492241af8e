"""Plan a batch: from a verified dose to a checked program and a row of the record, or to every objection at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.plan import JobPlan
from printcare.domain.batch import BatchState, UnitState
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.gate import MassGate, Weighing, mass_gate
from printcare.domain.machine import FirmwareProfile
from printcare.domain.policy import Policy
from printcare.domain.recipe import ControlRecipe, MasterRecipe, before_print, control_recipe
from printcare.domain.verification import VerifiedDose
from printcare.extrusion.lag import advance_mm3
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.check import check
from printcare.gcode.program import Header, Program
from printcare.gcode.writer import write
from printcare.geometry.cylinder import solve
from printcare.geometry.layout import Toolpath, lay_out
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store, Transaction
from printcare.workflow.approvals import effective_recipe
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.states import as_state, state_of

SETTLE_SPREAD_MG = Decimal("0.3")  # three immediate readings this close, half a second apart, stand still


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """A batch ready to be prepared: what to make, the program that makes it, and the job's own view of it."""

    id: str
    recipe: ControlRecipe
    cartridge: Cartridge
    profile: FirmwareProfile
    program: Program
    gate: MassGate
    weighing: Weighing
    job: JobPlan
    findings: tuple[Finding, ...]


def plan_batch(
    records: Store,
    account: Account,
    order_id: str,
    master: MasterRecipe,
    verified: VerifiedDose,
    lot: InkLot,
    cartridge: Cartridge,
    profile: FirmwareProfile,
    weighing: Weighing,
    policy: Policy,
    days: int,
    today: date,
) -> PlannedBatch:
    """Return the planned batch, recorded; raises Refused with every objection, and then no job object exists."""
    actor = allowed(records, account, "batch.plan")
    recipe = control_recipe(master, verified, lot, days)
    findings = [*effective_recipe(records, master), *before_print(recipe, cartridge, profile.printer_class, today)]
    gate = mass_gate(
        recipe.target_mass_mg,
        master.limits.mass_pct,
        master.limits.u_assay_pct,
        master.limits.u_homogeneity_pct,
        weighing,
    )
    if not gate.is_usable:
        told = f"The gate of {gate.gate_mg:.2f} mg is not above the weighing uncertainty of {gate.expanded_mg:.2f} mg."
        findings.append(error("E_BALANCE_UNFIT", told, "Use a better balance or a heavier unit.", "balance"))
    program = None if blocking(findings) else _program(recipe, profile, findings)
    if program is None or blocking(findings):
        stops = tuple(blocking(findings))
        refuse(records, actor, "batch.plan", "prescription", order_id, stops)
        raise Refused(stops)
    batch_id = f"B-{len(records.all('batch')) + 1:04d}"
    job = _job_plan(batch_id, recipe, program[0], program[1], profile, policy, gate, cartridge)
    planned = PlannedBatch(batch_id, recipe, cartridge, profile, program[0], gate, weighing, job, tuple(findings))
    _record(records, actor, planned, order_id, policy)
    return planned


def _program(
    recipe: ControlRecipe, profile: FirmwareProfile, findings: list[Finding]
) -> tuple[Program, Toolpath] | None:
    """Return the program of the batch and its path, checked by the independent reader; objections join the findings."""
    master = recipe.master
    form = solve(recipe.target_volume_mm3, master.shape, master.parameters.layer_height_mm, master.nozzle)
    if isinstance(form, tuple):
        findings += form
        return None
    path = lay_out(form, recipe.units_total, profile, master.parameters, master.nozzle, 0.0)
    if isinstance(path, tuple):
        findings += path
        return None
    # What the syringe stores at the print's own pressure is known only once the path has given the flow.
    stored_mm3 = advance_mm3(profile.tool.compliance_mm3_kpa, predicted_kpa(master, path.flow_mm3_s))
    path = replace(path, compensation_mm3=stored_mm3)
    header = Header(f"{master.id} {master.version}", f"lot {recipe.lot.id}", str(recipe.dose_per_unit_mg), True)
    program = write(path, profile, header)
    report = check(program, profile, master, recipe.target_volume_mm3, recipe.units_total)
    findings += report.findings
    return program, path


def predicted_kpa(master: MasterRecipe, flow_mm3_s: float) -> float:
    """Return the pressure the recipe's ink needs at a flow, at the recipe's temperature."""
    return predicted_pressure_kpa(master.ink, master.nozzle, flow_mm3_s, float(master.parameters.cartridge_c.target))


def _job_plan(
    batch_id: str,
    recipe: ControlRecipe,
    program: Program,
    path: Toolpath,
    profile: FirmwareProfile,
    policy: Policy,
    gate: MassGate,
    cartridge: Cartridge,
) -> JobPlan:
    master = recipe.master
    return JobPlan(
        batch_id=batch_id,
        program=program,
        profile=profile,
        policy=policy,
        parameters=master.parameters,
        limits=master.limits,
        gate=gate,
        units=recipe.units_total,
        positions=tuple(profile.tray.name(index) for index in range(recipe.units_total)),
        predicted_kpa=predicted_kpa(master, path.flow_mm3_s),
        density_mg_mm3=master.ink.density_mg_mm3,
        ink_available_mm3=float(cartridge.left_g * 1000 / master.ink.density_mg_mm3),
        hold_max_s=float(master.hold_max_min) * 60,
        settle_spread_mg=SETTLE_SPREAD_MG,
    )


def _record(records: Store, actor: Actor, planned: PlannedBatch, order_id: str, policy: Policy) -> None:
    recipe, job = planned.recipe, planned.job
    low_mg, high_mg = planned.gate.accepted_mg
    state = {
        "status": BatchState.PLANNED.value,
        "prescription": order_id,
        "mode": policy.mode,
        "simulated": False,
        "recipe": f"{recipe.master.id}/{recipe.master.version}",
        "recipe_digest": recipe.master.digest,
        "lot": recipe.lot.id,
        "cartridge": planned.cartridge.id,
        "profile": planned.profile.id,
        "profile_digest": planned.profile.digest,
        "program_digest": planned.program.digest,
        "dose_per_unit_mg": as_state(recipe.dose_per_unit_mg),
        "target_mass_mg": as_state(recipe.target_mass_mg),
        "accepted_mg": [as_state(low_mg), as_state(high_mg)],
        "units": recipe.units_total,
        "units_for_patient": recipe.units_for_patient,
        "predicted_kpa": as_state(job.predicted_kpa),
        "operator": None,
        "outcome": None,
        "reason": None,
        "last_line": 0,
    }
    with records.transaction(actor) as tx:
        _keep_materials(tx, recipe.lot, planned.cartridge)
        tx.record("batch.planned", "batch", planned.id, state)
        for index, position in enumerate(job.positions, start=1):
            unit = {"batch_id": planned.id, "status": UnitState.UNPRINTED.value, "index": index, "position": position}
            tx.record("unit.planned", "unit", unit_key(planned.id, index), unit | {"use": "", "mass_mg": None})


def _keep_materials(tx: Transaction, lot: InkLot, cartridge: Cartridge) -> None:
    for table, key, state in (
        ("ink_lot", lot.id, state_of(lot)),
        ("cartridge", cartridge.id, state_of(cartridge) | {"ink_lot": lot.id, "status": "loaded"}),
    ):
        if tx.get(table, key) is None:
            tx.record(f"{table}.received", table, key, state)


def unit_key(batch_id: str, index: int) -> str:
    """Return the record's key of a unit: B-0001/03."""
    return f"{batch_id}/{index:02d}"


def units_of(records: Store, batch_id: str) -> list[dict[str, Any]]:
    """Return the units of a batch in their order."""
    rows = records.all("unit", batch_id=batch_id)
    return [rows[key] for key in sorted(rows)]
