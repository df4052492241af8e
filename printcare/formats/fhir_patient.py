"""Who the order is for and what the patient weighs and measures, as the message says it (F4, F15, F16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from printcare.domain.numbers import as_decimal, plain, shown
from printcare.domain.prescription import Measurement, PatientIdentity
from printcare.formats.fhir_message import Message, Part, child, children, codings, text, words
from printcare.formats.fhir_quantity import Amount, amount_of
from printcare.formats.fhir_shape_check import Node, day_of
from printcare.formats.imported import Notes, pseudonym
from printcare.formats.ucum import AREA, LENGTH, MASS, TIME

LOINC = "http://loinc.org"
WEIGHT_CODE, HEIGHT_CODE = "29463-7", "8302-2"
BSA_CODES = ("8277-6", "3140-1")  # measured or stated, and derived from a formula
GESTATION_CODE = "11884-4"  # gestational age, estimated: at birth, where it is about a born child
_DAYS_PER_WEEK = 7
_REFUTED = frozenset({"refuted", "entered-in-error"})
_PAST = frozenset({"inactive", "resolved"})
_SEXES = {"female": "F", "male": "M"}
_USE_ORDER = {"official": 0, "usual": 1, "": 2}
_FINAL = ("final", "amended", "corrected")
_IMPERIAL = {"[lb_av]": ("kg", Fraction(1, 1_000_000)), "[in_i]": ("cm", Fraction(1))}
# Outside these nothing living is meant: the unit is suspect (dosing.md §4, layer 1).
_ABSOLUTE = {
    MASS: ("E_WEIGHT_UNIT_SUSPECT", Fraction(150_000), Fraction(500_000_000)),  # 0.15 kg to 500 kg, in mg
    LENGTH: ("E_HEIGHT_UNIT_SUSPECT", Fraction(20), Fraction(300)),  # cm
}


@dataclass(frozen=True, slots=True)
class Body:
    """The measurements of the message; None where it holds none."""

    weight: Measurement | None
    height: Measurement | None
    bsa_m2: Decimal | None


def read_patient(message: Message, key: bytes, notes: Notes) -> PatientIdentity | None:
    """Return who the order is for; None, with findings, where that is not certain."""
    node, where = message.patient.node, message.patient.where
    _check_alive_and_valid(node, where, notes)
    born = day_of(text(node, "birthDate"))
    identifiers = sorted(
        (_USE_ORDER.get(text(each, "use"), 3), f"{text(each, 'system')}|{text(each, 'value')}")
        for each in children(node, "identifier")
        if text(each, "value") and text(each, "use") != "old"
    )
    name = _name(children(node, "name"))
    if not identifiers or not name or born is None:
        reason = "The patient has no identifier with a value, or no name."
        notes.stop("FHIR_MISSING", reason, "Have the sender identify the patient.", where)
        return None
    notes.mean(f"{where}.identifier", f"{len(identifiers)} identifier(s)")
    notes.mean(f"{where}.birthDate", f"born on {born}")
    sex = _SEXES.get(text(node, "gender"))
    return PatientIdentity(identifiers[0][1], name, born, sex, pseudonym(key, [identifiers[0][1]]))


def _check_alive_and_valid(node: Node, where: str, notes: Notes) -> None:
    if node.get("active") is False or any(text(link, "type") == "replaced-by" for link in children(node, "link")):
        notes.stop("FHIR_PATIENT", "The patient's record is no longer in use.", "Send the current record.", where)
    if node.get("deceasedBoolean") is True or "deceasedDateTime" in node:
        notes.stop("FHIR_PATIENT", "The message says that the patient has died.", "Ask the prescriber.", where)


def _name(names: list[Node]) -> str:
    ordered = sorted(names, key=lambda each: _USE_ORDER.get(text(each, "use"), 3))
    for each in ordered:
        given = each.get("given")
        parts = [*(str(part) for part in given if isinstance(part, str))] if isinstance(given, list) else []
        full = " ".join(part for part in (*parts, text(each, "family")) if part) or text(each, "text")
        if full:
            return full
    return ""


def read_body(message: Message, born: date, today: date | None, notes: Notes) -> Body:
    """Return weight, height and stated body surface area."""
    linked = _observations(message, notes)
    weight = _measured(linked, (WEIGHT_CODE,), MASS, "weight", born, today, notes)
    height = _measured(linked, (HEIGHT_CODE,), LENGTH, "height", born, today, notes)
    bsa = _measured(linked, BSA_CODES, AREA, "body surface area", born, today, notes)
    return Body(
        None if weight is None else Measurement(weight[0].digits, weight[0].unit.internal, weight[1]),
        None if height is None else Measurement(height[0].digits, height[0].unit.internal, height[1]),
        None if bsa is None else Decimal(bsa[0].digits),
    )


def _observations(message: Message, notes: Notes) -> list[Part]:
    """Return the observations the order refers to; where it refers to none, all of the message, with a warning."""
    request, linked = message.request, []
    for index, reference in enumerate(children(request.node, "supportingInformation")):
        where = f"{request.where}.supportingInformation[{index}]"
        target = message.find(reference, request.where)
        if target is None:
            remedy = "Have the sender include what the order refers to."
            notes.stop("FHIR_REFERENCE", f"{where} leads to nothing inside the message.", remedy, where)
        elif target.kind == "Observation":
            linked.append(target)
    every = message.of_kind("Observation")
    for part in every:
        if text(part.node, "status") not in _FINAL:
            reason = f"The observation is {text(part.node, 'status')}."
            notes.stop("FHIR_STATUS", reason, "Send final observations only.", f"{part.where}.status")
        elif linked and part not in linked:
            notes.ignored.append(part.where)
    if every and not linked:
        reason = "The order does not say which measurements it stands on; those of the message are taken."
        remedy = "Compare weight, height and their dates with the patient's chart."
        notes.warn("W_FHIR_UNLINKED", reason, remedy, request.where)
    return linked or every


def _measured(
    parts: list[Part], codes: tuple[str, ...], dimension: str, what: str, born: date, today: date | None, notes: Notes
) -> tuple[Amount, date | None] | None:
    """Return the one value of a measure; two different ones stop, because nobody here may choose."""
    found: list[tuple[Amount, date | None]] = []
    for part in parts:
        if not any(system == LOINC and code in codes for system, code in codings(child(part.node, "code"))):
            continue
        where = f"{part.where}.valueQuantity"
        if "valueQuantity" not in part.node:
            notes.stop("FHIR_MISSING", f"The {what} has no value.", "Have the sender state it.", where)
            continue
        amount = amount_of(child(part.node, "valueQuantity"), where, (dimension,), notes)
        if amount is not None:
            _check_absolute(amount, what, notes)
            found.append((amount, _measured_on(part, what, born, today, notes)))
    if len({(amount.exact, on) for amount, on in found}) > 1 and (
        dimension != AREA or len({amount.exact for amount, _ in found}) > 1
    ):
        listed = ", ".join(f"{amount} ({on or 'no date'})" for amount, on in found)
        remedy = "Have the sender refer to the measurement that counts."
        notes.stop("FHIR_MEASUREMENTS", f"Several values of {what}: {listed}.", remedy, found[1][0].where)
        return None
    if not found:
        return None
    amount, on = found[0]
    notes.mean(amount.where, f"{what} {amount}, measured on {on or 'an unknown day'}")
    return found[0]


def _check_absolute(amount: Amount, what: str, notes: Notes) -> None:
    if amount.unit.code in _IMPERIAL:
        metric, factor = _IMPERIAL[amount.unit.code]
        reason = f"The {what} came as {amount}, that is {shown(amount.exact * factor, 12)} {metric}."
        notes.warn("W_FHIR_IMPERIAL", reason, "Confirm the value in metric units.", amount.where)
    if amount.unit.dimension not in _ABSOLUTE:
        return
    code, low, high = _ABSOLUTE[amount.unit.dimension]
    if not low <= amount.exact <= high:
        reason = f"A {what} of {amount} cannot be true."
        notes.stop(code, reason, "Check value and unit with the ward.", amount.where)


def _measured_on(part: Part, what: str, born: date, today: date | None, notes: Notes) -> date | None:
    stated = text(part.node, "effectiveDateTime") or text(part.node, "effectiveInstant")
    on = day_of(stated)
    where = f"{part.where}.effectiveDateTime"
    if on is not None and on < born:
        notes.stop("FHIR_DATE", f"The {what} was measured on {on}, before birth.", "Correct the date.", where)
    if on is not None and today is not None and on > today:
        notes.stop("FHIR_DATE", f"The {what} was measured on {on}, in the future.", "Correct the date.", where)
    return on


def read_gestational_weeks(message: Message, notes: Notes) -> str | None:
    """Return the gestational age at birth in weeks, None where it is not stated; two different ones stop."""
    found = {}
    for part in message.of_kind("Observation"):
        if (LOINC, GESTATION_CODE) not in codings(child(part.node, "code")):
            continue
        amount = amount_of(child(part.node, "valueQuantity"), f"{part.where}.valueQuantity", (TIME,), notes)
        if amount is not None:
            found[amount.exact / _DAYS_PER_WEEK] = amount
    if len(found) > 1:
        listed = " and ".join(str(amount) for amount in found.values())
        remedy = "Have the sender state the one at birth."
        notes.stop("FHIR_MEASUREMENTS", f"The gestational age is stated as {listed}.", remedy, "Observation")
    for weeks, amount in found.items():
        notes.mean(amount.where, f"gestational age at birth {amount}")
        return plain(as_decimal(weeks))
    return None


@dataclass(frozen=True, slots=True)
class Allergies:
    """What the message says the patient does not bear: every name of each substance, and a note for people."""

    names: tuple[str, ...]
    notes: tuple[str, ...]


def read_allergies(message: Message, notes: Notes) -> Allergies:
    """Return the allergies by every text, display and code they come with; refuted ones are passed over.

    An inactive or resolved one is told to people and holds nothing up; whether a name is an excipient of the ink or
    the drug itself is decided at verification.
    """
    names, listed = [], []
    for part in message.of_kind("AllergyIntolerance"):
        if _REFUTED & {code for _, code in codings(child(part.node, "verificationStatus"))}:
            notes.ignored.append(part.where)
            continue
        concept = child(part.node, "code")
        shown = words(concept) or "not named"
        is_past = bool(_PAST & {code for _, code in codings(child(part.node, "clinicalStatus"))})
        listed.append(f"Allergy or intolerance: {shown}{' (no longer active)' if is_past else ''}")
        displays = [text(coding, "display") for coding in children(concept, "coding")]
        stated = [text(concept, "text"), *displays]
        if not is_past:
            # Without any words the code must do: an unnamed allergy may not pass unseen.
            names += [name for name in stated if name] or [code for _, code in codings(concept)] or [shown]
        remedy = "Compare it with drug and excipients before verification."
        notes.warn("W_FHIR_ALLERGY", f"The message states an allergy or intolerance: {shown}.", remedy, part.where)
    return Allergies(tuple(dict.fromkeys(names)), tuple(listed))
