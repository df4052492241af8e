"""The second entry of an order in steps, and of one of several drugs: each dose typed again, blind, by itself."""

import json
from dataclasses import replace

import pytest
from benchless import NOON, BenchlessStation, records_in
from hands import sign_in_as, signed
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea

from printcare.ui.conductor import Conductor
from printcare.ui.desk import Desk
from printcare.workflow.demonstration import Demonstration

LONG_MS = 60_000
TWO_DRUGS = "DEMO-RX-0107"
TODAY = NOON.date().isoformat()
IN_STEPS = {
    "schema": "printcare.prescription/1",
    "id": "RX-TAPER",
    "authored_on": TODAY,
    "prescriber": "Dr Ada Example",
    "indication": "metronomic chemotherapy",
    "patient": {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": "2021-09-14", "sex": "F"},
    "product": {"code": "cyclophosphamide"},
    "route": "oral",
    "steps": (
        {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": "7"}]},
        {"days": 1, "doses": [{"at": "08:00", "dose_mg": "17"}]},
        {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}]},
    ),
    "weight": {"value": "16.0", "unit": "kg", "measured_on": TODAY},
    "height": {"value": "102", "unit": "cm", "measured_on": TODAY},
}


class TwoDrugs(BenchlessStation):
    """A rehearsal of units that hold two drugs."""

    def open_rehearsal(self, tell):
        """Return the record of the rehearsal, empty still."""
        records = records_in(self.folder)
        made = Demonstration(records, NOON.date(), recipe_id="spironolactone-hydrochlorothiazide-sse")
        return Desk(records, self.folder, made)


@pytest.fixture
def two_drugs(frame, tmp_path, job):
    (tmp_path / "two").mkdir()
    return Conductor(frame, TwoDrugs(tmp_path / "two", job.path, None))


def begin(qtbot, frame):
    """Open a rehearsal and sign in as its pharmacist."""
    frame.start.begin.click()
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)


def opened(qtbot, frame, conductor, order_id):
    """Return the prescription page with an order on it, the second person's side open."""
    sign_in_as(qtbot, frame, "b.pharmacist")
    frame.worklist.open_asked.emit(order_id)
    qtbot.waitUntil(lambda: frame.current.key == "prescription", timeout=LONG_MS)
    qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
    return frame.prescription


def answer_reasons(qtbot, page):
    """Give a reason to each warning that asks for one."""
    for field in page.reasons.values():
        qtbot.keyClicks(field.line, "looked at with the ward")


def type_again(qtbot, page, *texts):
    """Type each field by the keyboard, Enter after each; the last one sends."""
    fields = [field for field in (page.weight, page.height_cm, *page.doses) if field.isVisible()]
    fields[0].setFocus()
    for field, text in zip(fields, texts, strict=True):
        field.line.clear()
        qtbot.keyClicks(field.line, text)
        qtbot.keyClick(field.line, Qt.Key.Key_Return)


def seen(page):
    """Return every text that can be seen on a page."""
    return {label.text() for label in page.findChildren(QLabel) if label.isVisible()}


def test_each_dose_of_each_step_is_typed_again_and_the_first_one_planned(qtbot, conductor, frame):
    begin(qtbot, frame)
    here = conductor.journey.here
    here.desk.receive(here.rehearsal.people["a.operator"], json.dumps(IN_STEPS).encode(), "order.json")
    page = opened(qtbot, frame, conductor, "RX-TAPER")
    assert {"Step 1, at 08:00", "Step 1, at 14:00", "Step 2, at 08:00"} <= seen(page)
    # 10 mg alone a day is below what is usual, and no other day is.
    assert [text for text in seen(page) if "W_USUAL_RANGE ·" in text] == ["▲ W_USUAL_RANGE · Step 3, at 08:00"]
    answer_reasons(qtbot, page)
    qtbot.mouseClick(page.ask_second, Qt.MouseButton.LeftButton)
    assert [field.text for field in page.doses] == ["", "", "", ""]
    assert not page.sheet.isVisible()
    assert [field.line.accessibleName() for field in page.doses] == [
        "Step 1, at 08:00, in mg",
        "Step 1, at 14:00, in mg",
        "Step 2, at 08:00, in mg",
        "Step 3, at 08:00, in mg",
    ]

    # The doses of the two times of the day are exchanged: each is told below its own field, and nobody signs.
    type_again(qtbot, page, "16.0", "102", "7", "10", "17", "10")
    qtbot.waitUntil(page.doses[0].objection.isVisible, timeout=LONG_MS)
    assert [field.objection.isVisible() for field in page.doses] == [True, True, False, False]
    assert not page.weight.objection.isVisible()
    assert conductor.session.dialog is None
    assert here.records.events(action="order.verify", outcome="refused")

    type_again(qtbot, page, "16.0", "102", "10", "7", "17", "10")
    signed(qtbot, conductor)
    qtbot.waitUntil(lambda: frame.current.key == "plan" and not conductor.worker.is_busy, timeout=LONG_MS)
    assert "10 mg" in frame.plan.title.text()
    assert "Step 1, at 08:00" in frame.plan.subtitle.text()
    signed_for = here.records.get("verified_dose", "RX-TAPER")["steps"]
    assert [dose["printed_dose_mg"] for step in signed_for for dose in step["doses"]] == ["10", "7", "17", "10"]
    assert here.records.get("batch", "B-0001")["step"] == {"step": 1, "time_of_day": "08:00"}


