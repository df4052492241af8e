"""Checks of a balance on record, and what a failed one does to everything weighed since it was last good."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from ink_house import House, open_house

from printcare.domain.balance_check import BalanceCheck, Kind, Outcome, Schedule
from printcare.domain.gate import Weighing
from printcare.domain.people import SYSTEM
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH, Policy
from printcare.formats.recipe import load_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.site import balance

RECIPE = "cyclophosphamide-sse"
WEIGHT = Decimal(100000)
READINGS = {
    Kind.DAILY: ("0.0", "100000.1"),
    Kind.REPEATABILITY: ("100000.1", "99999.9") * 5,
    Kind.CORNERS: ("100000.0",) * 5,
}


@pytest.fixture
def house(tmp_path: Any, cheap_passwords: None) -> Any:
    """Return a record with people."""
    made = open_house(tmp_path)
    yield made
    made.records.close()


def _check(house: House, kind: Kind = Kind.DAILY, readings: tuple[str, ...] = (), who: str = "ada") -> Outcome:
    shown = readings or READINGS[kind]
    at = house.records.context.clock()
    check = BalanceCheck("B1", kind, at, WEIGHT, tuple(Decimal(each) for each in shown), Decimal("0.1"))
    return balance.record_check(house.records, house.people[who], check, [f"S S {each} mg" for each in shown])


def _codes(house: House) -> list[str]:
    return [each.code for each in balance.balance_stops(house.records, "B1", house.records.context.clock())]


def _printed(house: House, batch_id: str, status: str) -> None:
    with house.records.transaction(SYSTEM) as tx:
        tx.record("batch.finished", "batch", batch_id, {"status": status})
        tx.record("unit.weighed", "weighing", f"{batch_id}/01", {"mass_mg": "425"})


def test_a_balance_counts_once_every_check_is_on_record_and_until_it_is_over(house: House) -> None:
    assert _codes(house) == ["E_BALANCE_UNCHECKED"] * 3
    assert balance.weighing_of(house.records, "B1") is None
    for kind in Kind:
        assert _check(house, kind).status == "passed"
    assert _codes(house) == []
    house.wait(hours=25)
    assert _codes(house) == ["E_BALANCE_CHECK_EXPIRED"]


def test_the_gate_s_figures_are_those_of_the_record(house: House) -> None:
    for kind in Kind:
        _check(house, kind)
    found = balance.weighing_of(house.records, "B1")
    assert found is not None
    assert found.s_mg == Decimal("0.1054")  # 0.1·√(10/9)
    assert found.u_evap_mg == Schedule().u_evap_mg


def test_raw_lines_are_kept(house: House) -> None:
    _check(house)
    assert house.state("balance_check", "B1/1")["raw"] == ["S S 0.0 mg", "S S 100000.1 mg"]


def test_the_site_s_schedule_counts(house: House) -> None:
    for kind in Kind:
        _check(house, kind)
    balance.set_schedule(house.records, house.people["owner"], Schedule(daily_h=Decimal(12)), "twelve-hour shifts")
    house.wait(hours=13)
    assert _codes(house) == ["E_BALANCE_CHECK_EXPIRED"]


def test_readings_that_are_no_check_are_refused_on_record(house: House) -> None:
    with pytest.raises(Refused):
        _check(house, Kind.REPEATABILITY, ("100000.0",) * 9)
    assert house.last_refusal("balance.check") == "E_BALANCE_READINGS"
    with pytest.raises(Refused) as refused:
        _check(house, who="owner")
    assert refused.value.code == "NOT_PERMITTED"


def test_a_failure_holds_what_waits_and_opens_a_deviation_for_what_was_released(house: House) -> None:
    _printed(house, "B-0001", "quarantined")  # before the last good check
    house.wait(minutes=1)
    _check(house)
    house.wait(minutes=1)
    _printed(house, "B-0002", "quarantined")
    _printed(house, "B-0003", "released")
    _printed(house, "B-0004", "rejected")
    house.wait(minutes=1)
    failed = _check(house, readings=("0.0", "100200.0"))
    assert failed.status == "failed"
    assert house.state("balance_check", "B1/2")["units"] == ["B-0002/01", "B-0003/01", "B-0004/01"]
    held = {row["batch_id"] for row in house.records.all("deviation", status="open").values()}
    assert held == {"B-0002", "B-0003"}
    assert "E_BALANCE_CHECK" in _codes(house)


@pytest.mark.parametrize("status", ["printing", "held", "finishing", "returned", "partly released"])
def test_a_failure_holds_what_is_still_printed_and_tells_of_what_came_back(house: House, status: str) -> None:
    _printed(house, "B-0001", status)
    house.wait(minutes=1)
    _check(house, readings=("0.0", "100200.0"))
    assert [row["batch_id"] for row in house.records.all("deviation", status="open").values()] == ["B-0001"]


def test_a_check_that_passes_again_ends_the_block(house: House) -> None:
    for kind in Kind:
        _check(house, kind)
    house.wait(seconds=1)
    _check(house, readings=("0.0", "100200.0"))
    house.wait(seconds=1)
    _check(house)
    assert _codes(house) == []


def test_a_failure_looks_back_at_what_this_balance_weighed_alone(house: House) -> None:
    for batch_id, weighed_by in (("B-0001", "B1"), ("B-0002", "B2"), ("B-0003", None)):
        _printed(house, batch_id, "quarantined")
        if weighed_by is not None:
            with house.records.transaction(SYSTEM) as tx:
                tx.record("batch.changed", "batch", batch_id, {"status": "quarantined", "balance": weighed_by})
    house.wait(minutes=1)
    _check(house, readings=("0.0", "100200.0"))
    assert house.state("balance_check", "B1/1")["units"] == ["B-0001/01", "B-0003/01"]


def test_no_balance_on_record_is_named_for_nobody(house: House) -> None:
    with pytest.raises(Refused, match="E_BALANCE_UNKNOWN"):
        balance.balance_for(house.records, None)


def _for(
    house: House, policy: Policy, strategy: str = "under-tray", recipe: str = RECIPE
) -> tuple[Weighing, list[str]]:
    master = replace(load_recipe(recipe), weighing=strategy)
    weighing, found = balance.weighing_for(house.records, master, "B1", house.records.context.clock(), policy)
    return weighing, [f"{each.code}{'' if each.blocks else ' told'}" for each in found]


def test_a_recipe_that_weighs_nothing_is_for_research_alone(house: House) -> None:
    assert _for(house, RESEARCH, "none") == (balance.NOTHING_KNOWN, [])
    for policy in (LOCKED, REHEARSAL):
        assert _for(house, policy, "none")[1] == ["E_WEIGHING_NONE"]


def test_a_unit_of_several_inks_is_not_weighed_beside_the_printer(house: House) -> None:
    for kind in Kind:
        _check(house, kind)
    assert _for(house, LOCKED, "beside")[1] == []
    assert _for(house, LOCKED, "beside", "spironolactone-hydrochlorothiazide-sse")[1] == ["E_WEIGHING_BESIDE"]


def test_research_is_told_what_does_not_stand_and_weighs_by_figures_all_the_same(house: House) -> None:
    assert _for(house, RESEARCH)[1] == [*["E_BALANCE_UNCHECKED told"] * 3, "E_BALANCE_UNKNOWN"]
    for kind in Kind:
        _check(house, kind)
    house.wait(hours=25)
    weighing, codes = _for(house, RESEARCH)
    assert (weighing.s_mg, codes) == (Decimal("0.1054"), ["E_BALANCE_CHECK_EXPIRED told"])
    told = balance.least_weight_stops(house.records, [Decimal(100), Decimal(300)], weighing, RESEARCH)
    assert [(each.code, each.blocks) for each in told] == [("W_BELOW_MINIMUM_WEIGHT", False)]
