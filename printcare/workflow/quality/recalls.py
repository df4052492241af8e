"""A recall after its list was made: batches called back one by one, and closed when nothing is left outside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import MOVES, BatchState
from printcare.domain.checks import error
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Actor, Store
from printcare.workflow.authority import allowed, refusals_recorded, stop_where

TABLE, OPEN, CLOSED = "recall", "open", "closed"
CALL_BACK, CLOSE = "batch.recall", "recall.close"
LIMIT_S = Decimal(60)  # from ink lot to patients, records.md §11
OUT = (BatchState.RELEASED, BatchState.PARTLY_RELEASED, BatchState.RETURNED)


def call_back(records: Store, account: Account, password: str, number: str, batch_id: str, reason: str) -> None:
    """Sign that a batch that was given out is recalled, under an open recall that lists it."""
    actor = allowed(records, account, CALL_BACK)
    state = records.get("batch", batch_id)
    listed = _open(records, actor, CALL_BACK, number)
    findings = [] if reason.strip() else [error("E_REASON_MISSING", "A recall bears a reason.", "State it.", "reason")]
    if state is None or batch_id not in listed["batches"]:
        told = f"Batch {batch_id} is not on the list of {number}."
        findings.append(error("E_RECALL_BATCH", told, "See `printcare recall list`.", "batch"))
    elif BatchState.RECALLED not in MOVES[BatchState(state["status"])]:
        told = f"Batch {batch_id} is {state['status']}; only what was given out is called back."
        findings.append(error("E_BATCH_STATE", told, "Reject it, or close its deviation.", "batch"))
    stop_where(records, actor, CALL_BACK, "batch", batch_id, findings)
    recalled = (state or {}) | {"status": BatchState.RECALLED.value}
    with refusals_recorded(records, actor, CALL_BACK, "batch", batch_id):
        sign(
            records,
            account.login,
            password,
            actor.role,
            f"recalled under {number}",
            "batch",
            batch_id,
            becoming=((CALL_BACK, recalled),),
            reason=reason,
        )


def close_recall(records: Store, account: Account, password: str, number: str, returned: int, conclusion: str) -> None:
    """Sign that a recall is over, with the number of units that came back; raises Refused while a batch is outside."""
    actor = allowed(records, account, CLOSE)
    state = _open(records, actor, CLOSE, number)
    findings = []
    if not conclusion.strip():
        findings.append(error("E_REASON_MISSING", "A closed recall bears a conclusion.", "State it.", "reason"))
    outside = [
        batch_id for batch_id in state["batches"] if BatchState((records.get("batch", batch_id) or {})["status"]) in OUT
    ]
    if outside:
        told = f"{', '.join(outside)} were given out and are not called back."
        findings.append(error("E_RECALL_OPEN", told, "Call each back: `printcare recall batch`.", "batches"))
    if not 0 <= returned <= state["units"]:
        told = f"{returned} units came back of {state['units']}."
        findings.append(error("E_RECALL_COUNT", told, "Count again.", "returned"))
    stop_where(records, actor, CLOSE, TABLE, number, findings)
    closed = state | {"status": CLOSED, "returned": returned, "conclusion": conclusion}
    with refusals_recorded(records, actor, CLOSE, TABLE, number):
        sign(
            records,
            account.login,
            password,
            actor.role,
            "closed the recall",
            TABLE,
            number,
            becoming=((CLOSE, closed),),
            reason=conclusion,
        )


def recalls(records: Store, account: Account) -> dict[str, dict[str, Any]]:
    """Return every recall and drill by number; each says whether its list was there within the limit."""
    allowed(records, account, "ink_lot.show")
    return {key: row | {"in_time": Decimal(row["seconds"]) <= LIMIT_S} for key, row in records.all(TABLE).items()}


def _open(records: Store, actor: Actor, command: str, number: str) -> dict[str, Any]:
    state = records.get(TABLE, number)
    if state is None or state["status"] != OPEN:
        told = f"Recall {number} is {'not on record' if state is None else state['status']}."
        finding = error("E_RECALL_STATE", told, "Name an open one: `printcare recall list`.", "id")
        stop_where(records, actor, command, TABLE, number, [finding])
    return state or {}
