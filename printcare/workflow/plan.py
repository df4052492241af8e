"""Plan a batch: from a verified dose to a checked program and a row of the record, or to every objection at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.plan import JobPlan
from printcare.domain.batch import BatchState, UnitState
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.finishing import finishing_told
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.gate import MassGate, Weighing
from printcare.domain.legal import LegalGround
from printcare.domain.machine import FirmwareProfile
from printcare.domain.numbers import plain
from printcare.domain.ordered_case import calculated_for
from printcare.domain.policy import Policy
from printcare.domain.recipe import ControlRecipe, MasterRecipe, before_print, control_recipe, only_for_research
from printcare.domain.verification import VerifiedDose
from printcare.errors import PrintcareError
from printcare.gcode.program import Header, Program
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store
from printcare.workflow.approvals import effective_recipe
from printcare.workflow.authority import Refused, allowed, refusals_recorded, refuse
from printcare.workflow.formulations import default_ground, legal_stops
from printcare.workflow.materials import on_record
from printcare.workflow.mode import other_than_present
from printcare.workflow.program import gate_for, plan_job
from printcare.workflow.states import as_state, state_of
from printcare.workflow.verified import not_signed_for

NOT_GIVEN = frozenset({BatchState.CANCELLED, BatchState.REJECTED, BatchState.REHEARSED, BatchState.RECALLED})


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
    ground: LegalGround | None = None,
) -> PlannedBatch:
    """Return the planned batch, recorded; raises Refused with every objection, and then no job object exists.

    `ground` is the legal route with the justification of need; without it the site's signed default for the product
    counts, and without that there is no batch. Of lot and cartridge the record's status and ledger count.
    """
    actor = allowed(records, account, "batch.plan")
    now = records.context.clock()
    found = on_record(records, lot, cartridge, now)
    lot, cartridge = found.lot, found.cartridge
    ground = ground or default_ground(records, master.product.inn)
    recipe = control_recipe(master, verified, lot, days)
    findings = [
        *other_than_present(records, policy),
        *not_signed_for(records, order_id, verified),
        *_longer_than_ordered(records, order_id, days),
        *effective_recipe(records, master),
        *only_for_research(master, policy),
        *calculated_for(verified.calculation.case, lot, master),
        *found.findings,
        *legal_stops(records, lot, ground),
        *before_print(recipe, cartridge, profile.printer_class, today),
        *cartridge.time_objections(now, Decimal(0)),
    ]
    gate = gate_for(master, recipe.target_mass_mg, weighing)
    job: JobPlan | tuple[Finding, ...] = ()
    batch_id = f"B-{len(records.all('batch')) + 1:04d}"
    if isinstance(gate, Finding):
        findings.append(gate)
    elif not blocking(findings):
        job = plan_job(
            batch_id,
            master,
            recipe.target_mass_mg,
            recipe.units_total,
            profile,
            policy,
            gate,
            cartridge.left_g,
            header_for(master, lot.id, recipe.dose_per_unit_mg, policy),
        )
    if isinstance(job, JobPlan):
        findings += cartridge.time_objections(now, warm_h(job))
    stops = blocking((*findings, *(job if isinstance(job, tuple) else ())))
    if isinstance(gate, Finding) or isinstance(job, tuple) or stops:
        refuse(records, actor, "batch.plan", "prescription", order_id, stops)
        raise Refused(stops)
    planned = PlannedBatch(batch_id, recipe, cartridge, profile, job.program, gate, weighing, job, tuple(findings))
    with refusals_recorded(records, actor, "batch.plan", "prescription", order_id):
        _record(records, actor, planned, order_id, policy, days, ground)
    return planned


def assay_choice(recipe: ControlRecipe) -> dict[str, object]:
    """Return what the recipe's signed choice about the assay means for this lot (dosing.md §9), for the record."""
    lot = recipe.lot
    return {
        "corrected": recipe.master.ink.corrects_assay,
        "found_pct": as_state(lot.assay_pct_of_label),
        "limits_pct": as_state(lot.assay_limits_pct),
        "used_mg_per_g": as_state(recipe.strength_mg_per_g),
        "determined": None if lot.assay is None else state_of(lot.assay),
    }


