"""A field a barcode scanner types into and ends with Enter; what was read is compared by the workflow."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from printcare.ui.models import Scan
from printcare.ui.widgets.field import TextField
from printcare.ui.widgets.label import label, restate
from printcare.ui.words import tr


class ScanField(QWidget):
    """One code to be read, with what the plan says beside it and the answer below it."""

    read = Signal(str, str)  # what, code

    def __init__(self, scan: Scan) -> None:
        super().__init__()
        self.scan, self.is_taken = scan, False
        self.setObjectName(f"scan-{scan.what}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._field = TextField(f"scan-line-{scan.what}", scan.title)
        self.line, self.objection = self._field.line, self._field.objection
        self.line.returnPressed.connect(self._send)
        column.addWidget(self._field)
        self._note = label(tr("Plan: {}").format(scan.wanted), "small", name=f"scan-note-{scan.what}", wraps=True)
        column.addWidget(self._note)
        column.addStretch(1)
        self.setFocusProxy(self.line)

    def show_taken(self, objection: str) -> None:
        """Show that the code was the right one, or why it was not; then it is scanned again."""
        self.is_taken = not objection
        self._field.object_to(objection)
        if objection:
            self.line.selectAll()
            return
        self._note.setText(tr("✓ as planned: {}").format(self.scan.wanted))
        restate(self._note, state="accepted")
        self.setEnabled(False)

    @Slot()
    def _send(self) -> None:
        if self.line.text().strip():
            self.read.emit(self.scan.what, self.line.text().strip())
