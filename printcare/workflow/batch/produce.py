"""Prepare and produce: sign the preparation, lease the batch to this process, run the job, keep everything it tells."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.events import JobEnded
from printcare.control.instruments import Instruments
from printcare.control.job import Job
from printcare.control.plan import JobPart, JobPlan
from printcare.domain import people
from printcare.domain.batch import BatchState, move
from printcare.domain.cartridge import CartridgeStatus
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.gate import Weighing
from printcare.domain.machine import FirmwareProfile
from printcare.domain.numbers import plain
from printcare.domain.people import Role
from printcare.domain.policy import POLICIES, Policy
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.recipe import load_recipe
from printcare.protocol.wire import Ports
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.batch.judged import with_hopes
from printcare.workflow.batch.link_bytes import AS_EMULATED, Wiring, link_bytes_kept
from printcare.workflow.batch.plan import PlannedBatch, PlannedTrial, header_for, parts_of, warm_left_s
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job
from printcare.workflow.batch.recorder import Recorder, Show
from printcare.workflow.batch.recover import not_recovered
from printcare.workflow.batch.soft_sensor import with_sensor
from printcare.workflow.ink.cartridges import load_in, loading_stops
from printcare.workflow.ink.materials import cartridge_from, cartridge_stops, lot_stops
from printcare.workflow.mode import other_than_present
from printcare.workflow.order.verify import VERIFIED
from printcare.workflow.order.worklist import lot_of
from printcare.workflow.recipe.approvals import effective_recipe_of
from printcare.workflow.site.balance import changed_since
from printcare.workflow.site.cleaning import Contact, cleared, soiled
from printcare.workflow.site.current import Use, use_stops
from printcare.workflow.site.equipment import equipment_of, firmware_of
from printcare.workflow.states import as_state, object_of

PREPARATION = (
    "line cleared: no earlier product, label, ink, tray or paper",
    "cartridge seated, its code read and compared",
    "nozzle of the recipe mounted, part number compared",
    "tray empty and in place, balance level and checked",
    "protection for cytotoxic work worn, spill kit at hand",
)


def prepare(
    records: Store,
    operator: Account,
    password: str,
    second: Account | None,
    second_password: str,
    planned: PlannedBatch | PlannedTrial,
) -> None:
    """Record the preparation steps, signed by the operator and, where the mode wants one, checked by a second person.

    The batch is prepared in the transaction of the last signature: unsigned it stays where it was, and cannot start.
    Raises Refused, recorded, where a second person is wanted and is none, the first one, or without the role.
    """
    actor = allowed(records, operator, "batch.prepare")
    state = records.get("batch", planned.id) or {}
    lacking = _second_lacking(policy_of(state), operator, second)
    if lacking is not None:
        refuse(records, actor, "batch.prepare", "batch", planned.id, (lacking,))
        raise Refused((lacking,))
    if second is not None:
        allowed(records, second, "batch.check_preparation")
    cartridges = [row["cartridge"] for row in parts_of(state)]
    stops = [stop for each in cartridges for stop in loading_stops(records.get("cartridge", each) or {}, planned.id)]
    stops += not_recovered(records, str(state.get("printer") or ""), str(state.get("profile")))
    if stops:
        refuse(records, actor, "batch.prepare", "batch", planned.id, tuple(stops))
        raise Refused(tuple(stops))
    checked_by = None if second is None else second.id
    with records.transaction(actor) as tx:
        for step in PREPARATION:
            done = {"step": step, "done_by": operator.id, "checked_by": checked_by}
            tx.record("preparation.step", "job", planned.id, done)
        if state.get("printer"):  # the first step is the line clearance, and these two answer for it
            lots = " + ".join(str(row["lot"]) for row in parts_of(state))
            cleared(tx, records, str(state["printer"]), planned.id, lots, operator.id, checked_by)
        for each in cartridges:
            load_in(tx, each, planned.id, as_state(records.context.clock()))
    steps = []
    for wanted, action in ((BatchState.VERIFIED, "batch.verified"), (BatchState.PREPARED, "batch.prepared")):
        state = state | {"status": move(BatchState(state["status"]), wanted).value}
        steps.append((action, state))
    prepared = tuple(steps)
    of_batch = ("batch", planned.id)
    if second is None:
        sign(records, operator.login, password, Role.OPERATOR, "prepared", *of_batch, becoming=prepared)
        return
    sign(records, operator.login, password, Role.OPERATOR, "prepared", *of_batch)
    checked = "checked the preparation"
    sign(records, second.login, second_password, Role.PHARMACIST, checked, *of_batch, becoming=prepared)


def _second_lacking(policy: Policy, operator: Account, second: Account | None) -> Finding | None:
    """Return why there is no second person where the mode wants one, or None."""
    if second is not None:
        return people.second_person(operator.id, second.id)
    if not policy.needs_second_preparer:
        return None
    told = f"In {policy.mode} mode a second person checks every preparation."
    return error("E_SECOND_PERSON", told, "Have a pharmacist check it and sign.", "second")


def produce(
    records: Store,
    operator: Account,
    job: JobPlan,
    cartridge_id: str,
    ports: Ports,
    show: Show,
    wiring: Wiring = AS_EMULATED,
) -> JobEnded:
    """Run the job inline and return how it ended; the lease says which process answers for the batch.

    Every byte sent and received is kept in a file, whose name and digest the record holds.

    Raises before anything is sent: PrintcareError BATCH_NOT_PREPARED, as nothing is printed twice or without
    preparation, DRIVER_UNKNOWN, RecordUnwritable where no file can be made for the bytes, and Refused, recorded, where
    what it was planned on does not stand any more.
    """
    actor = allowed(records, operator, "batch.start")
    found = records.get("batch", job.batch_id)
    stale = no_longer_stands(records, found, job, records.context.clock()) if found is not None else ()
    used = _used(job, found or {}, operator)
    stale = (*stale, *blocking(use_stops(records, used, job.policy, at_start=True)))
    stale = (*stale, *not_recovered(records, used.printer, job.profile.id))
    if stale and found is not None and found["status"] == BatchState.PREPARED.value:
        refuse(records, actor, "batch.start", "batch", job.batch_id, stale)
        raise Refused(stale)
    lease = {
        "batch_id": job.batch_id,
        "status": "running",
        "pid": os.getpid(),
        "boot_id": records.context.boot_id,
        "workstation": records.context.workstation,
    }
    with records.transaction(actor) as tx:
        status = (tx.get("batch", job.batch_id) or {}).get("status")
        if status != BatchState.PREPARED.value:
            told = f"Batch {job.batch_id} is {status or 'unknown'}, not prepared."
            raise PrintcareError("BATCH_NOT_PREPARED", told, "Prepare it, or plan a new batch.")
        tx.record("job.leased", "job_lease", job.batch_id, lease)
        known = equipment_of(records, used.printer) if used.printer else None
        soiled(tx, records.context.clock(), used.printer, () if known is None else known.parts, used.inks)
    job = with_sensor(records, with_hopes(records, found or {}, job))
    job = replace(job, firmware=firmware_of(records, used.printer))
    report = Recorder(records, actor, job, cartridge_id, show)
    with link_bytes_kept(records, actor, job.batch_id, wiring.recordings) as keep:
        scale = "" if job.master.weighing == "none" else wiring.balance_driver
        instruments = Instruments(ports, job.profile, scale, wiring.pressure_driver, keep)
        return Job(job, instruments, report).run()


def _used(job: JobPlan, state: Mapping[str, Any], operator: Account) -> Use:
    """Return what the batch is about to use, as it was planned and as it is loaded."""
    rows = parts_of(state) if state else []
    return Use(
        printer=str(state.get("printer") or ""),
        profile=job.profile,
        balance=job.balance if job.master.weighing != "none" else "",
        recipe=f"{job.master.id}/{job.master.version}",
        inks=tuple(
            Contact(part.tool, part.ink.ink_id, str(row["lot"])) for part, row in zip(job.parts, rows, strict=False)
        ),
        account=operator,
        cartridges=tuple(str(row["cartridge"]) for row in rows),
        batch_id=job.batch_id,
    )


def no_longer_stands(records: Store, state: Mapping[str, Any], job: JobPlan, now: datetime) -> tuple[Finding, ...]:
    """Return what changed since the batch was planned, hours or days ago, that would have stopped the plan."""
    findings = [
        *other_than_present(records, policy_of(state)),
        *effective_recipe_of(records, state["recipe"], state["recipe_digest"]),
    ]
    order = records.get("prescription", state["prescription"]) or {}
    needs_order = policy_of(state).needs_verified_order or state["prescription"]
    if needs_order and order.get("status") != VERIFIED:
        told = f"The order {state['prescription']} is {order.get('status', 'not on record')} by now."
        findings.append(error("E_ORDER_STATUS", told, "Plan a batch of the order that counts.", "order"))
    findings += _balance_now(records, job.balance, state, job.master, now)
    digests = (job.program.digest, job.profile.digest)
    if digests != (state["program_digest"], state["profile_digest"]):
        told = "The program is not the one that was planned and prepared."
        findings.append(error("E_PROGRAM_DIFFERS", told, "Plan and prepare the batch again.", "program"))
    for row, part in zip(parts_of(state), job.parts, strict=True):
        findings += _materials_now(records, row, part, job.batch_id, now)
    return tuple(findings)


def balance_lapsed(records: Store, state: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return why the balance a recorded batch was planned for may not weigh it by now: its start would be refused."""
    master = load_recipe(str(state["recipe"]).rpartition("/")[0])
    return _balance_now(records, state["balance"], state, master, records.context.clock())


