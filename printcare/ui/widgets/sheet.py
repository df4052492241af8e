"""The calculation sheet in the context panel: it grows line by line, and each line can be redone by hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from printcare.ui.models import SheetLine
from printcare.ui.widgets.card import clear, rule
from printcare.ui.widgets.label import label
from printcare.ui.words import tr

GROWS_MS = 40  # a line; nineteen lines are there in under a second
GROWN_MS = 800  # the sheet of an order of several doses, whose lines come faster


class Sheet(QWidget):
    """Numbered lines with result on the right and the formula with its numbers below."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self.setAccessibleName(tr("Calculation sheet"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(tr("CALCULATION SHEET"), "caption"))
        column.addWidget(label(tr("Every line can be redone by hand."), "small"))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        column.addLayout(self._lines)
        column.addStretch(1)
        self._waiting: list[SheetLine] = []
        self._dose = ""  # of the last line that stands there
        self._timer = QTimer(self)
        self._timer.setInterval(GROWS_MS)
        self._timer.timeout.connect(self._grow)

    @property
    def shown(self) -> int:
        """Return how many lines stand there."""
        return self._lines.count()

    def show_lines(self, lines: Sequence[SheetLine], *, at_once: bool = False) -> None:
        """Begin the sheet anew and let it grow."""
        clear(self._lines)
        self._waiting = list(lines)
        self._dose = ""
        self._timer.setInterval(min(GROWS_MS, GROWN_MS // max(len(lines), 1)))
        if at_once:
            self._timer.stop()
            while self._waiting:
                self._grow()
        else:
            self._timer.start()

    @Slot()
    def _grow(self) -> None:
        if self._waiting:
            line = self._waiting.pop(0)
            row = _row(line, begins_dose=line.dose != self._dose)
            self._lines.addWidget(row)
            self._dose = line.dose
            row.show()  # in its own fonts already, for its height is asked for
            # The panel grows later than its lines: without room of its own each new line squeezes those above it.
            self.setMinimumHeight(self.heightForWidth(self.width()))
        if not self._waiting:
            self._timer.stop()
            self.setMinimumHeight(0)


def _row(line: SheetLine, *, begins_dose: bool) -> QWidget:
    holder = QWidget()
    holder.setObjectName(f"sheet-line-{line.number}")
    holder.setAccessibleName(f"{line.number}. {line.what}: {line.exact} {line.unit}. {line.formula}")
    holder.setToolTip(f"{line.exact} {line.unit} · {line.source}")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    if begins_dose:
        column.addWidget(label(line.dose, "strong", wraps=True))
    head = QHBoxLayout()
    head.setSpacing(8)
    number = label(str(line.number), "muted")
    number.setFixedWidth(24)
    head.addWidget(number)
    head.addWidget(label(line.what[:1].upper() + line.what[1:], wraps=True), 1)
    head.addWidget(label(f"{line.result} {line.unit}".strip(), "strong"))
    column.addLayout(head)
    formula = label(line.formula, "small", wraps=True)
    formula.setContentsMargins(32, 0, 0, 0)
    column.addWidget(formula)
    column.addWidget(rule())
    return holder
