"""What comes back of a batch: complaints, adverse reactions and error reports, assessed and closed by quality.

Each is linked to its batch and units, tells nothing of who the patient is, and blocks a batch that is not released yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import BatchState
from printcare.domain.checks import Finding, error
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Actor, Store, Transaction
from printcare.workflow.authority import allowed, refusals_recorded, stop_where
from printcare.workflow.batch.plan import unit_key

TABLE = "complaint"
RECORD, ASSESS, CLOSE = "complaint.record", "complaint.assess", "complaint.close"


class Kind(StrEnum):
    """What was told."""

    COMPLAINT = "complaint"
    REACTION = "adverse reaction"
    ERROR = "error report"


class Status(StrEnum):
    """Where it stands."""

    OPEN = "open"
    ASSESSED = "assessed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody told of a batch: no name of a patient, no name of a reporter.

    `units` are numbers of the batch's units, none where it is about the whole; `source` is who told it, by function.
    """

    batch_id: str
    kind: Kind
    what: str
    source: str
    units: tuple[int, ...] = ()


def record_report(records: Store, account: Account, report: Report) -> str:
    """Put a report on record and return its number; raises Refused, recorded, for what it lacks."""
    actor = allowed(records, account, RECORD)
    stop_where(records, actor, RECORD, TABLE, report.batch_id, _lacking(records, report))
    row = {
        "batch_id": report.batch_id,
        "status": Status.OPEN.value,
        "kind": report.kind.value,
        "what": report.what,
        "source": report.source,
        "units": [unit_key(report.batch_id, index) for index in report.units],
        "recorded_by": account.id,
        "serious": None,
        "assessment": "",
        "reported_as": "",
        "conclusion": "",
    }
    with records.transaction(actor) as tx:
        number = f"{_LETTERS[report.kind]}-{len(records.all(TABLE)) + 1:04d}"
        tx.record("complaint.recorded", TABLE, number, row)
    return number


def assess_report(
    records: Store, account: Account, password: str, number: str, assessment: str, *, serious: bool
) -> str | None:
    """Sign quality's assessment; a serious one opens a deviation on the batch, whose key is returned."""
    actor = allowed(records, account, ASSESS)
    state = _state(records, actor, ASSESS, number)
    findings = [] if assessment.strip() else [_missing("assessment")]
    if state.get("status") != Status.OPEN:
        findings.append(_moved(number, state))
    if state.get("recorded_by") == account.id:
        told = "Whoever put it on record does not assess it."
        findings.append(error("E_REPORT_OWN", told, "Have another person of quality assess it.", "account"))
    stop_where(records, actor, ASSESS, TABLE, number, findings)
    batch_id = state["batch_id"]
    opened = f"{batch_id}/D{len(records.all('deviation', batch_id=batch_id)) + 1}" if serious else None

    def deviate(tx: Transaction) -> None:
        if opened is not None:
            what = f"{state['kind']} {number}: {state['what']}"
            row = {"batch_id": batch_id, "status": "open", "what": what, "opened_by": account.id}
            tx.record("deviation.opened", "deviation", opened, row, reason_text=assessment)

    assessed = state | {"status": Status.ASSESSED.value, "serious": serious, "assessment": assessment}
    with refusals_recorded(records, actor, ASSESS, TABLE, number):
        sign(
            records,
            account.login,
            password,
            actor.role,
            "assessed",
            TABLE,
            number,
            becoming=(("complaint.assessed", assessed),),
            reason=assessment,
            before=deviate,
        )
    return opened


def close_report(
    records: Store, account: Account, password: str, number: str, conclusion: str, reported_as: str = ""
) -> None:
    """Sign that a report is closed; a serious adverse reaction needs the number under which the authority has it."""
    actor = allowed(records, account, CLOSE)
    state = _state(records, actor, CLOSE, number)
    findings = [] if conclusion.strip() else [_missing("conclusion")]
    if state.get("status") != Status.ASSESSED:
        findings.append(_moved(number, state))
    if state.get("kind") == Kind.REACTION and state.get("serious") and not reported_as.strip():
        told = "A serious adverse reaction is reported to the authority before it is closed."
        findings.append(error("E_REACTION_UNREPORTED", told, "State its number there with --reported-as.", "reported"))
    stop_where(records, actor, CLOSE, TABLE, number, findings)
    closed = state | {"status": Status.CLOSED.value, "conclusion": conclusion, "reported_as": reported_as}
    with refusals_recorded(records, actor, CLOSE, TABLE, number):
        sign(
            records,
            account.login,
            password,
            actor.role,
            "closed",
            TABLE,
            number,
            becoming=((CLOSE, closed),),
            reason=conclusion,
        )


def reports(records: Store, account: Account, batch_id: str = "") -> dict[str, dict[str, Any]]:
    """Return the reports on a batch, or all of them, by number."""
    allowed(records, account, "batch.show")
    return records.all(TABLE, batch_id=batch_id) if batch_id else records.all(TABLE)


def report_stops(records: Store, batch_id: str) -> tuple[Finding, ...]:
    """Return which reports on a batch block its release: those nobody has closed."""
    waiting = [key for key, row in records.all(TABLE, batch_id=batch_id).items() if row["status"] != Status.CLOSED]
    if not waiting:
        return ()
    told = f"{', '.join(waiting)} on this batch are not closed."
    return (error("E_REPORT_OPEN", told, "Have quality assess and close them first.", "complaint"),)


_LETTERS = {Kind.COMPLAINT: "C", Kind.REACTION: "A", Kind.ERROR: "E"}


def _lacking(records: Store, report: Report) -> list[Finding]:
    state = records.get("batch", report.batch_id)
    if state is None:
        told = f"There is no batch {report.batch_id} on record."
        return [error("E_NOT_ON_RECORD", told, "See the label for its number.", "batch")]
    findings = [_missing(name) for name in ("what", "source") if not getattr(report, name).strip()]
    if state["status"] == BatchState.CANCELLED.value:
        told = f"Batch {report.batch_id} was cancelled before it was printed."
        findings.append(error("E_BATCH_STATE", told, "Check the number on the label.", "batch"))
    unknown = [each for each in report.units if records.get("unit", unit_key(report.batch_id, each)) is None]
    if unknown:
        told = f"Batch {report.batch_id} has no unit {', '.join(map(str, unknown))}."
        findings.append(error("E_UNIT_UNKNOWN", told, "Check the numbers of the units.", "units"))
    return findings


def _missing(name: str) -> Finding:
    return error("E_REASON_MISSING", f"The {name} is empty.", "State it, without anybody's name.", name)


def _moved(number: str, state: dict[str, Any]) -> Finding:
    told = f"{number} is {state.get('status', 'not on record')}; it is recorded, then assessed, then closed."
    return error("E_REPORT_MOVE", told, "See `printcare complaint list`.", "id")


def _state(records: Store, actor: Actor, command: str, number: str) -> dict[str, Any]:
    state = records.get(TABLE, number)
    if state is None:
        told = f"There is no report {number} on record."
        stop_where(records, actor, command, TABLE, number, [error("E_NOT_ON_RECORD", told, "Name one that is.", "id")])
    return state or {}
