"""A FHIR quantity becomes an amount with an allowed unit, or the reason why it does not (interoperability.md §2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from printcare.domain.checks import Finding
from printcare.domain.numbers import read_positive
from printcare.formats.fhir_message import text
from printcare.formats.fhir_shape_check import Node
from printcare.formats.imported import Notes
from printcare.formats.ucum import ALIASES, SYSTEM, UNITS, Unit, text_agrees


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity as received: its digits, its unit, its exact value in the base of its dimension, and its place."""

    digits: str
    unit: Unit
    exact: Fraction
    where: str

    def __str__(self) -> str:
        return f"{self.digits} {self.unit.internal}"


def read_amount(node: Node, where: str, notes: Notes) -> Amount | None:
    """Return the amount; None, with the finding noted, for anything but a positive number with a UCUM code."""
    unit = _unit(node, where, notes)
    if "comparator" in node:
        remedy = "Have the sender state the exact amount."
        notes.stop("FHIR_MANUAL", f"{where} is a limit ({text(node, 'comparator')}), no amount.", remedy, where)
    exact = read_positive(text(node, "value"), f"{where}.value")
    if isinstance(exact, Finding):
        notes.findings.append(exact)
        return None
    return Amount(text(node, "value"), unit, exact * unit.factor, where) if unit else None


def amount_of(node: Node, where: str, dimensions: tuple[str, ...], notes: Notes) -> Amount | None:
    """Return the amount where its dimension is one of those expected there."""
    amount = read_amount(node, where, notes)
    if amount is None or amount.unit.dimension in dimensions:
        return amount
    reason = f"{where} is in {amount.unit.code}, a {amount.unit.dimension}; expected a {' or '.join(dimensions)}."
    notes.stop("FHIR_DIMENSION", reason, "Have the sender correct the unit.", where)
    return None


def _unit(node: Node, where: str, notes: Notes) -> Unit | None:
    code, shown = text(node, "code"), text(node, "unit")
    if not code or text(node, "system") != SYSTEM:
        reason = f"{where} has no unit code of {SYSTEM}" + (f"; the text “{shown[:30]}” is none." if shown else ".")
        notes.stop("E_UNIT_MISSING", reason, "Have the sender give system and code of the unit.", where)
        return None
    if code not in UNITS:
        meant = f" Perhaps {ALIASES[code]} was meant." if code in ALIASES else ""
        reason = f"{where} has the unit code “{code[:30]}”, which is not on the list of UCUM codes.{meant}"
        notes.stop("E_UNIT_UNKNOWN", reason, "Have the sender correct it, or enter the order by hand.", f"{where}.code")
        return None
    unit = UNITS[code]
    if shown and not text_agrees(unit, shown):
        reason = f"{where} says “{shown[:30]}” beside the code {code}."
        notes.stop("FHIR_UNIT_TEXT", reason, "Have the sender make text and code agree.", f"{where}.unit")
        return None
    return unit
