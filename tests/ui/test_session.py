"""Who is at the window, and what a locked one lets anybody do."""

import pytest
from hands import sign_in_as, signed
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from printcare.errors import PrintcareError
from printcare.ui.forms import FormDeed
from printcare.ui.models import Admitted, SignatureRequest, Signer
from printcare.ui.widgets.signature_dialog import SignatureDialog

LONG_MS = 60_000


@pytest.fixture
def offered(qtbot, conductor, frame):
    """Return the window of an open rehearsal with nobody signed in."""
    frame.start.begin.click()
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)
    return conductor


def _idle(qtbot, conductor):
    qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)


def test_who_works_here_signs_in_sees_only_their_pages_and_signs_what_is_theirs(qtbot, frame, offered):
    # Nobody is in, and a wrong password opens nothing; the name stays.
    qtbot.keyClicks(frame.sign_in.login, "q.quality")
    qtbot.keyClicks(frame.sign_in.password, "a guess of mine")
    qtbot.keyClick(frame.sign_in.password, Qt.Key.Key_Return)
    qtbot.waitUntil(frame.sign_in.objection.isVisible, timeout=LONG_MS)
    assert "LOGIN_REFUSED" in frame.sign_in.objection.text()
    assert frame.sign_in.login.text() == "q.quality"
    assert frame.sign_in.password.text() == ""

    # An administrator sees neither recipes nor inks.
    sign_in_as(qtbot, frame, "admin")
    assert not frame.rail.buttons["recipes"].isEnabled()
    assert not frame.rail.buttons["inks"].isEnabled()
    _idle(qtbot, offered)

    # Quality puts the released lot back into quarantine, signed and with a reason.
    sign_in_as(qtbot, frame, "q.quality")
    assert frame.rail.buttons["inks"].isEnabled()
    frame.show_page("inks")
    frame.rail.chosen.emit("inks")
    qtbot.waitUntil(lambda: frame.inks.entry_key == "all|", timeout=LONG_MS)
    quarantine = FormDeed("ink_lot.quarantine", "Put back", "quality", "put back into quarantine", wants_reason=True)
    frame.inks.form_entered.emit("lot|CP-2601-A", quarantine, {})
    signed(qtbot, offered, "a complaint came in")
    records = offered.journey.here.records
    assert records.get("ink_lot", "CP-2601-A")["status"] == "quarantine"

    # Without a reason the workflow refuses, and the dialog says so and stays.
    release = FormDeed("ink_lot.release", "Release", "quality", "released for printing", wants_reason=True)
    _idle(qtbot, offered)
    frame.inks.form_entered.emit("lot|CP-2601-A", release, {})
    dialog = offered.session.dialog
    dialog.rehearse.click()
    dialog.sign.click()
    qtbot.waitUntil(dialog.objection.isVisible, timeout=LONG_MS)
    assert "E_REASON_MISSING" in dialog.objection.text()
    assert dialog.lines[0][1].text() == ""  # the password is typed again
    offered.session.close()

    # The record is whole, and says so.
    frame.show_page("records")
    frame.records.verify.click()
    qtbot.waitUntil(lambda: frame.records.notices.count() == 1, timeout=LONG_MS)
    assert "UNANCHORED" in frame.records.notices.itemAt(0).widget().accessibleName() or "OK" in (
        frame.records.notices.itemAt(0).widget().accessibleName()
    )


def test_a_locked_window_keeps_what_was_typed_and_opens_only_by_the_password(qtbot, frame, offered):
    sign_in_as(qtbot, frame, "b.pharmacist")
    frame.prescription.weight.line.setText("16.0")
    offered.session.idle.lapsed.emit()
    assert frame.strip.isVisible()
    assert not frame.prescription.isVisible()
    assert not frame.rail.isEnabled()
    qtbot.keyClicks(frame.strip.password, "a guess of mine")
    qtbot.keyClick(frame.strip.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "LOGIN_REFUSED" in frame.strip.told.text(), timeout=LONG_MS)
    qtbot.keyClicks(frame.strip.password, offered.journey.here.rehearsal_password("b.pharmacist"))
    qtbot.keyClick(frame.strip.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not offered.session.is_locked, timeout=LONG_MS)
    assert frame.prescription.weight.text == "16.0"


def test_a_locked_window_holds_and_stops_and_does_nothing_else(qtbot, conductor, frame, job, run_plan):
    conductor.lead.admit(Admitted("u-0004", "ticket"))
    conductor.lead.attach(run_plan, job.path, is_reattaching=False)
    qtbot.waitUntil(lambda: bool(job.clients))
    conductor.session.is_locked = True
    conductor.lead.resume()
    conductor.lead.hold()
    conductor.lead.stop()
    qtbot.waitUntil(lambda: job.commands == ["hold", "stop"])


def test_nobody_is_signed_in_before_they_are(conductor):
    with pytest.raises(PrintcareError) as told:
        _ = conductor.journey.here.account
    assert told.value.code == "SESSION_NONE"


def test_what_is_asked_for_twice_is_asked_once(conductor):
    request = SignatureRequest(
        "Sign the preparation", "Every step was done.", (Signer("operator", "prepared", "a.operator"),)
    )
    conductor.session.ask(request, lambda *_: None, lambda _: None)
    dialog = conductor.session.dialog
    conductor.session.ask(request, lambda *_: None, lambda _: None)
    assert conductor.session.dialog is dialog
    assert [each for each in QApplication.topLevelWidgets() if isinstance(each, SignatureDialog)] == [dialog]
    conductor.session.close()
