"""Receive an order: the message kept as it came, the person apart, the order on the worklist under a pseudonym."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any  # a state is parsed JSON

from printcare.domain.canonical import canonical_bytes
from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.prescription import Prescription
from printcare.errors import PrintcareError
from printcare.formats.imported import ImportResult
from printcare.records.accounts import Account
from printcare.records.store import Store, Transaction
from printcare.workflow.authority import allowed
from printcare.workflow.order.history import SUPERSEDED
from printcare.workflow.states import as_state

PERSONAL = ("name", "birth_date", "identifier")
KEY_FILE, KEY_BYTES = "pseudonym.key", 32
REPLACEABLE = ("to verify", "verified")
# What tells one version of a message from another, and says nothing of what was ordered.
_OF_THE_MESSAGE = ("received_sha256", "notes", "status", "prior_prescription")


def keep(
    records: Store, account: Account, data: bytes, result: ImportResult, source: str, release: str = "R4"
) -> tuple[Finding, ...]:
    """Record a message and the order read from it, or the refusal; return what speaks against it.

    The bytes and the person's particulars are kept apart under commitments; events hold the pseudonym alone
    (records.md §8.10). A message that was refused is kept too, so that what the hospital sent can be shown. `release`
    is the site's FHIR release it was read with, so that it can be read again alike. An order that refers to an earlier
    one replaces it; the same order again does not (interoperability.md F17).
    """
    actor = allowed(records, account, "order.receive")
    sha256 = hashlib.sha256(data).hexdigest()
    order = result.prescription
    findings = [*result.findings, *_duplicate(records, sha256)]
    if order is not None and not blocking(findings):
        findings += _versions(records, order)
    refused = blocking(findings)
    with records.transaction(actor) as tx:
        if tx.get("received_message", sha256) is None:
            state = {"source": source, "bytes": len(data), "release": release}
            tx.keep("received_message", sha256, data, state, action="message.received")
        if order is None or refused:
            code = refused[0].code if refused else "F_REFUSED"
            told = [finding.as_dict() for finding in findings]
            tx.record(
                "order.receive", "prescription", sha256[:16], {"findings": told}, outcome="refused", reason_code=code
            )
            return tuple(findings)
        person = canonical_bytes({name: as_state(getattr(order.patient, name)) for name in PERSONAL})
        key = person_key(order.patient.pseudonym)
        if tx.get("person", key) is None:
            tx.keep("person", key, person, {"kind": "patient"}, action="person.recorded")
        _supersede(tx, order)
        tx.record("order.received", "prescription", order.id, order_state(order, "to verify"))
    return tuple(findings)


def person_key(pseudonym: str) -> str:
    """Return the key under which the record keeps who a patient is."""
    return f"patient-{pseudonym}"


def person_of(records: Store, pseudonym: str) -> dict[str, str]:
    """Return who a patient is: name, birth_date and identifier; empty where that was erased."""
    kept = records.kept("person", person_key(pseudonym))
    return {} if kept is None else json.loads(kept)


def order_state(order: Prescription, status: str) -> dict[str, object]:
    """Return the order as the record keeps it: everything but who the patient is."""
    state = {name: as_state(getattr(order, name)) for name in Prescription.__slots__ if name not in ("patient", "id")}
    return state | {"status": status, "patient": order.patient.pseudonym, "sex": order.patient.sex}


def pseudonym_key(directory: Path) -> bytes:
    """Return the site's secret for pseudonyms, kept beside the record; made at first use, readable by its owner alone.

    Raises PrintcareError PSEUDONYM_KEY where it cannot be read or made, or is damaged.
    """
    path = directory / KEY_FILE
    try:
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(os.urandom(KEY_BYTES))
        key = path.read_bytes()
    except OSError as fault:
        message = f"The site's key for pseudonyms, {path}, cannot be read or made: {fault.strerror}."
        raise PrintcareError("PSEUDONYM_KEY", message, "Check the folder of the record and its permissions.") from fault
    if len(key) != KEY_BYTES:
        # Half a key would give the same patient two pseudonyms, and a guessable one.
        message = f"{path} holds {len(key)} bytes instead of {KEY_BYTES}."
        raise PrintcareError("PSEUDONYM_KEY", message, "Restore it from the site's backup; a new one breaks the link.")
    return key


def _duplicate(records: Store, sha256: str) -> tuple[Finding, ...]:
    if not records.all("prescription", received_sha256=sha256):
        return ()
    told = "The identical message was received before."
    return (error("F_DUPLICATE", told, "Work with the order that is there; a new one must refer to it.", "message"),)


def _versions(records: Store, order: Prescription) -> list[Finding]:
    """Return what the record's other orders say against this one: the same again, or a reference that leads astray."""
    findings = []
    if records.get("prescription", order.id) is not None:
        told = f"An order with the number {order.id} is on record; its content may differ."
        remedy = "Have a changed order sent with a number of its own and a reference to the earlier one."
        findings.append(error("F_ORDER_KNOWN", told, remedy, "id"))
    own = _ordered(order_state(order, ""))
    same = records.all("prescription", patient=order.patient.pseudonym)
    for key, state in same.items():
        if key not in (order.id, order.prior_prescription) and _ordered(state) == own:
            told = f"The order {key} for this patient says the same."
            findings.append(
                error("F_DUPLICATE", told, "Work with that order; a new one must refer to it.", "priorPrescription")
            )
    return [*findings, *_prior(records, order)]


def _prior(records: Store, order: Prescription) -> list[Finding]:
    if not order.prior_prescription:
        return []
    where = "priorPrescription"
    prior = records.get("prescription", order.prior_prescription)
    if prior is None:
        told = f"The order replaces {order.prior_prescription}, which is not on record here."
        return [warning("W_PRIOR_UNKNOWN", told, "Ask what was given under the earlier order.", where)]
    if prior["patient"] != order.patient.pseudonym or prior["product_code"] != order.product_code:
        told = f"The order replaces {order.prior_prescription}, which is for another patient or product."
        return [error("F_PRIOR_OTHER", told, "Have the sender correct the reference.", where)]
    if prior["status"] not in REPLACEABLE:
        told = f"The order replaces {order.prior_prescription}, which is {prior['status']}."
        return [warning("W_PRIOR_CLOSED", told, "Compare both orders.", where)]
    return []


def _supersede(tx: Transaction, order: Prescription) -> None:
    prior = tx.get("prescription", order.prior_prescription) if order.prior_prescription else None
    if prior is not None and prior["status"] in REPLACEABLE:
        tx.record(
            "order.superseded",
            "prescription",
            order.prior_prescription,
            prior | {"status": SUPERSEDED},
            reason_text=f"replaced by {order.id}",
        )


def _ordered(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in _OF_THE_MESSAGE}
