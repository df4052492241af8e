"""What people do on the pages on which equipment, training and quality are kept."""

from hands import LONG_MS, sign_in_as
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QTableWidget

from printcare.ui.pages.register import RegisterPage


class Hands:
    """What a person does on the pages of a register."""

    def __init__(self, qtbot, conductor, frame):
        self.qtbot, self.conductor, self.frame = qtbot, conductor, frame

    def begin(self):
        """Open the rehearsal; nobody is signed in yet."""
        self.frame.start.begin.click()
        self.qtbot.waitUntil(lambda: self.frame.current.key == "sign-in", timeout=LONG_MS)
        return self

    @property
    def records(self):
        """Return the open record."""
        return self.conductor.journey.here.records

    def open(self, login, key):
        """Sign in and open a page by the rail."""
        if self.conductor.journey.here.is_signed_in:
            self.frame.leave.click()
            self.qtbot.waitUntil(lambda: self.frame.current.key == "sign-in", timeout=LONG_MS)
        sign_in_as(self.qtbot, self.frame, login)
        self.quiet()
        self.qtbot.mouseClick(self.frame.rail.buttons[key], Qt.MouseButton.LeftButton)
        self.quiet()
        return self.frame.pages[key]

    def quiet(self):
        """Wait until nothing is under way."""
        self.qtbot.waitUntil(lambda: not self.conductor.worker.is_busy, timeout=LONG_MS)

    def choose(self, page, key):
        """Open one entry of the list."""
        places = [n for n in range(page.list.count()) if page.list.item(n).data(Qt.ItemDataRole.UserRole) == key]
        page.list.setCurrentRow(places[0])
        self.quiet()

    def press(self, page, name):
        """Press a button of the page or of its context."""
        made = next(b for holder in (page, page.context) for b in holder.findChildren(QAbstractButton, name))
        self.qtbot.mouseClick(made, Qt.MouseButton.LeftButton)

    def fill(self, page: RegisterPage, verb, **typed):
        """Open the form of a deed, type by keyboard what is typed and pick what is picked, and enter it."""
        self.press(page, f"deed-{verb}")
        for name, text in typed.items():
            field = page.fields.get(name)
            if hasattr(field, "box"):
                field.box.setCurrentIndex(field.box.findData(text))
                continue
            row, _, cell = name.rpartition(".")
            line = page.rows[row].lines[cell] if field is None else field.line
            line.clear()
            self.qtbot.keyClicks(line, text)
        self.press(page, f"form-{page.key}-enter")

    def sign(self, reason=""):
        """Sign in the dialog with the rehearsal's passwords, and wait until it was taken."""
        self.qtbot.waitUntil(lambda: self.conductor.session.dialog is not None, timeout=LONG_MS)
        dialog = self.conductor.session.dialog
        if reason:
            self.qtbot.keyClicks(dialog.reason, reason)
        self.qtbot.mouseClick(dialog.rehearse, Qt.MouseButton.LeftButton)
        self.qtbot.mouseClick(dialog.sign, Qt.MouseButton.LeftButton)
        self.quiet()


def deeds(page):
    """Return the verbs that may be asked for."""
    return {b.objectName().removeprefix("deed-") for b in page.context.findChildren(QAbstractButton)}


def texts(page):
    """Return every word of the page."""
    cells = [
        table.item(row, column).text()
        for table in page.findChildren(QTableWidget)
        for row in range(table.rowCount())
        for column in range(table.columnCount())
    ]
    said = " ".join([*(label.text() for label in page.findChildren(QLabel)), *cells])
    return said.replace("\u200b", "")  # where a long word may be broken
