"""The import rules F2 to F8, F11, F12, F15, F16 and F18: each with a message crafted to break it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from printcare.formats.fhir import read_fhir
from printcare.formats.imported import ImportResult

ORDER = Path(__file__).parents[2] / "recipes" / "demonstration" / "order-cyclophosphamide.fhir.json"
KEY, TODAY = b"a site's secret", date(2026, 1, 5)
Change = Callable[[dict[str, Any]], None]


def bundle() -> dict[str, Any]:
    return json.loads(ORDER.read_bytes())


def patient(message: dict[str, Any]) -> dict[str, Any]:
    return message["entry"][0]["resource"]


def weight(message: dict[str, Any]) -> dict[str, Any]:
    return message["entry"][2]["resource"]


def height(message: dict[str, Any]) -> dict[str, Any]:
    return message["entry"][3]["resource"]


def request(message: dict[str, Any]) -> dict[str, Any]:
    return message["entry"][4]["resource"]


def dosage(message: dict[str, Any]) -> dict[str, Any]:
    return request(message)["dosageInstruction"][0]


def doses(message: dict[str, Any]) -> list[dict[str, Any]]:
    return dosage(message)["doseAndRate"]


def quantity(value: object, code: str, **more: object) -> dict[str, Any]:
    return {"value": value, "system": "http://unitsofmeasure.org", "code": code} | more


def read(message: dict[str, Any] | bytes, **named: Any) -> ImportResult:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return read_fhir(data, KEY, named.pop("today", TODAY), **named)


def after(change: Change, **named: Any) -> ImportResult:
    message = bundle()
    change(message)
    return read(message, **named)


def codes(result: ImportResult) -> set[str]:
    return {finding.code for finding in result.findings}


def refuses(change: Change, code: str) -> None:
    result = after(change)
    assert result.prescription is None
    assert code in {finding.code for finding in result.findings if finding.blocks}, result.findings


def accepts(change: Change) -> ImportResult:
    result = after(change)
    assert result.prescription is not None, result.findings
    return result


def with_observation(message: dict[str, Any], code: str, value: object, unit: str) -> None:
    """Add an observation of the patient and link it."""
    made = copy.deepcopy(weight(message))
    made["id"] = f"more-{code}-{len(message['entry'])}"
    made["code"]["coding"][0]["code"] = code
    made["valueQuantity"] = quantity(value, unit)
    url = f"urn:uuid:{made['id']}"
    message["entry"].append({"fullUrl": url, "resource": made})
    request(message)["supportingInformation"].append({"reference": url})


def with_text(message: dict[str, Any], text: str) -> None:
    dosage(message)["text"] = text


# ---- the order as a hospital would send it


def test_the_demonstration_order_is_read_without_a_finding() -> None:
    result = read(ORDER.read_bytes())
    prescription = result.prescription
    assert result.findings == ()
    assert prescription is not None
    assert (prescription.ordered_dose_mg, prescription.doses_per_day, prescription.duration_days) == (Decimal(17), 1, 7)
    assert prescription.basis is not None
    assert (prescription.basis.basis, prescription.basis.amount_mg, prescription.basis.per) == ("per_m2", "25", "day")
    assert prescription.weight is not None
    assert (prescription.weight.value, prescription.weight.unit) == ("16.0", "kg")
    assert prescription.height is not None
    assert prescription.height.measured_on == date(2026, 1, 2)
    assert (prescription.product_code, prescription.route) == ("cyclophosphamide", "oral")


def test_the_demonstration_patient_is_four_years_old_on_the_day_of_the_order() -> None:
    born = date.fromisoformat(patient(bundle())["birthDate"])
    authored = date.fromisoformat(request(bundle())["authoredOn"][:10])
    assert authored.year - born.year - ((authored.month, authored.day) < (born.month, born.day)) == 4


def test_what_was_ignored_is_listed() -> None:
    assert "Bundle.timestamp" in read(ORDER.read_bytes()).ignored


def test_a_pseudonym_is_the_same_for_the_same_patient_and_key_only() -> None:
    first, again = read(ORDER.read_bytes()), after(lambda m: request(m).update(id="another"))
    other = read_fhir(ORDER.read_bytes(), b"another key", TODAY)
    assert first.prescription is not None
    assert again.prescription is not None
    assert other.prescription is not None
    assert first.prescription.patient.pseudonym == again.prescription.patient.pseudonym
    assert first.prescription.patient.pseudonym != other.prescription.patient.pseudonym


def test_digits_are_kept_as_received() -> None:
    data = ORDER.read_bytes().replace(b'"value": 16.0,', b'"value": 16.00,')
    result = read(data)
    assert result.prescription is not None
    assert result.prescription.weight is not None
    assert result.prescription.weight.value == "16.00"


# ---- F2: limits, duplicate keys, modifiers


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * 2000, "JSON_DEPTH"),
        (b'{"a":' * 2000, "JSON_DEPTH"),
        (b" " * (1024 * 1024 + 1), "JSON_SIZE"),
        (b"[" + b"1," * 30000 + b"1]", "JSON_COUNT"),
        (b'{"resourceType":"Bundle","resourceType":"Patient"}', "JSON_DUPLICATE_KEY"),
        (b'{"value":NaN}', "JSON_NUMBER"),
        (b'{"value":-Infinity}', "JSON_NUMBER"),
        (b'{"value":1e3}', "JSON_NUMBER"),
        (b'{"value":1234567890123}', "JSON_NUMBER"),
        (b'{"subject":null}', "JSON_EMPTY"),
        (b'{"name":"\\u202egnp"}', "JSON_TEXT"),
        (b'{"name":"\\ud800"}', "JSON_TEXT"),
        (b"\xff\xfe", "JSON_SYNTAX"),
        (b"", "JSON_SYNTAX"),
        (b"[1]", "FHIR_TYPE"),
    ],
)
def test_a_hostile_file_is_refused_with_its_reason(data: bytes, code: str) -> None:
    result = read(data)
    assert result.prescription is None
    assert code in codes(result)


def test_a_modifier_extension_anywhere_is_refused() -> None:
    refuses(
        lambda m: patient(m)["name"][0].update(modifierExtension=[{"url": "urn:x", "valueCode": "y"}]), "FHIR_MODIFIER"
    )


def test_a_modifier_inside_a_passed_over_part_is_refused() -> None:
    refuses(lambda m: patient(m).update(address=[{"modifierExtension": [{"url": "urn:x"}]}]), "FHIR_MODIFIER")


def test_implicit_rules_are_refused() -> None:
    refuses(lambda m: request(m).update(implicitRules="http://example.org/rules"), "FHIR_MODIFIER")


# ---- F3: allow-list, value sets, required elements


def test_an_unknown_element_is_refused_with_its_path() -> None:
    result = after(lambda m: dosage(m).update(doseMultiplier=2))
    assert result.prescription is None
    assert any(
        f.code == "FHIR_ELEMENT" and f.where.endswith("dosageInstruction[0].doseMultiplier") for f in result.findings
    )


def test_a_status_fhir_does_not_know_is_refused() -> None:
    refuses(lambda m: request(m).update(status="perfectly-fine"), "FHIR_VALUE")


def test_a_missing_subject_is_refused() -> None:
    refuses(lambda m: request(m).pop("subject"), "FHIR_MISSING")


def test_an_explicit_null_subject_is_refused() -> None:
    refuses(lambda m: request(m).update(subject=None), "JSON_EMPTY")


def test_all_objections_to_the_form_are_told_at_once() -> None:
    def change(message: dict[str, Any]) -> None:
        request(message).update(status="nonsense", foo=1)
        patient(message).pop("birthDate")

    assert {"FHIR_VALUE", "FHIR_ELEMENT", "FHIR_MISSING"} <= codes(after(change))


def test_what_the_library_refuses_is_refused() -> None:
    # A Medication amount must be a Ratio; our allow-list passes it over, the library's class does not.
    refuses(lambda m: patient(m).update(telecom="not a list"), "FHIR_LIBRARY")


# ---- release


def test_a_release_is_never_guessed_from_the_shape() -> None:
    def change(message: dict[str, Any]) -> None:
        message.pop("meta")
        request(message).pop("meta")

    assert "W_FHIR_RELEASE" in codes(accepts(change))
    assert "FHIR_RELEASE" in codes(after(change, site_release=None))


def test_two_stated_releases_stop() -> None:
    profile = "http://hl7.org/fhir/StructureDefinition/MedicationRequest|5.0.0"
    refuses(lambda m: request(m)["meta"].update(profile=[profile]), "FHIR_RELEASE")


def test_an_r5_order_is_read_by_its_own_names() -> None:
    def change(message: dict[str, Any]) -> None:
        message["meta"]["profile"] = ["http://hl7.org/fhir/StructureDefinition/Bundle|5.0.0"]
        order = request(message)
        order.pop("meta")
        order["medication"] = {"concept": order.pop("medicationCodeableConcept")}
        order["reason"] = [{"concept": order.pop("reasonCode")[0]}]
        dosage(message)["asNeeded"] = dosage(message).pop("asNeededBoolean")

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.ordered_dose_mg == 17


def test_r4_names_in_an_r5_message_are_refused() -> None:
    def change(message: dict[str, Any]) -> None:
        message["meta"]["profile"] = ["http://hl7.org/fhir/StructureDefinition/Bundle|5.0.0"]
        request(message).pop("meta")

    refuses(change, "FHIR_ELEMENT")


# ---- F4: status and intent


@pytest.mark.parametrize(
    "status", ["draft", "on-hold", "cancelled", "completed", "stopped", "entered-in-error", "unknown"]
)
def test_an_order_that_is_not_active_is_refused(status: str) -> None:
    refuses(lambda m: request(m).update(status=status), "FHIR_STATUS")


@pytest.mark.parametrize("intent", ["proposal", "plan", "option"])
def test_a_message_that_is_no_order_is_refused(intent: str) -> None:
    refuses(lambda m: request(m).update(intent=intent), "FHIR_STATUS")


def test_do_not_perform_is_refused() -> None:
    refuses(lambda m: request(m).update(doNotPerform=True), "FHIR_STATUS")


@pytest.mark.parametrize("status", ["preliminary", "entered-in-error"])
def test_a_measurement_that_is_not_final_is_refused(status: str) -> None:
    refuses(lambda m: weight(m).update(status=status), "FHIR_STATUS")


# ---- F5: one patient, references inside


def test_a_second_patient_is_refused() -> None:
    def change(message: dict[str, Any]) -> None:
        twin = copy.deepcopy(message["entry"][0])
        twin["fullUrl"], twin["resource"]["id"] = "urn:uuid:twin", "twin"
        message["entry"].append(twin)
        weight(message)["subject"]["reference"] = "urn:uuid:twin"

    refuses(change, "FHIR_PATIENT")


def test_a_measurement_of_somebody_else_is_refused() -> None:
    refuses(lambda m: weight(m)["subject"].update(reference="Patient/other"), "FHIR_REFERENCE")


def test_an_external_reference_is_refused() -> None:
    def change(message: dict[str, Any]) -> None:
        request(message)["supportingInformation"][0]["reference"] = "https://example.org/fhir/Observation/1"

    refuses(change, "FHIR_REFERENCE")


# ---- F6: one order, one scheme


def test_two_orders_are_refused() -> None:
    def change(message: dict[str, Any]) -> None:
        again = copy.deepcopy(message["entry"][4])
        again["fullUrl"], again["resource"]["id"] = "urn:uuid:again", "again"
        message["entry"].append(again)

    refuses(change, "FHIR_SEVERAL")


def test_several_dosage_instructions_are_refused() -> None:
    refuses(lambda m: request(m)["dosageInstruction"].append(dosage(m)), "FHIR_SEVERAL")


def test_a_dose_range_is_refused() -> None:
    def change(message: dict[str, Any]) -> None:
        doses(message)[1]["doseRange"] = {"low": doses(message)[1].pop("doseQuantity")}

    refuses(change, "FHIR_MANUAL")


def test_as_needed_is_refused() -> None:
    refuses(lambda m: dosage(m).update(asNeededBoolean=True), "FHIR_MANUAL")


@pytest.mark.parametrize(
    ("frequency", "period", "unit"), [(1, 2, "d"), (1, 1, "wk"), (2, 3, "d"), (1, 5, "h"), (1, 48, "h")]
)
def test_a_rhythm_that_is_no_number_of_doses_a_day_is_refused(frequency: int, period: int, unit: str) -> None:
    change: Change = lambda m: dosage(m)["timing"]["repeat"].update(frequency=frequency, period=period, periodUnit=unit)  # noqa: E731
    refuses(change, "FHIR_MANUAL")


@pytest.mark.parametrize(("frequency", "period", "unit", "expected"), [(2, 1, "d", 2), (1, 8, "h", 3), (1, 24, "h", 1)])
def test_doses_per_day_come_from_the_timing(frequency: int, period: int, unit: str, expected: int) -> None:
    def change(message: dict[str, Any]) -> None:
        dosage(message)["timing"]["repeat"].update(frequency=frequency, period=period, periodUnit=unit)

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.doses_per_day == expected


def test_a_timing_code_that_contradicts_the_frequency_is_refused() -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
    refuses(lambda m: dosage(m)["timing"].update(code={"coding": [{"system": system, "code": "BID"}]}), "FHIR_MANUAL")


def test_a_course_from_first_to_last_day_counts_both() -> None:
    def change(message: dict[str, Any]) -> None:
        repeat = dosage(message)["timing"]["repeat"]
        repeat.pop("boundsDuration")
        repeat["boundsPeriod"] = {"start": "2026-01-05", "end": "2026-01-11"}

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.duration_days == 7


# ---- F7, F8: the dose by dimension


def test_the_labels_calculated_and_ordered_decide_nothing() -> None:
    def change(message: dict[str, Any]) -> None:
        first, second = doses(message)
        first["type"], second["type"] = second["type"], first["type"]
        doses(message).reverse()

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.ordered_dose_mg == 17
    assert result.prescription.basis is not None
    assert result.prescription.basis.amount_mg == "25"


def test_a_dose_that_stands_in_a_rate_only_is_never_read() -> None:
    def change(message: dict[str, Any]) -> None:
        dosage(message).pop("text")
        for entry in doses(message):
            entry["rateQuantity"] = entry.pop("doseQuantity")

    result = after(change)
    assert result.prescription is None
    assert {"FHIR_DOSE_MISSING", "W_FHIR_RATE"} <= codes(result)


def test_a_basis_in_a_rate_beside_a_real_dose_is_told_and_not_read() -> None:
    def change(message: dict[str, Any]) -> None:
        dosage(message).pop("text")
        doses(message)[0]["rateQuantity"] = doses(message)[0].pop("doseQuantity")

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.basis is None
    assert "W_FHIR_RATE" in codes(result)


def test_two_different_masses_stop() -> None:
    refuses(lambda m: doses(m).append({"doseQuantity": quantity(18, "mg")}), "FHIR_DOSE_CONFLICT")


def test_the_same_mass_in_two_units_is_one_dose() -> None:
    result = accepts(lambda m: doses(m).append({"doseQuantity": quantity(17000, "ug")}))
    assert result.prescription is not None
    assert result.prescription.ordered_dose_mg == 17


def test_both_spellings_of_a_daily_basis_mean_the_same() -> None:
    result = accepts(lambda m: doses(m)[0]["doseQuantity"].update(code="mg/(m2.d)"))
    assert result.prescription is not None
    assert result.prescription.basis == read(ORDER.read_bytes()).prescription.basis  # type: ignore[union-attr]


def test_a_basis_alone_gives_a_proposal_and_no_dose() -> None:
    def change(message: dict[str, Any]) -> None:
        doses(message).pop()
        with_text(message, "25 mg/m2/day by mouth")

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.ordered_dose_mg is None
    assert "W_FHIR_PROPOSAL" in codes(result)


def test_a_daily_amount_is_divided_by_the_timing_and_must_be_confirmed() -> None:
    def change(message: dict[str, Any]) -> None:
        dosage(message).pop("text")
        dosage(message)["timing"]["repeat"]["frequency"] = 2
        doses(message)[1]["doseQuantity"] = quantity(17, "mg/d")

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.ordered_dose_mg == Decimal("8.5")
    assert "W_FHIR_DAILY" in codes(result)


def test_a_dose_in_tablets_is_refused() -> None:
    refuses(lambda m: doses(m)[1].update(doseQuantity=quantity(1, "{tbl}")), "FHIR_DIMENSION")


# ---- units (§2, §3)


@pytest.mark.parametrize("code", ["mcg", "MG", "m^2", "mg/m²", "cc", "iu"])
def test_a_code_ucum_does_not_have_is_refused_beside_a_sibling_that_is_right(code: str) -> None:
    refuses(lambda m: doses(m)[0]["doseQuantity"].update(code=code), "E_UNIT_UNKNOWN")


def test_a_unit_text_without_a_code_is_no_unit() -> None:
    refuses(lambda m: doses(m)[1]["doseQuantity"].pop("code"), "E_UNIT_MISSING")


@pytest.mark.parametrize(("text", "code"), [("µg", "mg"), ("mg", "ug"), ("g", "mg"), ("Mg", "mg"), ("kg", "g")])
def test_a_unit_text_with_another_prefix_than_the_code_stops(text: str, code: str) -> None:
    refuses(lambda m: doses(m)[1].update(doseQuantity=quantity(17, code, unit=text)), "FHIR_UNIT_TEXT")


@pytest.mark.parametrize("value", ["17", "-17", "0"])
def test_an_amount_that_is_no_positive_number_is_refused(value: str) -> None:
    raw = value if value != "17" else '"17"'
    data = ORDER.read_bytes().replace(b'"value": 17,', f'"value": {raw},'.encode())
    assert read(data).prescription is None


def test_a_limit_is_no_amount() -> None:
    refuses(lambda m: doses(m)[1]["doseQuantity"].update(comparator="<"), "FHIR_MANUAL")


def test_a_weight_in_grams_is_kept_with_its_unit() -> None:
    result = accepts(lambda m: weight(m).update(valueQuantity=quantity(3250, "g")))
    assert result.prescription is not None
    assert result.prescription.weight is not None
    assert (result.prescription.weight.value, result.prescription.weight.unit) == ("3250", "g")


def test_pounds_are_told_in_kilograms_too() -> None:
    result = accepts(lambda m: weight(m).update(valueQuantity=quantity(35, "[lb_av]")))
    told = next(finding for finding in result.findings if finding.code == "W_FHIR_IMPERIAL")
    assert "15.87573295" in told.reason  # 35 × 0.45359237 kg, the exact pound


def test_pounds_without_a_code_are_refused() -> None:
    refuses(lambda m: weight(m).update(valueQuantity={"value": 35, "unit": "lb"}), "E_UNIT_MISSING")


@pytest.mark.parametrize(("value", "unit"), [(102, "m"), (1.02, "cm")])
def test_a_height_in_the_wrong_unit_is_suspect(value: float, unit: str) -> None:
    refuses(lambda m: height(m).update(valueQuantity=quantity(value, unit)), "E_HEIGHT_UNIT_SUSPECT")


def test_a_weight_in_the_wrong_unit_is_suspect() -> None:
    refuses(lambda m: weight(m).update(valueQuantity=quantity(16000, "kg")), "E_WEIGHT_UNIT_SUSPECT")


def test_a_height_given_as_a_mass_is_refused() -> None:
    refuses(lambda m: height(m).update(valueQuantity=quantity(102, "kg")), "FHIR_DIMENSION")


def test_two_surfaces_under_two_codes_with_different_values_stop() -> None:
    def change(message: dict[str, Any]) -> None:
        with_observation(message, "8277-6", 0.67, "m2")
        with_observation(message, "3140-1", 0.76, "m2")

    refuses(change, "FHIR_MEASUREMENTS")


def test_two_weights_stop_because_nobody_here_may_choose() -> None:
    refuses(lambda m: with_observation(m, "29463-7", 17, "kg"), "FHIR_MEASUREMENTS")


# ---- F11, F12, F15: what must agree


def test_a_text_that_says_another_dose_stops() -> None:
    refuses(lambda m: with_text(m, "170 mg by mouth once a day"), "FHIR_TEXT")


@pytest.mark.parametrize(
    ("text", "stops"), [("17 mg twice daily", True), ("8.5 mg twice daily", False), ("17 mg/day", False)]
)
def test_a_text_is_a_days_amount_only_where_it_says_per_day_at_the_amount(text: str, stops: bool) -> None:
    def change(message: dict[str, Any]) -> None:
        with_text(message, text)
        dosage(message)["timing"]["repeat"]["frequency"] = 2
        doses(message)[1]["doseQuantity"] = quantity(8.5, "mg")

    assert ("FHIR_TEXT" in codes(after(change))) is stops


def test_a_basis_per_dose_in_the_text_beside_one_per_day_stops_a_divided_dose() -> None:
    def change(message: dict[str, Any]) -> None:
        with_text(message, "8.5 mg (25 mg/m2/dose)")
        dosage(message)["timing"]["repeat"]["frequency"] = 2
        doses(message)[1]["doseQuantity"] = quantity(8.5, "mg")

    refuses(change, "FHIR_TEXT")


def test_a_text_that_says_another_basis_stops() -> None:
    refuses(lambda m: with_text(m, "17 mg (52 mg/m2/day)"), "FHIR_TEXT")


def test_a_decimal_comma_in_the_text_stops() -> None:
    refuses(lambda m: with_text(m, "17,0 mg by mouth"), "FHIR_TEXT")


def test_a_basis_in_the_text_alone_that_differs_a_little_warns() -> None:
    def change(message: dict[str, Any]) -> None:
        doses(message).pop(0)
        with_observation(message, "8277-6", 0.67, "m2")
        with_text(message, "17 mg daily, that is 25 mg/m2")  # 16.75 mg by the stated surface

    assert "W_FHIR_TEXT_BASIS" in codes(accepts(change))


def test_a_basis_in_the_text_alone_that_differs_grossly_stops() -> None:
    def change(message: dict[str, Any]) -> None:
        doses(message).pop(0)
        with_observation(message, "8277-6", 0.67, "m2")
        with_text(message, "17 mg daily, that is 250 mg/m2")

    refuses(change, "FHIR_TEXT")


@pytest.mark.parametrize(("given_mg", "stops"), [(170, True), (17.5, False)])
def test_a_linked_administration_that_contradicts_the_dose_stops(given_mg: float, stops: bool) -> None:
    def change(message: dict[str, Any]) -> None:
        subject = request(message)["subject"]
        record = {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "subject": subject,
            "medicationCodeableConcept": {"text": "cyclophosphamide"},
            "effectiveDateTime": "2026-01-04",
            "dosage": {"dose": quantity(given_mg, "mg")},
        }
        message["entry"].append({"fullUrl": "urn:uuid:given", "resource": record})

    result = after(change)
    assert ("FHIR_DOSE_CONFLICT" in codes(result)) is stops
    assert (result.prescription is None) is stops


def test_a_maximum_stated_with_the_order_stops_a_higher_dose() -> None:
    refuses(lambda m: dosage(m).update(maxDosePerAdministration=quantity(10, "mg")), "E_MAX_DOSE_EXCEEDED")


def test_a_daily_maximum_counts_all_doses_of_the_day() -> None:
    def change(message: dict[str, Any]) -> None:
        dosage(message).pop("text")
        dosage(message)["timing"]["repeat"]["frequency"] = 2
        dosage(message)["maxDosePerPeriod"] = {"numerator": quantity(30, "mg"), "denominator": quantity(24, "h")}

    refuses(change, "E_MAX_DOSE_EXCEEDED")


def test_a_quantity_in_tablets_beside_a_dose_in_mg_is_told_and_not_read() -> None:
    result = accepts(lambda m: request(m)["dispenseRequest"].update(quantity={"value": 7, "unit": "tablets"}))
    assert "W_FHIR_QUANTITY" in codes(result)


def test_a_basis_of_another_kind_than_the_stated_normalisation_stops() -> None:
    refuses(lambda m: doses(m)[0].update(doseQuantity=quantity(1, "mg/kg/d")), "FHIR_DOSE_CONFLICT")


# ---- F16: dates


@pytest.mark.parametrize("born", ["2021", "2021-09", "2021-02-30"])
def test_a_birth_date_that_is_no_day_is_refused(born: str) -> None:
    refuses(lambda m: patient(m).update(birthDate=born), "FHIR_DATE")


def test_a_time_without_a_zone_is_refused() -> None:
    refuses(lambda m: request(m).update(authoredOn="2026-01-05T09:40:00"), "FHIR_DATE")


def test_an_order_written_before_birth_is_refused() -> None:
    refuses(lambda m: patient(m).update(birthDate="2026-02-01"), "FHIR_DATE")


def test_a_measurement_of_the_future_is_refused() -> None:
    refuses(lambda m: weight(m).update(effectiveDateTime="2027-01-02"), "FHIR_DATE")


def test_an_order_of_the_future_is_refused() -> None:
    assert "FHIR_DATE" in codes(read(ORDER.read_bytes(), today=date(2026, 1, 4)))


# ---- F18: product


def test_a_product_no_recipe_is_known_for_is_refused() -> None:
    coding: Change = lambda m: request(m)["medicationCodeableConcept"]["coding"][0].update(code="L01AB01")  # noqa: E731
    refuses(coding, "FHIR_PRODUCT")


def test_a_product_named_in_words_only_is_refused() -> None:
    refuses(lambda m: request(m).update(medicationCodeableConcept={"text": "cyclophosphamide"}), "FHIR_PRODUCT")


# ---- the rest of the field map


def with_medication(message: dict[str, Any], **more: object) -> None:
    concept = request(message).pop("medicationCodeableConcept")
    made = {"resourceType": "Medication", "id": "drug", "code": concept} | more
    request(message)["contained"] = [made]
    request(message)["medicationReference"] = {"reference": "#drug"}


def test_a_contained_medication_is_read_by_its_code() -> None:
    result = accepts(with_medication)
    assert result.prescription is not None
    assert result.prescription.product_code == "cyclophosphamide"


def test_a_medication_of_several_ingredients_is_refused() -> None:
    several = [{"itemCodeableConcept": {"text": name}} for name in ("one", "two")]
    refuses(lambda m: with_medication(m, ingredient=several), "FHIR_SEVERAL")


def test_a_medication_no_longer_in_use_is_refused() -> None:
    refuses(lambda m: with_medication(m, status="inactive"), "FHIR_STATUS")


def test_a_medication_that_leads_nowhere_is_refused() -> None:
    def change(message: dict[str, Any]) -> None:
        with_medication(message)
        request(message)["medicationReference"]["reference"] = "#other"

    refuses(change, "FHIR_REFERENCE")


@pytest.mark.parametrize("fact", [{"deceasedBoolean": True}, {"active": False}])
def test_a_patient_record_that_is_not_current_is_refused(fact: dict[str, Any]) -> None:
    refuses(lambda m: patient(m).update(fact), "FHIR_PATIENT")


def test_a_patient_without_an_identifier_value_is_refused() -> None:
    refuses(lambda m: patient(m).update(identifier=[{"system": "urn:oid:2.999.1"}]), "FHIR_MISSING")


def test_another_route_than_oral_is_refused() -> None:
    refuses(lambda m: dosage(m)["route"]["coding"][0].update(code="47625008"), "FHIR_ROUTE")


def test_an_allergy_is_noted_and_warned_of() -> None:
    def change(message: dict[str, Any]) -> None:
        record = {
            "resourceType": "AllergyIntolerance",
            "patient": request(message)["subject"],
            "code": {"text": "sorbitol"},
        }
        message["entry"].append({"fullUrl": "urn:uuid:allergy", "resource": record})

    result = accepts(change)
    assert "W_FHIR_ALLERGY" in codes(result)
    assert result.prescription is not None
    assert "Allergy or intolerance: sorbitol" in result.prescription.notes


def test_a_course_stated_as_a_count_of_doses_is_read() -> None:
    def change(message: dict[str, Any]) -> None:
        dosage(message)["timing"]["repeat"].pop("boundsDuration")
        dosage(message)["timing"]["repeat"]["count"] = 7

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.duration_days == 7


def test_a_count_that_contradicts_the_bounds_is_refused() -> None:
    refuses(lambda m: dosage(m)["timing"]["repeat"].update(count=10), "FHIR_MANUAL")


def test_the_supply_gives_the_days_where_nothing_else_does() -> None:
    result = accepts(lambda m: dosage(m)["timing"]["repeat"].pop("boundsDuration"))
    assert result.prescription is not None
    assert result.prescription.duration_days == 7


def test_a_supply_for_other_days_than_ordered_is_warned_of() -> None:
    result = accepts(lambda m: request(m)["dispenseRequest"].update(expectedSupplyDuration=quantity(2, "wk")))
    assert "W_FHIR_SUPPLY" in codes(result)


def test_an_order_without_an_end_is_refused() -> None:
    def change(message: dict[str, Any]) -> None:
        dosage(message)["timing"]["repeat"].pop("boundsDuration")
        request(message).pop("dispenseRequest")

    refuses(change, "FHIR_MISSING")


def test_repeats_are_warned_of_and_one_course_is_imported() -> None:
    result = accepts(lambda m: request(m)["dispenseRequest"].update(numberOfRepeatsAllowed=2))
    assert "W_FHIR_REPEATS" in codes(result)


def test_a_mass_to_dispense_that_is_not_the_course_stops() -> None:
    refuses(lambda m: request(m)["dispenseRequest"].update(quantity=quantity(17, "mg")), "FHIR_DOSE_CONFLICT")


def test_measurements_the_order_does_not_name_are_taken_with_a_warning() -> None:
    result = accepts(lambda m: request(m).pop("supportingInformation"))
    assert "W_FHIR_UNLINKED" in codes(result)
    assert result.prescription is not None
    assert result.prescription.weight is not None


def test_two_resources_of_one_name_are_refused() -> None:
    refuses(lambda m: m["entry"][3].update(fullUrl=m["entry"][2]["fullUrl"]), "FHIR_REFERENCE")


def test_a_summary_with_parts_left_out_is_refused() -> None:
    refuses(lambda m: request(m)["meta"].update(tag=[{"code": "SUBSETTED"}]), "FHIR_STATUS")


def test_a_prescriber_behind_a_role_is_named() -> None:
    def change(message: dict[str, Any]) -> None:
        role = {"resourceType": "PractitionerRole", "practitioner": request(message)["requester"].copy()}
        message["entry"].append({"fullUrl": "urn:uuid:role", "resource": role})
        request(message)["requester"] = {"reference": "urn:uuid:role"}

    result = accepts(change)
    assert result.prescription is not None
    assert result.prescription.prescriber == "Ada Example"


# ---- no message raises, and none leaves a partial patient


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_findings_and_no_prescription(data: bytes) -> None:
    result = read(data)
    assert result.prescription is None
    assert any(finding.blocks for finding in result.findings)


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**14), st.floats(), st.text(max_size=12), st.just([]), st.just({}),
    st.sampled_from(["Patient", "mg", "kg", "2026-13-01", "urn:uuid:x", "#x", "−5"]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)  # fmt: skip


def _places(node: object) -> list[tuple[Any, Any]]:
    members: list[tuple[Any, Any]] = []
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        members.append((node, key))
        members += _places(value)
    return members


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_bundle_never_raises_and_is_whole_or_refused(data: st.DataObject) -> None:
    message = bundle()
    for _ in range(data.draw(st.integers(1, 3))):
        places = _places(message)
        node, key = places[data.draw(st.integers(0, len(places) - 1))]
        if data.draw(st.booleans()):
            node[key] = data.draw(_VALUES)
        else:
            del node[key]
    result = read(message)
    blocked = any(finding.blocks for finding in result.findings)
    assert (result.prescription is None) is blocked
    if result.prescription is not None:
        assert result.prescription.patient.identifier
        assert result.prescription.ordered_dose_mg is not None or result.prescription.basis is not None


# ---- what an order may say beside its dose


def allergy(name: str, **more: Any) -> Change:
    def change(message: dict[str, Any]) -> None:
        reference = request(message)["subject"]
        code = {"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "Aspartame"}], "text": name}
        record = {"resourceType": "AllergyIntolerance", "patient": reference, "code": code} | more
        message["entry"].append({"fullUrl": "urn:uuid:allergy-1", "resource": record})

    return change


def state(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance", "code": code}]}


def test_an_allergy_is_kept_by_every_name_it_comes_with() -> None:
    prescription = accepts(allergy("artificial sweetener")).prescription
    assert prescription is not None
    assert prescription.allergies == ("artificial sweetener", "Aspartame")


def test_a_refuted_allergy_is_passed_over() -> None:
    result = accepts(allergy("nuts", verificationStatus=state("refuted")))
    assert result.prescription is not None
    assert result.prescription.allergies == ()
    assert any("entry[5]" in where for where in result.ignored)


def test_a_resolved_allergy_is_told_to_people_and_holds_nothing_up() -> None:
    result = accepts(allergy("nuts", clinicalStatus=state("resolved")))
    assert result.prescription is not None
    assert result.prescription.allergies == ()
    assert "Allergy or intolerance: nuts (no longer active)" in result.prescription.notes


def test_an_allergy_without_a_name_stands_by_its_code() -> None:
    coded = {"coding": [{"system": "http://snomed.info/sct", "code": "91935009"}]}
    prescription = accepts(allergy("x", code=coded)).prescription
    assert prescription is not None
    assert prescription.allergies == ("91935009",)


@pytest.mark.parametrize(("value", "unit", "weeks"), [(34, "wk", "34"), (238, "d", "34")])
def test_the_gestational_age_at_birth_is_read_in_weeks_or_days(value: int, unit: str, weeks: str) -> None:
    prescription = accepts(lambda message: with_observation(message, "11884-4", value, unit)).prescription
    assert prescription is not None
    assert prescription.gestational_weeks == weeks


def test_two_gestational_ages_stop() -> None:
    def change(message: dict[str, Any]) -> None:
        with_observation(message, "11884-4", 34, "wk")
        with_observation(message, "11884-4", 30, "wk")

    refuses(change, "FHIR_MEASUREMENTS")


def test_a_gestational_age_in_kilograms_is_refused() -> None:
    refuses(lambda message: with_observation(message, "11884-4", 3, "kg"), "FHIR_DIMENSION")


@pytest.mark.parametrize(
    "reference",
    [{"identifier": {"value": "RX-0"}}, {"reference": "MedicationRequest/RX-0"}, {"reference": "urn:x/RX-0"}],
)
def test_an_order_names_the_one_it_replaces(reference: dict[str, Any]) -> None:
    prescription = accepts(lambda message: request(message).update(priorPrescription=reference)).prescription
    assert prescription is not None
    assert prescription.prior_prescription == "RX-0"


def test_a_replaced_order_without_a_number_is_refused() -> None:
    refuses(lambda message: request(message).update(priorPrescription={"display": "the old one"}), "FHIR_REFERENCE")
