"""From one click to a signed, rehearsed batch with its documents: real record, real job process, emulated bench."""

import pytest
from hands import ORDER, prepare, sign_in_as, signed

import printcare.app
from printcare.app import Workstation
from printcare.ui.conductor import Conductor

LONG_MS = 110_000
DOCUMENTS = {"batch-record.pdf", "label.pdf", "units.csv", "audit-export.jsonl", "calculation-sheet.txt"}


@pytest.fixture
def led(qtbot, frame, tmp_path, monkeypatch):
    """Return a window led to the running job on a fast bench."""
    monkeypatch.setattr(printcare.app, "SPEED", 60.0)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    conductor = Conductor(frame, Workstation(tmp_path))

    def on(key):
        qtbot.waitUntil(lambda: frame.current.key == key and not conductor.worker.is_busy, timeout=LONG_MS)

    frame.start.begin.click()
    on("sign-in")
    sign_in_as(qtbot, frame, "b.pharmacist")
    on("worklist")
    frame.worklist.open_asked.emit(ORDER)
    on("prescription")
    page = frame.prescription
    page.ask_second.click()
    for field, typed in ((page.weight, "16.0"), (page.height_cm, "102"), (page.dose, "17")):
        qtbot.keyClicks(field.line, typed)
    page.confirm.click()
    signed(qtbot, conductor)
    on("plan")
    frame.plan.prepare_asked.emit()
    prepare(qtbot, frame)
    frame.prepare.start.click()
    signed(qtbot, conductor)
    on("run")
    return conductor, on


@pytest.mark.scenario
def test_a_newcomer_signs_a_rehearsed_batch_and_gets_its_documents(qtbot, frame, led):
    conductor, on = led
    qtbot.waitUntil(frame.run.review.isVisible, timeout=LONG_MS)
    assert conductor.lead.run.outcome == "completed", conductor.lead.run.reason
    frame.run.review.click()
    on("finish")
    for step in frame.finish.steps:
        step.click()
    frame.finish.start.click()
    signed(qtbot, conductor)
    on("review")
    for row in frame.review.exceptions:  # a loaded machine may have raised a warning
        row.open_up()
    frame.review.rehearse.click()
    signed(qtbot, conductor)
    qtbot.waitUntil(lambda: frame.review.documents.isVisible() and not conductor.worker.is_busy, timeout=LONG_MS)
    assert frame.review.why.text() == "The batch is rehearsed."
    frame.review.documents.click()
    on("documents")
    listed = {frame.documents.list.item(row).text() for row in range(frame.documents.list.count())}
    assert listed >= DOCUMENTS
