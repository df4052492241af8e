"""A FHIR message becomes a prescription, or a list of everything that keeps it from becoming one.

Our own strict pass comes first: size, form, allow-list, value sets, rules (interoperability.md §4). The library then
parses what is left, as a second opinion; it is no validator. It holds no R4 classes: those of R4B read R4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import cast

from printcare.domain.prescription import Prescription
from printcare.formats.fhir_free_text import check_text
from printcare.formats.fhir_message import (
    Message,
    Part,
    child,
    children,
    resources,
    stated_release,
    take_apart,
    text,
    words,
)
from printcare.formats.fhir_patient import Body, read_allergies, read_body, read_gestational_weeks, read_patient
from printcare.formats.fhir_rules import (
    PRODUCTS,
    OrderedDose,
    check_given,
    check_limits,
    check_normalization,
    check_order,
    check_supply,
    only_dosage,
    read_dose,
    read_product,
    read_route,
)
from printcare.formats.fhir_shape_check import Node, check_resource, day_of, refuse_modifiers
from printcare.formats.fhir_shapes import RELEASES
from printcare.formats.fhir_timing import doses_per_day, duration_days
from printcare.formats.imported import ImportResult, Notes
from printcare.formats.strict_json import Number, read_json


def read_fhir(
    data: bytes,
    pseudonym_key: bytes,
    today: date | None = None,
    site_release: str | None = "R4",
    products: Mapping[tuple[str, str], str] = PRODUCTS,
) -> ImportResult:
    """Return the prescription of a FHIR R4, R4B or R5 message, or None with the findings that forbid it.

    `pseudonym_key` is the site's secret for patient pseudonyms; `today` refuses dates in the future; `site_release` is
    the site's setting for messages that do not state their release (None: those are refused); `products` leads from
    system and code to the INN the recipes go by. Nothing a file may hold raises an exception.
    """
    notes = Notes()
    value, objections = read_json(data)
    notes.findings.extend(objections)
    if not objections and not isinstance(value, dict):
        notes.stop("FHIR_TYPE", "The file holds no FHIR resource.", "Send a bundle or a MedicationRequest.", "")
    if not notes.may_go_on:
        return notes.result(None)
    root = cast(Node, value)
    _check_form(root, site_release, notes)
    message = take_apart(root, notes) if notes.may_go_on else None
    prescription = (
        _order(message, hashlib.sha256(data).hexdigest(), pseudonym_key, today, products, notes) if message else None
    )
    return notes.result(prescription)


def _check_form(root: Node, site_release: str | None, notes: Notes) -> None:
    refuse_modifiers(root, "", notes)
    release = stated_release(root, notes)
    if release is None and notes.may_go_on and site_release is not None:
        reason = f"The message does not state its FHIR release; the site's setting {site_release} is used."
        notes.warn(
            "W_FHIR_RELEASE", reason, "Have the sender name a versioned profile in meta.profile.", "meta.profile"
        )
        release = site_release
    if release not in RELEASES:
        reason = f"The FHIR release is {release or 'not stated'}; {', '.join(RELEASES)} are read."
        notes.stop(
            "FHIR_RELEASE", reason, "Have the sender name a versioned profile, or set the site's release.", "meta"
        )
        return
    check_resource(root, "", release, notes)
    if notes.may_go_on:
        _parse_with_library(root, release, notes)


def _parse_with_library(root: Node, release: str, notes: Notes) -> None:
    """Have fhir.resources parse every resource; what it refuses that we let pass is refused."""
    # Imported here: it costs some 400 ms, which every other command would pay.
    if release == "R5":
        from fhir.resources import get_fhir_model_class
    else:
        from fhir.resources.R4B import get_fhir_model_class

    for _, node, where in resources(root):
        try:
            get_fhir_model_class(text(node, "resourceType")).model_validate(_plain(node))
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as fault:
            reason = f"{where} is no valid FHIR {release}: {_told(fault)}."
            notes.stop("FHIR_LIBRARY", reason, "Have the sender correct the message.", where)


def _told(fault: Exception) -> str:
    """Return what the library objects to, without the values: they may be personal."""
    errors = getattr(fault, "errors", None)
    if not callable(errors):
        return type(fault).__name__
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in errors()[:5])


def _plain(value: object) -> object:
    if isinstance(value, Number):
        return Decimal(value) if "." in value else int(value)
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value


def _order(
    message: Message,
    sha256: str,
    key: bytes,
    today: date | None,
    products: Mapping[tuple[str, str], str],
    notes: Notes,
) -> Prescription | None:
    request = message.request
    check_order(request, notes)
    patient = read_patient(message, key, notes)
    product_code, product_text = read_product(message, products, notes)
    authored_on = _authored_on(message, today, notes)
    body = read_body(message, patient.birth_date, today, notes) if patient else None
    found = only_dosage(request, notes)
    if found is None or patient is None or body is None or authored_on is None:
        return None
    dosage, where = found
    route = read_route(dosage, where, notes)
    per_day = doses_per_day(child(dosage, "timing"), f"{where}.timing", notes)
    if per_day is None:
        return None
    dispense = child(request.node, "dispenseRequest")
    supply = f"{request.where}.dispenseRequest"
    days = duration_days(child(dosage, "timing"), dispense, per_day, f"{where}.timing", supply, notes)
    dose = read_dose(dosage, where, per_day, notes)
    if days is None or dose is None:
        return None
    _check_agreement(message, dosage, where, dose, per_day, days, body, notes)
    allergies = read_allergies(message, notes)
    return Prescription(
        id=_order_id(request.node, sha256),
        source="fhir",
        received_sha256=sha256,
        patient=patient,
        product_code=product_code,
        product_text=product_text,
        form="",  # a product code names the moiety; which form the dose is expressed in, the dosing rule says
        route=route,
        indication=_indication(message, notes),
        prescriber=_prescriber(message, notes),
        authored_on=authored_on,
        ordered_dose_mg=dose.decimal_mg,
        basis=dose.basis,
        doses_per_day=per_day,
        duration_days=days,
        weight=body.weight,
        height=body.height,
        stated_bsa_m2=body.bsa_m2,
        contraindicated_excipients=(),
        notes=(*_texts(message, dosage), *allergies.notes),
        allergies=allergies.names,
        gestational_weeks=read_gestational_weeks(message, notes),
        prior_prescription=_prior(request, notes),
    )


def _check_agreement(
    message: Message,
    dosage: Node,
    where: str,
    dose: OrderedDose,
    per_day: int,
    days: int,
    body: Body,
    notes: Notes,
) -> None:
    check_normalization(message.request, dose.basis, notes)
    check_limits(dosage, where, dose.dose_mg, per_day, notes)
    check_given(message, dose.dose_mg, notes)
    check_supply(message.request, dose.dose_mg, per_day * days, notes)
    for said in _texts(message, dosage):
        check_text(said, f"{where}.text", dose, per_day, body.bsa_m2, notes)
    if dose.dose_mg is None:
        reason = "The order states an amount per body surface or weight only, no dose."
        remedy = "The pharmacist enters the dose from the computed proposal, with a second check."
        notes.warn("W_FHIR_PROPOSAL", reason, remedy, f"{where}.doseAndRate")


def _authored_on(message: Message, today: date | None, notes: Notes) -> date | None:
    authored = day_of(text(message.request.node, "authoredOn"))
    born = day_of(text(message.patient.node, "birthDate"))
    where = f"{message.request.where}.authoredOn"
    if authored is None or born is None:
        return None
    if authored < born:
        notes.stop(
            "FHIR_DATE", f"The order of {authored} was written before birth on {born}.", "Correct the date.", where
        )
    if today is not None and max(authored, born) > today:
        notes.stop("FHIR_DATE", f"Order or birth lie after today, {today}.", "Correct the date.", where)
    notes.mean(where, f"written on {authored}")
    return authored


def _order_id(request: Node, sha256: str) -> str:
    """Return the order's own number, else the resource's id, else a name made of the message."""
    numbers = [text(each, "value") for each in children(request, "identifier") if text(each, "value")]
    return numbers[0] if numbers else text(request, "id") or f"order-{sha256[:12]}"


def _prior(request: Part, notes: Notes) -> str:
    """Return the number of the order this one replaces, empty where it replaces none; it is never in the message."""
    reference, where = child(request.node, "priorPrescription"), f"{request.where}.priorPrescription"
    if not reference:
        return ""
    number = text(child(reference, "identifier"), "value") or text(reference, "reference").rpartition("/")[2]
    if not number:
        notes.stop("FHIR_REFERENCE", "The earlier order is not named.", "Have the sender give its number.", where)
    notes.mean(where, f"replaces the order {number}")
    return number


def _texts(message: Message, dosage: Node) -> tuple[str, ...]:
    said = [text(dosage, "text"), text(dosage, "patientInstruction")]
    said += [words(concept) for concept in children(dosage, "additionalInstruction")]
    said += [text(note, "text") for note in children(message.request.node, "note")]
    return tuple(each for each in said if each)


def _indication(message: Message, notes: Notes) -> str:
    node, where = message.request.node, message.request.where
    said = [words(concept) for concept in children(node, "reasonCode")]
    said += [words(child(each, "concept")) for each in children(node, "reason")]
    references = children(node, "reasonReference") + [child(each, "reference") for each in children(node, "reason")]
    for reference in references:
        if "reference" not in reference:
            said.append(text(reference, "display"))
            continue
        target = message.find(reference, where)
        if target is None:
            remedy = "Have the sender include what the order refers to."
            notes.stop("FHIR_REFERENCE", "The reason leads to nothing inside the message.", remedy, f"{where}.reason")
        else:
            said.append(words(child(target.node, "code")))
    return "; ".join(each for each in said if each)


def _prescriber(message: Message, notes: Notes) -> str:
    """Return the prescriber's name: from the resource the requester leads to, else as displayed."""
    requester, where = child(message.request.node, "requester"), f"{message.request.where}.requester"
    target = message.find(requester, message.request.where)
    if target is not None and target.kind == "PractitionerRole":
        target = message.find(child(target.node, "practitioner"), target.where) or target
    if "reference" in requester and target is None:
        notes.stop("FHIR_REFERENCE", "The requester leads to nothing inside the message.", "Have them included.", where)
    if target is not None:
        for name in children(target.node, "name"):
            given = name.get("given")
            parts = [str(part) for part in given] if isinstance(given, list) else []
            full = " ".join((*parts, text(name, "family"))).strip() or text(name, "text")
            if full:
                notes.mean(where, "prescriber")
                return full
    shown = text(requester, "display")
    if not shown:
        notes.stop("FHIR_MISSING", "The prescriber is not named.", "Have the sender name the prescriber.", where)
    return shown
