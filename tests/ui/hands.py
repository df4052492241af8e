"""What a person does at the window again and again."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

LONG_MS = 60_000  # argon2, several times


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
