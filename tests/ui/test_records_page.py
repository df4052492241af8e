"""The page Records: found by patient, lot, unit, person, day and outcome; recall list and verdict from there."""

import csv

import pytest
from caring import Hands
from hands import ORDER

LOT = "CP-2601-A"


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


@pytest.fixture
def batch(window):
    """Return a planned batch of the rehearsal's order."""
    made, order = window.conductor.journey.here.rehearsal, window.conductor.journey.here.desk.order(ORDER)
    return made.verify_and_plan(order, made.calculate(order)).id


def _found(window, page, **typed):
    """Search and return action and object of each line."""
    for name, field in page.fields.items():
        if name == "outcome":
            field.box.setCurrentIndex(field.box.findData(typed.get(name, "")))
        else:
            field.line.setText(typed.get(name, ""))
    window.press(page, "events-show")
    window.quiet()
    return [page.table.item(row, 3).text() for row in range(page.table.rowCount())]


def test_a_patient_is_found_by_pseudonym_with_orders_and_batches(window, batch):
    page = window.open("b.pharmacist", "records")
    found = _found(window, page, what=window.records.get("prescription", ORDER)["patient"])
    assert any(f"prescription {ORDER}" in line for line in found)
    assert any(line == f"batch.planned · batch {batch}" for line in found)


def test_an_ink_lot_is_found_with_its_cartridges_and_batches(window, batch):
    page = window.open("q.quality", "records")
    found = _found(window, page, what=LOT)
    for wanted in (f"ink_lot.released · ink_lot {LOT}", f"batch.planned · batch {batch}"):
        assert wanted in found
    assert any(f"cartridge {LOT}-07" in line for line in found)
    assert not any("account" in line for line in found)


def test_who_acted_when_and_what_came_of_it_narrow_the_list_together(window):
    page = window.open("q.quality", "records")
    window.fill(
        window.open("q.quality", "quality"), "quality.review", since="2026-01-09", until="2026-01-01", reason=""
    )
    window.quiet()
    page = window.open("q.quality", "records")
    assert _found(window, page, person="q.quality", outcome="refused", since="2026-01-05", until="2026-01-05")
    assert all("refused" in page.table.item(row, 4).text() for row in range(page.table.rowCount()))
    assert _found(window, page, person="q.quality", until="2026-01-04") == []


def test_a_day_that_is_none_and_a_person_nobody_knows_are_told_beside_their_fields(window):
    page = window.open("q.quality", "records")
    _found(window, page, since="yesterday")
    assert "E_DATE_FORMAT" in page.fields["since"].objection.text()
    _found(window, page, person="x.nobody")
    assert "E_NOT_ON_RECORD" in page.fields["person"].objection.text()
    assert not page.fields["since"].objection.text()


def test_the_recall_list_of_a_lot_is_written_as_csv_from_there_within_a_minute(window, batch, station):
    page = window.open("q.quality", "records")
    page.asked.line.setText("no such lot")
    window.press(page, "record-recall")
    window.quiet()
    assert "E_TRACE_UNKNOWN" in page.asked.objection.text()
    page.asked.line.setText(LOT)
    window.press(page, "record-recall")
    window.quiet()
    lines = list(csv.reader((station.documents() / f"{LOT}-recall-list.csv").read_text("utf-8").splitlines()))
    assert any(batch in line for line in lines)
    (told,) = (event.content for event in window.records.events(action="ink_lot.traced"))
    assert told["new"]["patients"] == 1


def test_who_may_not_trace_is_not_offered_the_list(window):
    page = window.open("m.maintainer", "records")
    assert not page.recall.isEnabled()
    assert page.exports == {}


def test_each_export_is_written_for_who_may_have_it(window, station):
    page = window.open("q.quality", "records")
    for name in ("audit.export", "audit.archive", "accuracy.export", "research.export"):
        window.press(page, f"record-{name}")
        window.quiet()
        assert page.notices.itemAt(0).widget().accessibleName().startswith("The export is written")
    written = {path.relative_to(station.documents()).as_posix() for path in station.documents().rglob("*")}
    assert {"dose-accuracy/dose-accuracy.csv", "dose-accuracy/SHA256SUMS"} <= written
    assert any(name.startswith("learning/") for name in written)
    assert {name.partition("-")[0] for name in written} >= {"record", "archive"}


def test_the_verdict_shows_the_line_for_paper_and_compares_it_with_one_that_is_typed(window):
    page = window.open("q.quality", "records")

    def told(anchor):
        page.anchor.line.setText(anchor)
        window.press(page, "record-verify")
        window.quiet()
        return page.notices.itemAt(0).widget().accessibleName() if page.notices.count() else ""

    told("nothing of the kind")
    assert "ANCHOR_UNREADABLE" in page.anchor.objection.text()
    shown = told("")
    line = shown.partition("Line for paper: ")[2].split("\n")[0].strip()
    assert int(line.split()[0]) <= window.records.head()[0]
    assert told(line).startswith("The record is whole")
    size, _, code = line.partition(" ")
    other = f"{size} {'A' if code[0] != 'A' else 'B'}{code[1:]}"
    assert told(other).startswith("The record was changed")
