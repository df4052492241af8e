"""Another batch of a verified order: after a rejection, and for each dose of each step."""

import json
from dataclasses import replace

import pytest
from benchless import NOON, BenchlessStation, records_in
from hands import ORDER, sign_in_as, signed
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from printcare.domain.people import SYSTEM
from printcare.formats.dosing_rule import load_rules
from printcare.ui.desk import Desk
from printcare.ui.journey import Journey
from printcare.ui.stages import TO_PLAN
from printcare.workflow.demonstration import Demonstration, typed_again
from printcare.workflow.order.verify_parts import calculate_step_order, verify_step_order

LONG_MS = 60_000
TWO_DRUGS = "spironolactone-hydrochlorothiazide-sse"


@pytest.fixture
def planned(qtbot, conductor, frame):
    """Return the record of a rehearsal whose one batch is planned, with the operator signed in."""
    frame.start.begin.click()
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)
    rehearsal = conductor.journey.here.rehearsal
    order = conductor.journey.here.desk.order(ORDER)
    rehearsal.verify_and_plan(order, rehearsal.calculate(order))
    sign_in_as(qtbot, frame, "a.operator")
    return conductor.journey.here.records


def becomes(records, status):
    """Put the batch into a state."""
    with records.transaction(SYSTEM) as tx:
        tx.record("batch.changed", "batch", "B-0001", tx.get("batch", "B-0001") | {"status": status})


def choose(qtbot, conductor, frame):
    """Open the order, and ask for a batch of it."""
    frame.worklist.open_asked.emit(ORDER)
    qtbot.waitUntil(lambda: frame.current.key == "plan" and not conductor.worker.is_busy, timeout=LONG_MS)
    made = frame.plan.findChild(QPushButton, "plan-choice-1")
    assert made.text() == "Plan a batch of 7 days"
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)


def told(page):
    return " ".join(label.text() for label in page.findChildren(QLabel))


def test_a_batch_is_cancelled_on_its_page_and_the_order_is_planned_again(qtbot, conductor, frame, planned):
    frame.worklist.open_asked.emit(ORDER)
    qtbot.waitUntil(lambda: frame.current.key == "plan" and not conductor.worker.is_busy, timeout=LONG_MS)
    qtbot.mouseClick(frame.plan.cancel, Qt.MouseButton.LeftButton)
    signed(qtbot, conductor, "the child went home")
    qtbot.waitUntil(lambda: frame.plan.findChild(QPushButton, "plan-choice-1") is not None, timeout=LONG_MS)
    assert planned.get("batch", "B-0001")["status"] == "cancelled"
    assert not frame.plan.cancel.isVisible()  # nothing is planned
    choose(qtbot, conductor, frame)
    qtbot.waitUntil(lambda: "B-0002" in frame.plan.subtitle.text(), timeout=LONG_MS)
    assert planned.get("batch", "B-0002")["status"] == "planned"


