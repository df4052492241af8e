"""Plan a batch: from a verified dose to a checked program and a row of the record, or to every objection at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.plan import JobPlan
from printcare.domain.batch import BatchState, UnitState
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.control_recipe import (
    ControlPart,
    ControlRecipe,
    DoseTime,
    PartDose,
    before_print,
    control_recipe,
    unmatched,
)
from printcare.domain.finishing import finishing_told
from printcare.domain.formulation import Cartridge
from printcare.domain.gate import MassGate, Weighing
from printcare.domain.legal import LegalGround
from printcare.domain.machine import FirmwareProfile
from printcare.domain.numbers import plain
from printcare.domain.ordered_case import calculated_for
from printcare.domain.policy import Policy
from printcare.domain.recipe import MasterRecipe, only_for_research
from printcare.errors import PrintcareError
from printcare.gcode.program import Header, Program
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store
from printcare.workflow.authority import Refused, allowed, refusals_recorded, refuse
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job
from printcare.workflow.batch.soft_sensor import soft_sensor_stops
from printcare.workflow.ink.formulations import default_ground, legal_stops
from printcare.workflow.ink.materials import on_record
from printcare.workflow.mode import other_than_present
from printcare.workflow.order.verified import not_signed_for
from printcare.workflow.recipe.approvals import effective_recipe
from printcare.workflow.site.balance import least_weight_stops, weighing_for
from printcare.workflow.site.cleaning import Contact
from printcare.workflow.site.current import Use, printer_of, use_stops
from printcare.workflow.states import as_state, state_of

# What a batch's row says of its first part, beside `parts`, which tells of every one.
OF_FIRST_PART = (
    "lot", "cartridge", "dose_per_unit_mg", "target_mass_mg", "accepted_mg", "strength_mg_per_g", "assay",
    "predicted_kpa", "legal", "reference_kpa", "primed_mm3",
)  # fmt: skip
NOT_GIVEN = frozenset({BatchState.CANCELLED, BatchState.REJECTED, BatchState.REHEARSED, BatchState.RECALLED})


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """A batch ready to be prepared: what to make, the program that makes it, and the job's own view of it."""

    id: str
    recipe: ControlRecipe
    profile: FirmwareProfile
    program: Program
    gates: tuple[MassGate, ...]  # of each part
    weighing: Weighing
    job: JobPlan
    findings: tuple[Finding, ...]

    @property
    def cartridge(self) -> Cartridge:
        """Return the first part's cartridge, the only one of most batches."""
        return self.recipe.first.cartridge

    @property
    def gate(self) -> MassGate:
        """Return the first part's gate."""
        return self.gates[0]


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """A batch of research mode: no patient, no order, nothing anybody is ever given."""

    id: str
    job: JobPlan
    findings: tuple[Finding, ...]


def plan_batch(
    records: Store,
    account: Account,
    order_id: str,
    master: MasterRecipe,
    doses: Sequence[PartDose],
    profile: FirmwareProfile,
    balance: str,
    policy: Policy,
    days: int,
    today: date,
    ground: LegalGround | None = None,
    at: DoseTime | None = None,
    printer: str | None = None,
) -> PlannedBatch:
    """Return the planned batch, recorded; raises Refused with every objection, and then no job object exists.

    `doses` hold verified dose, lot and cartridge of each part, in the order of printing; of an order in steps `at`
    names the one dose the batch makes. `ground` is the legal route with the justification of need; without it the
    site's signed default for each product counts, and without that there is no batch. Of lot and cartridge the
    record's status and ledger count. `balance` is the serial number of the one that weighs: its checks on record give
    the gate its figures, and say whether it may judge a unit at all. `printer` is its name on the register, needed
    where several have this profile; it, balance, recipe and operator must be current (workflow.current).
    """
    actor = allowed(records, account, "batch.plan")
    now = records.context.clock()
    found = [on_record(records, dose.lot, dose.cartridge, now) for dose in doses]
    known = [PartDose(dose.verified, each.lot, each.cartridge) for dose, each in zip(doses, found, strict=True)]
    recipe = control_recipe(master, known, days)
    findings = [
        *other_than_present(records, policy),
        *not_signed_for(records, order_id, {part.drug: part.verified for part in recipe.parts}, at),
        *unmatched(master, known),
        *_longer_than_ordered(records, order_id, days, at),
        *effective_recipe(records, master),
        *only_for_research(master, policy),
        *(finding for part in recipe.parts for finding in _not_calculated(master, part)),
        *(finding for each in found for finding in each.findings),
        *(finding for part in recipe.parts for finding in _part_stops(records, part, ground, now)),
        *before_print(recipe, profile.printer_class, today),
    ]
    used = Use(
        printer=printer_of(records, profile, printer, policy),
        profile=profile,
        balance=balance if master.weighing != "none" else "",
        recipe=f"{master.id}/{master.version}",
        inks=tuple(Contact(part.part.tool, part.lot.ink_id, part.lot.id) for part in recipe.parts),
        account=account,
    )
    findings += use_stops(records, used, policy, at_start=False)
    weighing, balance_stops = weighing_for(records, master, balance, now, policy)
    findings += balance_stops
    targets_mg = [part.target_mass_mg for part in recipe.parts]
    findings += least_weight_stops(records, targets_mg, weighing, policy)
    findings += soft_sensor_stops(records, master, targets_mg, today)
    judged = [gate_for(master.of_part(part.number), part.target_mass_mg, weighing) for part in recipe.parts]
    gates = tuple(gate for gate in judged if isinstance(gate, MassGate))
    findings += [gate for gate in judged if isinstance(gate, Finding)]
    job: JobPlan | tuple[Finding, ...] = ()
    batch_id = f"B-{len(records.all('batch')) + 1:04d}"
    if not blocking(findings):
        targets = [target_of(part, gate) for part, gate in zip(recipe.parts, gates, strict=True)]
        header = header_for(master, recipe_lots(recipe), recipe_doses(recipe), policy)
        job = plan_job(batch_id, master, targets, recipe.units_total, profile, policy, header)
    if isinstance(job, JobPlan):
        job = replace(job, balance=balance)
        hours = warm_h(job)
        findings += [finding for part in recipe.parts for finding in part.cartridge.time_objections(now, hours)]
    stops = blocking((*findings, *(job if isinstance(job, tuple) else ())))
    if isinstance(job, tuple) or stops:
        refuse(records, actor, "batch.plan", "prescription", order_id, stops)
        raise Refused(stops)
    planned = PlannedBatch(batch_id, recipe, profile, job.program, gates, weighing, job, tuple(findings))
    with refusals_recorded(records, actor, "batch.plan", "prescription", order_id):
        _record(records, actor, planned, order_id, policy, days, ground, at, used.printer)
    return planned


