"""A recall: from lot, cartridge or ingredient to units and patients, everything here held, the drill timed."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from ink_house import House, open_house, prepared
from ward import PASSWORD

from printcare.domain.ink_lot import IN_HOUSE
from printcare.domain.people import SYSTEM
from printcare.records import audit
from printcare.workflow.authority import Refused
from printcare.workflow.ink import ink_papers, inks, preparation, recall

BATCHES = {
    "B-0001": ("released", "RX-1", "CP-2601-A-07"),
    "B-0002": ("quarantined", "RX-2", "CP-2601-A-07"),
    "B-0003": ("planned", "RX-1", "CP-2601-A-07"),
    "B-0004": ("rejected", "RX-2", "CP-2601-A-07"),
    "B-0005": ("released", "RX-2", "OTHER"),
    "B-0006": ("printing", "RX-1", "CP-2601-A-07"),
}


@pytest.fixture
def house(tmp_path, cheap_passwords):
    made = open_house(tmp_path)
    made.released()
    with made.records.transaction(SYSTEM) as tx:
        for order, patient in (("RX-1", "P-1"), ("RX-2", "P-2")):
            tx.record("order.received", "prescription", order, {"status": "verified", "patient": patient})
        for batch, (status, order, cartridge) in BATCHES.items():
            lot = "CP-2601-A" if cartridge != "OTHER" else "L-9"
            state = {"status": status, "prescription": order, "lot": lot, "cartridge": cartridge}
            tx.record("batch.planned", "batch", batch, state)
            for index in (1, 2):
                unit = {"batch_id": batch, "status": "accepted", "use": "patient" if index == 1 else "retain"}
                tx.record("unit.allocated", "unit", f"{batch}/{index:02d}", unit)
    yield made
    made.records.close()


def of(traced) -> list[str]:
    return [row.id for row in traced.batches]


@pytest.mark.parametrize(("asked", "kind"), [("CP-2601-A", "lot"), ("CP-2601-A-07", "cartridge")])
def test_a_lot_and_its_cartridge_lead_to_the_same_units_and_patients(house: House, asked, kind):
    traced = recall.trace(house.records, house.people["quinn"], asked)
    assert traced.kind == kind
    assert of(traced) == ["B-0001", "B-0002", "B-0003", "B-0004", "B-0006"]
    assert [unit.id for unit in traced.units][:3] == ["B-0001/01", "B-0001/02", "B-0002/01"]
    assert (traced.patients["B-0001"], traced.patients["B-0002"], traced.patient_count) == ("P-1", "P-2", 2)
    assert house.records.events(action="ink_lot.traced")[-1].content["object_id"] == asked


def test_a_batch_is_found_by_the_ledger_of_a_cartridge_it_does_not_name_first(house: House):
    with house.records.transaction(SYSTEM) as tx:
        state = tx.get("cartridge", "CP-2601-A-07")
        booked = {"batch_id": "B-0005", "mass_g": "-1", "reason": "printed and primed", "at": "2026-01-05T09:00:00Z"}
        tx.record("cartridge.booked", "cartridge", "CP-2601-A-07", state | {"ledger": [booked]})
    assert "B-0005" in of(recall.trace(house.records, house.people["quinn"], "CP-2601-A"))


def test_a_planned_batch_is_found_by_the_lot_of_a_further_part(house: House):
    parts = {"2": {"lot": "CP-2601-A", "cartridge": "CP-2601-A-07"}}
    state = {"status": "planned", "prescription": "RX-2", "lot": "L-9", "cartridge": "OTHER", "parts": parts}
    with house.records.transaction(SYSTEM) as tx:
        tx.record("batch.planned", "batch", "B-0007", state)
    assert "B-0007" in of(recall.trace(house.records, house.people["quinn"], "CP-2601-A"))


def test_an_ingredient_of_a_lot_made_in_house_leads_to_its_units(house: House):
    own = {"id": "OWN-1", "origin": IN_HOUSE, "mass_g": Decimal(98), "transport": None, "supplier": "us"}
    house.receive(**own)
    people = house.people
    preparation.record_preparation(house.records, people["ada"], PASSWORD, people["ben"], PASSWORD, prepared())
    with house.records.transaction(SYSTEM) as tx:
        state = {"status": "released", "prescription": "RX-1", "lot": "OWN-1", "cartridge": "K-7"}
        tx.record("batch.planned", "batch", "B-0008", state)
    traced = recall.trace(house.records, people["quinn"], "RAW-2")
    assert (traced.kind, traced.lots, of(traced)) == ("ingredient lot", ("OWN-1",), ["B-0008"])
    with pytest.raises(Refused, match="E_RECALL_LOT"):
        recall.recall(house.records, people["quinn"], PASSWORD, "RAW-2", "contaminated")


def test_a_recall_marks_the_lot_cancels_what_is_unprinted_and_opens_a_deviation_for_the_rest(house: House):
    done = recall.recall(house.records, house.people["quinn"], PASSWORD, "CP-2601-A", "contaminated")
    assert house.state("ink_lot", "CP-2601-A")["status"] == "recalled"
    assert done.cancelled == ("B-0003",)
    assert house.state("batch", "B-0003")["status"] == "cancelled"
    assert done.deviations == ("B-0001/D1", "B-0002/D1", "B-0006/D1")
    assert "units are out" in house.state("deviation", "B-0001/D1")["what"]
    row = house.state("recall", done.id)
    assert (row["status"], row["units"], row["patients"]) == ("open", 10, 2)
    untouched = {batch: house.state("batch", batch)["status"] for batch in ("B-0001", "B-0004", "B-0005", "B-0006")}
    assert untouched == {batch: BATCHES[batch][0] for batch in untouched}
    assert audit.verify(house.records.url)["verdict"] == "UNANCHORED"


def test_a_drill_records_its_time_and_changes_nothing_else(house: House):
    before = {name: house.records.all(name) for name in ("ink_lot", "batch", "unit", "cartridge", "deviation")}
    recall.drill(house.records, house.people["quinn"], "CP-2601-A", "yearly")
    assert before == {name: house.records.all(name) for name in before}
    (row,) = house.records.all("recall").values()
    assert (row["status"], row["units"], row["reason"]) == ("drill", 10, "yearly")
    assert Decimal(row["seconds"]) >= 0


def test_what_nobody_knows_is_refused_as_an_event(house: House):
    with pytest.raises(Refused, match="E_TRACE_UNKNOWN"):
        recall.trace(house.records, house.people["quinn"], "NONE")
    assert house.last_refusal("ink_lot.trace") == "E_TRACE_UNKNOWN"


def test_an_operator_recalls_nothing(house: House):
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        recall.recall(house.records, house.people["ada"], PASSWORD, "CP-2601-A", "x")
    assert house.state("ink_lot", "CP-2601-A")["status"] == "released"


def test_the_list_names_every_unit_and_no_formula(house: House):
    quality = house.people["quinn"]
    traced = recall.trace(house.records, quality, "CP-2601-A")
    papers = dict(ink_papers.recall_papers(house.records, quality, traced, "R-0001", "=HYPERLINK()"))
    rows = list(csv.DictReader(io.StringIO(papers["recall-list.csv"].decode())))
    assert [(row["unit"], row["patient"], row["use"]) for row in rows[:2]] == [
        ("B-0001/01", "P-1", "patient"),
        ("B-0001/02", "P-1", "retain"),
    ]
    assert len(rows) == len(traced.units) == 10
    assert papers["recall-list.pdf"].startswith(b"%PDF")


def test_a_recall_that_ended_after_its_signature_holds_the_batches_when_it_is_given_again(house: House):
    quality = house.people["quinn"]
    inks.recall_state(house.records, quality, PASSWORD, "CP-2601-A", "contaminated")
    assert recall.recall(house.records, quality, PASSWORD, "CP-2601-A", "contaminated").cancelled == ("B-0003",)
    with pytest.raises(Refused, match="E_LOT_MOVE"):
        recall.recall(house.records, quality, PASSWORD, "CP-2601-A", "contaminated")
