"""From the first page to a signed, rehearsed batch with its documents, by keyboard and scanner alone, in French.

Real record, real job on virtual time behind its endpoint, in a window as small as 1280 by 800.
"""

import pytest
from hands import ORDER, Keyboard, runs_over
from PySide6.QtCore import Qt
from virtual_job import VirtualJob

from printcare.ui.words import speak

WRONG_CARTRIDGE = "CP-2601-B-03"
DOCUMENTS = {"batch-record.pdf", "label.pdf", "units.csv", "audit-export.jsonl", "calculation-sheet.txt"}


@pytest.fixture(autouse=True)
def _in_french():
    speak("fr")
    yield
    speak("en")


@pytest.fixture
def keys(qtbot, conductor, frame, station, tmp_path):
    """Return the keyboard of a window whose station prints one day's units on virtual time."""
    job = VirtualJob(station.open_records, tmp_path / "virtual.sock")
    station.start_job = job.start
    station.days = 1
    frame.resize(1280, 800)
    yield Keyboard(qtbot, conductor, frame)
    job.join()


@pytest.mark.scenario
def test_a_newcomer_signs_a_rehearsed_batch_without_a_mouse(keys, conductor, frame):
    # Sign in by name and password; the order's number comes from a scanner.
    keys.press_button("rehearse")
    keys.wait_for("sign-in")
    keys.scan("b.pharmacist")
    keys.scan(conductor.journey.here.rehearsal_password("b.pharmacist"))
    keys.wait_for("worklist")
    keys.scan(ORDER)
    keys.wait_for("prescription")

    # A slip of the second person is told beside its field, and the focus stands there, ready to type over it.
    keys.press_button("ask-second")
    for typed in ("61,0", "102", "17"):
        keys.scan(typed)
    page = frame.prescription
    keys.wait(page.weight.objection.isVisible)
    assert not page.doses[0].objection.isVisible()
    for typed in ("16,0", "102", "17"):
        keys.scan(typed)
    keys.wait_for_dialog()
    keys.press(Qt.Key.Key_Escape)  # leaves the dialog, and nothing typed is lost
    assert conductor.session.dialog is None
    assert (page.weight.text, page.height_cm.text, page.doses[0].text) == ("16,0", "102", "17")
    keys.go_to("entry-line-dose")
    keys.press(Qt.Key.Key_Return)
    keys.sign()

    # The cartridge of another order is refused below its field.
    keys.wait_for("plan")
    keys.press_button("plan-prepare")
    keys.wait_for("prepare")
    keys.press(Qt.Key.Key_Space)
    keys.scan(WRONG_CARTRIDGE)
    cartridge = frame.prepare._scans["cartridge"][1]
    keys.wait(cartridge.objection.isVisible)
    assert WRONG_CARTRIDGE in cartridge.objection.text()
    for _, field in frame.prepare._scans.values():
        while not keys.is_in(field):
            keys.press(Qt.Key.Key_Space)
        keys.scan(field.scan.wanted)
        keys.wait(lambda field=field: field.is_taken)
    for _ in range(4):
        keys.press(Qt.Key.Key_Space)
    keys.press_button("prepare-sign")
    keys.sign()

    # The run ends by itself; the way on has the focus.
    keys.wait_for("run")
    keys.wait(lambda: conductor.lead.run.is_over and frame.run.review.hasFocus())
    assert conductor.lead.run.outcome == "completed", conductor.lead.run.reason
    keys.press_button("to-review")
    keys.wait_for("finish")
    for _ in frame.finish.steps:
        keys.press(Qt.Key.Key_Space)
    keys.press_button("finish-sign")
    keys.sign()
    keys.wait_for("review")
    for _ in frame.review.exceptions:
        keys.press(Qt.Key.Key_Space)
    keys.press_button("sign-rehearsed")
    keys.sign()
    keys.wait(lambda: frame.review.documents.isVisible() and not conductor.worker.is_busy)
    keys.press_button("to-documents")
    keys.wait_for("documents")
    listed = {frame.documents.list.item(row).text() for row in range(frame.documents.list.count())}
    assert listed >= DOCUMENTS
    assert runs_over(frame) == []
