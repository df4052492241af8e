"""A FHIR message held against the allow-list: every element known, every value of its kind, all objections told."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import cast

from printcare.formats.fhir_shapes import PRIMITIVES, REQUIRED, RESOURCE_TYPES, VALUE_SETS, shape_of
from printcare.formats.imported import Notes
from printcare.formats.strict_json import Number

Node = dict[str, object]

MAX_TEXT = 4000
_PATTERNS = {
    "id": re.compile(r"[A-Za-z0-9.\-]{1,64}"),
    "code": re.compile(r"\S+( \S+)*"),
    "uri": re.compile(r"\S+"),
    "decimal": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"),
    "positiveInt": re.compile(r"[1-9][0-9]{0,5}"),
    "unsignedInt": re.compile(r"0|[1-9][0-9]{0,5}"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "time": re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"),
}
# Day alone, or time with a zone: without one nobody knows which day it was.   F16
_DATE_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?")
_EXPECTED = {
    "date": "a full date such as 2021-06-14",
    "dateTime": "a date, or a time with its zone such as 2026-01-05T09:30:00+01:00",
    "decimal": "a number",
    "positiveInt": "a whole number above zero",
    "unsignedInt": "a whole number",
    "time": "a time of day such as 08:00:00",
    "boolean": "true or false",
}


def check_resource(value: object, where: str, release: str, notes: Notes) -> None:
    """Note every objection to the form of one resource, its parts included."""
    if not isinstance(value, dict):
        notes.stop("FHIR_TYPE", f"{where} is no resource.", "Send a FHIR resource as a JSON object.", where)
        return
    kind = value.get("resourceType")
    if not isinstance(kind, str) or kind not in RESOURCE_TYPES:
        shown = kind if isinstance(kind, str) else "no resourceType"
        remedy = f"Send only: {', '.join(sorted(RESOURCE_TYPES))}."
        notes.stop("FHIR_RESOURCE", f"{where or 'The message'} is of type {shown[:60]!r}.", remedy, where)
        return
    _check_members(cast(Node, value), kind, where or kind, release, notes)


def refuse_modifiers(value: object, where: str, notes: Notes) -> None:
    """Refuse what changes the meaning of everything around it, wherever it stands, passed-over parts included (F2)."""
    if isinstance(value, list):
        for index, member in enumerate(value):
            refuse_modifiers(member, f"{where}[{index}]", notes)
    if not isinstance(value, dict):
        return
    for key, member in value.items():
        path = f"{where}.{key}" if where else key
        if key.lstrip("_") in ("modifierExtension", "implicitRules"):
            remedy = "Enter the order by hand, or have the sender state it without modifiers."
            notes.stop(
                "FHIR_MODIFIER", f"{path} changes the meaning of the message in a way not known here.", remedy, path
            )
        refuse_modifiers(member, path, notes)


def _check_members(node: Node, kind: str, where: str, release: str, notes: Notes) -> None:
    shape = shape_of(kind, release)
    for name, value in node.items():
        path = f"{where}.{name}"
        if name in ("modifierExtension", "implicitRules"):
            continue  # refused already, with their own reason
        if name not in shape:
            remedy = "Have the sender leave it out, or enter the order by hand."
            notes.stop("FHIR_ELEMENT", f"{path} is not known in {kind} ({release}).", remedy, path)
        elif shape[name] == "~":
            notes.ignored.append(path)
        elif kind != "Extension" or name == "url" or _is_known_extension(node):
            _check_value(value, shape[name], path, kind, name, release, notes)
    for name in REQUIRED.get(kind, ()):
        if name not in node:
            notes.stop("FHIR_MISSING", f"{where}.{name} is missing.", "Have the sender state it.", f"{where}.{name}")


NORMALIZATION_BASIS = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-normalization-basis"


def _is_known_extension(node: Node) -> bool:
    return node.get("url") == NORMALIZATION_BASIS


def _check_value(value: object, spec: str, where: str, kind: str, name: str, release: str, notes: Notes) -> None:
    if not spec.startswith("*"):
        _check_single(value, spec, where, kind, name, release, notes)
        return
    if not isinstance(value, list):
        notes.stop("FHIR_TYPE", f"{where} is no list.", "Send it as a list, even of one.", where)
        return
    for index, member in enumerate(value):
        _check_single(member, spec[1:], f"{where}[{index}]", kind, name, release, notes)


def _check_single(value: object, spec: str, where: str, kind: str, name: str, release: str, notes: Notes) -> None:
    if spec == "Resource":
        check_resource(value, where, release, notes)
    elif spec in PRIMITIVES:
        _check_primitive(value, spec, where, VALUE_SETS.get(f"{kind}.{name}"), notes)
    elif not isinstance(value, dict):
        notes.stop("FHIR_TYPE", f"{where} is no {spec}.", "Send a JSON object.", where)
    elif spec == "Extension" and not _is_known_extension(value):
        notes.ignored.append(where)
    else:
        _check_members(cast(Node, value), spec, where, release, notes)


def _check_primitive(value: object, spec: str, where: str, allowed: frozenset[str] | None, notes: Notes) -> None:
    if not _is_of(value, spec):
        shown = str(value)[:40]
        code = "FHIR_DATE" if spec in ("date", "dateTime") else "FHIR_TYPE"
        reason = f"{where} is “{shown}”; expected {_EXPECTED.get(spec, f'a {spec}')}."
        notes.stop(code, reason, "Have the sender correct it.", where)
    elif allowed is not None and value not in allowed:
        reason = f"{where} is “{str(value)[:40]}”, which FHIR does not know there."
        notes.stop("FHIR_VALUE", reason, f"Use one of: {', '.join(sorted(allowed))}.", where)


def _is_of(value: object, spec: str) -> bool:
    if spec == "boolean":
        return isinstance(value, bool)
    if spec in ("decimal", "positiveInt", "unsignedInt"):
        return isinstance(value, Number) and _PATTERNS[spec].fullmatch(value) is not None
    if not isinstance(value, str) or isinstance(value, Number) or len(value) > MAX_TEXT:
        return False
    if spec == "dateTime":
        return day_of(value) is not None
    if spec == "date":
        return _PATTERNS["date"].fullmatch(value) is not None and day_of(value) is not None
    pattern = _PATTERNS.get(spec)
    return pattern is None or pattern.fullmatch(value) is not None


def day_of(text: str) -> date | None:
    """Return the calendar day a date or a time with zone states, as written there; None where it states none."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    try:
        if found.group(2):
            datetime.fromisoformat(text)
        return date.fromisoformat(found.group(1))
    except ValueError:
        return None
