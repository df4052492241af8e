"""One room for every kind of order: as many doses are typed again as it has, and each finding stands at its dose."""

from __future__ import annotations

import pytest
from test_verify_parts import COMPONENTS, TAPER, UNEQUAL, WHOLE
from ward import PASSWORD, RECIPE, TODAY, Ward

from printcare.domain.dose_case import Override
from printcare.domain.prescription import Prescription
from printcare.formats.recipe import load_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.order import kinds


def calculate(ward: Ward, order: Prescription, override: Override | None = None) -> kinds.Calculation:
    recipe = load_recipe(RECIPE)
    return kinds.calculate(
        ward.records, ward.people["ben"], order, ward.rules, recipe, [ward.lot], TODAY, override=override
    )


def verify(ward: Ward, order: Prescription, *doses_mg: str) -> None:
    calculated, cleo = calculate(ward, order), ward.people["cleo"]
    entry = kinds.second_entry(calculated, cleo.id, "16", "102")
    people = (ward.records, ward.people["ben"], PASSWORD, PASSWORD, order)
    kinds.verify(*people, calculated, cleo, entry, doses_mg)


def compared(ward: Ward, order: Prescription, *doses_mg: str) -> list[tuple[str, str]]:
    calculated = calculate(ward, order)
    entry = kinds.second_entry(calculated, ward.people["cleo"].id, "16", "102")
    found = kinds.compare(order, calculated, ward.people["ben"].id, entry, doses_mg, ())
    return [(finding.code, finding.where) for finding in found]


@pytest.mark.parametrize("typed", [(), ("17", "17")])
def test_an_order_of_one_dose_wants_one_typed_again(ward: Ward, typed):
    order = ward.receive()
    assert compared(ward, order, *typed) == [("E_SECOND_ENTRY_DOSE", "second.dose")]
    with pytest.raises(Refused):
        verify(ward, order, *typed)
    assert ward.records.get("verified_dose", order.id) is None
    assert ward.records.events(action="order.verify", outcome="refused")


@pytest.mark.parametrize("typed", [("10", "7"), ("10", "7", "17", "17")])
def test_an_order_in_steps_wants_each_of_its_doses_and_no_other(ward: Ward, typed):
    order = ward.receive(steps=TAPER, **UNEQUAL)
    assert compared(ward, order, *typed) == [("E_SECOND_ENTRY_DOSE", "second.dose")]


def test_a_difference_names_the_dose_it_concerns_as_the_field_is_named(ward: Ward):
    order = ward.receive(steps=TAPER, **UNEQUAL)
    _, second, _ = kinds.doses_of(calculate(ward, order))
    ((code, where),) = compared(ward, order, "10", "8", "17")
    assert code == "E_SECOND_ENTRY_DOSE"
    assert where.startswith(second.where)


def test_the_doses_both_people_agree_on_are_verified(ward: Ward):
    order = ward.receive(steps=TAPER, **UNEQUAL)
    assert compared(ward, order, "10", "7", "17") == []
    verify(ward, order, "10", "7", "17")
    kept = ward.records.get("verified_dose", order.id)
    assert [dose["printed_dose_mg"] for step in kept["steps"] for dose in step["doses"]] == ["10", "7", "17"]


def test_a_warning_stands_at_the_dose_it_is_about(ward: Ward):
    # 10 + 7 mg ÷ 0.6733 m² is usual; 10 mg alone is 14.9 mg/m² a day.
    steps = [TAPER[0], {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}]}]
    doses = kinds.doses_of(calculate(ward, ward.receive(steps=steps, **UNEQUAL)))
    assert [(dose.step, "W_USUAL_RANGE" in {each.code for each in dose.findings}) for dose in doses] == [
        (1, False),
        (1, False),
        (2, True),
    ]


def test_an_override_is_not_for_an_order_of_several_drugs(ward: Ward):
    override = Override(ward.people["ben"].id, "weighed", ward.people["cleo"].id, "weighed too", "16")
    with pytest.raises(Refused) as fault:
        calculate(ward, ward.receive(components=COMPONENTS, **WHOLE), override)
    assert [finding.code for finding in fault.value.findings] == ["E_ORDER_KIND"]