def _not_calculated(master: MasterRecipe, part: ControlPart) -> tuple[Finding, ...]:
    return calculated_for(part.verified.calculation.case, part.lot, master.of_part(part.number))


def _part_stops(records: Store, part: ControlPart, ground: LegalGround | None, now: datetime) -> tuple[Finding, ...]:
    """Return what speaks against one drug of the batch: its legal ground, its cartridge's time."""
    return (
        *legal_stops(records, part.lot, ground or default_ground(records, part.drug)),
        *part.cartridge.time_objections(now, Decimal(0)),
    )


def target_of(part: ControlPart, gate: MassGate) -> PartTarget:
    """Return what a part of every unit shall weigh, with the ink there is for it."""
    cartridge = part.cartridge
    return PartTarget(part.target_mass_mg, gate, cartridge.id, cartridge.left_g, warm_left_s(cartridge))


def warm_left_s(cartridge: Cartridge) -> float:
    """Return how long a cartridge may still be at temperature."""
    return float((cartridge.use_within_h - cartridge.warm_h) * 3600)


def recipe_lots(recipe: ControlRecipe) -> str:
    """Return the lots of a batch as its program names them."""
    return " + ".join(part.lot.id for part in recipe.parts)


def recipe_doses(recipe: ControlRecipe) -> str:
    """Return the doses of a unit as its program names them, in mg."""
    return " + ".join(plain(part.dose_per_unit_mg) for part in recipe.parts)


