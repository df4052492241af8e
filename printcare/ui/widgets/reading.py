"""A large reading with its unit and a word on whether it is as it should be."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from printcare.ui.widgets.label import label, restate


class Reading(QWidget):
    """Name, value at reading size, unit, and a judged note."""

    def __init__(self, name: str, title: str, unit: str) -> None:
        super().__init__()
        self.setObjectName(f"reading-{name}")
        self._title, self._unit = title, unit
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._name = label(title, "small")
        column.addWidget(self._name)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.value = label("–", "reading", name=f"reading-value-{name}")
        row.addWidget(self.value)
        row.addWidget(label(unit, "readingUnit"))
        row.addStretch(1)
        column.addLayout(row)
        self.note = label("", "small", name=f"reading-note-{name}", wraps=True)
        column.addWidget(self.note)

    def show_value(self, text: str, note: str = "", state: str = "", title: str = "") -> None:
        """Show a figure with its note; the state colours the note, whose mark and word say the same."""
        if title:
            self._name.setText(title)
        if text != self.value.text():
            self.value.setText(text)
            if (laid := self.layout()) is not None:
                laid.activate()  # at once: a clipped figure reads as another figure
        if note != self.note.text() or state != self.note.property("state"):
            self.note.setText(note)
            restate(self.note, state=state)
        self.setAccessibleName(f"{self._name.text()}: {text} {self._unit}. {note}")
