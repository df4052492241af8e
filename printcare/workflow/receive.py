"""Receive an order: the message kept as it came, the person apart, the order on the worklist under a pseudonym."""

from __future__ import annotations

import hashlib

from printcare.domain.canonical import canonical_bytes
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.prescription import Prescription
from printcare.formats.imported import ImportResult
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.states import as_state

PERSONAL = ("name", "birth_date", "identifier")


def keep(records: Store, account: Account, data: bytes, result: ImportResult, source: str) -> tuple[Finding, ...]:
    """Record a message and the order read from it, or the refusal; return what speaks against it.

    The bytes and the person's particulars are kept apart under commitments; events hold the pseudonym alone
    (records.md §8.10). A message that was refused is kept too, so that what the hospital sent can be shown.
    """
    actor = allowed(records, account, "order.receive")
    sha256 = hashlib.sha256(data).hexdigest()
    findings = [*result.findings, *_duplicate(records, sha256)]
    order = result.prescription
    refused = blocking(findings)
    with records.transaction(actor) as tx:
        if tx.get("received_message", sha256) is None:
            tx.keep("received_message", sha256, data, {"source": source, "bytes": len(data)}, action="message.received")
        if order is None or refused:
            code = refused[0].code if refused else "F_REFUSED"
            told = [finding.as_dict() for finding in findings]
            tx.record(
                "order.receive", "prescription", sha256[:16], {"findings": told}, outcome="refused", reason_code=code
            )
            return tuple(findings)
        person = canonical_bytes({name: as_state(getattr(order.patient, name)) for name in PERSONAL})
        key = f"patient-{order.patient.pseudonym}"
        if tx.get("person", key) is None:
            tx.keep("person", key, person, {"kind": "patient"}, action="person.recorded")
        tx.record("order.received", "prescription", order.id, order_state(order, "to verify"))
    return tuple(findings)


def order_state(order: Prescription, status: str) -> dict[str, object]:
    """Return the order as the record keeps it: everything but who the patient is."""
    state = {name: as_state(getattr(order, name)) for name in Prescription.__slots__ if name not in ("patient", "id")}
    return state | {"status": status, "patient": order.patient.pseudonym, "sex": order.patient.sex}


def _duplicate(records: Store, sha256: str) -> tuple[Finding, ...]:
    if not records.all("prescription", received_sha256=sha256):
        return ()
    told = "The identical message was received before."
    return (error("F_DUPLICATE", told, "Work with the order that is there; a new one must refer to it.", "message"),)