def _balance_now(
    records: Store, balance: str, state: Mapping[str, Any], master: MasterRecipe, now: datetime
) -> tuple[Finding, ...]:
    if master.weighing == "none":
        return ()
    return changed_since(records, balance, object_of(Weighing, state["weighing"]), now, policy_of(state))


def _materials_now(
    records: Store, row: Mapping[str, Any], part: JobPart, batch_id: str, now: datetime
) -> tuple[Finding, ...]:
    """Return what became of one drug's lot and cartridge since."""
    lot = lot_of(records, "", row["lot"])
    findings = [*lot.objections(now.date()), *lot_stops(records, lot, now)]
    findings += _cartridge_now(records, row["cartridge"], batch_id, now)
    left_g = ink_left_g(records, row["cartridge"])
    if float(left_g * 1000 / part.density_mg_mm3) != part.ink_available_mm3:
        told = f"Cartridge {row['cartridge']} was printed from since: {plain(left_g)} g are left."
        findings.append(error("E_CARTRIDGE_USED", told, "Plan the batch again.", "cartridge"))
    return tuple(findings)


def _cartridge_now(records: Store, cartridge_id: str, batch_id: str, now: datetime) -> tuple[Finding, ...]:
    """Return what became of the cartridge since: discarded, unloaded, loaded elsewhere, or its time in use over."""
    state = records.get("cartridge", cartridge_id) or {}
    cartridge = cartridge_from(records, state)
    findings = [*cartridge_stops(records, cartridge), *cartridge.time_objections(now, Decimal(0))]
    if (state["status"], state.get("loaded_for", batch_id)) != (CartridgeStatus.LOADED.value, batch_id):
        told = f"Cartridge {cartridge_id} is not loaded for batch {batch_id}."
        findings.append(error("E_CARTRIDGE_NOT_LOADED", told, "Load it, or plan the batch again.", "cartridge"))
    return tuple(findings)


