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
    below_minimum,
    judge,
    since_last_good,
    standing,
    weighing_from,
)
from printcare.domain.checks import Finding, error, warning
from printcare.domain.gate import Weighing
from printcare.domain.policy import Policy
from printcare.domain.recipe import MasterRecipe
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.site.look_back import doubt
from printcare.workflow.site.setting import change_setting
from printcare.workflow.states import as_state, object_of, state_of

TABLE, SETTING = "balance_check", "balance_schedule"
WEIGHED_EVENT = "unit.weighed"
MOST = 1_000_000
NOTHING_KNOWN = Weighing(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def schedule_of(records: Store) -> Schedule:
    """Return the site's schedule and limits, or the shipped ones where it set none."""
    state = records.get("site_setting", SETTING)
    return Schedule() if state is None else object_of(Schedule, state)


def set_schedule(records: Store, account: Account, schedule: Schedule, reason: str) -> None:
    """Set how long each check stands at this site and by which limits."""
    change_setting(records, account, SETTING, schedule, reason)


def record_check(records: Store, account: Account, check: BalanceCheck, raw: Sequence[str]) -> Outcome:
    """Put a check with its raw lines on record and return what it means; raises Refused where it is none.

    One that failed looks back: it lists every unit weighed since the balance was last good in this, and opens a
    deviation for each batch that was released or is not decided on, which holds the latter.
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
        weighed = weighed_at(records, check.balance)
        since, units = since_last_good(checks_of(records, check.balance), judged, weighed)
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
        if units:
            told = f"balance {check.balance} failed its {check.kind} check: {outcome.findings[0].reason}"
            doubt(tx, records, units, told, "balance look-back")
    return outcome


def checks_of(records: Store, balance: str) -> tuple[Judged, ...]:
    """Return every check of a balance with its outcome as it was judged then."""
    return tuple(_judged(state) for state in records.all(TABLE, balance=balance).values())


def balance_stops(records: Store, balance: str, now: datetime) -> tuple[Finding, ...]:
    """Return why a balance may not judge any unit now."""
    return standing(checks_of(records, balance), schedule_of(records), now, balance)


def weighing_of(records: Store, balance: str) -> Weighing | None:
    """Return what is known of a balance by its latest valid checks, for the gate; None where nothing is."""
    return weighing_from(checks_of(records, balance), schedule_of(records))


def weighed_at(records: Store, balance: str) -> dict[str, datetime]:
    """Return when each unit was last weighed by a balance; a batch that does not say by which counts for every one."""
    others = {
        batch_id for batch_id, state in records.all("batch").items() if state.get("balance") not in (None, balance)
    }
    events = records.events(object_type="weighing", action=WEIGHED_EVENT, limit=MOST)
    weighed = {str(event.content["object_id"]): _time(event.content["ts_utc"]) for event in events}
    return {unit: at for unit, at in weighed.items() if unit.rpartition("/")[0] not in others}


def balance_for(records: Store, wanted: str | None) -> str:
    """Return the balance a batch is planned for: the one named, else the only one on record.

    Raises Refused where none has been checked, or several have and none is named.
    """
    known = sorted({str(state["balance"]) for state in records.all(TABLE).values()})
    if wanted is not None or len(known) == 1:
        return wanted or known[0]
    if not known:
        raise Refused((_unknown("No balance has a check on record."),))
    told = f"{len(known)} balances have checks on record: {', '.join(known)}."
    raise Refused((error("E_BALANCE_WHICH", told, "Name the one that weighs this batch.", "balance"),))


def weighing_for(
    records: Store, master: MasterRecipe, balance: str, now: datetime, policy: Policy
) -> tuple[Weighing, tuple[Finding, ...]]:
    """Return the figures a recipe's units are judged by, and what speaks against weighing them like this.

    Without a balance nothing is known and nothing is judged: research only, and no unit is ever accepted.
    """
    if master.weighing == "none":
        if not policy.needs_checked_balance:
            return NOTHING_KNOWN, ()
        told = f"The recipe {master.id} weighs nothing, and in {policy.mode} mode every unit is weighed."
        return NOTHING_KNOWN, (error("E_WEIGHING_NONE", told, "Use a recipe that weighs, or research mode.", "recipe"),)
    weighing, findings = fit_balance(records, balance, now, policy)
    if master.weighing == "beside" and len(master.parts) > 1:
        told = f"A unit of {master.id} is weighed after each of its inks, and cannot be put back where it was printed."
        findings = (
            *findings,
            error("E_WEIGHING_BESIDE", told, "Weigh it under the tray, or print one ink a unit.", "recipe"),
        )
    return weighing or NOTHING_KNOWN, findings


def fit_balance(
    records: Store, balance: str, now: datetime, policy: Policy
) -> tuple[Weighing | None, tuple[Finding, ...]]:
    """Return what is known of a balance for the gate, and what speaks against it now.

    A mode that needs no checked balance is told what does not stand; without any figures no mode can judge a unit.
    """
    weighing = weighing_of(records, balance)
    stops = balance_stops(records, balance, now)
    if not policy.needs_checked_balance:
        stops = tuple(warning(each.code, each.reason, each.remedy, each.where) for each in stops)
    if weighing is None:
        stops = (*stops, _unknown(f"Nothing is known of balance {balance}: no repeatability and daily check passed."))
    return weighing, stops


def least_weight_stops(
    records: Store, targets_mg: Sequence[Decimal], weighing: Weighing, policy: Policy
) -> tuple[Finding, ...]:
    """Return what is below the balance's minimum weight: an in-process check, where the site justifies that."""
    justification = schedule_of(records).below_minimum
    found = [finding for each in targets_mg for finding in below_minimum(each, weighing, justification)]
    if policy.needs_checked_balance:
        return tuple(found)
    return tuple(warning("W_BELOW_MINIMUM_WEIGHT", each.reason, "Read it as such.", each.where) for each in found)


def changed_since(
    records: Store, balance: str, planned: Weighing | None, now: datetime, policy: Policy
) -> tuple[Finding, ...]:
    """Return why the balance a batch was planned for may not weigh it by now: a check over, failed, or found worse."""
    weighing, stops = fit_balance(records, balance, now, policy)
    if planned is None or weighing is None:
        return stops
    is_worse = weighing.expanded_mg > planned.expanded_mg or weighing.minimum_weight_mg > planned.minimum_weight_mg
    if not is_worse:
        return stops
    told = f"Balance {balance} was found worse since: U is {weighing.expanded_mg:.2f} mg, {planned.expanded_mg:.2f} mg "
    told += "when the batch was planned."
    return (*stops, error("E_BALANCE_WORSE", told, "Plan the batch again: its gate is narrower now.", "balance"))


def _unknown(told: str) -> Finding:
    return error("E_BALANCE_UNKNOWN", told, "Check the balance with `printcare balance check`.", "balance")


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
