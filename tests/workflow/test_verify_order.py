"""What a dose is held against before two people stand for it."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from ward import GONE, LOT_FILE, TODAY, Ward

from printcare.domain.dose_case import Override
from printcare.domain.dosing_rule import UsualRange
from printcare.domain.verification import Acknowledgement, SecondEntry
from printcare.formats.fhir import read_fhir
from printcare.formats.site_table import load_excipients, read_site_table
from printcare.workflow.authority import Refused

FHIR = LOT_FILE.parent / "order-cyclophosphamide.fhir.json"
TABLE = b"""schema = 1
kind = "site_table"
id = "excipients"
version = 3
demonstration = true
[[limit]]
name = "sucralose"
also = ["Splendor"]
mg_per_kg_day = %s
source = "test"
%s
"""
INK = b'[[ink]]\nid = "cyclophosphamide-paste-40"\nexcipient = [{ name = "Sucralose", mg_per_g = 2 }]'
NO_INK = b"ink = []"


def site(limit: bytes, ink: bytes = INK):
    text = TABLE % (limit, ink)
    return read_site_table(text if ink is INK else ink + b"\n" + TABLE % (limit, b""), "site")


def codes(findings) -> list[str]:
    return sorted(finding.code for finding in findings)


def refused(call, *given, **named) -> list[str]:
    with pytest.raises(Refused) as fault:
        call(*given, **named)
    return codes(fault.value.findings)


def test_an_ordinary_order_raises_nothing_and_is_verified(ward: Ward):
    order = ward.receive()
    calculated = ward.calculate(order)
    assert calculated.comparisons == ()
    assert ward.verify(order, calculated).printed_dose_mg == Decimal(17)
    assert ward.records.get("prescription", "RX-1")["status"] == "verified"
    signed = [row["object_id"] for row in ward.records.all("signature").values()]
    assert signed.count("RX-1") == 2


def test_an_order_is_verified_once(ward: Ward):
    order = ward.receive()
    calculated = ward.calculate(order)
    ward.verify(order, calculated)
    assert refused(ward.verify, order, calculated) == ["E_ORDER_STATUS"]


def test_an_order_that_is_not_on_the_worklist_is_not_verified(ward: Ward):
    order = ward.read()
    assert refused(ward.verify, order, ward.calculate(order)) == ["E_ORDER_STATUS"]


def test_a_weight_more_than_ten_percent_from_the_last_needs_a_reason(ward: Ward):
    ward.receive(weight={"value": "14.0", "unit": "kg", "measured_on": "2025-12-01"}, id="RX-0")
    order = ward.receive()
    calculated = ward.calculate(order)
    assert codes(calculated.comparisons) == ["W_WEIGHT_CHANGED"]
    assert refused(ward.verify, order, calculated) == ["E_ACKNOWLEDGEMENT_MISSING"]
    ward.verify(order, calculated, acknowledgements=ward.reason("W_WEIGHT_CHANGED"))
    kept = ward.records.get("verified_dose", "RX-1")
    assert "W_WEIGHT_CHANGED" in codes_of(kept["warnings"])
    assert kept["acknowledged"][0]["reason"] == "compared with the chart"


def test_the_same_weight_sent_with_an_earlier_order_is_not_an_earlier_weight(ward: Ward):
    ward.receive(id="RX-0", weight={"value": "14.0", "unit": "kg", "measured_on": "2025-12-01"})
    ward.receive(id="RX-2", duration_days=3)
    assert codes(ward.calculate(ward.receive()).comparisons) == ["W_WEIGHT_CHANGED"]


def test_another_weight_of_the_same_day_is_compared(ward: Ward):
    ward.receive(id="RX-0", weight={"value": "14.0", "unit": "kg", "measured_on": "2026-01-02"})
    assert codes(ward.calculate(ward.receive()).comparisons) == ["W_WEIGHT_CHANGED"]


def codes_of(told) -> list[str]:
    return [finding["code"] for finding in told]


def test_another_patients_weight_is_not_compared(ward: Ward):
    other = {"identifier": "DEMO-2", "name": "Kim Specimen", "birth_date": "2021-09-14"}
    ward.receive(id="RX-0", patient=other, weight={"value": "14.0", "unit": "kg", "measured_on": "2025-12-01"})
    assert ward.calculate(ward.receive()).comparisons == ()


def test_a_weight_of_the_message_stands_in_where_the_record_has_none(ward: Ward):
    before = {"weight": {"value": "35.3", "unit": "lb", "measured_on": "2025-12-01"}}
    assert ward.calculate(ward.receive(previous=before)).comparisons == ()
    kilograms = {"weight": {"value": "7.26", "unit": "kg", "measured_on": "2025-12-01"}}
    told = codes(ward.calculate(ward.receive(id="RX-2", previous=kilograms, duration_days=8)).comparisons)
    # 16 kg is 2.204 × 7.26 kg: more than doubled, and what 7.26 kg are in pounds.
    assert told == ["W_POUNDS_SUSPECTED", "W_WEIGHT_CHANGED"]


def test_the_dose_is_compared_with_the_last_verified_order_of_the_drug(ward: Ward):
    first = ward.receive()
    ward.verify(first, ward.calculate(first))
    second = ward.receive(id="RX-2", dose_mg="19", basis={"basis": "per_m2", "amount_mg": "28", "per": "day"})
    assert codes(ward.calculate(second).comparisons) == ["W_DOSE_CHANGED"]


def test_an_order_nobody_verified_is_no_previous_dose(ward: Ward):
    ward.receive()
    second = ward.receive(id="RX-2", dose_mg="19", basis={"basis": "per_m2", "amount_mg": "28", "per": "day"})
    assert ward.calculate(second).comparisons == ()


def test_another_number_of_doses_a_day_than_before_is_told(ward: Ward):
    first = ward.receive()
    ward.verify(first, ward.calculate(first))
    second = ward.receive(id="RX-2", doses_per_day=2, basis={"basis": "per_m2", "amount_mg": "50", "per": "day"})
    assert codes(ward.calculate(second).comparisons) == ["W_SCHEDULE_CHANGED"]


def test_a_dose_outside_the_usual_range_needs_a_reason(ward: Ward):
    usual = UsualRange(mg_per_m2_day=(Decimal(5), Decimal(11)))
    ward.approve(replace(ward.rules[0], version=2, digest="0" * 64, usual_range=usual))
    order = ward.receive()
    calculated = ward.calculate(order)
    # 17 mg ÷ 0.6733 m² = 25.2 mg/m², 2.3 times 11.
    assert "2.3 × the usual upper limit" in calculated.comparisons[0].reason
    assert refused(ward.verify, order, calculated) == ["E_ACKNOWLEDGEMENT_MISSING"]


@pytest.mark.parametrize(("limit", "told"), [(b"0.054", []), (b"0.053", ["W_EXCIPIENT_AMOUNT"])])
def test_an_excipient_is_held_to_the_sites_limit_for_this_weight(ward: Ward, limit, told):
    # 425 mg of ink with 2 mg/g are 0.85 mg; 0.85 ÷ 16 kg = 0.053125 mg/kg a day.
    table = site(limit)
    ward.bring_into_force(table)
    assert codes(ward.calculate(ward.receive(), site=table).comparisons) == told


def test_an_excipient_with_a_limit_and_no_stated_amount_needs_a_reason(ward: Ward):
    table = site(b"15", NO_INK)
    ward.bring_into_force(table)
    assert codes(ward.calculate(ward.receive(), site=table).comparisons) == ["W_EXCIPIENT_UNKNOWN"]


def test_a_table_of_excipients_nobody_approved_calculates_no_dose(ward: Ward):
    order = ward.receive()
    assert refused(ward.calculate, order, site=site(b"15")) == ["E_NOT_APPROVED"]


@pytest.mark.parametrize("name", ["Strawberry  Flavour", "strawberry", "SUCRALOSE"])
def test_an_allergy_to_an_excipient_of_the_ink_is_refused(ward: Ward, name):
    order = ward.receive(allergies=[name])
    with pytest.raises(Refused, match="E_EXCIPIENT_CONTRAINDICATED") as fault:
        ward.calculate(order)
    assert any(f" {held}," in str(fault.value) for held in ("strawberry flavour", "sucralose"))


def test_an_allergy_to_the_drug_is_refused(ward: Ward):
    assert refused(ward.calculate, ward.receive(allergies=["Cyclophosphamide"])) == ["E_DRUG_CONTRAINDICATED"]


def test_any_other_allergy_needs_a_reason(ward: Ward):
    order = ward.receive(allergies=["penicillin"])
    calculated = ward.calculate(order)
    assert codes(calculated.comparisons) == ["W_ALLERGY_STATED"]
    ward.verify(order, calculated, acknowledgements=ward.reason("W_ALLERGY_STATED"))


@pytest.mark.parametrize(("stated", "told"), [("0.67", []), ("0.69", ["W_BSA_DIFFERS"]), ("0.655", ["W_BSA_DIFFERS"])])
def test_a_received_surface_is_held_to_the_recomputed_one(ward: Ward, stated, told):
    # √(102 × 16 ÷ 3600) = 0.6733 m².
    assert codes(ward.calculate(ward.receive(stated_bsa_m2=stated)).comparisons) == told


def test_a_received_surface_more_than_five_percent_off_stops(ward: Ward):
    assert refused(ward.calculate, ward.receive(stated_bsa_m2="0.72")) == ["E_BSA_DISAGREES"]


def test_a_surface_that_cannot_be_recomputed_stops(ward: Ward):
    order = ward.receive(stated_bsa_m2="0.67", basis=GONE, height=GONE)
    assert refused(ward.calculate, order) == ["E_BSA_DISAGREES"]


def test_a_reduction_is_recomputed_and_needs_a_reason(ward: Ward):
    # 25 mg/m² × 0.6733 m² × (1 − 40 %) = 10.1 mg, to 0.5: 10 mg.
    reduction = {"pct": "40", "reason": "leucopenia"}
    order = ward.receive(dose_mg="10", reduction=reduction)
    calculated = ward.calculate(order)
    assert calculated.calculation.dose_rounded_mg == Decimal(10)
    told = {"W_REDUCED", "W_USUAL_RANGE"}
    assert refused(ward.verify, order, calculated, "10") == ["E_ACKNOWLEDGEMENT_MISSING"] * 2
    assert ward.verify(order, calculated, "10", acknowledgements=ward.reason(*told)).printed_dose_mg == Decimal(10)


def test_written_milligrams_are_not_reduced_a_second_time(ward: Ward):
    order = ward.receive(reduction={"pct": "40", "reason": "leucopenia"}, basis=GONE)
    calculated = ward.calculate(order)
    assert calculated.calculation.dose_rounded_mg == Decimal(17)
    assert "W_REDUCED" in codes(calculated.comparisons)


def test_a_lifetime_limit_without_a_statement_refuses(ward: Ward):
    ward.limit("lifetime", "mg", "200")
    assert refused(ward.calculate, ward.receive()) == ["E_CUMULATIVE_UNKNOWN"]


@pytest.mark.parametrize(("before", "told"), [("81", []), ("81.5", ["E_CUMULATIVE_LIMIT"])])
def test_a_lifetime_limit_counts_what_was_stated_and_this_course(ward: Ward, before, told):
    ward.limit("lifetime", "mg", "200")  # the course is 7 × 17 = 119 mg
    order = ward.receive(given_before=[{"over": "lifetime", "unit": "mg", "amount": before}])
    if told:
        assert refused(ward.calculate, order) == told
    else:
        assert ward.calculate(order).comparisons == ()


def test_earlier_courses_of_the_record_count_even_if_the_order_states_nothing_before(ward: Ward):
    ward.limit("lifetime", "mg", "200")
    nothing = [{"over": "lifetime", "unit": "mg", "amount": "0"}]
    first = ward.receive(given_before=nothing)
    ward.verify(first, ward.calculate(first))
    second = ward.receive(id="RX-2", given_before=nothing, duration_days=6)  # 119 + 102 mg
    assert refused(ward.calculate, second) == ["E_CUMULATIVE_LIMIT"]


def test_an_order_that_was_replaced_before_printing_is_not_counted(ward: Ward):
    ward.limit("lifetime", "mg", "200")
    nothing = [{"over": "lifetime", "unit": "mg", "amount": "0"}]
    first = ward.receive(given_before=nothing)
    ward.verify(first, ward.calculate(first))
    second = ward.receive(id="RX-2", given_before=nothing, prior_prescription="RX-1")
    assert ward.calculate(second).comparisons == ()


def test_a_limit_over_the_course_starts_with_the_order(ward: Ward):
    ward.limit("course", "mg/kg", "7.5")  # 119 ÷ 16 = 7.4 mg/kg
    assert ward.calculate(ward.receive()).comparisons == ()


def test_the_pharmacist_completes_the_ledger(ward: Ward):
    from printcare.domain.prescription import GivenBefore

    ward.limit("lifetime", "mg/m2", "200")  # 119 ÷ 0.6733 = 177 mg/m²
    order = ward.receive()
    said = (GivenBefore("lifetime", "mg/m2", Decimal(10)),)
    ward.verify(order, ward.calculate(order, given_before=said))
    assert ward.records.get("verified_dose", "RX-1")["given_before"][0]["amount"] == "10"


def test_a_preterm_child_is_held_to_its_corrected_age(ward: Ward):
    # 0.30 y since birth, 26 weeks: 0.30 − 14 ÷ 52.18 = 0.03 y; 2.5 kg is a newborn's weight.
    child = {"identifier": "DEMO-3", "name": "Noa Specimen", "birth_date": "2025-09-17", "gestational_weeks": "26"}
    small = {"weight": {"value": "2.0", "unit": "kg", "measured_on": "2026-01-04"}}
    small |= {"height": {"value": "43", "unit": "cm", "measured_on": "2026-01-04"}}
    given = {"dose_mg": GONE, "basis": {"basis": "per_m2", "amount_mg": "100", "per": "day"}} | small
    order = ward.receive(patient=child, **given)
    # 100 ÷ 30 × 2 kg = 6.67 mg, to 0.5: 6.5 mg.
    assert ward.calculate(order).calculation.dose_rounded_mg == Decimal("6.5")
    term = child | {"gestational_weeks": "40", "identifier": "DEMO-4"}
    assert "E_WEIGHT_FOR_AGE" in refused(ward.calculate, ward.receive(id="RX-2", patient=term, **given))


def override(ward: Ward, first: str, second: str) -> Override:
    return Override(ward.people[first].id, "dystrophy", ward.people[second].id, "weighed twice", "5.5")


def test_two_pharmacists_may_pass_the_limits_for_age(ward: Ward):
    thin = {"value": "5.5", "unit": "kg", "measured_on": "2026-01-04"}
    order = ward.receive(weight=thin, height=GONE, basis=GONE, dose_mg="8")
    assert "E_WEIGHT_FOR_AGE" in refused(ward.calculate, order)
    calculated = ward.calculate(order, override=override(ward, "ben", "cleo"))
    raised = {*calculated.calculation.flag_codes, *codes(calculated.comparisons)}
    entry = SecondEntry(ward.people["cleo"].id, ward.typed("8", "5.5").weight, None, "8")
    ward.verify(order, calculated, entry=entry, acknowledgements=ward.reason(*raised))
    assert ward.records.get("verified_dose", "RX-1")["override"]["second_reason"] == "weighed twice"


def test_an_operator_passes_no_limit_for_age(ward: Ward):
    assert refused(ward.calculate, ward.receive(), override=override(ward, "ben", "operator")) == ["NOT_PERMITTED"]


def test_where_no_milligrams_came_the_pharmacist_enters_the_dose(ward: Ward):
    order = ward.receive(dose_mg=GONE)
    calculated = ward.calculate(order)
    assert refused(ward.verify, order, calculated) == ["E_DOSE_NOT_ENTERED"]
    verified = ward.verify(
        order,
        calculated,
        "16.5",
        proposal_mg=Decimal("16.5"),
        acknowledgements=ward.reason("W_RECOMPUTATION_DIFFERS", "W_USUAL_RANGE"),
    )
    assert (verified.printed_dose_mg, verified.origin) == (Decimal("16.5"), "entered")


def test_reasons_of_somebody_who_is_not_here_do_not_count(ward: Ward):
    order = ward.receive(allergies=["penicillin"])
    calculated = ward.calculate(order)
    given = (Acknowledgement("W_ALLERGY_STATED", "known", ward.people["owner"].id),)
    assert refused(ward.verify, order, calculated, acknowledgements=given) == ["E_PERSON_ABSENT"]


def test_a_second_entry_under_another_name_does_not_count(ward: Ward):
    order = ward.receive()
    entry = replace(ward.typed("17"), user_id=ward.people["owner"].id)
    assert refused(ward.verify, order, ward.calculate(order), entry=entry) == ["E_PERSON_ABSENT"]


def test_a_recipe_of_another_product_is_refused(ward: Ward):
    order = ward.receive(product={"code": "hydrocortisone"})
    ward.approve(replace(ward.rules[0], version=2, digest="0" * 64, drug="hydrocortisone"))
    assert refused(ward.calculate, order) == ["E_RECIPE_PRODUCT"]


def test_a_rule_in_another_form_than_the_label_states_is_refused(ward: Ward):
    form = "cyclophosphamide monohydrate"
    ward.approve(replace(ward.rules[0], version=2, digest="0" * 64, ordered_form=form))
    assert refused(ward.calculate, ward.receive()) == ["E_RECIPE_FORM"]


def test_a_lot_of_another_ink_is_refused(ward: Ward):
    assert refused(ward.calculate, ward.receive(), lot=replace(ward.lot, ink_id="other")) == ["E_INK_WRONG"]


def test_a_rule_nobody_approved_doses_nothing(ward: Ward):
    ward.rules = (replace(ward.rules[0], version=9),)
    assert refused(ward.calculate, ward.receive()) == ["E_NOT_APPROVED"]


def test_a_refused_calculation_is_on_record(ward: Ward):
    refused(ward.calculate, ward.receive(allergies=["cyclophosphamide"]))
    events = [event.content for event in ward.records.events(action="order.calculate")]
    assert [(event["outcome"], event["reason_code"]) for event in events] == [("refused", "E_DRUG_CONTRAINDICATED")]


def test_the_shipped_table_is_marked_as_demonstration():
    assert load_excipients().demonstration


def test_an_allergy_of_a_fhir_message_to_an_excipient_is_refused(ward: Ward):
    message = json.loads(FHIR.read_bytes())
    record = {
        "resourceType": "AllergyIntolerance",
        "patient": message["entry"][4]["resource"]["subject"],
        "code": {"text": "Strawberries"},
    }
    message["entry"].append({"fullUrl": "urn:uuid:allergy", "resource": record})
    order = read_fhir(json.dumps(message).encode(), ward.key, TODAY).prescription
    assert order is not None
    assert refused(ward.calculate, order) == ["E_EXCIPIENT_CONTRAINDICATED"]
