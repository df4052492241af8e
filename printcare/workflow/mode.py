"""The site's present mode: what the record says it is, and the signed switch that never happens with a batch open."""

from __future__ import annotations

from printcare.domain.batch import BatchState
from printcare.domain.checks import Finding, error
from printcare.domain.people import SYSTEM, Role
from printcare.domain.policy import LOCKED, POLICIES, Policy
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store, Transaction
from printcare.records.writing import PRESENT_MODE
from printcare.workflow.authority import Refused, allowed, refusals_recorded, refuse

SWITCH = "mode.switch"
DECIDED = frozenset(
    {
        BatchState.RELEASED,
        BatchState.PARTLY_RELEASED,
        BatchState.REJECTED,
        BatchState.REHEARSED,
        BatchState.CANCELLED,
        BatchState.RECALLED,
        BatchState.RETURNED,
    }
)


def present(records: Store | Transaction) -> Policy:
    """Return the policy of the site's present mode; locked mode, the strictest, where none was ever chosen."""
    state = records.get("mode", PRESENT_MODE)
    return LOCKED if state is None else POLICIES[state["status"]]


def other_than_present(records: Store | Transaction, policy: Policy) -> tuple[Finding, ...]:
    """Return why nothing may be done under a policy that is not the present mode's own value."""
    now = present(records)
    if policy == now:
        return ()
    told = f"This was asked for under {policy.mode} mode; the site is in {now.mode} mode."
    return (error("E_MODE_DIFFERS", told, "Work in the present mode, or have a process owner switch it.", "mode"),)


def open_batches(records: Store) -> tuple[str, ...]:
    """Return the ids of the batches nobody has decided on yet."""
    return tuple(key for key, state in records.all("batch").items() if BatchState(state["status"]) not in DECIDED)


def switch(records: Store, account: Account, password: str, wanted: Policy, reason: str) -> None:
    """Switch the site's mode, signed and with a reason; raises Refused, recorded, while any batch is open."""
    actor = allowed(records, account, SWITCH)
    objections = _objections(records, wanted, reason)
    if objections:
        refuse(records, actor, SWITCH, "mode", PRESENT_MODE, objections)
        raise Refused(objections)
    if records.get("mode", PRESENT_MODE) is None:
        with records.transaction(SYSTEM) as tx:
            if tx.get("mode", PRESENT_MODE) is None:
                tx.record("mode.begun", "mode", PRESENT_MODE, {"status": LOCKED.mode, "before": None, "by": None})
    state = {"status": wanted.mode, "before": present(records).mode, "by": account.id}

    def none_opened_meanwhile(_: Transaction) -> None:
        stops = _objections(records, wanted, reason)  # under the write lock: nobody opens one behind it
        if stops:
            raise Refused(stops)

    with refusals_recorded(records, actor, SWITCH, "mode", PRESENT_MODE):
        sign(
            records,
            account.login,
            password,
            Role.PROCESS_OWNER,
            f"switched to {wanted.mode} mode",
            "mode",
            PRESENT_MODE,
            becoming=((SWITCH, state),),
            reason=reason,
            before=none_opened_meanwhile,
        )


def _objections(records: Store, wanted: Policy, reason: str) -> tuple[Finding, ...]:
    findings = []
    if not reason.strip():
        findings.append(error("E_REASON_MISSING", "A switch of the mode bears a reason.", "State it.", "reason"))
    if present(records) == wanted:
        told = f"The site is in {wanted.mode} mode already."
        findings.append(error("E_MODE_SAME", told, "Nothing needs to be done.", "mode"))
    batches = open_batches(records)
    if batches:
        told = f"Nobody has decided yet on {', '.join(batches)}."
        findings.append(error("E_MODE_BATCH_OPEN", told, "Decide on every batch or cancel it first.", "mode"))
    return tuple(findings)
