"""Orders of unequal doses, tapers and several drugs: one refusal refuses the order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from ward import GONE, PASSWORD, RECIPE, TODAY, Ward

from printcare.domain.prescription import Prescription
from printcare.formats.recipe import load_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.order.history import history_of
from printcare.workflow.order.verified import not_signed_for
from printcare.workflow.order.verify_parts import (
    calculate_step_order,
    calculate_unit_order,
    verify_step_order,
    verify_unit_order,
)

UNEQUAL = {"dose_mg": GONE, "basis": GONE, "doses_per_day": GONE, "duration_days": GONE}
TAPER = [
    {"days": 3, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": "7"}]},
    {"days": 4, "doses": [{"at": "08:00", "dose_mg": "17"}]},
]


def calculate(ward: Ward, order: Prescription):
    return calculate_step_order(
        ward.records, ward.people["ben"], order, ward.rules, load_recipe(RECIPE), ward.lot, TODAY
    )


def verify(ward: Ward, order: Prescription, doses, *codes: str):
    ben, cleo = ward.people["ben"], ward.people["cleo"]
    calculated = calculate(ward, order)
    entry, given = ward.typed(doses[0][0]), ward.reason(*codes)
    return verify_step_order(ward.records, ben, PASSWORD, PASSWORD, order, calculated, cleo, entry, doses, given)


def refused(call, *given) -> list[str]:
    with pytest.raises(Refused) as fault:
        call(*given)
    return sorted(finding.code for finding in fault.value.findings)


def test_each_dose_of_each_step_is_calculated_by_itself(ward: Ward):
    calculated = calculate(ward, ward.receive(steps=TAPER, **UNEQUAL))
    doses = [[(time, dose.dose_rounded_mg) for time, dose in step.doses] for step in calculated.steps]
    assert doses == [[("08:00", Decimal(10)), ("14:00", Decimal(7))], [("08:00", Decimal(17))]]
    assert [step.units for step in calculated.steps] == [6, 4]


def test_two_people_stand_for_every_dose_of_a_taper(ward: Ward):
    order = ward.receive(steps=TAPER, **UNEQUAL)
    verified = verify(ward, order, (("10", "7"), ("17",)))
    assert [(step.days, [dose.printed_dose_mg for _, dose in step.doses]) for step in verified] == [
        (3, [Decimal(10), Decimal(7)]),
        (4, [Decimal(17)]),
    ]
    kept = ward.records.get("verified_dose", "RX-1")
    assert [dose["at"] for step in kept["steps"] for dose in step["doses"]] == ["08:00", "14:00", "08:00"]
    assert kept["course_mg"] == "119"  # 3 × 17 + 4 × 17
    assert ward.records.get("prescription", "RX-1")["status"] == "verified"


def test_one_dose_typed_otherwise_refuses_the_whole_order(ward: Ward):
    order = ward.receive(steps=TAPER, **UNEQUAL)
    assert refused(verify, ward, order, (("10", "8"), ("17",))) == ["E_SECOND_ENTRY_DOSE"]
    assert ward.records.get("verified_dose", "RX-1") is None


def test_a_dose_left_out_by_the_second_person_refuses(ward: Ward):
    order = ward.receive(steps=TAPER, **UNEQUAL)
    assert refused(verify, ward, order, (("10",), ("17",))) == ["E_SECOND_ENTRY_DOSE"]


def test_one_step_the_recipe_cannot_make_refuses_the_order(ward: Ward):
    steps = [*TAPER, {"days": 1, "doses": [{"at": "08:00", "dose_mg": "2"}]}]
    assert refused(calculate, ward, ward.receive(steps=steps, **UNEQUAL)) == ["E_DOSE_BELOW_RECIPE"]


def test_a_day_outside_the_usual_range_is_told_by_its_sum(ward: Ward):
    # 10 + 7 mg ÷ 0.6733 m² is usual; 10 mg alone is 14.9 mg/m² a day.
    steps = [TAPER[0], {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}]}]
    comparisons = calculate(ward, ward.receive(steps=steps, **UNEQUAL)).comparisons
    assert [finding.code for finding in comparisons] == ["W_USUAL_RANGE"]


def test_what_a_day_is_held_against_stands_at_its_own_doses(ward: Ward):
    steps = [TAPER[0], {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}]}]
    calculated = calculate(ward, ward.receive(steps=steps, **UNEQUAL))
    assert [[finding.code for finding in dose] for dose in calculated.compared] == [[], [], ["W_USUAL_RANGE"]]


def test_the_whole_taper_counts_for_a_cumulative_limit(ward: Ward):
    ward.limit("course", "mg", "118")
    assert refused(calculate, ward, ward.receive(steps=TAPER, **UNEQUAL)) == ["E_CUMULATIVE_LIMIT"]


def test_an_order_of_steps_is_no_order_of_one_dose(ward: Ward):
    assert refused(ward.calculate, ward.receive(steps=TAPER, **UNEQUAL)) == ["E_ORDER_KIND"]


# ---- several drugs in one unit

OTHER = "mesna"
COMPONENTS = [
    {
        "product": {"code": "cyclophosphamide"},
        "dose_mg": "17",
        "basis": {"basis": "per_m2", "amount_mg": "25", "per": "day"},
    },
    {"product": {"code": OTHER}, "dose_mg": "10"},
]
WHOLE = {"product": {"code": "cyclophosphamide+mesna"}, "dose_mg": GONE, "basis": GONE, "indication": GONE}


@pytest.fixture
def materials(ward: Ward):
    """Return recipe and lot for two drugs, both with an approved rule."""
    ours = ward.rules[0]
    form = "mesna"
    ward.approve(replace(ours, id="mesna-oral", drug=OTHER, ordered_form=form, digest="1" * 64))
    ward.rules = (ours, *ward.rules)
    recipe = load_recipe(RECIPE)
    product = replace(recipe.product, inn=OTHER, strength_form=form)
    other = replace(recipe, product=product, ink=replace(recipe.ink, form=form))
    return {"cyclophosphamide": (recipe, ward.lot), OTHER: (other, replace(ward.lot, form=form))}


def unit(ward: Ward, order: Prescription, materials):
    return calculate_unit_order(ward.records, ward.people["ben"], order, ward.rules, materials, TODAY)


def test_each_drug_of_a_unit_is_calculated_under_its_own_rule(ward: Ward, materials):
    outcome = unit(ward, ward.receive(components=COMPONENTS, **WHOLE), materials)
    assert {name: dose.calculation.dose_rounded_mg for name, dose in outcome.items()} == {
        "cyclophosphamide": Decimal(17),
        OTHER: Decimal(10),
    }


def test_one_drug_that_is_refused_refuses_the_unit_and_names_itself(ward: Ward, materials):
    components = [COMPONENTS[0], {"product": {"code": OTHER}, "dose_mg": "2"}]
    with pytest.raises(Refused) as fault:
        unit(ward, ward.receive(components=components, **WHOLE), materials)
    assert [(finding.code, finding.where) for finding in fault.value.findings] == [
        ("E_DOSE_BELOW_RECIPE", "mesna.recipe")
    ]


def test_drugs_in_different_numbers_of_units_do_not_make_a_unit(ward: Ward, materials):
    components = [COMPONENTS[0], {"product": {"code": OTHER}, "dose_mg": "50"}]
    assert refused(unit, ward, ward.receive(components=components, **WHOLE), materials) == ["E_COMPONENT_UNITS"]


def test_a_drug_without_recipe_and_lot_refuses_the_unit(ward: Ward, materials):
    del materials[OTHER]
    order = ward.receive(components=COMPONENTS, **WHOLE)
    assert refused(unit, ward, order, materials) == ["E_COMPONENT_MATERIAL"]


def test_a_drug_without_a_rule_refuses_the_unit(ward: Ward, materials):
    ward.rules = ward.rules[:1]
    assert refused(unit, ward, ward.receive(components=COMPONENTS, **WHOLE), materials) == ["E_RULE_NONE"]


def test_an_allergy_to_one_drug_refuses_the_unit(ward: Ward, materials):
    order = ward.receive(components=COMPONENTS, allergies=["Mesna"], **WHOLE)
    assert refused(unit, ward, order, materials) == ["E_DRUG_CONTRAINDICATED"]


def test_an_order_of_several_drugs_is_no_order_of_one_dose(ward: Ward):
    assert refused(ward.calculate, ward.receive(components=COMPONENTS, **WHOLE)) == ["E_ORDER_KIND"]


def verify_unit(ward: Ward, order: Prescription, materials, *doses: str):
    calculated, cleo = unit(ward, order, materials), ward.people["cleo"]
    entry, known = ward.typed(doses[0]), (ward.records, ward.people["ben"], PASSWORD, PASSWORD, order, calculated, cleo)
    return verify_unit_order(*known, entry, doses, ward.reason("W_USUAL_RANGE"))


def test_two_people_stand_for_every_drug_of_a_unit(ward: Ward, materials):
    order = ward.receive(components=COMPONENTS, **WHOLE)
    verified = verify_unit(ward, order, materials, "17", "10")
    assert {name: dose.printed_dose_mg for name, dose in verified.items()} == {
        "cyclophosphamide": Decimal(17),
        OTHER: Decimal(10),
    }
    kept = ward.records.get("verified_dose", "RX-1")
    assert [(row["drug"], row["printed_dose_mg"]) for row in kept["components"]] == [
        ("cyclophosphamide", "17"),
        (OTHER, "10"),
    ]
    assert not_signed_for(ward.records, "RX-1", verified) == ()
    alone = {OTHER: verified[OTHER]}
    assert [finding.code for finding in not_signed_for(ward.records, "RX-1", alone)] == ["E_DOSE_WITHOUT_PART"]


@pytest.mark.parametrize("doses", [("17", "11"), ("17",)])
def test_one_drug_typed_otherwise_or_left_out_refuses_the_whole_unit(ward: Ward, materials, doses):
    order = ward.receive(components=COMPONENTS, **WHOLE)
    assert "E_SECOND_ENTRY_DOSE" in refused(verify_unit, ward, order, materials, *doses)
    assert ward.records.get("verified_dose", "RX-1") is None


def test_a_later_order_of_one_drug_knows_its_dose_in_a_unit_before(ward: Ward, materials):
    verify_unit(ward, ward.receive(components=COMPONENTS, **WHOLE), materials, "17", "10")
    later = ward.read(id="RX-2")
    assert history_of(ward.records, later).dose_mg == Decimal(17)
