"""A cartridge on record: filled by the gram, loaded by its code, used once, discarded before a witness."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from ink_house import House, open_house
from ward import PASSWORD

from printcare.domain.cartridge import FILAMENT
from printcare.records.signatures import signatures_of
from printcare.workflow.authority import Refused
from printcare.workflow.ink import cartridges, formulations, inks
from printcare.workflow.ink.materials import cartridge_from, recorded_lot


@pytest.fixture
def house(tmp_path, cheap_passwords):
    made = open_house(tmp_path)
    yield made
    made.records.close()


def refused_with(house: House, code: str, command: str, work) -> None:
    with pytest.raises(Refused) as refused:
        work()
    assert code in [finding.code for finding in refused.value.findings]
    assert house.last_refusal(command) == refused.value.findings[0].code


def test_what_a_cartridge_holds_and_what_was_spilt_is_gone_from_the_lot(house: House):
    house.opened()
    filled = house.fill(spilt="0.3")
    assert recorded_lot(house.records, "BULK").left_g == Decimal("39.7")
    assert filled.use_by == recorded_lot(house.records, "BULK").use_by
    assert house.state("cartridge", "K-1")["status"] == "filled"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"fill": "60"}, "E_LOT_EMPTY"),
        ({"fill": "50", "spilt": "0.1"}, "E_LOT_EMPTY"),
        ({"hours": "9"}, "E_CARTRIDGE_LIMIT"),
    ],
)
def test_nothing_is_filled_that_the_lot_or_the_formulation_does_not_give(house: House, given, code):
    house.opened()
    refused_with(house, code, "cartridge.fill", lambda: house.fill(**given))


def test_nothing_is_filled_from_a_lot_that_is_closed_or_in_quarantine(house: House):
    house.released(id="BULK", mass_g=Decimal(50))
    refused_with(house, "E_LOT_CLOSED", "cartridge.fill", house.fill)
    inks.open_lot(house.records, house.people["ada"], "BULK")
    inks.quarantine_lot(house.records, house.people["quinn"], PASSWORD, "BULK", "a complaint")
    refused_with(house, "E_LOT_STATUS", "cartridge.fill", house.fill)


def test_nothing_is_filled_from_a_lot_nobody_received(house: House):
    refused_with(house, "E_LOT_UNKNOWN", "cartridge.fill", house.fill)


def test_a_cartridge_is_filled_once(house: House):
    house.opened()
    house.fill()
    refused_with(house, "E_CARTRIDGE_MOVE", "cartridge.fill", house.fill)


def load(house: House, scanned: str = "code-K-1", batch: str = "B-1") -> None:
    cartridges.load_cartridge(house.records, house.people["ada"], "K-1", scanned, batch)


def test_a_cartridge_is_loaded_by_its_own_code_for_one_batch(house: House):
    house.opened()
    house.fill()
    refused_with(house, "E_CARTRIDGE_CODE", "cartridge.load", lambda: load(house, "K-1"))
    load(house)
    load(house)
    refused_with(house, "E_CARTRIDGE_LOADED", "cartridge.load", lambda: load(house, batch="B-2"))
    cartridges.unload_cartridge(house.records, house.people["ada"], "K-1", "wrong nozzle")
    load(house, batch="B-2")
    state = house.state("cartridge", "K-1")
    assert (state["status"], state["loaded_for"]) == ("loaded", "B-2")


def test_its_time_in_use_runs_from_the_first_loading(house: House):
    house.opened()
    house.fill()
    load(house)
    first = house.state("cartridge", "K-1")["opened_at"]
    cartridges.unload_cartridge(house.records, house.people["ada"], "K-1", "")
    house.wait(hours=1)
    load(house)
    assert house.state("cartridge", "K-1")["opened_at"] == first


def discard(house: House, waste: str = "10", witness: str | None = None) -> None:
    second = None if witness is None else house.people[witness]
    cartridges.discard_cartridge(
        house.records, house.people["ada"], PASSWORD, "K-1", Decimal(waste), "end of day", second, PASSWORD
    )


def test_hazardous_waste_is_destroyed_before_a_second_person_who_signs(house: House):
    house.opened()
    house.fill()
    refused_with(house, "E_WASTE_UNWITNESSED", "cartridge.discard", lambda: discard(house))
    refused_with(house, "SAME_PERSON", "cartridge.discard", lambda: discard(house, witness="ada"))
    discard(house, "9.9", "ben")
    state = house.state("cartridge", "K-1")
    assert (state["status"], state["unaccounted_g"]) == ("discarded", "0.1")
    (*_, last) = signatures_of(house.records, "cartridge", "K-1")
    assert last.meaning == cartridges.WITNESSED
    assert last.covers(state)
    refused_with(house, "E_CARTRIDGE_MOVE", "cartridge.load", lambda: load(house))


def test_a_mass_of_waste_that_cannot_be_is_refused_and_the_cartridge_stays(house: House):
    house.opened()
    house.fill()
    refused_with(house, "E_WASTE_MASS", "cartridge.discard", lambda: discard(house, "-1", "ben"))
    assert house.state("cartridge", "K-1")["status"] == "filled"


def test_waste_of_a_harmless_ink_needs_no_witness(house: House):
    harmless = replace(house.ink, version=2, hazard_class="none")
    key = formulations.write_formulation(house.records, house.people["author"], harmless)
    formulations.approve_formulation(house.records, house.people["owner"], PASSWORD, key)
    house.ink = harmless
    lot_id = house.released(id="BULK", mass_g=Decimal(50), formulation_version=2)
    inks.open_lot(house.records, house.people["ada"], lot_id)
    house.fill()
    discard(house)
    assert house.state("cartridge", "K-1")["witness"] is None


def test_a_spool_is_opened_in_a_dry_room_once(house: House):
    spool = replace(house.cartridges[0], id="S-1", kind=FILAMENT, in_use_h=Decimal(72), humidity_max_pct=Decimal(40))
    inks.receive_lot(house.records, house.people["ada"], house.lot, (spool,))
    work = lambda humidity: cartridges.open_spool(house.records, house.people["ada"], "S-1", humidity)  # noqa: E731
    refused_with(house, "E_FILAMENT_HUMIDITY", "cartridge.open", lambda: work(None))
    work(Decimal(35))
    refused_with(house, "E_CARTRIDGE_MOVE", "cartridge.open", lambda: work(Decimal(35)))
    opened = cartridge_from(house.records, house.state("cartridge", "S-1"))
    house.wait(hours=73)
    found = opened.time_objections(house.records.context.clock(), Decimal(0))
    assert [each.code for each in found] == ["E_FILAMENT_MOISTURE"]


def test_a_cartridge_nobody_knows_is_not_loaded(house: House):
    refused_with(house, "E_CARTRIDGE_UNKNOWN", "cartridge.load", lambda: load(house))
