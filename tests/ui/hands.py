"""What a person does at the window again and again."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea

LONG_MS = 60_000
MOST_TABS, SCROLL_BAR_PX = 60, 12
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


def runs_over(frame):
    """Return the pages that are wider than their place, with how much, in px."""
    over = []
    for key, page in frame.pages.items():
        scroll = page.findChild(QScrollArea, f"scroll-{key}")
        excess = scroll.widget().minimumSizeHint().width() - (scroll.width() - SCROLL_BAR_PX)
        if excess > 0:
            over.append((key, excess))
    return over


class Keyboard:
    """Somebody without a mouse: every key goes to what has the focus, as a scanner's do."""

    def __init__(self, qtbot, conductor, frame):
        self._qtbot, self._conductor, self._frame = qtbot, conductor, frame
        frame.activateWindow()

    def wait(self, is_so):
        """Wait until something is so."""
        self._qtbot.waitUntil(is_so, timeout=LONG_MS)

    def wait_for(self, key):
        """Wait for a page; none may be wider than its place."""
        self.wait(lambda: self._frame.current.key == key and not self._conductor.worker.is_busy)

    def wait_for_dialog(self):
        """Wait for the signature dialog to take the keys."""
        self.wait(lambda: self._conductor.session.dialog is not None)
        self.wait(lambda: self._conductor.session.dialog.isActiveWindow())
        return self._conductor.session.dialog

    def press(self, key):
        """Press a key."""
        self._qtbot.keyClick(self._focus(), key)

    def scan(self, text):
        """Type a text that ends with Enter."""
        self._qtbot.keyClicks(self._focus(), text)
        self.press(Qt.Key.Key_Return)

    def is_in(self, widget):
        """Say whether the focus is in a widget."""
        return self._focus() is widget or widget.isAncestorOf(self._focus())

    def go_to(self, name):
        """Press Tab until the focus is there."""
        for _ in range(MOST_TABS):
            if self._focus().objectName() == name:
                return
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"no way by Tab to {name}")

    def press_button(self, name):
        """Go to a button and press it by Space: Enter presses none, for a scanner ends with it."""
        self.go_to(name)
        self.press(Qt.Key.Key_Space)

    def sign(self):
        """Type the password of everybody who is asked to sign."""
        dialog = self.wait_for_dialog()
        for number, (login, password) in enumerate(dialog.lines, start=1):
            self.go_to(f"signer-password-{number}")
            self._qtbot.keyClicks(password, self._conductor.journey.here.rehearsal_password(login.text()))
        self.press(Qt.Key.Key_Return)
        self.wait(lambda: self._conductor.session.dialog is not dialog or dialog.objection.isVisible())
        assert self._conductor.session.dialog is not dialog, dialog.objection.text()

    def _focus(self):
        self.wait(lambda: QApplication.focusWidget() is not None)
        return QApplication.focusWidget()