def ink_left_g(records: Store, cartridge_id: str) -> Decimal:
    """Return what the record's own ledger leaves of a cartridge, dead volume taken off."""
    cartridge = records.get("cartridge", cartridge_id) or {}
    ledger = sum((Decimal(entry["mass_g"]) for entry in cartridge["ledger"]), Decimal(0))
    return Decimal(cartridge["fill_g"]) - Decimal(cartridge["dead_g"]) + ledger


def policy_of(state: Mapping[str, object]) -> Policy:
    """Return the policy a recorded batch was planned under; raises PrintcareError PLAN_DIFFERS for none of ours."""
    policy = POLICIES.get(str(state["mode"]))
    if policy is None or policy.allows_release != state["allows_release"]:
        raise PrintcareError("PLAN_DIFFERS", f"No policy of this program is {state['mode']}.", "Plan a new batch.")
    return policy


def plan_again(
    records: Store, batch_id: str, recipe: MasterRecipe, profile: FirmwareProfile, policy: Policy
) -> tuple[JobPlan, str]:
    """Return a recorded batch's plan made again in another process, and its cartridge.

    What is printed is what was recorded: recipe, profile and program must have the recorded digests.
    Raises PrintcareError BATCH_UNKNOWN or PLAN_DIFFERS.
    """
    state = records.get("batch", batch_id)
    if state is None:
        raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.")
    parts = parts_of(state)
    weighing = object_of(Weighing, state["weighing"])
    targets = [_target(records, recipe, row, weighing) for row in parts]
    lots, doses_mg = (" + ".join(str(row[name]) for row in parts) for name in ("lot", "dose_per_unit_mg"))
    header = header_for(recipe, lots, doses_mg, policy)
    made: JobPlan | tuple[Finding, ...] = ()
    known = [target for target in targets if isinstance(target, PartTarget)]
    if len(known) == len(recipe.parts):
        made = plan_job(batch_id, recipe, known, state["units"], profile, policy, header)
    digests = (recipe.digest, profile.digest, made.program.digest if isinstance(made, JobPlan) else "")
    if isinstance(made, tuple) or digests != tuple(
        state[f"{name}_digest"] for name in ("recipe", "profile", "program")
    ):
        told = f"The plan of batch {batch_id} cannot be made again as it was recorded."
        raise PrintcareError("PLAN_DIFFERS", told, "A file was changed since it was planned: plan a new batch.")
    return replace(made, balance=str(state.get("balance", ""))), str(state["cartridge"])


def _target(
    records: Store, recipe: MasterRecipe, row: Mapping[str, Any], weighing: Weighing
) -> PartTarget | Finding | None:
    """Return one part's target as it was planned, or why the balance cannot judge it; None where it is no part."""
    if not 1 <= row["number"] <= len(recipe.parts):
        return None
    target_mg = Decimal(row["target_mass_mg"])
    gate = gate_for(recipe.of_part(row["number"]), target_mg, weighing)
    if isinstance(gate, Finding):
        return gate
    cartridge = cartridge_from(records, records.get("cartridge", row["cartridge"]) or {})
    return PartTarget(target_mg, gate, cartridge.id, cartridge.left_g, warm_left_s(cartridge))
