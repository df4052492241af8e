"""The allow-list of what leaves as FHIR R4: every element, whether it must be there, and the values it may have.

Tighter than the standard: what is not in a table is not sent, because nobody has looked at what it would tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any  # resources are plain JSON

_ID = r"[A-Za-z0-9.\-]{1,64}"
_TEXT = r"[^\x00-\x08\x0b\x0c\x0e-\x1f]{1,4000}"
_URI = r"[^\s\x00]{1,400}"
# Pattern of a text, a Python type, or the name of another shape; `!` must be there, `*` is a list of at least one.
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "MedicationDispense": {
        "resourceType!": "MedicationDispense", "id!": _ID, "contained!": "*Medication", "identifier!": "*Identifier",
        "status!": "completed|cancelled", "medicationReference!": "Inner", "subject!": "Named",
        "authorizingPrescription!": "*Named", "performer!": "*Performer", "quantity!": "Quantity",
        "daysSupply!": "Quantity", "whenPrepared!": datetime, "whenHandedOver!": datetime,
        "dosageInstruction!": "*Dosage", "note": "*Note",
    },
    "Medication": {
        "resourceType!": "Medication", "id!": _ID, "code!": "Words", "form!": "Words", "ingredient!": "*Ingredient",
        "batch!": "Batch",
    },
    "Ingredient": {"itemCodeableConcept!": "Words", "isActive!": bool, "strength!": "Ratio"},
    "Batch": {"lotNumber!": _TEXT, "expirationDate!": datetime},
    "Ratio": {"numerator!": "Quantity", "denominator!": "Quantity"},
    "Quantity": {
        "value!": Decimal, "unit!": "mg|d|unit|1", "system!": r"http://unitsofmeasure\.org", "code!": "mg|d|1",
    },
    "Identifier": {"system!": _URI, "value!": _TEXT},
    "Named": {"identifier!": "Identifier"},
    "Inner": {"reference!": "#[a-z]+"},
    "Linked": {"reference!": "urn:uuid:[0-9a-f-]{36}"},
    "Shown": {"display!": _TEXT},
    "Words": {"text!": _TEXT},
    "Note": {"text!": _TEXT},
    "Performer": {"actor!": "Shown"},
    "Dosage": {"text!": _TEXT, "timing!": "Timing", "route!": "Route", "doseAndRate": "*DoseAndRate"},
    "DoseAndRate": {"doseQuantity!": "Quantity"},
    "Timing": {"repeat!": "Repeat"},
    "Repeat": {"frequency!": int, "period!": int, "periodUnit!": "d"},
    "Route": {"coding!": "*Coding"},
    "Coding": {"system!": _URI, "code!": _TEXT, "display!": _TEXT},
    "Device": {
        "resourceType!": "Device", "id!": _ID, "identifier!": "*Identifier", "status!": "active",
        "deviceName!": "*DeviceName", "serialNumber!": _TEXT, "type!": "Words", "version!": "*Version",
    },
    "DeviceName": {"name!": _TEXT, "type!": "model-name"},
    "Version": {"value!": _TEXT},
    "DocumentReference": {
        "resourceType!": "DocumentReference", "id!": _ID, "masterIdentifier!": "Identifier",
        "identifier!": "*Identifier", "status!": "current|superseded", "type!": "Words", "subject!": "Named",
        "date!": datetime, "content!": "*Content",
    },
    "Content": {"attachment!": "Attachment"},
    "Attachment": {"contentType!": "application/pdf", "title!": _TEXT, "size!": int},
    "Observation": {
        "resourceType!": "Observation", "id!": _ID, "identifier!": "*Identifier", "status!": "final", "code!": "Words",
        "method!": "Words", "valueQuantity!": "Quantity",
    },
    "Provenance": {
        "resourceType!": "Provenance", "id!": _ID, "target!": "*Linked", "recorded!": datetime, "agent!": "*Agent",
        "entity!": "*Entity", "signature": "*Signed",
    },
    "Agent": {"type!": "Words", "who!": "Who"},
    "Who": {"display": _TEXT, "reference": "urn:uuid:[0-9a-f-]{36}"},
    "Entity": {"role!": "source", "what!": "Named"},
    "Signed": {
        "type!": "*Coding", "when!": datetime, "who!": "Shown", "sigFormat!": _TEXT, "data!": r"[A-Za-z0-9+/]+=*",
    },
}  # fmt: skip
RESOURCES = ("MedicationDispense", "Provenance", "Device", "DocumentReference", "Observation")


def objections(resource: Mapping[str, Any]) -> list[str]:
    """Return where a resource leaves the allow-list; empty where it may go out."""
    kind = resource.get("resourceType")
    if kind not in RESOURCES:
        return [f"{kind} is not sent"]
    return _members(resource, kind, kind)


def _members(node: Any, shape: str, where: str) -> list[str]:
    if not isinstance(node, Mapping):
        return [f"{where} is no object"]
    allowed = {name.rstrip("!"): spec for name, spec in _SHAPES[shape].items()}
    found = [f"{where}.{name} is missing" for name in _required(shape) if name not in node]
    for name, value in node.items():
        path = f"{where}.{name}"
        found += [f"{path} is not known"] if name not in allowed else _value(value, allowed[name], path)
    return found


def _required(shape: str) -> list[str]:
    return [name.rstrip("!") for name in _SHAPES[shape] if name.endswith("!")]


def _value(value: Any, spec: Any, where: str) -> list[str]:
    if isinstance(spec, str) and spec.startswith("*"):
        if not isinstance(value, list) or not value:
            return [f"{where} is no list of at least one"]
        return [told for place, each in enumerate(value) for told in _members(each, spec[1:], f"{where}[{place}]")]
    if isinstance(spec, str) and spec in _SHAPES and not where.endswith(".resourceType"):
        return _members(value, spec, where)
    return [] if _fits(value, spec) else [f"{where} has a value that does not fit"]


def _fits(value: Any, spec: Any) -> bool:
    if spec is bool:
        return isinstance(value, bool)
    if spec in (int, Decimal):
        number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        return number and value >= 0 and (spec is Decimal or isinstance(value, int))
    if not isinstance(value, str):
        return False
    if spec is not datetime:
        return re.fullmatch(spec, value) is not None
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
