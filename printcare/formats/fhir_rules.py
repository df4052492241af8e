"""The import rules of one order: status, product, route, dose by dimension, and what must agree with it.

The rules are F4, F6, F7, F8, F11, F12, F15 and F18 of interoperability.md §4; times are in fhir_timing, patients in
fhir_patient. Nothing here recomputes a dose: that is the domain's work, from what stands in the prescription.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from printcare.domain.numbers import as_decimal, shown
from printcare.domain.prescription import OrderedBasis
from printcare.formats.fhir_message import MANUAL, Message, Part, child, children, codings, text, words
from printcare.formats.fhir_quantity import Amount, amount_of, read_amount
from printcare.formats.fhir_shape_check import NORMALIZATION_BASIS, Node
from printcare.formats.imported import Notes
from printcare.formats.ucum import (
    COUNT,
    MASS,
    MASS_PER_AREA,
    MASS_PER_AREA_TIME,
    MASS_PER_MASS,
    MASS_PER_MASS_TIME,
    MASS_PER_TIME,
    TIME,
    UNITS,
    VOLUME,
)

SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
# The product code of a prescription is the INN the recipes go by; a site adds the codes its prescribing system sends.
PRODUCTS: Mapping[tuple[str, str], str] = {
    (ATC, "L01AA01"): "cyclophosphamide",
    (ATC, "H02AB09"): "hydrocortisone",
    (ATC, "G04BE03"): "sildenafil",
    (ATC, "C07AA05"): "propranolol",
    (ATC, "C02DC01"): "minoxidil",
}
ROUTES: Mapping[tuple[str, str], str] = {(SNOMED, "26643006"): "oral"}
ORDER_INTENTS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
_BASES = {
    MASS_PER_AREA: ("per_m2", "dose"),
    MASS_PER_AREA_TIME: ("per_m2", "day"),
    MASS_PER_MASS: ("per_kg", "dose"),
    MASS_PER_MASS_TIME: ("per_kg", "day"),
}
_NORMALIZED_TO = {(SNOMED, "301898006"): "per_m2", (SNOMED, "363804004"): "per_kg", (SNOMED, "27113001"): "per_kg"}
_RATES = ("rateQuantity", "rateRatio", "rateRange")
SMALL_DIFFERENCE = Fraction(5, 100)  # of F9: beyond it two statements contradict each other


@dataclass(frozen=True, slots=True)
class OrderedDose:
    """What the order says of the amount: mg per administration, the basis it was normalised to, or both."""

    dose_mg: Fraction | None
    decimal_mg: Decimal | None
    basis: OrderedBasis | None
    basis_amount: Amount | None


def check_order(request: Part, notes: Notes) -> None:
    """Refuse whatever is no active order to be carried out (F4)."""
    node, where = request.node, request.where
    if text(node, "status") != "active":
        reason = f"The order is {text(node, 'status')}, not active."
        notes.stop("FHIR_STATUS", reason, "Ask the prescriber for an active order.", f"{where}.status")
    if text(node, "intent") not in ORDER_INTENTS:
        reason = f"The message is a {text(node, 'intent')}, no order."
        notes.stop("FHIR_STATUS", reason, "Ask the prescriber for an order.", f"{where}.intent")
    for key in ("doNotPerform", "reportedBoolean", "reported"):
        if node.get(key) is True:
            notes.stop("FHIR_STATUS", f"{where}.{key} is true.", "Ask the prescriber for an order.", f"{where}.{key}")


def read_product(message: Message, products: Mapping[tuple[str, str], str], notes: Notes) -> tuple[str, str]:
    """Return product code and the text of the message; a code that maps to no product stops (F18)."""
    concept, where = _medication(message, notes)
    found = {products[coding] for coding in codings(concept) if coding in products}
    shown_name = words(concept) or ", ".join(code for _, code in codings(concept)) or "not named"
    if len(found) != 1:
        what = "several products" if found else "no product known here"
        reason = f"“{shown_name[:80]}” is coded as {what}."
        notes.stop("FHIR_PRODUCT", reason, f"Add its code to the site's products. {MANUAL}", where)
        return "", shown_name
    code = found.pop()
    notes.mean(where, f"product {code}")
    return code, shown_name


def _medication(message: Message, notes: Notes) -> tuple[Node, str]:
    request, where = message.request.node, message.request.where
    both = child(request, "medication")  # R5
    concept = child(request, "medicationCodeableConcept") or child(both, "concept")
    reference = child(request, "medicationReference") or child(both, "reference")
    if bool(concept) == bool(reference):
        notes.stop("FHIR_MISSING", "The order needs one medication.", "Have the sender state it once.", where)
        return {}, where
    if concept:
        return concept, f"{where}.medication"
    target = message.find(reference, where)
    if target is None or target.kind != "Medication":
        reason = "The medication leads to nothing inside the message."
        notes.stop("FHIR_REFERENCE", reason, "Have the sender include it.", f"{where}.medication")
        return {}, where
    if text(target.node, "status") not in ("", "active"):
        notes.stop("FHIR_STATUS", "The medication is not active.", "Ask the prescriber.", f"{target.where}.status")
    if len(children(target.node, "ingredient")) > 1:
        notes.stop("FHIR_SEVERAL", "The medication has several ingredients.", MANUAL, f"{target.where}.ingredient")
    return child(target.node, "code"), f"{target.where}.code"


def only_dosage(request: Part, notes: Notes) -> tuple[Node, str] | None:
    """Return the one dosage of the order; several, as-needed and rates of limits are entered by hand (F6)."""
    dosages = children(request.node, "dosageInstruction")
    where = f"{request.where}.dosageInstruction"
    if len(dosages) != 1:
        notes.stop("FHIR_SEVERAL", f"The order has {len(dosages)} dosage instructions.", MANUAL, where)
        return None
    dosage, where = dosages[0], f"{where}[0]"
    as_needed = {"asNeededCodeableConcept", "asNeededFor"} & dosage.keys()
    if as_needed or dosage.get("asNeededBoolean") is True or dosage.get("asNeeded") is True:
        notes.stop("FHIR_MANUAL", "The medicine is ordered as needed.", MANUAL, f"{where}.asNeeded")
    return dosage, where


def read_route(dosage: Node, where: str, notes: Notes) -> str:
    """Return the route by its code."""
    found = {ROUTES[coding] for coding in codings(child(dosage, "route")) if coding in ROUTES}
    if len(found) != 1 or not all(coding in ROUTES for coding in codings(child(dosage, "route"))):
        reason = f"The route “{words(child(dosage, 'route'))[:40]}” is not the oral one."
        notes.stop("FHIR_ROUTE", reason, "Only oral orders are printed.", f"{where}.route")
        return ""
    notes.mean(f"{where}.route", next(iter(found)))
    return found.pop()


def read_dose(dosage: Node, where: str, per_day: int, notes: Notes) -> OrderedDose | None:
    """Return the dose by unit dimension, whatever the entries call themselves; a rate is never a dose (F7, F8)."""
    amounts = _dose_amounts(dosage, where, notes)
    masses = [each for each in amounts if each.unit.dimension == MASS]
    dailies = [each for each in amounts if each.unit.dimension == MASS_PER_TIME]
    bases = [each for each in amounts if each.unit.dimension in _BASES]
    _refuse_several("dose", masses, notes)
    _refuse_several("daily amount", dailies, notes)
    _refuse_several("basis", bases, notes)
    for each in amounts:
        if each.unit.dimension not in (MASS, MASS_PER_TIME, *_BASES):
            reason = f"The dose is stated as {each}, which is no mass of the drug."
            notes.stop("FHIR_DIMENSION", reason, MANUAL, each.where)
    if not masses and not dailies and not bases:
        reason = "No amount stands in a dose element; what stands in a rate is never read as a dose."
        notes.stop("FHIR_DOSE_MISSING", reason, f"Have the sender state doseQuantity. {MANUAL}", f"{where}.doseAndRate")
    if not notes.may_go_on:
        return None
    dose_mg = _per_dose(masses, dailies, per_day, notes)
    basis = _basis(bases[0], per_day, notes) if bases else None
    for each, meaning in [(each, "ordered dose") for each in masses] + [(each, "basis") for each in bases]:
        notes.mean(each.where, f"{meaning} {each}")
    decimal_mg = None if dose_mg is None else as_decimal(dose_mg)
    if masses and masses[0].unit.code == "mg":
        decimal_mg = Decimal(masses[0].digits)  # the digits as received
    return OrderedDose(dose_mg, decimal_mg, basis, bases[0] if bases else None)


def _dose_amounts(dosage: Node, where: str, notes: Notes) -> list[Amount]:
    amounts = []
    for index, entry in enumerate(children(dosage, "doseAndRate")):
        path = f"{where}.doseAndRate[{index}]"
        if "doseRange" in entry:
            notes.stop("FHIR_MANUAL", "The dose is a range.", MANUAL, f"{path}.doseRange")
        for key in _RATES:
            if key in entry:
                reason = f"{path}.{key} is a rate and was not read."
                notes.warn("W_FHIR_RATE", reason, "Compare dose and rate with the prescriber's order.", f"{path}.{key}")
        if "doseQuantity" in entry:
            amount = read_amount(child(entry, "doseQuantity"), f"{path}.doseQuantity", notes)
            amounts += [amount] if amount else []
    return amounts


def _refuse_several(what: str, amounts: list[Amount], notes: Notes) -> None:
    if len({(each.exact, each.unit.dimension) for each in amounts}) > 1:
        listed = " and ".join(str(each) for each in amounts)
        notes.stop("FHIR_DOSE_CONFLICT", f"The {what} is stated as {listed}.", "Ask the prescriber.", amounts[1].where)


def _per_dose(masses: list[Amount], dailies: list[Amount], per_day: int, notes: Notes) -> Fraction | None:
    if masses and dailies and masses[0].exact * per_day != dailies[0].exact:
        reason = f"{masses[0]} {per_day} times a day is not {dailies[0]}."
        notes.stop("FHIR_DOSE_CONFLICT", reason, "Ask the prescriber.", dailies[0].where)
        return None
    if masses:
        return masses[0].exact
    if not dailies:
        return None
    dose = dailies[0].exact / per_day
    if Fraction(as_decimal(dose)) != dose:
        reason = f"{dailies[0]} cannot be divided exactly into {per_day} doses."
        notes.stop("FHIR_MANUAL", reason, MANUAL, dailies[0].where)
        return None
    reason = f"{dailies[0]} is an amount per day; in {per_day} dose(s) that is {shown(dose)} mg each."
    notes.warn("W_FHIR_DAILY", reason, "Confirm the amount per administration.", dailies[0].where)
    return dose


def _basis(amount: Amount, per_day: int, notes: Notes) -> OrderedBasis:
    basis, per = _BASES[amount.unit.dimension]
    if per == "dose" and per_day > 1:
        reason = f"{amount} does not say whether per dose or per day; in doseQuantity it means each of {per_day} doses."
        notes.warn("W_FHIR_PER", reason, "Confirm it against the protocol.", amount.where)
    in_mg = amount.digits if amount.unit.factor == 1 else shown(amount.exact)
    return OrderedBasis(basis, in_mg, per)


def check_normalization(request: Part, basis: OrderedBasis | None, notes: Notes) -> None:
    """Compare the stated basis of normalisation (mCODE) with the basis that came."""
    for index, extension in enumerate(children(request.node, "extension")):
        if text(extension, "url") != NORMALIZATION_BASIS:
            continue
        where = f"{request.where}.extension[{index}]"
        stated = {_NORMALIZED_TO.get(coding, "") for coding in codings(child(extension, "valueCodeableConcept"))}
        if basis is not None and stated - {basis.basis}:
            name = words(child(extension, "valueCodeableConcept"))
            reason = f"The order is said to be normalised to “{name[:60]}”, its basis is {basis.basis}."
            notes.stop("FHIR_DOSE_CONFLICT", reason, "Ask the prescriber.", where)
        else:
            notes.mean(where, f"normalised {', '.join(sorted(stated)) or 'in a way not known here'}")


def check_limits(dosage: Node, where: str, dose_mg: Fraction | None, per_day: int, notes: Notes) -> None:
    """Refuse a dose above a maximum the message itself states (F15)."""
    limits: list[tuple[str, Fraction, Fraction]] = []  # path, limit in mg, what is compared as multiple of one dose
    if "maxDosePerAdministration" in dosage:
        path = f"{where}.maxDosePerAdministration"
        amount = amount_of(child(dosage, "maxDosePerAdministration"), path, (MASS,), notes)
        limits += [(path, amount.exact, Fraction(1))] if amount else []
    ratios = children(dosage, "maxDosePerPeriod") or [child(dosage, "maxDosePerPeriod")]
    for ratio in ratios if "maxDosePerPeriod" in dosage else []:
        path = f"{where}.maxDosePerPeriod"
        upper = amount_of(child(ratio, "numerator"), f"{path}.numerator", (MASS,), notes)
        days = amount_of(child(ratio, "denominator"), f"{path}.denominator", (TIME,), notes)
        limits += [(path, upper.exact, per_day * days.exact)] if upper and days else []
    if "maxDosePerLifetime" in dosage:
        reason = "A maximum for the patient's lifetime is stated; earlier courses are not known here."
        notes.warn("W_FHIR_LIFETIME", reason, "Compare with the cumulative dose.", f"{where}.maxDosePerLifetime")
    for path, limit_mg, doses in limits:
        if dose_mg is not None and dose_mg * doses > limit_mg:
            reason = f"{shown(dose_mg * doses)} mg exceed the maximum of {shown(limit_mg)} mg stated with the order."
            notes.stop("E_MAX_DOSE_EXCEEDED", reason, "Ask the prescriber.", path)


def check_given(message: Message, dose_mg: Fraction | None, notes: Notes) -> None:
    """Compare administration and dispense records of the order with the ordered dose (F12)."""
    for kind in ("MedicationAdministration", "MedicationDispense"):
        for part in message.of_kind(kind):
            dosages = children(part.node, "dosageInstruction")
            doses = [(child(part.node, "dosage"), "dose", f"{part.where}.dosage")]
            doses += [
                (entry, "doseQuantity", f"{part.where}.dosageInstruction[{index}].doseAndRate")
                for index, dosage in enumerate(dosages)
                for entry in children(dosage, "doseAndRate")
            ]
            for node, key, where in doses:
                if key in node:
                    _compare_given(child(node, key), f"{where}.{key}", dose_mg, notes)


def _compare_given(quantity: Node, where: str, dose_mg: Fraction | None, notes: Notes) -> None:
    amount = read_amount(quantity, where, notes)
    if amount is None or dose_mg is None or amount.unit.dimension != MASS or amount.exact == dose_mg:
        return
    reason = f"A linked record says {amount}, the order {shown(dose_mg)} mg."
    if abs(amount.exact - dose_mg) > SMALL_DIFFERENCE * dose_mg:
        notes.stop("FHIR_DOSE_CONFLICT", reason, "Ask the prescriber which amount holds.", where)
    else:
        notes.warn("W_FHIR_GIVEN", reason, "Settle the difference with the prescriber.", where)


def check_supply(request: Part, dose_mg: Fraction | None, doses: int, notes: Notes) -> None:
    """Compare the quantity to dispense, where it is a mass; a count of tablets or mL says nothing of the dose."""
    dispense = child(request.node, "dispenseRequest")
    where = f"{request.where}.dispenseRequest"
    if text(dispense, "numberOfRepeatsAllowed") not in ("", "0"):
        reason = "The order allows repeats; one course is imported."
        notes.warn("W_FHIR_REPEATS", reason, "Have each repeat ordered anew.", f"{where}.numberOfRepeatsAllowed")
    quantity = child(dispense, "quantity")
    unit = UNITS.get(text(quantity, "code"))
    if not quantity:
        return
    if unit is None or unit.dimension in (COUNT, VOLUME):
        reason = "The quantity to dispense is no mass; it was not read, and how many units to make is planned here."
        notes.warn("W_FHIR_QUANTITY", reason, "Compare it with the planned units.", f"{where}.quantity")
        return
    amount = amount_of(quantity, f"{where}.quantity", (MASS,), notes)
    if amount and dose_mg is not None and amount.exact != dose_mg * doses:
        reason = f"The quantity to dispense is {amount}; {doses} doses of {shown(dose_mg)} mg are ordered."
        notes.stop("FHIR_DOSE_CONFLICT", reason, "Ask the prescriber.", amount.where)
