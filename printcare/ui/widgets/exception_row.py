"""One exception of a batch under review: its title stands there closed, and opening it shows the whole of it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from printcare.ui.models import Objection
from printcare.ui.widgets.button import button
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import MARKS, STATES, objection_notice
from printcare.ui.words import tr


class ExceptionRow(QWidget):
    """What a releaser has to open before signing; once opened it stays open."""

    opened = Signal()

    def __init__(self, objection: Objection, number: int) -> None:
        super().__init__()
        self.setObjectName(f"exception-{number}")
        self.is_open = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(16)
        state = STATES.get(objection.severity, "attention")
        self._title = label(f"{MARKS[state]} {objection.code}", "strong", state=state, wraps=True)
        self._button = button(tr("Open"), f"exception-open-{number}", told=tr("Open {}").format(objection.code))
        self._button.clicked.connect(self.open_up)
        row.addWidget(self._title, 1)
        row.addWidget(self._button)
        column.addLayout(row)
        self.setFocusProxy(self._button)
        self._notice = objection_notice(objection)
        self._notice.hide()
        column.addWidget(self._notice)

    @Slot()
    def open_up(self) -> None:
        """Show the whole of it."""
        self.is_open = True
        self._notice.show()
        self._title.hide()
        self._button.hide()
        self.opened.emit()
