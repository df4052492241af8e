"""Amounts in free text, held against the structure: the text never overrides it and is never passed over (F11)."""

from __future__ import annotations

import re
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
_OF_BODY = {"m2": "per_m2", "m²": "per_m2", "m^2": "per_m2", "kg": "per_kg"}


def check_text(text: str, where: str, dose: OrderedDose, per_day: int, bsa_m2: Decimal | None, notes: Notes) -> None:
    """Stop when an amount in the text is none of those the structure holds."""
    for found in _AMOUNT.finditer(text):
        number, unit, first, _ = found.groups()
        number = number.rstrip(".,")
        if not _PLAIN.fullmatch(number):
            reason = f"The text says “{found.group().strip()}”, which can be read in more than one way."
            notes.stop("FHIR_TEXT", reason, "Have the prescriber write the amount plainly.", where)
            continue
        amount_mg = Fraction(number) * DOSE_UNITS_MG[_UNIT_WORDS[unit.lower()]]
        per_body = _OF_BODY.get((first or "").lower())
        said = found.group().strip()
        if per_body:
            _check_basis(amount_mg, per_body, said, where, dose, per_day, bsa_m2, notes)
        else:
            per_dose = amount_mg / per_day if (first or "").lower() in ("d", "day") else amount_mg
            _check_mass(per_dose, amount_mg, said, where, dose, per_day, notes)


def _check_mass(
    per_dose: Fraction, amount_mg: Fraction, said: str, where: str, dose: OrderedDose, per_day: int, notes: Notes
) -> None:
    if dose.dose_mg is None:
        reason = f"The text says “{said}”, the structure holds no mass."
        notes.stop(
            "FHIR_TEXT", reason, "Have the prescriber state the dose in the structure, or enter it by hand.", where
        )
    # "51 mg daily in 3 doses" beside 17 mg is the same order told as its sum.
    elif dose.dose_mg not in (per_dose, amount_mg / per_day):
        reason = f"The text says “{said}”, the ordered dose is {shown(dose.dose_mg)} mg."
        notes.stop("FHIR_TEXT", reason, "Ask the prescriber which amount holds.", where)


def _check_basis(
    amount_mg: Fraction,
    per_body: str,
    said: str,
    where: str,
    dose: OrderedDose,
    per_day: int,
    bsa_m2: Decimal | None,
    notes: Notes,
) -> None:
    if dose.basis is not None and dose.basis_amount is not None:
        if dose.basis.basis != per_body or dose.basis_amount.exact != amount_mg:
            reason = f"The text says “{said}”, the structure {dose.basis_amount}."
            notes.stop("FHIR_TEXT", reason, "Ask the prescriber which amount holds.", where)
        return
    if per_body == "per_m2" and bsa_m2 is not None and dose.dose_mg is not None:
        meant = amount_mg * Fraction(bsa_m2)
        nearest = min(abs(meant / parts - dose.dose_mg) for parts in {1, per_day})
        if nearest > SMALL_DIFFERENCE * dose.dose_mg:
            reason = f"“{said}” for {bsa_m2} m² is {shown(meant, 12)} mg, the ordered dose {shown(dose.dose_mg)} mg."
            notes.stop("FHIR_TEXT", reason, "Ask the prescriber which amount holds.", where)
            return
    reason = f"The basis “{said}” stands in the text only and was not read into the order."
    notes.warn("W_FHIR_TEXT_BASIS", reason, "Compare it with the recomputed dose.", where)
