"""From one click to the running job, on a real record."""

import pytest
from hands import ORDER, prepare, sign_in_as, signed
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

LONG_MS = 60_000


@pytest.fixture
def opened(qtbot, conductor, frame):
    """Return the window with the order open."""
    qtbot.mouseClick(frame.start.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)
    sign_in_as(qtbot, frame, "b.pharmacist")
    frame.worklist.open_asked.emit(ORDER)
    qtbot.waitUntil(lambda: frame.current.key == "prescription", timeout=LONG_MS)
    qtbot.waitUntil(lambda: frame.prescription.sheet.shown > 15, timeout=LONG_MS)
    return frame


def _type(qtbot, frame, weight, height, dose):
    page = frame.prescription
    for field, text in ((page.weight, weight), (page.height_cm, height), (page.doses[0], dose)):
        field.line.clear()
        qtbot.keyClicks(field.line, text)


def test_a_newcomer_gets_from_one_click_to_a_running_job(qtbot, opened, conductor, station, job):
    frame, page = opened, opened.prescription
    assert "Calculation" in page.sheet.accessibleName()
    qtbot.mouseClick(page.ask_second, Qt.MouseButton.LeftButton)

    # Blind: nothing of the first person's side can be seen.
    assert not page.sheet.isVisible()
    assert not [label for label in page.findChildren(QLabel) if label.isVisible() and label.text() in ("16.0", "17")]

    # A mismatch is refused by the workflow and told below its own field.
    _type(qtbot, frame, "61.0", "102", "17")
    frame.show_page("worklist")
    frame.show_page("prescription")
    assert page.weight.text == "61.0"  # nothing typed is lost when the page is left
    qtbot.mouseClick(page.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.weight.objection.isVisible, timeout=LONG_MS)
    assert "not the one first entered" in page.weight.objection.text()
    assert "repeat the second entry" in page.weight.objection.text()
    assert not page.doses[0].objection.isVisible()
    assert not frame.rail.buttons["plan"].isEnabled()

    # Agreement plans the batch; Enter goes from field to field and sends after the last.
    _type(qtbot, frame, "16.0", "102", "17")
    page.weight.setFocus()
    for field in (page.weight, page.height_cm, page.doses[0]):
        qtbot.keyClick(field.line, Qt.Key.Key_Return)
    signed(qtbot, conductor)
    qtbot.waitUntil(lambda: frame.current.key == "plan", timeout=LONG_MS)
    assert "17 mg" in frame.plan.title.text()

    # Each step is signed off in its order.
    frame.plan.prepare_asked.emit()
    steps = frame.prepare.steps
    assert [step.isEnabled() for step in steps] == [True, False, False, False, False]
    assert not frame.prepare.start.isEnabled()
    prepare(qtbot, frame)
    qtbot.mouseClick(frame.prepare.start, Qt.MouseButton.LeftButton)
    signed(qtbot, conductor)
    qtbot.waitUntil(lambda: frame.current.key == "run", timeout=LONG_MS)
    qtbot.waitUntil(lambda: bool(job.clients))
    assert station.started == [("B-0001", conductor.journey.here.account.id)]
    assert frame.band.user.text() == "Ada Operator"  # the job runs in the session of who signed as operator


def test_what_is_no_number_is_refused_beside_its_field(qtbot, opened):
    page = opened.prescription
    page.show_side(1)
    _type(qtbot, opened, "1,6e1", "102", "")
    qtbot.mouseClick(page.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.doses[0].objection.isVisible, timeout=LONG_MS)
    assert page.weight.objection.isVisible()
    assert not page.height_cm.objection.isVisible()


def test_an_order_is_refused_with_a_reason_and_stands_so_on_the_worklist(qtbot, opened, conductor):
    qtbot.mouseClick(opened.prescription.refuse, Qt.MouseButton.LeftButton)
    signed(qtbot, conductor, "the weight is another child's")
    qtbot.waitUntil(lambda: opened.current.key == "worklist", timeout=LONG_MS)
    assert [card.status for card in conductor.journey.cards()] == ["refused"]
    assert conductor.journey.here.records.events(action="order.refused")[-1].content["reason_text"].startswith("the we")
