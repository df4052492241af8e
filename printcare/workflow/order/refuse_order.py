"""An order that is not made: refused by a pharmacist's signature, with the reason for the prescriber."""

from __future__ import annotations

from printcare.domain.checks import Finding, error
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.order.history import REFUSED
from printcare.workflow.order.verify import TO_VERIFY

COMMAND, MEANING = "order.refuse", "refused the order"


def refuse_order(records: Store, account: Account, password: str, order_id: str, reason: str) -> None:
    """Sign that an order that waits for its verification is not made, and why.

    Raises Refused, recorded, without a reason, and for an order that does not wait.
    """
    actor = allowed(records, account, COMMAND)
    state = records.get("prescription", order_id) or {}
    findings: list[Finding] = []
    if state.get("status") != TO_VERIFY:
        stands = state.get("status", "not on record")
        told = f"The order {order_id} is {stands}; only one that waits for its verification is refused."
        findings.append(error("E_ORDER_STATUS", told, "Cancel its batch, or have a changed order sent.", "order"))
    if not reason.strip():
        findings.append(error("E_REASON_MISSING", "A refused order bears a reason.", "State it.", "reason"))
    stop_where(records, actor, COMMAND, "prescription", order_id, findings)
    refused = (("order.refused", state | {"status": REFUSED}),)
    own = ("prescription", order_id)
    sign(records, account.login, password, actor.role, MEANING, *own, becoming=refused, reason=reason)
