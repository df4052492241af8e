"""An order, lot, recipe or cartridge that is not what the two people signed for, or changed since, is not printed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from rehearsing import ONE_DAY, TODAY, prepared_in

from printcare.domain.balance_check import BalanceCheck, Kind, Schedule
from printcare.domain.control_recipe import PartDose
from printcare.domain.people import SYSTEM
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import load_rules
from printcare.formats.profile import load_profile
from printcare.workflow.authority import Refused
from printcare.workflow.batch.plan import plan_batch
from printcare.workflow.batch.recover import close_interrupted, not_recovered, quarantine_interrupted
from printcare.workflow.demonstration import (
    BALANCE,
    CHECK_WEIGHT_MG,
    PROFILE,
    READABILITY_MG,
    U_WEIGHT_MG,
)
from printcare.workflow.order.verified import verified_dose
from printcare.workflow.site.balance import balance_for, record_check, set_schedule


@pytest.fixture
def prepared(tmp_path):
    """Return a rehearsal ready to be printed."""
    one = prepared_in(tmp_path, days=ONE_DAY)
    yield one
    one.close()


def changed(one, table, key, **changes):
    with one.records.transaction(SYSTEM) as tx:
        tx.record(f"{table}.changed", table, key, tx.get(table, key) | changes)


def check(one, shown=("0.0", "100000.0"), kind=Kind.DAILY, balance=BALANCE):
    """Check a balance now, as the demonstration does."""
    made = tuple(Decimal(each) for each in shown)
    at = one.records.context.clock()
    of = BalanceCheck(balance, kind, at, CHECK_WEIGHT_MG, made, READABILITY_MG, U_WEIGHT_MG)
    return record_check(one.records, one.demonstration.people["a.operator"], of, shown)


def planned_again(one, **changes):
    show = one.demonstration
    lot, cartridge = show.materials()
    material = {"verified": one.planned.recipe.verified, "lot": lot, "cartridge": cartridge}
    own = {name: changes.pop(name, value) for name, value in material.items()}
    changes = {"balance": BALANCE} | changes
    given = {"order_id": one.order.id, "master": show.recipe, "doses": [PartDose(**own)], "days": ONE_DAY} | changes
    operator = show.people["a.operator"]
    return plan_batch(one.records, operator, profile=load_profile(PROFILE), policy=show.policy, today=TODAY, **given)


def codes_of_the_refusal(one, action, **changes):
    """Return the codes with which a plan, or the start of the prepared batch, was refused and recorded."""
    with pytest.raises(Refused) as refused:
        planned_again(one, **changes) if action == "batch.plan" else one.print()
    told = one.records.events(action=action)[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", refused.value.code)
    return [finding.code for finding in refused.value.findings]


@pytest.mark.parametrize("action", ["batch.plan", "batch.start"])
def test_a_superseded_order_is_neither_planned_nor_started(prepared, action):
    changed(prepared, "prescription", prepared.order.id, status="superseded")
    assert "E_ORDER_STATUS" in codes_of_the_refusal(prepared, action)


@pytest.mark.parametrize("action", ["batch.plan", "batch.start"])
def test_a_retired_recipe_is_neither_planned_nor_started(prepared, action):
    recipe = prepared.demonstration.recipe
    changed(prepared, "recipe_version", f"{recipe.id}/{recipe.version}", status="retired")
    assert "E_VERSION_RETIRED" in codes_of_the_refusal(prepared, action)


def test_an_order_is_not_made_twice_by_two_batches_of_its_whole_course(prepared):
    ordered_days = prepared.records.get("prescription", prepared.order.id)["duration_days"]
    assert codes_of_the_refusal(prepared, "batch.plan", days=ordered_days) == ["E_COURSE_MADE"]


def test_what_a_cancelled_batch_would_have_made_is_planned_again(prepared):
    ordered_days = prepared.records.get("prescription", prepared.order.id)["duration_days"]
    changed(prepared, "batch", prepared.planned.id, status="cancelled")
    assert planned_again(prepared, days=ordered_days).id == "B-0002"


def test_a_dose_is_planned_under_the_order_it_was_verified_for_alone(prepared):
    other = prepared.records.get("prescription", prepared.order.id)
    with prepared.records.transaction(SYSTEM) as tx:
        tx.record("order.received", "prescription", "ANOTHER", other)
    assert codes_of_the_refusal(prepared, "batch.plan", order_id="ANOTHER")[0] == "E_ORDER_STATUS"


def test_a_dose_the_signatures_do_not_cover_is_not_planned(prepared):
    changed(prepared, "verified_dose", prepared.order.id, target_wet_mass_mg="999")
    assert "E_VERIFICATION_UNSIGNED" in codes_of_the_refusal(prepared, "batch.plan")


def test_a_lot_of_another_assay_than_the_dose_was_calculated_for_is_not_planned(prepared):
    lot, cartridge = prepared.demonstration.materials()
    other = replace(lot, id="CP-OTHER", assay_pct_of_label=Decimal("98.0"))
    of_it = replace(cartridge, id="C-OTHER", lot_id="CP-OTHER")
    codes = codes_of_the_refusal(prepared, "batch.plan", lot=other, cartridge=of_it)
    assert codes == ["E_LOT_NOT_CALCULATED", "E_LOT_NOT_RECEIVED", "E_CARTRIDGE_NOT_RECEIVED"]


def test_a_recipe_of_another_range_than_the_dose_was_split_by_is_not_planned(prepared):
    recipe = prepared.demonstration.recipe
    narrow = replace(recipe, unit_range=replace(recipe.unit_range, max_units_per_dose=9))
    told = codes_of_the_refusal(prepared, "batch.plan", master=narrow)
    assert told == ["E_APPROVAL_BROKEN", "E_RECIPE_NOT_CALCULATED"]


@pytest.mark.parametrize("action", ["batch.plan", "batch.start"])
def test_a_lot_recalled_on_record_is_not_used_whatever_a_file_says(prepared, action):
    changed(prepared, "ink_lot", prepared.planned.recipe.lot.id, status="recalled")
    assert codes_of_the_refusal(prepared, action) == ["E_LOT_STATUS"]


def test_a_lot_that_expired_between_plan_and_print_is_not_printed(prepared):
    lot = prepared.planned.recipe.lot
    prepared.wait(days=(lot.expires_on - TODAY).days + 1)
    assert "E_LOT_EXPIRED" in codes_of_the_refusal(prepared, "batch.start")


@pytest.mark.parametrize("days", [0, -1, 9999])
def test_no_more_days_are_planned_than_were_ordered_and_no_fewer_than_one(prepared, days):
    assert "E_COURSE_LENGTH" in codes_of_the_refusal(prepared, "batch.plan", days=days)


def test_the_ink_a_batch_may_use_is_what_the_record_leaves_and_not_what_a_file_says(prepared):
    cartridge = prepared.planned.cartridge
    booked = {"batch_id": "B-0000", "mass_g": str(-(cartridge.left_g - Decimal("0.2"))), "reason": "printed and primed"}
    with prepared.records.transaction(SYSTEM) as tx:
        state = tx.get("cartridge", cartridge.id)
        tx.record("cartridge.booked", "cartridge", cartridge.id, state | {"ledger": [booked]})
    assert "E_CARTRIDGE_EMPTY" in codes_of_the_refusal(prepared, "batch.plan")
    assert "E_CARTRIDGE_USED" in codes_of_the_refusal(prepared, "batch.start")


def test_a_lost_job_has_used_its_ink_and_its_cartridge_is_printed_from_no_more(prepared):
    batch, (first, second) = prepared.planned, list(prepared.records.all("unit"))[:2]
    changed(prepared, "batch", batch.id, status="printing", primed_mm3="100")
    changed(prepared, "unit", first, status="accepted")
    changed(prepared, "unit", second, status="printing")
    assert quarantine_interrupted(prepared.records) == (batch.id,)
    recipe = batch.recipe
    used_mg = 2 * recipe.target_mass_mg + 100 * recipe.master.ink.density_mg_mm3
    entry = prepared.records.get("cartridge", batch.cartridge.id)["ledger"][-1]
    assert Decimal(entry["mass_g"]) == pytest.approx(-used_mg / 1000, abs=Decimal("0.0001"))
    assert "E_CARTRIDGE_QUARANTINED" in codes_of_the_refusal(prepared, "batch.plan")


def test_nothing_is_printed_at_a_printer_whose_lost_batch_nobody_has_recovered(prepared):
    lost = {"status": "quarantined", "outcome": "interrupted", "reason": "the job ended without a word"}
    with prepared.records.transaction(SYSTEM) as tx:
        tx.record("batch.interrupted", "batch", "B-0000", prepared.batch | lost)
        other = {"batch_id": "B-0000", "status": "open", "what": "a balance check was late", "opened_by": "u-1"}
        tx.record("deviation.opened", "deviation", "B-0000/D1", other)  # of another matter: it closes nothing
    assert codes_of_the_refusal(prepared, "batch.start") == ["E_BATCH_NOT_RECOVERED"]
    close_interrupted(prepared.records, prepared.demonstration.people["a.operator"], "B-0000", "power cut")
    for printer in ("", str(prepared.batch["printer"]), "another one"):
        assert not_recovered(prepared.records, printer, PROFILE) == ()


def test_a_program_that_is_not_the_planned_one_is_not_started(prepared):
    other = planned_again(prepared)
    prepared.planned = replace(prepared.planned, job=replace(other.job, batch_id=prepared.planned.id))
    changed(prepared, "batch", prepared.planned.id, program_digest="0" * 64)
    assert codes_of_the_refusal(prepared, "batch.start") == ["E_PROGRAM_DIFFERS"]


def test_two_plans_at_once_never_become_one_batch(prepared, monkeypatch):
    real = type(prepared.records).all
    monkeypatch.setattr(
        type(prepared.records), "all", lambda self, table, **kw: {} if table == "batch" else real(self, table, **kw)
    )
    before = prepared.batch
    with pytest.raises(PrintcareError, match="BATCH_ID_TAKEN"):
        planned_again(prepared)
    assert prepared.batch == before


def test_a_dose_read_back_from_the_record_is_planned_like_the_one_just_verified(prepared):
    show = prepared.demonstration
    lot, _ = show.materials()
    again = verified_dose(prepared.records, prepared.order, load_rules(), show.recipe, lot, TODAY)
    made = planned_again(prepared, verified=again)
    assert made.recipe.target_mass_mg == prepared.planned.recipe.target_mass_mg


# ---- the balance


@pytest.mark.parametrize("action", ["batch.plan", "batch.start"])
def test_a_balance_whose_daily_check_is_over_weighs_nothing(prepared, action):
    prepared.wait(hours=25)
    assert "E_BALANCE_CHECK_EXPIRED" in codes_of_the_refusal(prepared, action)


@pytest.mark.parametrize("action", ["batch.plan", "batch.start"])
def test_a_balance_that_failed_its_check_weighs_nothing_until_it_passes_again(prepared, action):
    check(prepared, ("0.0", "100200.0"))
    assert codes_of_the_refusal(prepared, action) == ["E_BALANCE_CHECK"]
    check(prepared)
    if action == "batch.plan":
        assert planned_again(prepared).id == "B-0002"
    else:
        assert prepared.print().outcome.value == "completed"


def test_a_balance_nobody_ever_checked_weighs_nothing(prepared):
    codes = codes_of_the_refusal(prepared, "batch.plan", balance="ANOTHER")
    assert {"E_BALANCE_UNCHECKED", "E_BALANCE_UNKNOWN"} <= set(codes)


def test_the_gate_is_made_of_the_figures_on_record(prepared):
    check(prepared, (*("100001.0", "99999.0") * 5, "100000.0"), Kind.REPEATABILITY)
    set_schedule(prepared.records, prepared.demonstration.people["p.owner"], Schedule(below_minimum="V-12"), "site")
    again = planned_again(prepared)
    assert (again.weighing.s_mg, prepared.planned.weighing.s_mg) == (1, Decimal("0.1"))
    assert again.gate.expanded_mg > prepared.planned.gate.expanded_mg
    assert [finding.code for finding in again.findings if finding.where == "balance"] == ["W_BELOW_MINIMUM_WEIGHT"]
    row = prepared.records.get("batch", again.id)
    assert (row["balance"], row["minimum_weight_mg"]) == (BALANCE, "2000")
    assert row["parts"][0]["weighing_is"] == "in-process check"


def test_a_unit_below_the_minimum_weight_is_refused_where_the_site_does_not_justify_it(prepared):
    check(prepared, (*("100001.0", "99999.0") * 5, "100000.0"), Kind.REPEATABILITY)
    set_schedule(prepared.records, prepared.demonstration.people["p.owner"], Schedule(), "nothing is justified")
    assert codes_of_the_refusal(prepared, "batch.plan") == ["E_BELOW_MINIMUM_WEIGHT"]


def test_a_balance_found_worse_since_the_plan_weighs_nothing_of_it(prepared):
    check(prepared, (*("100000.2", "99999.8") * 5, "100000.0"), Kind.REPEATABILITY)
    assert codes_of_the_refusal(prepared, "batch.start") == ["E_BALANCE_WORSE"]


def test_a_balance_found_better_since_the_plan_weighs_it_by_the_planned_gate(prepared):
    check(prepared, ("100000.0",) * 11, Kind.REPEATABILITY)
    assert prepared.print().outcome.value == "completed"
    assert prepared.batch["weighing"]["s_mg"] == "0.1"


def test_of_two_balances_one_is_named_and_of_one_it_is_that(prepared):
    assert balance_for(prepared.records, None) == BALANCE
    check(prepared, balance="ANOTHER")
    assert balance_for(prepared.records, "ANOTHER") == "ANOTHER"
    with pytest.raises(Refused, match="E_BALANCE_WHICH"):
        balance_for(prepared.records, None)
