"""A prescription in the project's own JSON becomes a prescription, or a list of everything wrong with it.

The file is one object; amounts are texts or numbers, dates are ISO 8601, keys marked ? may be left out, no other key
is known and nothing may be null::

    {"schema": "printcare.prescription/1",
     "id": "RX-1", "authored_on": "2026-01-05", "prescriber": "Dr Ada Example", "indication"?: "...",
     "patient": {"identifier": "...", "name": "...", "birth_date": "2021-09-14", "sex"?: "F" | "M"},
     "product": {"code": "cyclophosphamide", "text"?: "...", "form"?: "cyclophosphamide anhydrous"},
     "route": "oral",
     "dose_mg"?: "17", "basis"?: {"basis": "per_m2" | "per_kg", "amount_mg": "25", "per": "day" | "dose"},
     "doses_per_day": 1, "duration_days": 7,
     "weight"?: {"value": "16.0", "unit": "kg" | "g" | "lb", "measured_on"?: "2026-01-02"},
     "height"?: {"value": "102", "unit": "cm" | "m" | "mm" | "in", "measured_on"?: "2026-01-02"},
     "stated_bsa_m2"?: "0.67", "contraindicated_excipients"?: ["..."], "allergies"?: ["..."], "notes"?: ["..."],
     "reduction"?: {"pct": "25", "reason": "..."}, "prior_prescription"?: "RX-0",
     "previous"?: {"weight"?: {...}, "dose_mg"?: "16"},
     "given_before"?: [{"over": "course" | "lifetime", "unit": "mg" | "mg/kg" | "mg/m2", "amount": "0"}]}

One of `dose_mg` and `basis` must be there; `dose_mg` is the amount per administration, after any reduction.
`gestational_weeks` of the patient is the age at birth. Unequal doses of a day and tapers come as `steps` instead of
`dose_mg`, `basis`, `doses_per_day` and `duration_days`; several drugs of one unit as `components`, each with its own
dose, beside a `product` that names their combination::

     "steps": [{"days": 3, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": "5"}]}]
     "components": [{"product": {...}, "indication"?: "...", "dose_mg"?: "5", "basis"?: {...}}, {...}]
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from printcare.domain.dose_case import DoseStep, Quantity, TimedDose
from printcare.domain.ledger import COURSE, LIFETIME, UNITS
from printcare.domain.numbers import HEIGHT_UNITS_CM, WEIGHT_UNITS_KG
from printcare.domain.prescription import (
    GivenBefore,
    Measurement,
    OrderedBasis,
    OrderedComponent,
    PatientIdentity,
    Prescription,
    Reduction,
)
from printcare.formats.imported import ImportResult, Notes, pseudonym
from printcare.formats.json_fields import Fields
from printcare.formats.strict_json import read_json

SCHEMA = "printcare.prescription/1"
MAX_DOSES_PER_DAY, MAX_DAYS = 24, 366


def read_prescription_json(data: bytes, pseudonym_key: bytes, today: date | None = None) -> ImportResult:
    """Return the prescription of a file, or None with the findings; `today` refuses dates in the future."""
    notes = Notes()
    value, objections = read_json(data)
    notes.findings.extend(objections)
    if not objections and not isinstance(value, dict):
        notes.stop("PJSON_VALUE", "The file holds no object.", "Send one prescription as an object.", "")
    if not notes.may_go_on or not isinstance(value, dict):
        return notes.result(None)
    root = Fields(value, "", notes)
    root.one_of("schema", (SCHEMA,))
    prescription = _prescription(root, hashlib.sha256(data).hexdigest(), pseudonym_key, notes)
    root.close()
    if notes.may_go_on:
        _check_days(prescription, today, notes)
        notes.understood.extend((key, "read") for key in value)
    return notes.result(prescription)


def _prescription(root: Fields, sha256: str, key: bytes, notes: Notes) -> Prescription:
    product_code, product_text, form = _product(root)
    steps, components = _steps(root, notes), _components(root, notes)
    per_day, days = _schedule(root, steps)
    dose_mg, basis = (None, None) if steps or components else _dose(root, notes)
    previous = root.object("previous") if root.has("previous") else None
    prescription = Prescription(
        id=root.text("id"),
        source="json",
        received_sha256=sha256,
        patient=_patient(root.object("patient"), key),
        product_code=product_code,
        product_text=product_text,
        form=form,
        route=root.one_of("route", ("oral",)),
        indication=root.text("indication", ""),
        prescriber=root.text("prescriber"),
        authored_on=root.day("authored_on"),
        ordered_dose_mg=dose_mg,
        basis=basis,
        doses_per_day=per_day,
        duration_days=days,
        weight=_measurement(root, "weight", WEIGHT_UNITS_KG),
        height=_measurement(root, "height", HEIGHT_UNITS_CM),
        stated_bsa_m2=Decimal(root.amount("stated_bsa_m2")) if root.has("stated_bsa_m2") else None,
        contraindicated_excipients=root.texts("contraindicated_excipients"),
        notes=root.texts("notes"),
        allergies=root.texts("allergies"),
        gestational_weeks=_gestational_weeks(root),
        reduction=_reduction(root),
        previous_weight=None if previous is None else _measurement(previous, "weight", WEIGHT_UNITS_KG),
        previous_dose_mg=Decimal(previous.amount("dose_mg")) if previous and previous.has("dose_mg") else None,
        given_before=_given_before(root),
        steps=steps,
        components=components,
        prior_prescription=root.text("prior_prescription", ""),
    )
    if previous is not None:
        previous.close()
    return prescription


def _product(fields: Fields) -> tuple[str, str, str]:
    product = fields.object("product")
    read = (product.text("code"), product.text("text", ""), product.text("form", ""))
    product.close()
    return read


def _dose(fields: Fields, notes: Notes) -> tuple[Decimal | None, OrderedBasis | None]:
    dose_mg = Decimal(fields.amount("dose_mg")) if fields.has("dose_mg") else None
    basis = _basis(fields.object("basis")) if fields.has("basis") else None
    if dose_mg is None and basis is None:
        reason = f"Neither {fields.where('dose_mg')} nor {fields.where('basis')} is stated."
        notes.stop("PJSON_MISSING", reason, "State the ordered dose, its basis, or both.", fields.where("dose_mg"))
    return dose_mg, basis


def _schedule(root: Fields, steps: tuple[DoseStep, ...]) -> tuple[int, int]:
    """Return doses a day and days, as stated or as the steps come to; both at once is one too many."""
    if not steps:
        return root.count("doses_per_day", MAX_DOSES_PER_DAY), root.count("duration_days", MAX_DAYS)
    return max(len(step.doses) for step in steps), sum(step.days for step in steps)


def _steps(root: Fields, notes: Notes) -> tuple[DoseStep, ...]:
    steps = []
    for fields in root.objects("steps"):
        doses = []
        for dose in fields.objects("doses"):
            doses.append(TimedDose(dose.text("at"), Quantity(dose.amount("dose_mg"), "mg")))
            dose.close()
        if not 1 <= len(doses) <= MAX_DOSES_PER_DAY:
            fields.wrong("doses", f"a list of 1 to {MAX_DOSES_PER_DAY} doses")
        steps.append(DoseStep(fields.count("days", MAX_DAYS), tuple(doses)))
        fields.close()
    if root.has("steps") and not 1 <= sum(step.days for step in steps) <= MAX_DAYS:
        root.wrong("steps", f"a list of steps of together 1 to {MAX_DAYS} days")
    if steps and (root.has("components") or root.has("reduction")):
        reason = "Steps stand beside components or a reduction."
        notes.stop("PJSON_VALUE", reason, "State each dose of a step as it is to be given, of one drug.", "steps")
    return tuple(steps)


def _components(root: Fields, notes: Notes) -> tuple[OrderedComponent, ...]:
    components = []
    for fields in root.objects("components"):
        code, _, form = _product(fields)
        dose_mg, basis = _dose(fields, notes)
        components.append(OrderedComponent(code, form, fields.text("indication", ""), dose_mg, basis))
        fields.close()
    named = {component.product_code.casefold() for component in components}
    if root.has("components") and (len(components) < 2 or len(named) < len(components)):
        root.wrong("components", "a list of at least two different drugs")
    return tuple(components)


def _reduction(root: Fields) -> Reduction | None:
    if not root.has("reduction"):
        return None
    fields = root.object("reduction")
    reduction = Reduction(fields.share("pct"), fields.text("reason"))
    fields.close()
    return reduction


def _given_before(root: Fields) -> tuple[GivenBefore, ...]:
    given = []
    for fields in root.objects("given_before"):
        over, unit = fields.one_of("over", (COURSE, LIFETIME)), fields.one_of("unit", UNITS)
        given.append(GivenBefore(over, unit, Decimal(fields.share("amount"))))
        fields.close()
    if len({(each.over, each.unit) for each in given}) < len(given):
        root.wrong("given_before", "each kind of amount once")
    return tuple(given)


def _gestational_weeks(root: Fields) -> str | None:
    patient = root.object("patient")
    return patient.amount("gestational_weeks") if patient.has("gestational_weeks") else None


def _patient(fields: Fields, key: bytes) -> PatientIdentity:
    identifier = fields.text("identifier")
    sex = fields.one_of("sex", ("F", "M")) if fields.has("sex") else None
    fields.has("gestational_weeks")  # read with the order, because it is no part of who the patient is
    patient = PatientIdentity(
        identifier, fields.text("name"), fields.day("birth_date"), sex, pseudonym(key, [identifier])
    )
    fields.close()
    return patient


def _basis(fields: Fields) -> OrderedBasis:
    basis = OrderedBasis(
        fields.one_of("basis", ("per_m2", "per_kg")), fields.amount("amount_mg"), fields.one_of("per", ("day", "dose"))
    )
    fields.close()
    return basis


def _measurement(root: Fields, key: str, units: Mapping[str, object]) -> Measurement | None:
    if not root.has(key):
        return None
    fields = root.object(key)
    unit = fields.one_of("unit", tuple(units))
    measured_on = fields.day("measured_on") if fields.has("measured_on") else None
    measurement = Measurement(fields.amount("value"), unit, measured_on)
    fields.close()
    return measurement


def _check_days(prescription: Prescription, today: date | None, notes: Notes) -> None:
    born = prescription.patient.birth_date
    dated = [("authored_on", prescription.authored_on)]
    for key, measurement in (
        ("weight", prescription.weight),
        ("height", prescription.height),
        ("previous.weight", prescription.previous_weight),
    ):
        if measurement is not None and measurement.measured_on is not None:
            dated.append((f"{key}.measured_on", measurement.measured_on))
    for where, day in dated:
        if day < born or (today is not None and day > today):
            reason = f"{where} is {day}: before birth or in the future."
            notes.stop("PJSON_DATE", reason, "Correct the date.", where)
