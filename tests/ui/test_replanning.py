"""Another batch of a verified order: after a rejection, and for each dose of each step."""

import pytest
from hands import ORDER, sign_in_as
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from printcare.domain.people import SYSTEM

LONG_MS = 60_000


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


def test_an_order_whose_batch_was_cancelled_is_planned_again(qtbot, conductor, frame, planned):
    becomes(planned, "cancelled")
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
