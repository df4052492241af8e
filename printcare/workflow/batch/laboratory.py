"""Laboratory results on record: entered with their raw file, checked by another person, investigated where out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import BatchState
from printcare.domain.checks import Finding, error
from printcare.domain.laboratory import (
    CONTENT,
    InvestigationStatus,
    Result,
    ResultStatus,
    blocking_release,
    check_objections,
    entry_objections,
    retest_objections,
    stands_already,
)
from printcare.domain.people import Actor
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store, Transaction
from printcare.workflow.authority import allowed, refusals_recorded, stop_where
from printcare.workflow.states import object_of, state_of

RESULT, INVESTIGATION = "laboratory_result", "investigation"
UNDECIDED = frozenset({BatchState.FINISHING, BatchState.QUARANTINED})
COUNTED = frozenset({ResultStatus.CHECKED.value, ResultStatus.OUT.value})


def enter_result(records: Store, account: Account, result: Result, raw: bytes) -> str:
    """Put a result on record and return its id; of the raw file its digest is kept, reckoned here from its bytes.

    Raises Refused, recorded, for a result that lacks something, a batch that is decided on or unknown, and a second
    result beside one out of specification that nobody signed a re-test for.
    """
    command = "laboratory.enter"
    actor = allowed(records, account, command)
    known = _results(records, result.batch_id)
    kept = object_of(Result, state_of(result) | {"raw_sha256": hashlib.sha256(raw).hexdigest() if raw else ""})
    repeated = known.get(result.retests)
    findings = (
        *entry_objections(kept),
        *_not_waiting(records, result.batch_id),
        *stands_already(kept, (_read(state) for state in known.values())),
        *retest_objections(kept, None if repeated is None else _read(repeated), _retest_signed(records, result)),
    )
    stop_where(records, actor, command, "batch", result.batch_id, findings)
    row = {"batch_id": result.batch_id, "status": ResultStatus.ENTERED.value, "result": state_of(kept)}
    with records.transaction(actor) as tx:
        key = f"{result.batch_id}/L{len(known) + 1}"
        while tx.get(RESULT, key) is not None:  # entered by somebody else meanwhile
            key = f"{result.batch_id}/L{int(key.rpartition('/L')[2]) + 1}"
        tx.record("laboratory.entered", RESULT, key, row | {"entered_by": account.id, "checked_by": None})
    return key


def check_result(records: Store, account: Account, password: str, key: str) -> str | None:
    """Sign the second check of a result; one out of specification opens its investigation, whose id is returned.

    Raises Refused, recorded, where the checker entered the result or found it, or it was checked before.
    """
    command = "laboratory.check"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, RESULT, key)
    result = _read(state)
    stops = check_objections(ResultStatus(state["status"]), state["entered_by"], result.analyst, account.id)
    if result.analyst == account.login and not stops:
        stops = check_objections(ResultStatus(state["status"]), "", account.id, account.id)
    stop_where(records, actor, command, RESULT, key, stops)
    status = ResultStatus.OUT if result.outside else ResultStatus.CHECKED
    opened = f"{key}/I1" if result.outside else None

    def investigate(tx: Transaction) -> None:
        if opened is not None:
            told = ", ".join(str(value) for value in result.outside)
            what = f"{result.test} of {result.drug}: {told} {result.unit} outside {result.low} to {result.high}"
            row = {"batch_id": result.batch_id, "status": InvestigationStatus.OPEN.value, "result": key, "what": what}
            own = {"opened_by": account.id, "conclusion": "", "retest": False}
            tx.record("investigation.opened", INVESTIGATION, opened, row | own, reason_text=what)

    checked = state | {"status": status.value, "checked_by": account.id}
    sign(
        records,
        account.login,
        password,
        actor.role,
        "checked a laboratory result",
        RESULT,
        key,
        becoming=(("laboratory.checked", checked),),
        before=investigate,
    )
    return opened


def allow_retest(records: Store, account: Account, password: str, key: str, reason: str) -> None:
    """Sign that what an open investigation is about may be tested again; its first result stays as it is."""
    _sign_investigation(records, account, password, key, "investigation.retest", reason, {"retest": True})


def close_investigation(records: Store, account: Account, password: str, key: str, reason: str) -> None:
    """Close an investigation by quality's signature and reason; until then it blocks every release."""
    closed = {"status": InvestigationStatus.CLOSED.value, "conclusion": reason, "closed_by": account.id}
    _sign_investigation(records, account, password, key, "investigation.close", reason, closed)


def laboratory_stops(records: Store, batch_id: str) -> tuple[Finding, ...]:
    """Return what of the laboratory blocks a batch's release."""
    results = [(key, ResultStatus(state["status"])) for key, state in _results(records, batch_id).items()]
    rows = records.all(INVESTIGATION, batch_id=batch_id)
    return blocking_release(results, [(key, InvestigationStatus(state["status"])) for key, state in rows.items()])


def contents_of(records: Store, batch_id: str, drug: str) -> tuple[Decimal, ...]:
    """Return every checked content of single units of one drug, re-tests and what they repeat alike."""
    return tuple(
        value
        for state in _results(records, batch_id).values()
        if state["status"] in COUNTED and _is_content(state["result"], drug)
        for value in _read(state).values
    )


def _is_content(result: Mapping[str, Any], drug: str) -> bool:
    return (result["test"], result["drug"]) == (CONTENT, drug)


def _sign_investigation(
    records: Store, account: Account, password: str, key: str, command: str, reason: str, changes: Mapping[str, object]
) -> None:
    actor = allowed(records, account, command)
    state = _state(records, actor, command, INVESTIGATION, key)
    findings = []
    if not reason.strip():
        findings.append(error("E_REASON_MISSING", "What quality signs bears its reason.", "State it.", "reason"))
    if state["status"] != InvestigationStatus.OPEN.value:
        told = f"Investigation {key} is closed."
        findings.append(error("E_INVESTIGATION_CLOSED", told, "Open another one where there is a new cause.", "id"))
    stop_where(records, actor, command, INVESTIGATION, key, tuple(findings))
    with refusals_recorded(records, actor, command, INVESTIGATION, key):
        sign(
            records,
            account.login,
            password,
            actor.role,
            {"investigation.close": "closed", "investigation.retest": "allowed a re-test"}[command],
            INVESTIGATION,
            key,
            becoming=((command, state | dict(changes)),),
            reason=reason,
        )


def _results(records: Store, batch_id: str) -> dict[str, dict[str, Any]]:
    return records.all(RESULT, batch_id=batch_id)


def _read(state: Mapping[str, Any]) -> Result:
    return object_of(Result, state["result"])


def _retest_signed(records: Store, result: Result) -> bool:
    rows = records.all(INVESTIGATION, batch_id=result.batch_id).values()
    return any(row["result"] == result.retests and row["retest"] for row in rows)


def _not_waiting(records: Store, batch_id: str) -> tuple[Finding, ...]:
    status = (records.get("batch", batch_id) or {}).get("status", "not on record")
    if status in UNDECIDED:
        return ()
    told = f"Batch {batch_id} is {status}; results belong to one that is printed and not decided on."
    return (error("E_BATCH_STATE", told, "See `printcare batch list`.", "batch"),)


def _state(records: Store, actor: Actor, command: str, table: str, key: str) -> dict[str, Any]:
    state = records.get(table, key)
    if state is None:
        told = f"There is no {table.replace('_', ' ')} {key} on record."
        stop_where(records, actor, command, table, key, (error("E_NOT_ON_RECORD", told, "Name one that is.", "id"),))
    return state or {}
