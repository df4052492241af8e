"""Checks of a balance on record: made, judged, and what became of everything weighed since it was last good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.balance_check import (
    FAILED,
    BalanceCheck,
    Judged,
    Kind,
    Outcome,
    Schedule,
    judge,
    since_last_good,
    standing,
    weighing_from,
)
from printcare.domain.batch import BatchState
from printcare.domain.checks import Finding
from printcare.domain.gate import Weighing
from printcare.records.accounts import Account
from printcare.records.store import Store, Transaction
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.states import as_state, object_of, state_of

TABLE = "balance_check"
WEIGHED_EVENT = "unit.weighed"
GIVEN = frozenset({BatchState.RELEASED.value, BatchState.PARTLY_RELEASED.value})
WAITING = frozenset({BatchState.FINISHING.value, BatchState.QUARANTINED.value})
MOST = 1_000_000


def schedule_of(records: Store) -> Schedule:
    """Return the site's schedule and limits, or the shipped ones where it set none."""
    state = records.get("site_setting", "balance_schedule")
    return Schedule() if state is None else object_of(Schedule, state)


def set_schedule(records: Store, account: Account, schedule: Schedule, reason: str) -> None:
    """Set how long each check stands at this site and by which limits."""
    actor = allowed(records, account, "site.configure")
    with records.transaction(actor) as tx:
        tx.record("site.balance_schedule", "site_setting", "balance_schedule", state_of(schedule), reason_text=reason)


def record_check(records: Store, account: Account, check: BalanceCheck, raw: Sequence[str]) -> Outcome:
    """Put a check with its raw lines on record and return what it means; raises Refused where it is none.

    One that failed looks back: it lists every unit weighed since the balance was last good in this, and opens a
    deviation for each batch that was released or still waits, which holds the latter.
    """
    actor = allowed(records, account, "balance.check")
    outcome = judge(check, schedule_of(records))
    if not isinstance(outcome, Outcome):
        refuse(records, actor, "balance.check", "balance", check.balance, outcome)
        raise Refused(outcome)
    judged = Judged(check, outcome)
    since: datetime | None = None
    units: tuple[str, ...] = ()
    if outcome.status == FAILED:
        since, units = since_last_good(checks_of(records, check.balance), judged, weighed_at(records))
    row = state_of(check) | {
        "status": outcome.status,
        "figure_mg": as_state(outcome.figure_mg),
        "reasons": [finding.reason for finding in outcome.findings],
        "raw": list(raw),
        "made_by": account.id,
        "since": as_state(since),
        "units": list(units),
    }
    with records.transaction(actor) as tx:
        number = len(records.all(TABLE, balance=check.balance)) + 1
        tx.record("balance.checked", TABLE, f"{check.balance}/{number}", row)
        for batch_id in dict.fromkeys(unit.rpartition("/")[0] for unit in units):
            _hold(tx, records, batch_id, check, outcome)
    return outcome


def _hold(tx: Transaction, records: Store, batch_id: str, check: BalanceCheck, outcome: Outcome) -> None:
    """Open the deviation that holds a batch not yet decided on, or tells of one that was given away."""
    status = (tx.get("batch", batch_id) or {}).get("status")
    if status not in GIVEN | WAITING:
        return
    told = f"balance {check.balance} failed its {check.kind} check: {outcome.findings[0].reason}"
    number = len(records.all("deviation", batch_id=batch_id)) + 1
    row = {"batch_id": batch_id, "status": "open", "what": told, "opened_by": "balance look-back"}
    tx.record("deviation.opened", "deviation", f"{batch_id}/D{number}", row, reason_text=told)


def checks_of(records: Store, balance: str) -> tuple[Judged, ...]:
    """Return every check of a balance with its outcome as it was judged then."""
    return tuple(_judged(state) for state in records.all(TABLE, balance=balance).values())


def balance_stops(records: Store, balance: str, now: datetime) -> tuple[Finding, ...]:
    """Return why a balance may not judge any unit now."""
    return standing(checks_of(records, balance), schedule_of(records), now, balance)


def weighing_of(records: Store, balance: str) -> Weighing | None:
    """Return what is known of a balance by its latest valid checks, for the gate; None where nothing is."""
    return weighing_from(checks_of(records, balance), schedule_of(records))


def weighed_at(records: Store) -> dict[str, datetime]:
    """Return when each unit on record was last weighed; the record does not yet say by which balance."""
    events = records.events(object_type="weighing", action=WEIGHED_EVENT, limit=MOST)
    return {str(event.content["object_id"]): _time(event.content["ts_utc"]) for event in events}


def _judged(state: dict[str, Any]) -> Judged:
    check = BalanceCheck(
        balance=state["balance"],
        kind=Kind(state["kind"]),
        at=_time(state["at"]),
        weight_mg=Decimal(state["weight_mg"]),
        readings_mg=tuple(Decimal(each) for each in state["readings_mg"]),
        readability_mg=Decimal(state["readability_mg"]),
        u_weight_mg=Decimal(state["u_weight_mg"]),
    )
    return Judged(check, Outcome(state["status"], Decimal(state["figure_mg"]), ()))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