def test_each_drug_of_a_unit_is_typed_again_and_a_wrong_second_one_told_below_its_field(qtbot, two_drugs, frame):
    begin(qtbot, frame)
    page = opened(qtbot, frame, two_drugs, TWO_DRUGS)
    assert {"spironolactone · Ordered dose", "hydrochlorothiazide · Ordered dose"} <= seen(page)
    answer_reasons(qtbot, page)
    qtbot.mouseClick(page.ask_second, Qt.MouseButton.LeftButton)
    type_again(qtbot, page, "16.0", "102", "16", "61")
    qtbot.waitUntil(page.doses[1].objection.isVisible, timeout=LONG_MS)
    assert "not the one first entered" in page.doses[1].objection.text()
    assert not page.doses[0].objection.isVisible()
    assert two_drugs.session.dialog is None

    type_again(qtbot, page, "16.0", "102", "16", "16")
    signed(qtbot, two_drugs)
    qtbot.waitUntil(lambda: frame.current.key == "plan" and not two_drugs.worker.is_busy, timeout=LONG_MS)
    records = two_drugs.journey.here.records
    rows = records.get("verified_dose", TWO_DRUGS)["components"]
    assert [(row["drug"], row["printed_dose_mg"]) for row in rows] == [
        ("spironolactone", "16"),
        ("hydrochlorothiazide", "16"),
    ]
    assert records.get("batch", "B-0001")["status"] == "planned"
    assert frame.plan.title.text().endswith("units of spironolactone 16 mg + hydrochlorothiazide 16 mg")
    parts = records.get("batch", "B-0001")["parts"]
    assert len({part["cartridge"] for part in parts}) == 2
    assert {part["cartridge"] for part in parts} <= seen(frame.plan.context)


def test_what_was_typed_of_several_doses_is_kept_and_stands_there_again(qtbot, two_drugs, frame):
    begin(qtbot, frame)
    page = opened(qtbot, frame, two_drugs, TWO_DRUGS)
    page.show_side(1)
    for field, text in zip(page.doses, ("16", "61"), strict=True):
        qtbot.keyClicks(field.line, text)
    kept = page.draft()
    assert (kept["dose"], kept["dose-2"]) == ("16", "61")
    frame.worklist.open_asked.emit(TWO_DRUGS)
    qtbot.waitUntil(lambda: not two_drugs.worker.is_busy, timeout=LONG_MS)
    assert [field.text for field in page.doses] == ["16", "61"]


def test_the_field_that_enter_leads_to_is_in_sight(qtbot, two_drugs, frame):
    frame.resize(1280, 800)
    begin(qtbot, frame)
    page = opened(qtbot, frame, two_drugs, TWO_DRUGS)
    page.show_order(replace(page._order, doses=page._order.doses * 6))
    page.show_side(1)
    last = page.doses[-1].line
    assert last.visibleRegion().isEmpty()
    page.doses[-2].line.setFocus()
    qtbot.keyClick(page.doses[-2].line, Qt.Key.Key_Return)
    assert last.hasFocus()
    assert last.visibleRegion().boundingRect().height() == last.height()


def test_the_second_side_leaves_no_room_for_the_order_it_hides(qtbot, two_drugs, frame):
    frame.resize(1280, 800)
    begin(qtbot, frame)
    page = opened(qtbot, frame, two_drugs, TWO_DRUGS)
    scrolled = []
    for side in (0, 1):
        page.show_side(side)
        qtbot.wait(1)
        scrolled.append(page.findChild(QScrollArea, "scroll-prescription").verticalScrollBar().maximum())
    assert scrolled[0] > 5 * scrolled[1]


def test_looking_at_either_side_again_makes_the_window_no_wider(qtbot, two_drugs, frame):
    frame.resize(1280, 800)
    begin(qtbot, frame)
    page = opened(qtbot, frame, two_drugs, TWO_DRUGS)
    for side in (1, 0, 1):
        page.show_side(side)
        qtbot.wait(1)
        assert frame.width() == 1280
