"""The report of a qualification run, as it is filed: written from the record, with everybody's name."""

from __future__ import annotations

from printcare.domain.qualification import Protocol
from printcare.formats.qualification_report import ReportHead, qualification_pdf
from printcare.records.accounts import Account, find
from printcare.records.signatures import signatures_of
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.mode import present
from printcare.workflow.qualify.qualification import TABLE


def report(records: Store, account: Account, key: str, protocol: Protocol) -> bytes:
    """Return the PDF of a run as recorded so far."""
    allowed(records, account, "record.read")
    state, policy = records.get(TABLE, key) or {}, present(records)
    signed = tuple((each.name, each.meaning, each.signed_at) for each in signatures_of(records, TABLE, key))
    people = {state["run_by"], *(each["by"] for each in state["steps"])}
    names = {each: find(records, each).name for each in people}
    head = ReportHead(key, policy.mode, policy.band, records.site(), signed, names)
    return qualification_pdf(head, protocol, state)
