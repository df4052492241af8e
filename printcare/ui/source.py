"""What a hospital's message says, in its own words: the second pharmacist reads here, not what the first one read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any  # a message is parsed JSON

from printcare.ui.models import Fact
from printcare.ui.words import phrase, tr

PER = {"dose": phrase("each dose"), "day": phrase("a day")}
BASIS = {"per_m2": "mg/m²", "per_kg": "mg/kg"}


def source_lines(message: bytes) -> tuple[Fact, ...]:
    """Return measurements and orders of a message as sent, digit for digit; nothing is interpreted."""
    sent: dict[str, Any] = json.loads(message, parse_float=str, parse_int=str)
    if "schema" in sent:
        return tuple(_own(sent))
    return tuple(fact for entry in sent.get("entry", ()) for fact in _facts(entry.get("resource", {})))


def _own(order: dict[str, Any]) -> Iterator[Fact]:
    """Return what an order in the project's own form says (formats/prescription_json.py)."""
    for name, title in (("weight", tr("Weight")), ("height", tr("Height"))):
        if name in order:
            given = order[name]
            yield Fact(
                title, str(given.get("value", "")), str(given.get("unit", "")), str(given.get("measured_on", ""))
            )
    yield Fact(tr("Medicine"), _product(order))
    yield from _amounts(order, tr("Dose each time"), "")
    for number, step in enumerate(order.get("steps", ()), start=1):
        for dose in step.get("doses", ()):
            named = tr("Step {}, at {}").format(number, dose.get("at", ""))
            days = str(step.get("days", ""))
            yield Fact(named, str(dose.get("dose_mg", "")), "mg", f"{days} {day_unit(days)}")
    for component in order.get("components", ()):
        yield from _amounts(component, _product(component), f"{_product(component)} · ")
    for name, title in (("doses_per_day", tr("Doses a day")), ("duration_days", tr("Days"))):
        if name in order:
            yield Fact(title, str(order[name]))
    yield from (Fact(tr("Note"), str(note)) for note in order.get("notes", ()))


def day_unit(days: str) -> str:
    """Return the unit of so many days."""
    return tr("day") if days == "1" else tr("days")


def _amounts(order: dict[str, Any], title: str, before: str) -> Iterator[Fact]:
    if "dose_mg" in order:
        yield Fact(title, str(order["dose_mg"]), "mg")
    if "basis" in order:
        basis = order["basis"]
        per = f"{BASIS.get(basis.get('basis'), '')} · {tr(PER.get(basis.get('per'), ''))}"
        yield Fact(before + tr("Basis given"), str(basis.get("amount_mg", "")), per)


def _product(order: dict[str, Any]) -> str:
    product = order.get("product", {})
    return str(product.get("text") or product.get("code", ""))


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
                continue
            at = ", ".join(str(each)[:5] for each in dosage.get("timing", {}).get("repeat", {}).get("timeOfDay", ()))
            for rate in dosage.get("doseAndRate", ()):
                quantity = rate.get("doseQuantity", {})
                yield Fact(tr("Dose each time"), str(quantity.get("value", "")), str(quantity.get("unit", "")), at)


def _words(concept: dict[str, Any]) -> str:
    codings = concept.get("coding") or [{}]
    return str(concept.get("text") or codings[0].get("display", ""))