def warm_h(job: JobPlan) -> Decimal:
    """Return the hours its cartridges are at temperature for a batch at most: soak, prime, every unit with its rest."""
    whole_s = max(part.parameters.soak_min.target * 60 for part in job.parts)
    for part in job.parts:
        flow_mm3_s = Decimal(str(part.flow_mm3_s))
        unit_s = part.gate.target_mg / part.density_mg_mm3 / flow_mm3_s
        rest_s = part.parameters.dwell_s.target + part.limits.settle_max_s
        whole_s += part.parameters.prime_mm3.target / flow_mm3_s + job.units * (unit_s + rest_s)
    return (whole_s / 3600).quantize(Decimal("0.01"))


def header_for(master: MasterRecipe, lot_id: str, dose_mg: Decimal, policy: Policy) -> Header:
    """Return what the program's first lines say; the same for the plan and for the job that makes it again."""
    return Header(f"{master.id} {master.version}", f"lot {lot_id}", plain(dose_mg), not policy.is_marked)


def _record(
    records: Store,
    actor: Actor,
    planned: PlannedBatch,
    order_id: str,
    policy: Policy,
    days: int,
    ground: LegalGround | None,
) -> None:
    recipe, job = planned.recipe, planned.job
    low_mg, high_mg = planned.gate.accepted_mg
    state = {
        "status": BatchState.PLANNED.value,
        "prescription": order_id,
        "mode": policy.mode,
        "allows_release": policy.allows_release,
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
        "weighing": state_of(planned.weighing),
        "days": days,
        "units": recipe.units_total,
        "units_for_patient": recipe.units_for_patient,
        "strength_mg_per_g": as_state(recipe.strength_mg_per_g),
        "assay": assay_choice(recipe),
        "legal": None if ground is None else state_of(ground),
        "allocation": {"retain": recipe.master.allocation.retain, "test": recipe.master.allocation.test},
        "finishing": finishing_told(recipe.master.finishing),
        "predicted_kpa": as_state(job.predicted_kpa),
        "operator": None,
        "outcome": None,
        "reason": None,
        "last_line": 0,
    }
    with records.transaction(actor) as tx:
        if tx.get("batch", planned.id) is not None:  # its number stands in the program and on the units already
            told = f"Another batch became {planned.id} while this one was planned."
            raise PrintcareError("BATCH_ID_TAKEN", told, "Plan this batch again.")
        switched = other_than_present(tx, policy)
        if switched:  # while this was planned; no batch is ever open in another mode than the present one
            raise Refused(switched)
        tx.record("batch.planned", "batch", planned.id, state)
        for index, position in enumerate(job.positions, start=1):
            unit = {"batch_id": planned.id, "status": UnitState.UNPRINTED.value, "index": index, "position": position}
            tx.record("unit.planned", "unit", unit_key(planned.id, index), unit | {"use": "", "mass_mg": None})


def _longer_than_ordered(records: Store, order_id: str, days: int) -> tuple[Finding, ...]:
    """Return why so many days may not be planned: more than was ordered, alone or with what was made already."""
    ordered = (records.get("prescription", order_id) or {}).get("duration_days", 0)
    if not 1 <= days <= ordered:
        told = f"A batch of {days} days was asked for, {ordered} were ordered."
        return (error("E_COURSE_LENGTH", told, "Plan at most what was ordered.", "days"),)
    made = {
        batch_id: state["days"]
        for batch_id, state in records.all("batch", prescription=order_id).items()
        if BatchState(state["status"]) not in NOT_GIVEN
    }
    if sum(made.values()) + days <= ordered:
        return ()
    told = f"{ordered} days were ordered; {', '.join(sorted(made))} make {sum(made.values())} of them already."
    remedy = "Print the batch there is, or cancel or reject it first."
    return (error("E_COURSE_MADE", told, remedy, "days"),)


def unit_key(batch_id: str, index: int) -> str:
    """Return the record's key of a unit: B-0001/03."""
    return f"{batch_id}/{index:02d}"


def units_of(records: Store, batch_id: str) -> list[dict[str, Any]]:
    """Return the units of a batch in their order."""
    rows = records.all("unit", batch_id=batch_id)
    return sorted(rows.values(), key=lambda row: int(row["index"]))
