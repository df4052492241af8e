"""Deviations opened and closed, corrective actions with their check of effect, changes with their assessed impact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.people import Actor
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.states import as_state

DEVIATION, CAPA, CHANGE = "deviation", "capa", "change"
OPEN, CLOSED, PROPOSED, APPROVED = "open", "closed", "proposed", "approved"


def open_deviation(records: Store, account: Account, batch_id: str, what: str, equipment: str = "") -> str:
    """Open a deviation of a batch, or of equipment where no batch is named, and return its key; it blocks release."""
    command = "deviation.open"
    actor = allowed(records, account, command)
    findings = [*_empty(what, "A deviation says what happened.")]
    if batch_id and records.get("batch", batch_id) is None:
        told = f"There is no batch {batch_id}."
        findings.append(error("E_NOT_ON_RECORD", told, "See `printcare batch list`.", "batch"))
    if not (batch_id or equipment):
        told = "A deviation is of a batch or of equipment."
        findings.append(error("E_DEVIATION_OF", told, "Name one of the two.", "batch"))
    stop_where(records, actor, command, DEVIATION, batch_id or equipment, findings)
    key = f"{batch_id or equipment}/D{len(records.all(DEVIATION, batch_id=batch_id)) + 1}"
    row = {"batch_id": batch_id, "status": OPEN, "what": what, "opened_by": account.id, "equipment": equipment}
    with records.transaction(actor) as tx:
        tx.record("deviation.opened", DEVIATION, key, row, reason_text=what)
    return key


def close_deviation(records: Store, account: Account, password: str, key: str, cause: str, impact: str) -> None:
    """Sign the end of a deviation with its cause and what it means for the product; never by who opened it."""
    command = "deviation.close"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, DEVIATION, key)
    findings = [*_empty(cause, "A closed deviation names its cause."), *_empty(impact, "It says what it means.")]
    findings += _not_in(state, OPEN, key) + _same(account, state.get("opened_by"))
    stop_where(records, actor, command, DEVIATION, key, findings)
    closed = {**state, "status": CLOSED, "cause": cause, "impact": impact, "closed_by": account.id}
    own = (DEVIATION, key)
    sign(records, account.login, password, actor.role, "closed", *own, becoming=((command, closed),), reason=cause)


def open_capa(records: Store, account: Account, deviation: str, action: str, owner: str, due: str) -> str:
    """Open a corrective or preventive action for a deviation, with its owner and its day, and return its key."""
    command = "capa.open"
    actor = allowed(records, account, command)
    _state(records, actor, command, DEVIATION, deviation)
    findings = [
        *_empty(action, "An action says what is done."),
        *_empty(owner, "It has an owner."),
        *_empty(due, "And a day."),
    ]
    stop_where(records, actor, command, CAPA, deviation, findings)
    key = f"CAPA-{len(records.all(CAPA)) + 1:04d}"
    row = {"status": OPEN, "deviation": deviation, "action": action, "owner": owner, "due": due, "effect": ""}
    with records.transaction(actor) as tx:
        tx.record("capa.opened", CAPA, key, row | {"opened_by": account.id}, reason_text=action)
    return key


def close_capa(records: Store, account: Account, password: str, key: str, effect: str) -> None:
    """Sign that an action was done and what its effect was found to be."""
    command = "capa.close"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, CAPA, key)
    findings = [*_empty(effect, "An action is closed by the effect that was found."), *_not_in(state, OPEN, key)]
    stop_where(records, actor, command, CAPA, key, findings)
    closed = {**state, "status": CLOSED, "effect": effect, "closed_by": account.id}
    own = (CAPA, key)
    sign(records, account.login, password, actor.role, "closed", *own, becoming=((command, closed),), reason=effect)


def propose_change(records: Store, account: Account, what: str, impact: str, requalify: str) -> str:
    """Propose a change with its assessed impact, and what is qualified again, or why nothing is; return its key."""
    command = "change.propose"
    actor = allowed(records, account, command)
    findings = [
        *_empty(what, "A change says what changes."),
        *_empty(impact, "Its impact is assessed."),
        *_empty(requalify, "It says what is qualified again, or why nothing is."),
    ]
    stop_where(records, actor, command, CHANGE, "new", findings)
    key = f"CH-{len(records.all(CHANGE)) + 1:04d}"
    row = {"status": PROPOSED, "what": what, "impact": impact, "requalify": requalify, "proposed_by": account.id}
    with records.transaction(actor) as tx:
        tx.record("change.proposed", CHANGE, key, row, reason_text=what)
    return key


def approve_change(records: Store, account: Account, password: str, key: str) -> None:
    """Sign that a proposed change may be made; never by who proposed it."""
    command = "change.approve"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, CHANGE, key)
    findings = _not_in(state, PROPOSED, key) + _same(account, state.get("proposed_by"))
    stop_where(records, actor, command, CHANGE, key, findings)
    approved = {**state, "status": APPROVED, "approved_by": account.id}
    sign(records, account.login, password, actor.role, "approved", CHANGE, key, becoming=((command, approved),))


def close_change(records: Store, account: Account, password: str, key: str, result: str) -> None:
    """Sign that an approved change was made, and how it went."""
    command = "change.close"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, CHANGE, key)
    findings = [*_empty(result, "A closed change says how it went."), *_not_in(state, APPROVED, key)]
    stop_where(records, actor, command, CHANGE, key, findings)
    closed = {**state, "status": CLOSED, "result": result, "closed_by": account.id}
    own = (CHANGE, key)
    sign(records, account.login, password, actor.role, "closed", *own, becoming=((command, closed),), reason=result)


def review_quality(records: Store, account: Account, since: str, until: str, conclusion: str) -> Mapping[str, Any]:
    """Record a periodic review of what happened between two days, counted by the program, with its conclusion."""
    command = "quality.review"
    actor = allowed(records, account, command)
    findings = _empty(conclusion, "A review ends in a conclusion.")
    stop_where(records, actor, command, "review", until, findings)
    counts = {
        "batches by status": _counted(records, "batch"),
        "deviations by status": _counted(records, DEVIATION),
        "actions by status": _counted(records, CAPA),
        "changes by status": _counted(records, CHANGE),
        "complaints by status": _counted(records, "complaint"),
        "out-of-specification results": len(records.all("laboratory_result", status="out of specification")),
    }
    told: dict[str, Any] = {
        "since": since,
        "until": until,
        "counts": counts,
        "conclusion": conclusion,
        "by": account.id,
    }
    told |= {"by": account.id, "at": as_state(records.context.clock())}
    with records.transaction(actor) as tx:
        tx.record("quality.reviewed", "review", f"{since}/{until}", told, reason_text=conclusion)
    return told


def _counted(records: Store, table: str) -> dict[str, int]:
    statuses = [str(state.get("status")) for state in records.all(table).values()]
    return {status: statuses.count(status) for status in sorted(set(statuses))}


def _empty(text: str, told: str) -> list[Finding]:
    return [] if text.strip() else [error("E_REASON_MISSING", told, "State it.", "reason")]


def _not_in(state: Mapping[str, Any], wanted: str, key: str) -> list[Finding]:
    if state["status"] == wanted:
        return []
    return [error("E_QUALITY_STATE", f"{key} is {state['status']}, not {wanted}.", "Open another one.", "id")]


def _same(account: Account, first: object) -> list[Finding]:
    found = people.second_person(str(first), account.id)
    return [] if found is None else [found]


def _state(records: Store, actor: Actor, command: str, table: str, key: str) -> dict[str, Any]:
    state = records.get(table, key)
    if state is None:
        finding = error("E_NOT_ON_RECORD", f"There is no {table} {key} on record.", "Name one that is.", "id")
        stop_where(records, actor, command, table, key, [finding])
    return state or {}
