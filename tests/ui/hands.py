"""What a person does at the window again and again."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

LONG_MS = 60_000
ORDER = "RX-2026-000417"  # of the shipped demonstration


def sign_in_as(qtbot, frame, login):
    """Sign in as a made-up person by one click, and wait for the worklist or another first page."""
    frame.show_page("sign-in")
    made = frame.sign_in.findChild(QAbstractButton, f"sign-in-as-{login}")
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: frame.current.key != "sign-in", timeout=LONG_MS)


def signed(qtbot, conductor, reason=""):
    """Use the rehearsal password in the dialog that is open or about to open, sign, and wait until it was taken."""
    qtbot.waitUntil(lambda: conductor.session.dialog is not None, timeout=LONG_MS)
    dialog = conductor.session.dialog
    dialog.reason.setText(reason)
    qtbot.mouseClick(dialog.rehearse, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.sign, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: conductor.session.dialog is not dialog or dialog.objection.isVisible(), timeout=LONG_MS)
    assert conductor.session.dialog is not dialog, dialog.objection.text()


def prepare(qtbot, frame):
    """Scan each code as a wedge scanner does, typing and Enter, and tick each step by the keyboard."""
    page = frame.prepare
    for place, step in enumerate(page.steps):
        for at, field in page._scans.values():
            if at == place:
                qtbot.waitUntil(field.isEnabled, timeout=LONG_MS)
                qtbot.keyClicks(field.line, field.scan.wanted)
                qtbot.keyClick(field.line, Qt.Key.Key_Return)
                qtbot.waitUntil(lambda field=field: field.is_taken or field.objection.isVisible(), timeout=LONG_MS)
                assert field.is_taken, field.objection.text()
        qtbot.keyClick(step, Qt.Key.Key_Space)