def assay_choice(part: ControlPart) -> dict[str, object]:
    """Return what the recipe's signed choice about the assay means for this lot (dosing.md §9), for the record."""
    lot = part.lot
    return {
        "corrected": part.part.ink.corrects_assay,
        "found_pct": as_state(lot.assay_pct_of_label),
        "limits_pct": as_state(lot.assay_limits_pct),
        "used_mg_per_g": as_state(part.strength_mg_per_g),
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


def header_for(master: MasterRecipe, lots: str, doses_mg: str, policy: Policy) -> Header:
    """Return what the program's first lines say; the same for the plan and for the job that makes it again."""
    return Header(f"{master.id} {master.version}", f"lot {lots}", doses_mg, not policy.is_marked)


def _part_state(
    records: Store, planned: PlannedBatch, part: ControlPart, gate: MassGate, ground: LegalGround | None
) -> dict[str, object]:
    """Return one drug's row in the batch: from what it is printed, what it shall weigh and by which gate."""
    low_mg, high_mg = gate.accepted_mg
    legal = ground or default_ground(records, part.drug)
    return {
        "number": part.number,
        "drug": part.drug,
        "tool": part.part.tool,
        "lot": part.lot.id,
        "cartridge": part.cartridge.id,
        "dose_per_unit_mg": as_state(part.dose_per_unit_mg),
        "target_mass_mg": as_state(part.target_mass_mg),
        "accepted_mg": [as_state(low_mg), as_state(high_mg)],
        "weighing_is": gate.weighing_is,
        "strength_mg_per_g": as_state(part.strength_mg_per_g),
        "assay": assay_choice(part),
        "predicted_kpa": as_state(planned.job.parts[part.number - 1].predicted_kpa),
        "legal": None if legal is None else state_of(legal),
    }


def parts_of(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the drugs of a recorded batch, in the order of printing; a batch of before knew one, in its own row."""
    first, *further = state.get("parts") or ({"number": 1, "drug": "", "tool": 0},)
    return [first | {name: state[name] for name in OF_FIRST_PART if name in state}, *further]


def _record(
    records: Store,
    actor: Actor,
    planned: PlannedBatch,
    order_id: str,
    policy: Policy,
    days: int,
    ground: LegalGround | None,
    at: DoseTime | None,
    printer: str,
) -> None:
    recipe = planned.recipe
    parts = [
        _part_state(records, planned, part, gate, ground)
        for part, gate in zip(recipe.parts, planned.gates, strict=True)
    ]
    own = {"prescription": order_id, "days": days, "step": None if at is None else state_of(at), "printer": printer}
    state = batch_row(planned.job, policy, planned.weighing, parts, recipe.units_for_patient) | own
    write_down(records, actor, planned.job, policy, state)


def batch_row(
    job: JobPlan, policy: Policy, weighing: Weighing, parts: list[dict[str, object]], units_for_patient: int
) -> dict[str, object]:
    """Return the row of a batch that is planned; whose order it is for how many days, its planner adds."""
    master = job.master
    return {
        "status": BatchState.PLANNED.value,
        "mode": policy.mode,
        "allows_release": policy.allows_release,
        "simulated": False,
        "recipe": f"{master.id}/{master.version}",
        "recipe_digest": master.digest,
        "profile": job.profile.id,
        "profile_digest": job.profile.digest,
        "program_digest": job.program.digest,
        # whoever asks a batch for its lot asks for the first; of several drugs `parts` tells all
        **{name: value for name, value in parts[0].items() if name in OF_FIRST_PART},
        "parts": parts,
        "balance": job.balance,
        "weighing": state_of(weighing),
        "minimum_weight_mg": as_state(weighing.minimum_weight_mg),
        "units": job.units,
        "units_for_patient": units_for_patient,
        "allocation": {"retain": master.allocation.retain, "test": master.allocation.test},
        "finishing": finishing_told(master.finishing),
        "operator": None,
        "outcome": None,
        "reason": None,
        "last_line": 0,
    }


def write_down(records: Store, actor: Actor, job: JobPlan, policy: Policy, state: Mapping[str, object]) -> None:
    """Record a planned batch with its units; raises BATCH_ID_TAKEN, or Refused where the mode was switched since."""
    with records.transaction(actor) as tx:
        if tx.get("batch", job.batch_id) is not None:  # its number stands in the program and on the units already
            told = f"Another batch became {job.batch_id} while this one was planned."
            raise PrintcareError("BATCH_ID_TAKEN", told, "Plan this batch again.")
        switched = other_than_present(tx, policy)
        if switched:  # while this was planned; no batch is ever open in another mode than the present one
            raise Refused(switched)
        tx.record("batch.planned", "batch", job.batch_id, dict(state))
        for index, position in enumerate(job.positions, start=1):
            unit = {"batch_id": job.batch_id, "status": UnitState.UNPRINTED.value, "index": index, "position": position}
            tx.record("unit.planned", "unit", unit_key(job.batch_id, index), unit | {"use": "", "mass_mg": None})


def _longer_than_ordered(records: Store, order_id: str, days: int, at: DoseTime | None) -> tuple[Finding, ...]:
    """Return why so many days may not be planned: more than was ordered, alone or with what was made already.

    Of an order in steps every dose of every step has its own days.
    """
    ordered = _days_ordered(records, order_id, at)
    if not 1 <= days <= ordered:
        told = f"A batch of {days} days was asked for, {ordered} were ordered."
        return (error("E_COURSE_LENGTH", told, "Plan at most what was ordered.", "days"),)
    same = None if at is None else state_of(at)
    made = {
        batch_id: state["days"]
        for batch_id, state in records.all("batch", prescription=order_id).items()
        if BatchState(state["status"]) not in NOT_GIVEN and state.get("step") == same
    }
    if sum(made.values()) + days <= ordered:
        return ()
    told = f"{ordered} days were ordered; {', '.join(sorted(made))} make {sum(made.values())} of them already."
    remedy = "Print the batch there is, or cancel or reject it first."
    return (error("E_COURSE_MADE", told, remedy, "days"),)


def _days_ordered(records: Store, order_id: str, at: DoseTime | None) -> int:
    if at is None:
        return int((records.get("prescription", order_id) or {}).get("duration_days", 0))
    steps = (records.get("verified_dose", order_id) or {}).get("steps") or []
    return int(steps[at.step - 1]["days"]) if 1 <= at.step <= len(steps) else 0


def unit_key(batch_id: str, index: int) -> str:
    """Return the record's key of a unit: B-0001/03."""
    return f"{batch_id}/{index:02d}"


def units_of(records: Store, batch_id: str) -> list[dict[str, Any]]:
    """Return the units of a batch in their order."""
    rows = records.all("unit", batch_id=batch_id)
    return sorted(rows.values(), key=lambda row: int(row["index"]))
