"""Amounts in free text, held against the structure: the text never overrides it and is never passed over (F11)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from printcare.domain.numbers import DOSE_UNITS_MG, shown
from printcare.formats.fhir_rules import SMALL_DIFFERENCE, OrderedDose
from printcare.formats.imported import Notes

_UNIT_WORDS = {
    "mg": "mg", "milligram": "mg", "milligrams": "mg", "g": "g", "gram": "g", "grams": "g", "ug": "ug", "µg": "ug",
    "μg": "ug", "mcg": "ug", "microgram": "ug", "micrograms": "ug", "ng": "ng",
}  # fmt: skip
_AMOUNT = re.compile(
    r"(?<![0-9.,])([0-9][0-9.,]*)\s*("
    + "|".join(sorted(_UNIT_WORDS, key=len, reverse=True))
    + r")(?![A-Za-z])\s*(?:(?:/|per)\s*(m2|m²|m\^2|kg|d|day|dose)\b)?(?:\s*(?:/|per)\s*(d|day|dose)\b)?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
_PER = {"d": "day", "day": "day", "dose": "dose"}
_OF_BODY = {"m2": "per_m2", "m²": "per_m2", "m^2": "per_m2", "kg": "per_kg"}


@dataclass(frozen=True, slots=True)
class _Said:
    """One amount in the text: mg, per body surface or weight or neither, per day or dose where it says so."""

    words: str
    amount_mg: Fraction
    per_body: str
    per: str


def check_text(text: str, where: str, dose: OrderedDose, per_day: int, bsa_m2: Decimal | None, notes: Notes) -> None:
    """Stop when an amount in the text is none of those the structure holds."""
    for found in _AMOUNT.finditer(text):
        number, unit, first, second = (group or "" for group in found.groups())
        number = number.rstrip(".,")
        if not _PLAIN.fullmatch(number):
            reason = f"The text says “{found.group().strip()}”, which can be read in more than one way."
            notes.stop("FHIR_TEXT", reason, "Have the prescriber write the amount plainly.", where)
            continue
        said = _Said(
            found.group().strip(),
            Fraction(number) * DOSE_UNITS_MG[_UNIT_WORDS[unit.lower()]],
            _OF_BODY.get(first.lower(), ""),
            _PER.get(second.lower(), "") or _PER.get(first.lower(), ""),
        )
        if said.per_body:
            _check_basis(said, where, dose, per_day, bsa_m2, notes)
        else:
            _check_mass(said, where, dose, per_day, notes)


def _check_mass(said: _Said, where: str, dose: OrderedDose, per_day: int, notes: Notes) -> None:
    # Only "per day" at the amount itself makes it a day's amount: "17 mg twice daily" is 17 mg at each of two doses.
    per_dose_mg = said.amount_mg / per_day if said.per == "day" else said.amount_mg
    if dose.dose_mg is None:
        reason = f"The text says “{said.words}”, the structure holds no mass."
        remedy = "Have the prescriber state the dose in the structure, or enter it by hand."
        notes.stop("FHIR_TEXT", reason, remedy, where)
    elif dose.dose_mg != per_dose_mg:
        reason = f"The text says “{said.words}”, the ordered dose is {shown(dose.dose_mg)} mg."
        notes.stop("FHIR_TEXT", reason, "Ask the prescriber which amount holds.", where)


def _check_basis(
    said: _Said, where: str, dose: OrderedDose, per_day: int, bsa_m2: Decimal | None, notes: Notes
) -> None:
    if dose.basis is not None and dose.basis_amount is not None:
        other_per = per_day > 1 and said.per not in ("", dose.basis.per)
        if dose.basis.basis != said.per_body or dose.basis_amount.exact != said.amount_mg or other_per:
            reason = f"The text says “{said.words}”, the structure {dose.basis_amount}."
            notes.stop("FHIR_TEXT", reason, "Ask the prescriber which amount holds.", where)
        return
    if said.per_body == "per_m2" and bsa_m2 is not None and dose.dose_mg is not None:
        meant_mg = said.amount_mg * Fraction(bsa_m2) / (per_day if said.per == "day" else 1)
        if abs(meant_mg - dose.dose_mg) > SMALL_DIFFERENCE * dose.dose_mg:
            reason = (
                f"“{said.words}” for {bsa_m2} m² is {shown(meant_mg, 12)} mg a dose, "
                f"the ordered dose {shown(dose.dose_mg)} mg."
            )
            notes.stop("FHIR_TEXT", reason, "Ask the prescriber which amount holds.", where)
            return
    reason = f"The basis “{said.words}” stands in the text only and was not read into the order."
    notes.warn("W_FHIR_TEXT_BASIS", reason, "Compare it with the recomputed dose.", where)
