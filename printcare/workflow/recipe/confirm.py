"""The site's verification record of a supplier's recipe: confirmatory batches, read from the record and signed for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import BatchState
from printcare.domain.checks import Finding, error
from printcare.domain.confirmation import ConfirmatoryBatch, LaboratoryReport, level_of, unconfirmed
from printcare.domain.people import Role
from printcare.records.accounts import Account
from printcare.records.signatures import counting, sign
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.recipe.controlled import RECIPE, version, versions_of
from printcare.workflow.states import state_of

TABLE, COMMAND = "recipe_verification", "recipe.verify"
MEANING = "verified the recipe at this site by confirmatory batches"
JUDGED = frozenset({BatchState.REHEARSED, BatchState.RELEASED, BatchState.PARTLY_RELEASED, BatchState.REJECTED})


def confirm(
    records: Store,
    account: Account,
    password: str,
    key: str,
    batch_ids: Sequence[str],
    reports: Sequence[LaboratoryReport],
    reason: str,
    justification: str = "",
) -> None:
    """Sign the verification record of a recipe version over batches of the record; raises Refused, recorded.

    Dose, operator, cartridge and day come from the record, never from who signs. `justification` is why fewer than
    three batches a level are enough here.
    """
    actor = allowed(records, account, COMMAND)
    recipe = version(records, RECIPE, key)
    low, high = (Decimal(end) for end in recipe["content"]["unit_range"]["dose_mg"])
    stops = [finding for batch_id in batch_ids for finding in _unfit(records, key, recipe, batch_id)]
    if not reason.strip():
        stops.append(error("E_REASON_MISSING", "A verification says why it holds.", "State it.", "reason"))
    batches = [] if stops else [_batch(records, batch_id) for batch_id in dict.fromkeys(batch_ids)]
    stops += unconfirmed(batches, (low, high), reports, justification) if not stops else ()
    if stops:
        refuse(records, actor, COMMAND, TABLE, key, tuple(stops))
        raise Refused(tuple(stops))
    state = {
        "recipe_id": recipe["recipe_id"],
        "version": recipe["version"],
        "digest": recipe["digest"],
        "status": "open",
        "batches": [state_of(batch) | {"level": level_of(batch.dose_mg, (low, high))} for batch in batches],
        "reports": [state_of(report) for report in reports],
        "justification": justification,
        "by": account.id,
    }
    with records.transaction(actor) as tx:
        tx.record("verification.written", TABLE, key, state)
    step = ((COMMAND, state | {"status": "verified"}),)
    role = Role.FORMULATION_SCIENTIST
    sign(records, account.login, password, role, MEANING, TABLE, key, becoming=step, reason=reason)


def not_confirmed(records: Store, state: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return why a recipe that came from a supplier, or a site's narrower version of it, may not be made effective."""
    lineage = versions_of(records, RECIPE, state["recipe_id"])
    if not any(each["origin"] for each in lineage.values()):
        return ()
    if any(_is_verified(records, key, each) for key, each in lineage.items()):
        return ()
    told = f"No signed verification record of this site covers a version of {state['recipe_id']}."
    return (error("E_NOT_CONFIRMED", told, "Print the confirmatory batches and sign their record.", "recipe"),)


def _is_verified(records: Store, key: str, recipe: Mapping[str, Any]) -> bool:
    made = records.get(TABLE, key)
    if made is None or made["status"] != "verified" or made["digest"] != recipe["digest"]:
        return False
    wanted = (Role.FORMULATION_SCIENTIST, MEANING)
    return any(
        (signed.role, signed.meaning) == wanted and signed.covers(made) for signed in counting(records, TABLE, key)
    )


def _unfit(records: Store, key: str, recipe: Mapping[str, Any], batch_id: str) -> tuple[Finding, ...]:
    """Return why a batch confirms nothing: of another recipe, not judged, not whole, or simulated for patients' use."""
    batch = records.get("batch", batch_id)
    if batch is None or (batch["recipe"], batch["recipe_digest"]) != (key, recipe["digest"]):
        told = f"{batch_id} is no batch of {key} as it stands."
        return (error("E_CONFIRMATION_OTHER", told, "Name batches of this version.", batch_id),)
    if BatchState(batch["status"]) not in JUDGED or batch["outcome"] != "completed":
        told = f"{batch_id} is {batch['status']}; nobody judged it whole."
        return (error("E_CONFIRMATION_OPEN", told, "Have it printed to its end and decided on.", batch_id),)
    if batch["simulated"] and not recipe["content"]["demonstration"]:
        told = f"{batch_id} was made on a simulated bench, which proves nothing of this site's printer."
        return (error("E_CONFIRMATION_SIMULATED", told, "Print it on the printer.", batch_id),)
    return ()


def _batch(records: Store, batch_id: str) -> ConfirmatoryBatch:
    state = records.get("batch", batch_id) or {}
    planned = records.events(object_id=batch_id, object_type="batch", action="batch.planned")[0].content["ts_utc"]
    dose_mg = Decimal(state["dose_per_unit_mg"])
    return ConfirmatoryBatch(batch_id, dose_mg, state["operator"], state["cartridge"], planned[:10])
