"""Every role times every move of a cartridge and of a formulation, from every state: what docs/roles.md says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from ink_house import WHY, open_house
from ward import PASSWORD, TODAY

from printcare.domain.cartridge import CARTRIDGE_MOVES, CartridgeStatus
from printcare.domain.people import PERMISSIONS, SYSTEM, Role
from printcare.workflow import staff
from printcare.workflow.authority import Refused
from printcare.workflow.ink import cartridges, formulations
from printcare.workflow.ink.formulations import APPROVED, DRAFT, FORMULATION_MOVES, RETIRED

FILLED = ("FULL", "BULK")  # a cartridge of its own for the matrix, and the lot it is filled from
NEW = "NEW"


@pytest.fixture(scope="module")
def house(tmp_path_factory, cheap_passwords_for_all):
    """Return the house with one person for each role, an open lot and a filled cartridge."""
    made = open_house(tmp_path_factory.mktemp("matrix"))
    made.opened()
    made.fill(FILLED[0])
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            login = f"only.{role.value.replace(' ', '.')}"
            given = (made.people["admin"], made.people["quinn"], login, role.value.title(), (role,), PASSWORD)
            account = staff.add(made.records, *given)
            made.people[role] = staff.accounts.log_in(made.records, login, PASSWORD)
            assert made.people[role].id == account
    made.people[Role.ADMINISTRATOR] = made.people["admin"]
    made.full = made.records.get("cartridge", FILLED[0])
    made.draft = made.records.get("ink_formulation", "cyclophosphamide-paste-40/1")
    yield made
    made.records.close()


def fill(house, account):
    made = cartridges.new_cartridge(
        FILLED[0] if house.standing else NEW, FILLED[1], Decimal(1), Decimal("0.1"), Decimal(8), TODAY
    )
    cartridges.fill_cartridge(house.records, account, made)


MOVES = {
    "cartridge.fill": fill,
    "cartridge.load": lambda house, account: cartridges.load_cartridge(
        house.records, account, FILLED[0], f"code-{FILLED[0]}", "B-0001"
    ),
    "cartridge.unload": lambda house, account: cartridges.unload_cartridge(house.records, account, FILLED[0], WHY),
    "cartridge.discard": lambda house, account: cartridges.discard_cartridge(
        house.records, account, PASSWORD, FILLED[0], Decimal(1), WHY, house.people[Role.PHARMACIST], PASSWORD
    ),
}


def put(house, table, key, state):
    house.standing = state is not None
    with house.records.transaction(SYSTEM) as tx:
        if state is not None:
            tx.record(f"{table}.put", table, key, state)


def tried(house, table, key, command, ends, codes, call):
    """Try one command in every role, from the state that stands; return nothing, and assert everything."""
    before = house.records.get(table, key)
    for role in Role:
        put(house, table, key, before)
        account = house.people[role]
        wanted = ["NOT_PERMITTED"] if command not in PERMISSIONS[role] else [] if ends else codes
        if not wanted:
            call(house, account)
            assert house.records.get(table, key)["status"] in ends
            continue
        with pytest.raises(Refused) as refused:
            call(house, account)
        told = house.records.events(after=house.records.head()[0] - 1)[-1].content
        assert refused.value.code == told["reason_code"]
        assert refused.value.code in wanted
        assert (told["action"], told["outcome"], told["actor_id"]) == (command, "refused", account.id)
        assert house.records.get(table, key) == before
    put(house, table, key, before)


@pytest.mark.parametrize("status", CartridgeStatus)
@pytest.mark.parametrize("command", MOVES)
def test_a_cartridge_is_moved_by_the_roles_and_from_the_states_of_the_table_alone(house, status, command):
    loaded_for = "B-0000" if status is CartridgeStatus.LOADED else None
    put(house, "cartridge", FILLED[0], house.full | {"status": status.value, "loaded_for": loaded_for})
    ends = {end for start, end, name in CARTRIDGE_MOVES if (start, name) == (status, command)}
    tried(house, "cartridge", FILLED[0], command, ends, ["E_CARTRIDGE_MOVE", "E_CARTRIDGE_LOADED"], MOVES[command])


@pytest.mark.parametrize("command", [name for name in MOVES if name != "cartridge.fill"])
def test_a_cartridge_nobody_filled_is_moved_by_nobody(house, command, monkeypatch):
    monkeypatch.setattr("test_ink_matrix.FILLED", ("NONE", "BULK"))
    with pytest.raises(Refused, match="E_CARTRIDGE_UNKNOWN"):
        MOVES[command](house, house.people[Role.OPERATOR])


def test_every_move_a_person_makes_is_tried():
    by_people = {name for _, _, name in CARTRIDGE_MOVES if any(name in PERMISSIONS[role] for role in Role)}
    assert by_people == set(MOVES)
    assert {name for _, _, name in FORMULATION_MOVES} == set(FORMULATIONS)


KEY = "cyclophosphamide-paste-40/1"
FORMULATIONS = {
    "ink_formulation.write": lambda house, account: formulations.write_formulation(house.records, account, house.ink),
    "ink_formulation.approve": lambda house, account: formulations.approve_formulation(
        house.records, account, PASSWORD, KEY
    ),
    "ink_formulation.retire": lambda house, account: formulations.retire_formulation(
        house.records, account, PASSWORD, KEY
    ),
}


@pytest.mark.parametrize("status", [DRAFT, APPROVED, RETIRED])
@pytest.mark.parametrize("command", FORMULATIONS)
def test_a_formulation_is_moved_by_the_roles_and_from_the_states_of_the_table_alone(house, status, command):
    put(house, "ink_formulation", KEY, house.draft | {"status": status})
    ends = {end for start, end, name in FORMULATION_MOVES if (start, name) == (status, command)}
    tried(house, "ink_formulation", KEY, command, ends, ["E_FORMULATION_MOVE"], FORMULATIONS[command])
    put(house, "ink_formulation", KEY, house.draft)


def test_who_had_a_hand_in_a_draft_is_one_of_its_authors_and_approves_nothing_of_it(house):
    author = house.people[Role.FORMULATION_SCIENTIST]
    ink = replace(house.ink, version=7)
    for who in (author, house.people["author"]):
        key = formulations.write_formulation(house.records, who, ink)
    assert house.records.get("ink_formulation", key)["authors"] == sorted([author.id, house.people["author"].id])


def test_a_cartridge_a_job_prints_from_is_neither_unloaded_for_another_batch_nor_discarded(house):
    batch = {"status": "printing", "prescription": "", "lot": FILLED[1], "cartridge": FILLED[0]}
    put(house, "batch", "B-0000", batch)
    put(house, "cartridge", FILLED[0], house.full | {"status": "loaded", "loaded_for": "B-0000"})
    for command in ("cartridge.unload", "cartridge.discard"):
        with pytest.raises(Refused, match="E_CARTRIDGE_PRINTING"):
            MOVES[command](house, house.people[Role.OPERATOR])
        assert house.last_refusal(command) == "E_CARTRIDGE_PRINTING"
    with pytest.raises(Refused, match="E_CARTRIDGE_LOADED"):
        MOVES["cartridge.load"](house, house.people[Role.OPERATOR])
    put(house, "batch", "B-0000", batch | {"status": "quarantined"})
    MOVES["cartridge.unload"](house, house.people[Role.OPERATOR])
