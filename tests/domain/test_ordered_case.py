"""A prescription, its rule, a lot and a recipe as one case to calculate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from printcare.domain.checks import Finding
from printcare.domain.dose_case import DoseCase, Quantity
from printcare.domain.dosing import DoseCalculation, calculate
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.formulation import InkLot, LotStatus
from printcare.domain.ordered_case import case_for, ink_entry, recipe_entry
from printcare.domain.prescription import Measurement, OrderedBasis, PatientIdentity, Prescription
from printcare.formats.dosing_rule import load_rule

TODAY = date(2026, 11, 22)
LOT = InkLot(
    id="L1",
    ink_id="paste",
    form="cyclophosphamide anhydrous",
    strength_mg_per_g=Decimal("40.0"),
    strength_basis="as_printed",
    assay_pct_of_label=Decimal("96.4"),
    assay_limits_pct=(Decimal(95), Decimal(105)),
    lod_pct=Decimal(12),
    excipients=("Lactose  Monohydrate",),
    supplier="demo",
    supplier_agreement_until=date(2030, 1, 1),
    manufactured_on=date(2026, 11, 1),
    expires_on=date(2027, 1, 1),
    status=LotStatus.RELEASED,
    certificate="C1",
    excursions_judged=True,
)
RECIPE = recipe_entry((Decimal(5), Decimal(40)), (Decimal("0.100"), Decimal("1.100")), 4, corrects_assay=True)
PRESCRIPTION = Prescription(
    id="P1",
    source="fhir",
    received_sha256="",
    patient=PatientIdentity("1", "A Child", date(2022, 11, 22), "F", "P-1"),
    product_code="x",
    product_text="cyclophosphamide",
    form="cyclophosphamide anhydrous",
    route="oral",
    indication="metronomic chemotherapy",
    prescriber="dr",
    authored_on=TODAY,
    ordered_dose_mg=Decimal(17),
    basis=OrderedBasis("per_m2", "25", "day"),
    doses_per_day=1,
    duration_days=14,
    weight=Measurement("16.0", "kg", date(2026, 11, 19)),
    height=Measurement("102", "cm", date(2026, 11, 18)),
    stated_bsa_m2=None,
    contraindicated_excipients=(),
    notes=(),
)


@pytest.fixture(scope="module")
def rule() -> DosingRule:
    return load_rule("cyclophosphamide-oral-paediatric")


def case(rule: DosingRule, **changes: object) -> DoseCase:
    found = case_for(replace(PRESCRIPTION, **changes), rule, ink_entry(LOT), RECIPE, TODAY)
    assert isinstance(found, DoseCase), found
    return found


def code(rule: DosingRule, **changes: object) -> str:
    found = case_for(replace(PRESCRIPTION, **changes), rule, ink_entry(LOT), RECIPE, TODAY)
    assert isinstance(found, Finding), found
    return found.code


def test_a_prescription_under_its_rule_gives_the_dose_of_the_worked_case(rule):
    outcome = calculate(case(rule))
    assert isinstance(outcome, DoseCalculation)
    # V02 of the worked cases: the same child and order, assay 96.4 %.
    assert (outcome.dose_rounded_mg, outcome.units.target_wet_mass_mg) == (17, Decimal("440.9"))


def test_the_oldest_measurement_decides_how_old_the_measurements_are(rule):
    assert case(rule).patient.measured_days_ago == "4"


@pytest.mark.parametrize(("height_on", "expected"), [(None, None), (date(2026, 11, 22), "3")])
def test_a_measurement_without_a_date_leaves_the_age_unknown(rule, height_on, expected):
    assert case(rule, height=Measurement("102", "cm", height_on)).patient.measured_days_ago == expected


def test_without_measurements_there_is_no_age_of_them(rule):
    patient = case(rule, weight=None, height=None).patient
    assert (patient.weight, patient.height, patient.measured_days_ago) == (None, None, None)


def test_an_order_in_milligrams_alone_is_the_order(rule):
    order = case(rule, basis=None).order
    assert (order.basis, order.amount, order.per) == ("fixed", Quantity("17", "mg"), "dose")


def test_an_order_by_weight_band_takes_the_rules_amounts():
    banded = load_rule("sildenafil-oral-paediatric")
    order = case(banded, basis=None, form="").order
    assert (order.basis, order.amount, len(order.bands or ())) == ("weight_band", None, 2)


def test_an_order_without_any_amount_is_refused(rule):
    assert code(rule, basis=None, ordered_dose_mg=None) == "E_MISSING"


def test_an_order_on_another_basis_than_the_rule_is_refused(rule):
    assert code(rule, basis=OrderedBasis("per_kg", "1", "day")) == "E_RULE_BASIS"


def test_an_order_in_another_form_than_the_rule_is_refused(rule):
    assert code(rule, form="cyclophosphamide monohydrate") == "E_RULE_FORM"


def test_excipient_names_meet_whatever_their_spelling(rule):
    found = case(rule, contraindicated_excipients=(" lactose MONOHYDRATE ",))
    assert set(found.patient.contraindicated_excipients) == set(found.ink.excipients or ())
