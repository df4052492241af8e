"""Inks on their page, from receipt to waste: every deed through the workflow, every refusal beside its field."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from caring import Hands, deeds, texts
from hands import ORDER

from printcare.formats.find import shipped
from printcare.workflow.ink.inks import judge_transport, receive_lot, release_lot

LOT, CARTRIDGE = "CP-2601-A", "CP-2601-A-07"
OTHER = "lot-SD-2601-A.toml"  # of a recipe that this rehearsal does not show


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


@pytest.fixture
def opened(window):
    """Return the page with a released lot of 10 g in no cartridge yet, opened."""
    made = window.conductor.journey.here.rehearsal
    lot, (operator, quality) = made.materials()[0], (made.people[each] for each in ("a.operator", "q.quality"))
    receive_lot(window.records, operator, replace(lot, id="CP-9"), ())
    judge = partial(judge_transport, window.records, quality, made.passwords["q.quality"], "CP-9")
    judge(is_usable=True, reason="short")
    release_lot(window.records, quality, made.passwords["q.quality"], "CP-9", "compared", made.today)
    page = window.open("a.operator", "inks")
    window.choose(page, "lot|CP-9")
    window.press(page, "deed-ink_lot.open")
    window.quiet()
    return page


def _status(window, table, key):
    return (window.records.get(table, key) or {}).get("status")


def test_a_lot_is_received_into_quarantine_from_the_file_that_is_named(window):
    page = window.open("a.operator", "inks")
    window.choose(page, "all|")
    window.fill(page, "ink_lot.receive", file=str(shipped("recipes") / "demonstration" / OTHER))
    window.quiet()
    assert _status(window, "ink_lot", "SD-2601-A") == "quarantine"
    assert "SD-2601-A" in texts(page)


def test_a_file_that_is_not_there_is_told_beside_its_field(window, tmp_path):
    page = window.open("a.operator", "inks")
    window.choose(page, "all|")
    window.fill(page, "ink_lot.receive", file=str(tmp_path / "no.toml"))
    window.quiet()
    assert "FILE_UNREADABLE" in page.fields["file"].objection.text()


def test_a_cartridge_is_filled_from_an_opened_lot_and_never_with_more_than_is_left(opened, window):
    page, typed = opened, {"cartridge": "C-1", "code": "C-1-code", "dead_g": "0.5", "use_within_h": "8"}
    window.fill(page, "cartridge.fill", fill_g="many", **typed)
    window.quiet()
    assert "E_NUMBER_FORMAT" in page.fields["fill_g"].objection.text()
    window.fill(page, "cartridge.fill", fill_g="100000", **typed)
    window.quiet()
    assert "E_LOT_EMPTY" in texts(page)
    window.fill(page, "cartridge.fill", fill_g="5", **typed)
    window.quiet()
    assert window.records.get("cartridge", "C-1")["fill_g"] == "5"


def test_a_cartridge_is_loaded_by_its_scanned_code_alone_and_taken_out_again(window):
    rehearsal, order = window.conductor.journey.here.rehearsal, window.conductor.journey.here.desk.order(ORDER)
    batch = rehearsal.verify_and_plan(order, rehearsal.calculate(order)).id
    page = window.open("a.operator", "inks")
    window.choose(page, f"cartridge|{CARTRIDGE}")
    window.fill(page, "cartridge.load", cartridge="another", batch=batch)
    window.quiet()
    assert "E_CARTRIDGE_CODE" in page.fields["cartridge"].objection.text()
    window.fill(page, "cartridge.load", cartridge=CARTRIDGE, batch=batch)
    window.quiet()
    assert window.records.get("cartridge", CARTRIDGE)["loaded_for"] == batch
    window.fill(page, "cartridge.unload", reason="another one is taken")
    window.quiet()
    assert _status(window, "cartridge", CARTRIDGE) == "filled"


def test_a_flow_far_off_is_refused_beside_its_field(window):
    page = window.open("a.operator", "inks")
    window.choose(page, f"cartridge|{CARTRIDGE}")
    window.fill(page, "cartridge.calibrate", commanded_mm3="100", flow="60", density="1")
    window.quiet()
    assert "E_FLOW_LIMIT" in page.fields["flow"].objection.text()
    window.fill(page, "cartridge.calibrate", commanded_mm3="100", flow="101", density="1")
    window.quiet()
    assert window.records.get("maintenance", f"{CARTRIDGE}/flow")["found_pct"] == "101"


def test_hazardous_waste_is_discarded_before_a_witness_and_signed_by_both(window):
    page = window.open("a.operator", "inks")
    window.choose(page, f"cartridge|{CARTRIDGE}")
    assert "cartridge.discard" not in deeds(page)
    window.fill(page, "cartridge.witness", **{"waste.cartridge": "1", "reason": "spilt"})
    window.sign()
    state, people = window.records.get("cartridge", CARTRIDGE), window.conductor.journey.here.rehearsal.people
    assert (state["status"], state["witness"]) == ("discarded", people["b.pharmacist"].id)


def test_the_rest_of_a_lot_is_booked_or_asked_for(opened, window):
    window.fill(opened, "ink_lot.close", **{"waste.lot": "0"})
    window.quiet()
    assert "E_LOT_RECONCILIATION" in opened.fields["waste.lot"].objection.text()


def _weighed(window, page, **other):
    (key,) = window.records.all("ink_formulation")
    window.choose(page, f"ink_formulation|{key}")
    excipients = window.records.get("ink_formulation", key)["content"]
    grams = [excipients["drug_mg_per_g"], *(each["mg_per_g"] for each in excipients["excipients"])]
    rows = {}
    for place, mg_per_g in enumerate(grams, start=1):
        rows[f"{place}.ingredients.lot"] = f"L-{place}"
        rows[f"{place}.ingredients.expires_on"] = "2028-12-31"
        rows[f"{place}.ingredients.weighed_g"] = mg_per_g  # of 1000 g
    told = {"lot": "H-1", "planned_g": "1000", "limit_pct": "1", "balance": "B-1", "equipment": "mixer"}
    return {**told, "yield_g": "990", "yield_low": "95", "yield_high": "100", **rows, **other}


def test_a_lot_made_in_house_is_on_record_signed_by_who_weighed_and_who_checked(window):
    page = window.open("a.operator", "inks")
    window.fill(page, "ink_lot.prepare", **_weighed(window, page))
    window.sign()
    state, people = window.records.get("ink_preparation", "H-1"), window.conductor.journey.here.rehearsal.people
    assert (state["prepared_by"], state["checked_by"]) == (people["a.operator"].id, people["b.pharmacist"].id)
    assert {each["lot"] for each in state["ingredients"]} >= {"L-1", "L-2"}


def test_a_mass_off_its_plan_is_told_beside_the_ingredients_when_the_dialog_is_left(window):
    page = window.open("a.operator", "inks")
    window.fill(page, "ink_lot.prepare", **_weighed(window, page, **{"1.ingredients.weighed_g": "1"}))
    window.sign()
    assert "E_PREPARATION_MASS" in page.rows["1.ingredients"].objection.text()
    assert window.records.get("ink_preparation", "H-1") is None
    assert page.fields["lot"].text == "H-1"  # what was typed stays


def test_a_supplier_s_agreement_is_signed_by_quality_until_a_day(window):
    page = window.open("q.quality", "inks")
    window.choose(page, "all|")
    window.fill(page, "supplier.agree", supplier="Maker", agreement="A-7", until="2027-31-12")
    window.sign()
    assert "E_DATE_FORMAT" in page.fields["until"].objection.text()
    window.fill(page, "supplier.agree", supplier="Maker", agreement="A-7", until="2027-12-31")
    window.sign()
    assert window.records.get("supplier", "Maker")["until"] == "2027-12-31"
    assert "A-7" in texts(page)


def test_a_formulation_is_retired_by_its_owner_and_written_by_a_scientist(window):
    (key,) = window.records.all("ink_formulation")
    page = window.open("p.owner", "inks")
    window.choose(page, f"ink_formulation|{key}")
    assert deeds(page) == {"ink_formulation.retire"}
    window.press(page, "deed-ink_formulation.retire")
    window.sign()
    assert _status(window, "ink_formulation", key) == "retired"
    page = window.open("f.scientist", "inks")
    window.choose(page, "all|")
    assert deeds(page) == {"ink_formulation.write"}


def test_certificate_and_recall_list_are_written_from_the_lot(window, station):
    page = window.open("q.quality", "inks")
    window.choose(page, f"lot|{LOT}")
    for verb in ("ink.certificate", "ink_lot.trace"):
        window.press(page, f"deed-{verb}")
        window.quiet()
    written = {path.name for path in Path(station.documents()).iterdir()}
    assert {f"certificate-{LOT}.pdf", f"{LOT}-recall-list.csv", f"{LOT}-recall-list.pdf"} <= written
