"""A changed byte, an expired lot, a used cartridge, a dose out of range, an unqualified printer: none makes a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from rehearsing import TODAY, open_store

from printcare.domain.control_recipe import PartDose
from printcare.domain.dose_case import Quantity
from printcare.domain.people import SYSTEM
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH
from printcare.domain.verification import SecondEntry
from printcare.errors import PrintcareError
from printcare.formats.find import shipped
from printcare.formats.profile import load_profile
from printcare.formats.recipe import read_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.batch import plan
from printcare.workflow.batch.plan import plan_batch
from printcare.workflow.batch.produce import plan_again, policy_of
from printcare.workflow.demonstration import BALANCE, PROFILE, RECIPE, Demonstration
from printcare.workflow.mode import switch

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


FILE = shipped("recipes") / f"{RECIPE}.toml"
ONE_BYTE = [
    (b"target = 18,", b"target = 19,"),
    (b"dose_mg = [5, 40]", b"dose_mg = [5, 41]"),
    (b"retain = 1", b"retain = 2"),
]


@pytest.mark.parametrize(("old", "new"), ONE_BYTE)
def test_one_changed_byte_in_the_file_of_an_approved_recipe_makes_no_job(show, old, new):
    data = FILE.read_bytes()
    assert old in data
    order, calculated = received(show)
    show.edit = lambda _: read_recipe(data.replace(old, new, 1), "edited.toml")
    assert "E_APPROVAL_BROKEN" in refused_plan(show, order, calculated)


def test_a_recipe_changed_in_memory_under_its_old_digest_makes_no_job(show):
    order, calculated = received(show)
    show.edit = lambda recipe: replace(recipe, hold_max_min=recipe.hold_max_min * 100)
    assert refused_plan(show, order, calculated) == ["E_APPROVAL_BROKEN"]


def change_cartridge(show, **changes):
    """Change the cartridge on record: what a file says of it counts for nothing."""
    _, cartridge = show.materials()
    with show.records.transaction(SYSTEM) as tx:
        tx.record("cartridge.changed", "cartridge", cartridge.id, tx.get("cartridge", cartridge.id) | changes)


def test_a_used_cartridge_of_single_use_makes_no_job(show):
    order, calculated = received(show)
    used = [{"mass_g": "-0.1", "reason": "printed", "batch_id": "B-0000"}]
    change_cartridge(show, is_single_use=True, ledger=used, status="used")
    assert "E_CARTRIDGE_USED" in refused_plan(show, order, calculated)


def test_a_cartridge_that_was_warm_too_long_makes_no_job(show):
    order, calculated = received(show)
    change_cartridge(show, warm_h="999")
    assert "E_CARTRIDGE_TIME" in refused_plan(show, order, calculated)


@pytest.mark.parametrize("range_mg", [("17.01", "40"), ("5", "16.99")])
def test_a_dose_outside_the_validated_range_makes_no_job(show, range_mg):
    order, calculated = received(show)  # 17 mg
    ends = tuple(map(Decimal, range_mg))
    show.edit = lambda recipe: replace(recipe, unit_range=replace(recipe.unit_range, dose_mg=ends))
    assert "E_DOSE_OUT_OF_RANGE" in refused_plan(show, order, calculated)


def test_a_printer_the_recipe_is_not_qualified_for_makes_no_job(show):
    order, calculated = received(show)
    verified = show.verify_and_plan(order, calculated).recipe.verified
    before = set(show.records.all("batch"))
    with pytest.raises(Refused) as refused:
        planned_of(show, order.id, verified, profile=load_profile("marlin-pneumatic"))
    assert "E_PRINTER_CLASS" in codes(refused)
    assert set(show.records.all("batch")) == before


@pytest.mark.parametrize("policy", [LOCKED, RESEARCH, replace(REHEARSAL, allows_release=True)])
def test_a_policy_that_is_not_the_present_mode_makes_no_job(show, policy):
    order, calculated = received(show)
    show.policy = policy
    assert "E_MODE_DIFFERS" in refused_plan(show, order, calculated)


def test_a_mode_switched_while_a_batch_was_planned_makes_none(show, monkeypatch):
    order, calculated = received(show)
    owner, password = show.people["p.owner"], show.passwords["p.owner"]
    real = plan.plan_job

    def slow(*given, **named):
        switch(show.records, owner, password, LOCKED, "meanwhile")
        return real(*given, **named)

    monkeypatch.setattr(plan, "plan_job", slow)
    assert refused_plan(show, order, calculated) == ["E_MODE_DIFFERS"]


def refused_plan(show, order, calculated):
    """Return the codes with which a plan is refused, recorded, and leaves no batch."""
    with pytest.raises(Refused) as refused:
        show.verify_and_plan(order, calculated)
    told = show.records.events(action="batch.plan")[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", refused.value.code)
    assert show.records.all("batch") == {}
    return codes(refused)


def planned_of(show, order_id, verified, profile=None):
    """Plan one day of a verified dose on a printer."""
    lot, cartridge = show.materials()
    doses = [PartDose(verified, lot, cartridge)]
    given = (order_id, show.recipe, doses, profile or load_profile(PROFILE), BALANCE, show.policy)
    return plan_batch(show.records, show.people["a.operator"], *given, 1, TODAY)


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
