"""An ink, cartridge or ground that is not in order is refused by its code before any job exists, and as an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from rehearsing import ONE_DAY, TODAY, prepared_in

from printcare.domain.control_recipe import PartDose
from printcare.domain.legal import LegalGround
from printcare.domain.people import SYSTEM
from printcare.formats.profile import load_profile
from printcare.workflow.authority import Refused
from printcare.workflow.batch.plan import plan_batch
from printcare.workflow.demonstration import BALANCE, PROFILE
from printcare.workflow.ink import inks
from printcare.workflow.ink.cartridges import unload_cartridge

pytestmark = [pytest.mark.hazard("HZ-12")]


@pytest.fixture
def prepared(tmp_path, cheap_passwords):
    """Return a rehearsal ready to be printed, its cartridge loaded."""
    one = prepared_in(tmp_path, days=ONE_DAY)
    yield one
    one.close()


def planned_again(one, **changes):
    show = one.demonstration
    lot, cartridge = show.materials()
    material = {"lot": lot, "cartridge": cartridge}
    own = {name: changes.pop(name, value) for name, value in material.items()}
    return plan_batch(
        one.records,
        show.people["a.operator"],
        one.order.id,
        show.recipe,
        [PartDose(one.planned.recipe.verified, **own)],
        profile=load_profile(PROFILE),
        balance=BALANCE,
        policy=show.policy,
        days=ONE_DAY,
        today=one.records.context.clock().date(),
        **changes,
    )


def refused(one, action, **changes):
    """Return the codes of a refused plan or start; no job and no further batch came of it."""
    batches = one.records.all("batch")
    with pytest.raises(Refused) as found:
        planned_again(one, **changes) if action == "batch.plan" else one.print()
    told = one.records.events(action=action)[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", found.value.code)
    assert one.records.all("batch") == batches
    assert one.records.all("job_lease") == {}
    return [finding.code for finding in found.value.findings]


def changed(one, table, key, **changes):
    with one.records.transaction(SYSTEM) as tx:
        tx.record(f"{table}.changed", table, key, tx.get(table, key) | changes)


def quality(one):
    show = one.demonstration
    return show.people["q.quality"], show.passwords["q.quality"]


BOTH = pytest.mark.parametrize("action", ["batch.plan", "batch.start"])


@BOTH
def test_an_expired_lot(prepared, action):
    prepared.wait(days=(prepared.planned.recipe.lot.expires_on - TODAY).days + 1)
    assert "E_LOT_EXPIRED" in refused(prepared, action)


@BOTH
def test_a_lot_put_back_into_quarantine(prepared, action):
    account, password = quality(prepared)
    inks.quarantine_lot(prepared.records, account, password, prepared.planned.recipe.lot.id, "a complaint")
    assert refused(prepared, action) == ["E_LOT_STATUS"]


@BOTH
def test_a_lot_whose_supplier_s_agreement_ended(prepared, action):
    account, password = quality(prepared)
    supplier = prepared.planned.recipe.lot.supplier
    inks.agree(prepared.records, account, password, supplier, "AG-1", TODAY - timedelta(days=1))
    assert refused(prepared, action) == ["E_SUPPLIER_AGREEMENT"]


@BOTH
def test_a_lot_released_by_nobody_s_signature(prepared, action):
    changed(prepared, "ink_lot", prepared.planned.recipe.lot.id, certificate="another")
    assert "E_LOT_UNSIGNED" in refused(prepared, action)


@BOTH
def test_a_lot_whose_time_in_use_is_over(prepared, action):
    inks.open_lot(prepared.records, prepared.demonstration.people["a.operator"], prepared.planned.recipe.lot.id)
    prepared.wait(hours=49)
    assert "E_LOT_IN_USE" in refused(prepared, action)


@BOTH
def test_a_cartridge_whose_time_in_use_is_over(prepared, action):
    prepared.wait(hours=25)
    assert "E_CARTRIDGE_IN_USE" in refused(prepared, action)


@BOTH
def test_a_discarded_cartridge(prepared, action):
    changed(prepared, "cartridge", prepared.planned.cartridge.id, status="discarded")
    assert "E_CARTRIDGE_DISCARDED" in refused(prepared, action)


def test_a_cartridge_that_was_unloaded_since_is_not_printed_from(prepared):
    unload_cartridge(prepared.records, prepared.demonstration.people["a.operator"], prepared.planned.cartridge.id, "x")
    assert refused(prepared, "batch.start") == ["E_CARTRIDGE_NOT_LOADED"]


def test_a_used_single_use_cartridge(prepared):
    booked = {"batch_id": "B-0000", "mass_g": "-1", "reason": "printed and primed", "at": "2026-03-02T08:00:00Z"}
    changed(prepared, "cartridge", prepared.planned.cartridge.id, ledger=[booked], status="used")
    assert refused(prepared, "batch.plan") == ["E_CARTRIDGE_USED"]


def test_a_cartridge_of_another_lot(prepared):
    _, cartridge = prepared.demonstration.materials()
    with prepared.records.transaction(SYSTEM) as tx:
        state = tx.get("cartridge", cartridge.id) | {"id": "K-9", "lot_id": "L-9", "ink_lot": "L-9", "status": "filled"}
        tx.record("cartridge.received", "cartridge", "K-9", state)
    other = replace(cartridge, id="K-9", lot_id="L-9")
    assert refused(prepared, "batch.plan", cartridge=other) == ["E_CARTRIDGE_LOT"]


@pytest.mark.parametrize("warm_h", ["8", "7.99"])
def test_a_cartridge_beyond_its_time_at_temperature_or_one_the_batch_would_take_there(prepared, warm_h):
    changed(prepared, "cartridge", prepared.planned.cartridge.id, warm_h=warm_h)
    assert refused(prepared, "batch.plan") == ["E_CARTRIDGE_TIME"]


def test_a_batch_without_a_legal_ground_or_on_one_the_formulation_does_not_have(prepared):
    other = LegalGround("elsewhere", "any", None)
    assert refused(prepared, "batch.plan", ground=other) == ["E_LEGAL_ROUTE"]
    changed(prepared, "site_setting", "legal-ground/cyclophosphamide", route="another")
    assert refused(prepared, "batch.plan") == ["E_LEGAL_GROUND_MISSING"]


def test_the_batch_keeps_its_ground_and_what_was_chosen_about_the_assay(prepared):
    batch = prepared.batch
    assert batch["legal"]["justification"]["dossier"] == "DEMO-DOSSIER-CP"
    assert (batch["assay"]["corrected"], batch["assay"]["limits_pct"]) == (True, ["95", "105"])
    assert batch["assay"]["determined"]["method"] == "HPLC, DEMO-M-014"


def test_what_was_printed_is_in_the_ledger_with_its_warm_hours(clean):
    state = clean.records.get("cartridge", clean.planned.cartridge.id)
    (entry,) = state["ledger"]
    assert entry["batch_id"] == clean.planned.id
    assert Decimal(entry["mass_g"]) < 0 < Decimal(entry["warm_h"])
    assert state["warm_h"] == entry["warm_h"]
    assert (state["status"], state["loaded_for"]) == ("used", None)
