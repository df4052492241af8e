"""A lot on record: nothing counts that was not received, judged and released by signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from ink_house import WHY, House, open_house, prepared
from ward import PASSWORD, TODAY

from printcare.domain.ink_lot import IN_HOUSE
from printcare.domain.legal import LegalGround
from printcare.records import audit
from printcare.workflow.authority import Refused
from printcare.workflow.ink import formulations, inks, preparation
from printcare.workflow.ink.materials import lot_stops, recorded_lot, release_is_signed


@pytest.fixture
def house(tmp_path, cheap_passwords):
    made = open_house(tmp_path)
    yield made
    made.records.close()


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def refused_with(house: House, code: str, command: str, work) -> None:
    with pytest.raises(Refused) as refused:
        work()
    assert code in codes(refused)
    assert house.last_refusal(command) == codes(refused)[0]


def test_a_file_that_says_released_is_received_into_quarantine_and_unjudged(house: House):
    lot_id = house.receive()
    state = house.state("ink_lot", lot_id)
    assert (state["status"], state["excursions_judged"]) == ("quarantine", False)
    assert recorded_lot(house.records, lot_id).left_g == 0  # all of it came in the cartridge


def test_a_release_bears_its_signature_and_the_record_verifies(house: House):
    lot_id = house.released()
    state = house.state("ink_lot", lot_id)
    assert state["status"] == "released"
    assert release_is_signed(house.records, state)
    assert audit.verify(house.records.url)["verdict"] == "UNANCHORED"


def test_a_row_that_says_released_without_a_signature_is_not_printed_from(house: House):
    lot_id = house.receive()
    with house.records.transaction(house.people["quinn"].actor("quality")) as tx:
        tx.record("x", "ink_lot", lot_id, tx.get("ink_lot", lot_id) | {"status": "released", "excursions_judged": True})
    now = house.records.context.clock()
    assert [each.code for each in lot_stops(house.records, recorded_lot(house.records, lot_id), now)] == [
        "E_LOT_UNSIGNED"
    ]


def test_opening_and_filling_leave_the_release_signed(house: House):
    house.opened()
    house.fill()
    assert release_is_signed(house.records, house.state("ink_lot", "BULK"))


def test_figures_changed_after_the_release_are_no_longer_signed(house: House):
    lot_id = house.released()
    changed = house.state("ink_lot", lot_id) | {"assay_pct_of_label": "104"}
    assert not release_is_signed(house.records, changed)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"assay": None}, "E_LOT_INCOMPLETE"),
        ({"assay_pct_of_label": Decimal(106)}, "E_ASSAY_OUT_OF_LIMITS"),
        ({"supplier_agreement_until": date(2026, 1, 4)}, "E_SUPPLIER_AGREEMENT"),
        ({"expires_on": date(2026, 1, 4)}, "E_LOT_EXPIRED"),
        ({"formulation_version": 2}, "E_FORMULATION_NOT_APPROVED"),
        ({"excipients": ("water",)}, "E_LOT_FORMULATION"),
    ],
)
def test_a_lot_is_not_released_and_the_refusal_is_an_event(house: House, changes, code):
    lot_id = house.receive(**changes)
    house.judge(lot_id)
    refused_with(house, code, "ink_lot.release", lambda: house.release(lot_id))
    assert house.state("ink_lot", lot_id)["status"] == "quarantine"


def test_a_lot_whose_transport_nobody_judged_is_not_released(house: House):
    lot_id = house.receive()
    refused_with(house, "E_LOT_EXCURSION", "ink_lot.release", lambda: house.release(lot_id))


def test_a_transport_judged_harmful_keeps_the_lot_out(house: House):
    lot_id = house.receive()
    house.judge(lot_id, is_usable=False)
    refused_with(house, "E_LOT_EXCURSION", "ink_lot.release", lambda: house.release(lot_id))
    assert house.state("ink_lot", lot_id)["judgement"]["seen"].startswith("excursion: 2.9 to 9.4")


def test_no_decision_on_a_lot_goes_without_its_reason(house: House):
    lot_id = house.receive()
    refused_with(house, "E_REASON_MISSING", "ink_lot.judge", lambda: house.judge(lot_id, reason=" "))
    house.judge(lot_id)
    refused_with(house, "E_REASON_MISSING", "ink_lot.release", lambda: house.release(lot_id, reason=""))


def test_who_receives_a_lot_does_not_release_it_by_that_role(house: House):
    lot_id = house.receive()
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        house.release(lot_id, who="ada")
    assert house.last_refusal("ink_lot.release") == "NOT_PERMITTED"


def test_a_lot_is_received_once(house: House):
    house.receive()
    refused_with(house, "E_LOT_MOVE", "ink_lot.receive", house.receive)


def test_cartridges_hold_no_more_than_came_in(house: House):
    refused_with(house, "E_LOT_RECONCILIATION", "ink_lot.receive", lambda: house.receive(mass_g=Decimal(9)))


def test_a_cartridge_code_is_given_once(house: House):
    house.receive()
    own = replace(house.lot, id="L-2")
    refused_with(
        house,
        "E_CARTRIDGE_ID",
        "ink_lot.receive",
        lambda: inks.receive_lot(house.records, house.people["ada"], own, house.cartridges),
    )


@pytest.mark.parametrize("move", ["release_lot", "reject_lot", "quarantine_lot", "recall_state"])
def test_what_the_table_does_not_hold_is_refused_as_an_event(house: House, move):
    command = {"recall_state": "ink_lot.recall"}.get(move, f"ink_lot.{move.removesuffix('_lot')}")
    lot_id = house.released()
    inks.recall_state(house.records, house.people["quinn"], PASSWORD, lot_id, WHY)
    more = (TODAY,) if move == "release_lot" else ()
    work = getattr(inks, move)
    refused_with(
        house, "E_LOT_MOVE", command, lambda: work(house.records, house.people["quinn"], PASSWORD, lot_id, WHY, *more)
    )


def test_a_lot_goes_back_into_quarantine_and_is_rejected(house: House):
    lot_id = house.released()
    quality = house.people["quinn"]
    inks.quarantine_lot(house.records, quality, PASSWORD, lot_id, WHY)
    assert house.state("ink_lot", lot_id)["status"] == "quarantine"
    inks.reject_lot(house.records, quality, PASSWORD, lot_id, WHY)
    assert house.state("ink_lot", lot_id)["moved"] == {"by": quality.id, "reason": WHY}


def test_a_lot_nobody_received_is_unknown(house: House):
    refused_with(house, "E_LOT_UNKNOWN", "ink_lot.release", lambda: house.release("NONE"))


def test_an_agreement_on_record_counts_for_every_lot_of_the_supplier(house: House):
    lot_id = house.released()
    quality = house.people["quinn"]
    inks.agree(house.records, quality, PASSWORD, house.lot.supplier, "AG-1", TODAY - timedelta(days=1))
    assert [each.code for each in recorded_lot(house.records, lot_id).objections(TODAY)] == ["E_SUPPLIER_AGREEMENT"]
    inks.agree(house.records, quality, PASSWORD, house.lot.supplier, "AG-2", TODAY)
    assert recorded_lot(house.records, lot_id).objections(TODAY) == ()


def test_a_lot_is_opened_once_and_ends_with_its_time_in_use(house: House):
    house.opened()
    refused_with(house, "E_LOT_OPEN", "ink_lot.open", lambda: inks.open_lot(house.records, house.people["ada"], "BULK"))
    house.wait(hours=48, minutes=1)
    refused_with(house, "E_LOT_IN_USE", "cartridge.fill", house.fill)


def test_the_rest_of_a_lot_is_weighed_waste_or_a_deviation(house: House):
    house.opened()
    house.fill(fill="20", spilt="0.5")
    ada = house.people["ada"]
    close = lambda waste, why="": inks.close_lot(house.records, ada, "BULK", Decimal(waste), why)  # noqa: E731
    refused_with(house, "E_LOT_RECONCILIATION", "ink_lot.close", lambda: close("28"))
    close("28", "a beaker broke")
    assert recorded_lot(house.records, "BULK").left_g == Decimal("1.5")


# ---- made in house


def own_lot(house: House, **changes: object) -> str:
    made = {"id": "OWN-1", "origin": IN_HOUSE, "mass_g": Decimal(98), "transport": None, "supplier": "us"} | changes
    return house.receive(**made)


def keep(house: House, made, first: str = "ada", second: str = "ben") -> None:
    people = house.people
    preparation.record_preparation(house.records, people[first], PASSWORD, people[second], PASSWORD, made)


def test_a_lot_made_in_house_is_released_with_its_signed_preparation_only(house: House):
    lot_id = own_lot(house)
    refused_with(house, "E_PREPARATION_MISSING", "ink_lot.release", lambda: house.release(lot_id))
    keep(house, prepared())
    house.release(lot_id)
    assert house.state("ink_lot", lot_id)["status"] == "released"
    assert preparation.preparation_of(house.records, "OWN-1") == prepared()


def test_a_lot_of_another_mass_than_was_prepared_is_not_released(house: House):
    lot_id = own_lot(house, mass_g=Decimal(97))
    keep(house, prepared())
    refused_with(house, "E_LOT_RECONCILIATION", "ink_lot.release", lambda: house.release(lot_id))


def test_who_prepared_an_ink_does_not_release_it(house: House):
    lot_id = own_lot(house)
    steps = tuple(replace(each, weighed_by="both") for each in prepared().ingredients)
    keep(house, prepared(ingredients=steps), first="both")
    refused_with(house, "E_LOT_OWN_RELEASE", "ink_lot.release", lambda: house.release(lot_id, who="both"))


def test_only_those_who_weighed_and_checked_sign(house: House):
    refused_with(house, "E_PREPARATION_SIGNERS", "ink_lot.prepare", lambda: keep(house, prepared(), first="both"))
    refused_with(house, "SAME_PERSON", "ink_lot.prepare", lambda: keep(house, prepared(), second="ada"))


def test_an_incomplete_preparation_is_not_kept(house: House):
    refused_with(house, "E_PREPARATION_EQUIPMENT", "ink_lot.prepare", lambda: keep(house, prepared(equipment=())))
    assert house.state("ink_preparation", "OWN-1") == {}


def test_a_preparation_is_kept_once(house: House):
    keep(house, prepared())
    other = prepared(yield_g=Decimal(99))
    refused_with(house, "E_PREPARATION_KEPT", "ink_lot.prepare", lambda: keep(house, other))


def test_a_preparation_one_signature_short_releases_nothing_until_it_is_signed_again(house: House):
    lot_id, people = own_lot(house), house.people
    with pytest.raises(Exception, match="LOGIN_REFUSED"):
        preparation.record_preparation(house.records, people["ada"], PASSWORD, people["ben"], "wrong", prepared())
    refused_with(house, "E_PREPARATION_UNSIGNED", "ink_lot.release", lambda: house.release(lot_id))
    keep(house, prepared())
    house.release(lot_id)
    assert house.state("ink_lot", lot_id)["status"] == "released"


# ---- formulations and legal grounds


def test_an_approved_formulation_is_not_written_over_and_a_retired_one_releases_nothing(house: House):
    author, owner = house.people["author"], house.people["owner"]
    write = lambda ink: formulations.write_formulation(house.records, author, ink)  # noqa: E731
    refused_with(house, "E_FORMULATION_MOVE", "ink_formulation.write", lambda: write(house.ink))
    key = write(replace(house.ink, version=2))
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        formulations.approve_formulation(house.records, author, PASSWORD, key)
    formulations.retire_formulation(house.records, owner, PASSWORD, f"{house.ink.id}/1")
    lot_id = house.receive()
    house.judge(lot_id)
    refused_with(house, "E_FORMULATION_NOT_APPROVED", "ink_lot.release", lambda: house.release(lot_id))


def test_an_approved_formulation_comes_back_as_it_was_written(house: House):
    assert formulations.formulation_of(house.records, house.ink.id, 1) == house.ink


def test_a_formulation_changed_in_its_row_is_not_signed(house: House):
    key = f"{house.ink.id}/1"
    with house.records.transaction(house.people["owner"].actor("process owner")) as tx:
        tx.record("x", "ink_formulation", key, tx.get("ink_formulation", key) | {"digest": "0" * 64})
    (finding,) = formulations.formulation_of(house.records, house.ink.id, 1)
    assert finding.code == "E_FORMULATION_UNSIGNED"


def test_the_site_s_ground_counts_once_it_is_signed(house: House):
    ground = LegalGround("demonstration", "clinical trial", None)
    assert formulations.default_ground(house.records, "x") is None
    formulations.set_legal_ground(house.records, house.people["owner"], PASSWORD, "x", ground)
    assert formulations.default_ground(house.records, "x") == ground
    other = replace(ground, route="pharmacy preparation for one patient")
    formulations.set_legal_ground(house.records, house.people["owner"], PASSWORD, "x", other)
    assert formulations.default_ground(house.records, "x") == other
    assert [each.code for each in formulations.legal_stops(house.records, house.lot, other)] == [
        "E_JUSTIFICATION_MISSING"
    ]
