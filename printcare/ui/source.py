"""What a hospital's message says, in its own words: the second pharmacist reads here, not what the first one read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any  # a message is parsed JSON

from printcare.ui.models import Fact
from printcare.ui.words import tr


def source_lines(message: bytes) -> tuple[Fact, ...]:
    """Return measurements and orders of a FHIR bundle as sent, digit for digit; nothing is interpreted."""
    bundle: dict[str, Any] = json.loads(message, parse_float=str, parse_int=str)
    return tuple(fact for entry in bundle.get("entry", ()) for fact in _facts(entry.get("resource", {})))


def _facts(resource: dict[str, Any]) -> Iterator[Fact]:
    kind = resource.get("resourceType")
    if kind == "Observation" and "valueQuantity" in resource:
        quantity = resource["valueQuantity"]
        when = str(resource.get("effectiveDateTime", ""))[:10]
        yield Fact(
            _words(resource.get("code", {})), str(quantity.get("value", "")), str(quantity.get("unit", "")), when
        )
    elif kind == "MedicationRequest":
        yield Fact(tr("Medicine"), _words(resource.get("medicationCodeableConcept", {})))
        for dosage in resource.get("dosageInstruction", ()):
            if "text" in dosage:
                yield Fact(tr("Dosage, as written"), str(dosage["text"]))


def _words(concept: dict[str, Any]) -> str:
    codings = concept.get("coding") or [{}]
    return str(concept.get("text") or codings[0].get("display", ""))
