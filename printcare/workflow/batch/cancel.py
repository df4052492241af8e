"""A planned batch that will not be printed: taken back by signature, so that its order can be planned again."""

from __future__ import annotations

from printcare.domain.batch import MOVES, BatchState
from printcare.domain.cartridge import CartridgeStatus
from printcare.domain.checks import Finding, error
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store, Transaction
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.batch.plan import parts_of

COMMAND, MEANING = "batch.cancel", "cancelled the batch"


def cancel_batch(records: Store, account: Account, password: str, batch_id: str, reason: str) -> None:
    """Sign that a batch is not printed, and why; a cartridge loaded for it is free again.

    Raises Refused, recorded, without a reason, and for a batch of which anything was printed: that one is reviewed.
    """
    actor = allowed(records, account, COMMAND)
    state = records.get("batch", batch_id) or {}
    findings: list[Finding] = []
    if not state:
        told = f"There is no batch {batch_id}."
        findings.append(error("E_BATCH_UNKNOWN", told, "See `printcare batch list`.", "batch"))
    elif BatchState.CANCELLED not in MOVES[BatchState(state["status"])]:
        told = f"Batch {batch_id} is {state['status']}; only what was not begun is cancelled."
        findings.append(error("E_BATCH_BEGUN", told, "Stop it at the printer, or review it.", "batch"))
    if not reason.strip():
        findings.append(error("E_REASON_MISSING", "A cancelled batch bears a reason.", "State it.", "reason"))
    stop_where(records, actor, COMMAND, "batch", batch_id, findings)

    def unload(tx: Transaction) -> None:
        for row in parts_of(state):
            held = tx.get("cartridge", row["cartridge"]) or {}
            if (held.get("status"), held.get("loaded_for")) == (CartridgeStatus.LOADED.value, batch_id):
                was = CartridgeStatus.USED if held["ledger"] else CartridgeStatus.FILLED
                free = held | {"status": was.value, "loaded_for": None}
                tx.record("cartridge.unloaded", "cartridge", row["cartridge"], free, reason_text=reason)

    cancelled = (("batch.cancelled", state | {"status": BatchState.CANCELLED.value, "reason": reason}),)
    own = ("batch", batch_id)
    sign(records, account.login, password, actor.role, MEANING, *own, becoming=cancelled, reason=reason, before=unload)
