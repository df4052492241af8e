"""An edited recipe, an expired lot, a disagreeing second person: none of them gets as far as a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rehearsing import TODAY, open_store

from printcare.domain.dose_case import Quantity
from printcare.domain.verification import SecondEntry
from printcare.errors import PrintcareError
from printcare.workflow.authority import Refused
from printcare.workflow.demonstration import Demonstration
from printcare.workflow.produce import plan_again, policy_of

pytestmark = [pytest.mark.hazard("HZ-03"), pytest.mark.hazard("HZ-12")]


class Edited(Demonstration):
    """A demonstration whose recipe file or lot was changed after the approvals."""

    edit = staticmethod(lambda recipe: recipe)
    spoil = staticmethod(lambda lot, cartridge: (lot, cartridge))

    @property
    def recipe(self):
        """Return the recipe as it is now."""
        return self.edit(super().recipe)

    def materials(self):
        """Return the lot as it is now."""
        return self.spoil(*super().materials())


@pytest.fixture
def show(tmp_path, cheap_passwords):
    with open_store(tmp_path) as records:
        show = Edited(records, TODAY)
        show.set_up()
        yield show


def received(show):
    order = show.receive(show.message())
    return order, show.calculate(order)


def codes(refused):
    return [finding.code for finding in refused.value.findings]


def test_an_edited_recipe_is_an_unapproved_recipe(show):
    order, calculated = received(show)
    show.edit = lambda recipe: replace(recipe, digest="0" * 64)
    with pytest.raises(Refused) as refused:
        show.verify_and_plan(order, calculated)
    assert "E_APPROVAL_BROKEN" in codes(refused)
    assert show.records.all("batch") == {}


def test_a_recipe_nobody_approved_makes_no_batch(show):
    order, calculated = received(show)
    show.edit = lambda recipe: replace(recipe, version=recipe.version + 1)
    with pytest.raises(Refused) as refused:
        show.verify_and_plan(order, calculated)
    assert "E_NOT_APPROVED" in codes(refused)


def test_an_expired_lot_makes_no_job(show):
    order, calculated = received(show)
    show.spoil = lambda lot, cartridge: (replace(lot, expires_on=TODAY - timedelta(days=1)), cartridge)
    with pytest.raises(Refused) as refused:
        show.verify_and_plan(order, calculated)
    assert any("expire" in finding.reason.lower() for finding in refused.value.findings)
    assert show.records.all("batch") == {}
    assert [event.content["outcome"] for event in show.records.events(action="batch.plan")] == ["refused"]


@pytest.mark.parametrize(
    ("weight", "dose"),
    [("16.5", "17"), ("16", "71")],
)
def test_a_second_entry_that_does_not_agree_makes_no_verified_dose(show, weight, dose):
    order, calculated = received(show)
    second = show.people["c.pharmacist"]
    entry = SecondEntry(second.id, Quantity(weight, "kg"), Quantity("102", "cm"), dose)
    with pytest.raises(Refused):
        show.verify_and_plan(order, calculated, entry)
    assert show.records.all("verified_dose") == {}
    assert show.records.all("batch") == {}


def test_the_first_pharmacist_is_no_second_person(show):
    order, calculated = received(show)
    first = show.people["b.pharmacist"]
    entry = SecondEntry(first.id, Quantity("16", "kg"), Quantity("102", "cm"), "17")
    with pytest.raises(Refused):
        show.verify_and_plan(order, calculated, entry)
    assert show.records.all("verified_dose") == {}


def test_a_job_process_prints_what_was_planned_or_nothing(planned):
    records, show = planned.records, planned.demonstration
    policy = policy_of(planned.batch)
    again, cartridge_id = plan_again(records, planned.planned.id, show.recipe, planned.planned.profile, policy)
    assert again.program.digest == planned.planned.program.digest
    assert (again.batch_id, again.units, cartridge_id) == (planned.planned.id, 4, planned.planned.cartridge.id)
    edited = replace(show.recipe, digest="0" * 64)
    with pytest.raises(PrintcareError, match="PLAN_DIFFERS"):
        plan_again(records, planned.planned.id, edited, planned.planned.profile, policy)


def test_a_batch_that_was_printed_is_not_printed_again(clean):
    show = clean.demonstration
    before = clean.records.head()
    with pytest.raises(PrintcareError, match="BATCH_NOT_PREPARED"):
        show.produce(clean.planned, clean.ports, lambda _: None)
    assert clean.records.head() == before
