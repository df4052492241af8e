"""A released batch handed over: its final label in place and the count of labels even, before anybody takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import Use
from printcare.domain.checks import Finding, error
from printcare.formats.label import FINAL
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.batch.plan import units_of
from printcare.workflow.paper.label_book import LabelStatus, label_stops, labels_of
from printcare.workflow.paper.labels import GIVEN, batch_state

COMMAND, TABLE, KIND = "batch.hand_over", "document", "hand-over"


def hand_over(records: Store, account: Account, batch_id: str, units: int, to: str) -> str:
    """Record that units of a released batch were handed over to a ward or a carer, by function and never by name.

    Raises Refused, recorded, for a batch that is not released, without its final label in use, with labels that do not
    balance, or for more units than are there for the patient.
    """
    actor = allowed(records, account, COMMAND)
    state = batch_state(records, batch_id)
    stop_where(records, actor, COMMAND, "batch", batch_id, _stops(records, batch_id, state, units, to))
    key = f"{batch_id}/hand-over/{len(handed_over(records, batch_id)) + 1}"
    at = records.context.clock()
    row = {
        "batch_id": batch_id,
        "kind": KIND,
        "units": units,
        "to": to,
        "at": at.isoformat(timespec="seconds"),
        "by": account.id,
    }
    with records.transaction(actor) as tx:
        tx.record("batch.handed_over", TABLE, key, row)
    return key


def handed_over(records: Store, batch_id: str) -> dict[str, dict[str, Any]]:
    """Return every hand-over of a batch."""
    return records.all(TABLE, batch_id=batch_id, kind=KIND)


def units_left(records: Store, batch_id: str) -> int:
    """Return how many units for the patient are still here."""
    there = [row for row in units_of(records, batch_id) if row.get("use") == Use.PATIENT.value]
    gone = sum(int(row["units"]) for row in handed_over(records, batch_id).values())
    return len(there) - gone


def _stops(records: Store, batch_id: str, state: dict[str, Any], units: int, to: str) -> list[Finding]:
    if state["status"] not in GIVEN:
        told = f"Batch {batch_id} is {state['status']}; only what is released is handed over."
        return [error("E_BATCH_STATE", told, "Have it released first.", "batch")]
    findings = list(label_stops(records, batch_id))
    final = [row for row in labels_of(records, batch_id).values() if row["label"] == FINAL]
    if not any(row["status"] == LabelStatus.USED for row in final):
        told = f"No final label of batch {batch_id} was scanned on its container."
        findings.append(error("E_LABEL_MISSING", told, "Print it, put it on and scan it there.", "label"))
    used = [row for row in final if row["status"] == LabelStatus.USED]
    if any(records.context.clock() > datetime.fromisoformat(row["use_by"]) for row in used):
        told = f"The use-by time on the label of batch {batch_id} has passed."
        findings.append(error("E_BUD_PASSED", told, "Destroy the units and print a new batch.", "use by"))
    left = units_left(records, batch_id)
    if not 1 <= units <= left:
        told = f"{units} units are to be handed over; {left} are there for the patient."
        findings.append(error("E_HAND_OVER_COUNT", told, "Count again.", "units"))
    if not to.strip():
        told = "Nobody is named who takes them."
        findings.append(error("E_HAND_OVER_TO", told, "Name the ward or the function, never a patient.", "to"))
    return findings