def test_what_is_made_already_is_not_planned_again_and_the_workflow_says_so(qtbot, conductor, frame, planned):
    becomes(planned, "released")
    frame.worklist.open_asked.emit(ORDER)
    qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
    frame.review.replan_asked.emit()
    qtbot.waitUntil(lambda: frame.current.key == "plan", timeout=LONG_MS)
    qtbot.mouseClick(frame.plan.findChild(QPushButton, "plan-choice-1"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "E_COURSE_MADE" in told(frame.plan), timeout=LONG_MS)
    assert planned.get("batch", "B-0002") is None


STEPS = (
    {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": "7"}]},
    {"days": 1, "doses": [{"at": "08:00", "dose_mg": "17"}]},
)
IN_STEPS = {
    "schema": "printcare.prescription/1",
    "id": "RX-STEPS",
    "authored_on": NOON.date().isoformat(),
    "prescriber": "Dr Ada Example",
    "indication": "metronomic chemotherapy",
    "patient": {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": "2021-09-14", "sex": "F"},
    "product": {"code": "cyclophosphamide"},
    "route": "oral",
    "steps": STEPS,
    "weight": {"value": "16.0", "unit": "kg", "measured_on": NOON.date().isoformat()},
    "height": {"value": "102", "unit": "cm", "measured_on": NOON.date().isoformat()},
}


@pytest.fixture
def in_steps(qtbot, conductor, frame):
    """Return the record of an order in steps that two pharmacists stand for, with the operator signed in."""
    frame.start.begin.click()
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)
    here = conductor.journey.here
    rehearsal, desk, records = here.rehearsal, here.desk, here.records
    desk.receive(rehearsal.people["a.operator"], json.dumps(IN_STEPS).encode(), "order.json")
    order = desk.order("RX-STEPS")
    ben, cleo = (rehearsal.people[login] for login in ("b.pharmacist", "c.pharmacist"))
    passwords = (rehearsal.passwords[ben.login], rehearsal.passwords[cleo.login])
    lot, _ = rehearsal.materials()
    steps = calculate_step_order(records, ben, order, load_rules(), rehearsal.recipe, lot, desk.today)
    entry = replace(typed_again(order, cleo.id), dose_mg=None)
    verify_step_order(records, ben, *passwords, order, steps, cleo, entry, (("10", "7"), ("17",)))
    sign_in_as(qtbot, frame, "a.operator")
    return records


def test_each_dose_of_each_step_is_a_batch_to_choose(qtbot, conductor, frame, in_steps):
    frame.worklist.open_asked.emit("RX-STEPS")
    qtbot.waitUntil(lambda: frame.current.key == "plan" and not conductor.worker.is_busy, timeout=LONG_MS)
    offered = [frame.plan.findChild(QPushButton, f"plan-choice-{number}").text() for number in (1, 2, 3)]
    assert offered == [
        "Plan step 1, the dose at 08:00",
        "Plan step 1, the dose at 14:00",
        "Plan step 2, the dose at 08:00",
    ]
    qtbot.mouseClick(frame.plan.findChild(QPushButton, "plan-choice-2"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "B-0001" in frame.plan.subtitle.text() or told(frame.plan).count("E_"), timeout=LONG_MS)
    state = in_steps.get("batch", "B-0001")
    assert (state["step"], state["dose_per_unit_mg"]) == ({"step": 1, "time_of_day": "14:00"}, "7")
    # Opened anew, the batch is made again from the record as it was.
    conductor.journey._work = None
    frame.worklist.open_asked.emit("RX-STEPS")
    qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
    assert "7 mg" in frame.plan.title.text()


class TwoDrugs(BenchlessStation):
    """A rehearsal of units that hold two drugs."""

    def open_rehearsal(self, tell):
        """Return the record of the rehearsal, empty still."""
        records = records_in(self.folder)
        return Desk(records, self.folder, Demonstration(records, NOON.date(), recipe_id=TWO_DRUGS))


def test_a_unit_of_two_drugs_is_planned_from_the_lot_and_cartridge_of_each(qapp, tmp_path, cheap_passwords):
    journey = Journey(TwoDrugs(tmp_path, "", None))
    (card,) = journey.begin(lambda _: None)
    rehearsal = journey.here.rehearsal
    order = journey.here.desk.order(card.id)
    rehearsal.verify_and_plan_unit(order, rehearsal.calculate_unit(order))
    becomes(journey.here.records, "cancelled")
    journey.here.sign_in("a.operator", rehearsal.passwords["a.operator"])
    assert journey.open(card.id) == TO_PLAN
    view = journey.plan(*journey.plan_choices())
    assert view.run.batch_id == "B-0002"
    rows = journey.here.records.get("batch", "B-0002")["parts"]
    assert [row["lot"] for row in rows] == [lot.id for lot, _ in rehearsal.every_material()]
    journey.close()
