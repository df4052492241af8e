"""FHIR R4 out: what was handed over, by what evidence, made by which devices, with which document behind it.

interoperability.md §7. Every resource passes our own allow-list and then the library, or nothing leaves.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any  # resources are plain JSON
from uuid import NAMESPACE_URL, uuid5

from printcare.errors import PrintcareError
from printcare.formats.fhir_out_shapes import objections

UCUM, SNOMED, ORAL = "http://unitsofmeasure.org", "http://snomed.info/sct", "26643006"
BATCHES, ORDERS, SERIALS, PATIENTS = (f"urn:printcare:{name}" for name in ("batch", "order", "serial", "patient"))
_ASTM = "urn:iso-astm:E1762-95:2013"
_VERIFICATION = "1.2.840.10065.1.12.1.5"  # Verification Signature: who signs has verified, and did not make
_MARK = "\x00"
_NUMBER = re.compile(r'"\\u0000(-?[0-9]+(?:\.[0-9]+)?)"')
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutDevice:
    """One device as it identified itself."""

    role: str  # printer | balance | pressure | software
    model: str
    serial: str
    version: str


@dataclass(frozen=True, slots=True)
class OutVerdict:
    """The acceptance value of one drug, under the name of what it is."""

    drug: str
    test: str
    count: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class OutPerson:
    """One person who acted, by account and role; no name leaves the record."""

    account: str
    role: str


@dataclass(frozen=True, slots=True)
class DispenseContent:
    """One hand-over of a released batch; `patient` is the identifier the order came with."""

    site: str
    batch_id: str
    number: int  # of the hand-over
    is_withdrawn: bool  # recalled or returned since
    patient: str
    order_id: str
    product: str
    form: str
    drugs: tuple[tuple[str, Decimal], ...]  # name and mg per unit
    units: int
    days: int
    units_per_dose: int
    doses_per_day: int
    directions: str
    use_by: str  # with zone
    prepared_at: str
    handed_over_at: str
    recorded_at: str
    document: str  # name of the batch record
    document_sha256: str
    document_bytes: int
    people: tuple[OutPerson, ...]
    signed: tuple[OutPerson, str, str] | None  # who released, when, and the digest it covers
    devices: tuple[OutDevice, ...]
    verdicts: tuple[OutVerdict, ...]


def dispense_bundle(content: DispenseContent) -> bytes:
    """Return the bundle as JSON bytes; raises PrintcareError FHIR_OUT where a resource does not hold."""
    entries = [_dispense(content), *_devices(content), _document(content), *_observations(content)]
    entries.append(_provenance(content, entries))
    for entry in entries:
        _checked(entry["resource"])
    bundle = {"resourceType": "Bundle", "type": "collection", "timestamp": content.recorded_at, "entry": entries}
    return f"{_written(bundle)}\n".encode()


def _written(value: Any) -> str:
    """Return JSON in which an exact decimal stands as the number it is, never as a float."""
    return _NUMBER.sub(r"\1", json.dumps(_marked(value), ensure_ascii=True, indent=1))


def _marked(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{_MARK}{value:f}"
    if isinstance(value, Mapping):
        return {name: _marked(member) for name, member in value.items()}
    return [_marked(member) for member in value] if isinstance(value, list) else value


def _checked(resource: Resource) -> None:
    """Refuse what our allow-list or the library refuses: the first knows the values, the second the structure."""
    found = objections(resource)
    if not found:
        from fhir.resources.R4B import get_fhir_model_class  # 400 ms, paid by whoever exports

        try:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        except (ValueError, TypeError) as fault:
            errors = getattr(fault, "errors", None)
            named = [".".join(map(str, each["loc"])) for each in errors()] if callable(errors) else []
            found = named or [type(fault).__name__]
    if found:
        told = f"{resource.get('resourceType')} cannot leave: {'; '.join(found[:5])}."
        raise PrintcareError("FHIR_OUT", told, "Report it: the record holds something FHIR has no place for.")


def _entry(content: DispenseContent, name: str, resource: Resource) -> dict[str, Any]:
    """Return an entry under a name of its own that stays the same at every export."""
    key = uuid5(NAMESPACE_URL, f"printcare/{content.site}/{content.batch_id}/{content.number}/{name}")
    return {
        "fullUrl": f"urn:uuid:{key}",
        "resource": {"resourceType": resource["resourceType"], "id": str(key)} | resource,
    }


def _mg(value: Decimal) -> Resource:
    return {"value": value, "unit": "mg", "system": UCUM, "code": "mg"}


def _dispense(content: DispenseContent) -> dict[str, Any]:
    medication = {
        "resourceType": "Medication",
        "id": "unit",
        "code": {"text": content.product},
        "form": {"text": content.form},
        "ingredient": [
            {
                "itemCodeableConcept": {"text": drug},
                "isActive": True,
                "strength": {"numerator": _mg(dose_mg), "denominator": _units(1)},
            }
            for drug, dose_mg in content.drugs
        ],
        "batch": {"lotNumber": content.batch_id, "expirationDate": content.use_by},
    }
    repeat = {"frequency": content.doses_per_day, "period": 1, "periodUnit": "d"}
    dosage: Resource = {
        "text": content.directions,
        "timing": {"repeat": repeat},
        "route": {"coding": [{"system": SNOMED, "code": ORAL, "display": "Oral route"}]},
    }
    if len(content.drugs) == 1:  # of several drugs no single amount is the dose; each stands with its ingredient
        dosage["doseAndRate"] = [{"doseQuantity": _mg(content.drugs[0][1] * content.units_per_dose)}]
    resource: Resource = {
        "resourceType": "MedicationDispense",
        "contained": [medication],
        "identifier": [{"system": BATCHES, "value": f"{content.batch_id}/{content.number}"}],
        "status": "cancelled" if content.is_withdrawn else "completed",
        "medicationReference": {"reference": "#unit"},
        "subject": {"identifier": _patient(content.patient)},
        "authorizingPrescription": [{"identifier": {"system": ORDERS, "value": content.order_id}}],
        "performer": [{"actor": {"display": f"{person.account}, {person.role}"}} for person in content.people],
        "quantity": _units(content.units),
        "daysSupply": {"value": content.days, "unit": "d", "system": UCUM, "code": "d"},
        "whenPrepared": content.prepared_at,
        "whenHandedOver": content.handed_over_at,
        "dosageInstruction": [dosage],
    }
    if content.is_withdrawn:
        resource["note"] = [{"text": "The batch was recalled or returned after it was handed over."}]
    return _entry(content, "dispense", resource)


def _patient(identifier: str) -> Resource:
    """Return the identifier under the system it came with, as system|value, or under ours where it names none."""
    system, _, value = identifier.rpartition("|")
    return {"system": system or PATIENTS, "value": value}


def _units(count: int) -> Resource:
    return {"value": count, "unit": "unit", "system": UCUM, "code": "1"}


def _devices(content: DispenseContent) -> list[dict[str, Any]]:
    return [
        _entry(
            content,
            f"device/{device.role}",
            {
                "resourceType": "Device",
                "identifier": [{"system": SERIALS, "value": device.serial}],
                "status": "active",
                "deviceName": [{"name": device.model, "type": "model-name"}],
                "serialNumber": device.serial,
                "type": {"text": device.role},
                "version": [{"value": device.version}],
            },
        )
        for device in content.devices
    ]


def _document(content: DispenseContent) -> dict[str, Any]:
    digest = base64.urlsafe_b64encode(bytes.fromhex(content.document_sha256)).decode("ascii").rstrip("=")
    resource = {
        "resourceType": "DocumentReference",
        # RFC 6920; `attachment.hash` is SHA-1 in R4 and left out: nobody should compare that.
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"ni:///sha-256;{digest}"},
        "identifier": [{"system": BATCHES, "value": content.batch_id}],
        "status": "current",
        "type": {"text": "Batch record"},
        "subject": {"identifier": _patient(content.patient)},
        "date": content.recorded_at,
        "content": [
            {
                "attachment": {
                    "contentType": "application/pdf",
                    "title": content.document,
                    "size": content.document_bytes,
                }
            }
        ],
    }
    return _entry(content, "document", resource)


def _observations(content: DispenseContent) -> list[dict[str, Any]]:
    return [
        _entry(
            content,
            f"observation/{verdict.drug}",
            {
                "resourceType": "Observation",
                "identifier": [{"system": BATCHES, "value": content.batch_id}],
                "status": "final",
                "code": {"text": f"Acceptance value of {verdict.drug}, n = {verdict.count}"},
                "method": {"text": verdict.test},
                "valueQuantity": {"value": verdict.value, "unit": "1", "system": UCUM, "code": "1"},
            },
        )
        for verdict in content.verdicts
    ]


def _provenance(content: DispenseContent, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    software = [each["fullUrl"] for each in entries if each["resource"]["resourceType"] == "Device"]
    agents: list[Resource] = [
        {"type": {"text": person.role}, "who": {"display": person.account}} for person in content.people
    ]
    agents += [{"type": {"text": "device"}, "who": {"reference": url}} for url in software]
    resource: Resource = {
        "resourceType": "Provenance",
        "target": [{"reference": each["fullUrl"]} for each in entries if each["fullUrl"] not in software],
        "recorded": content.recorded_at,
        "agent": agents,
        "entity": [{"role": "source", "what": {"identifier": {"system": ORDERS, "value": content.order_id}}}],
    }
    if content.signed is not None:
        person, at, digest = content.signed
        resource["signature"] = [
            {
                "type": [{"system": _ASTM, "code": _VERIFICATION, "display": "Verification Signature"}],
                "when": at,
                "who": {"display": f"{person.account}, {person.role}"},
                "sigFormat": "application/octet-stream",
                "data": base64.b64encode(bytes.fromhex(digest)).decode("ascii"),
            }
        ]
    return _entry(content, "provenance", resource)
