"""A card: a white ground with a caption, on which one subject stands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from printcare.ui.models import Fact
from printcare.ui.widgets.label import label


class Card(QFrame):
    """A captioned ground; `body` is its layout."""

    def __init__(self, caption: str, name: str, note: str = "") -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setObjectName(name)
        self.setAccessibleName(caption)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 12, 16, 16)
        self.body.setSpacing(8)
        if caption:
            head = QHBoxLayout()
            head.setSpacing(8)
            if note:
                head.addWidget(label(caption.upper(), "caption"))
                head.addWidget(label(note, "small", wraps=True), 1)
            else:
                head.addWidget(label(caption.upper(), "caption", wraps=True), 1)
            self.body.addLayout(head)


def rule() -> QFrame:
    """Return a thin line between two subjects."""
    line = QFrame()
    line.setProperty("role", "rule")
    line.setObjectName("rule")
    return line


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (held := layout.takeAt(0)) is not None:
        if (widget := held.widget()) is not None:
            widget.hide()  # a layout shows what it was given later: without a parent that would be a window of its own
            widget.setParent(None)
            widget.deleteLater()
        elif (inner := held.layout()) is not None:
            clear(inner)


def fact_grid(facts: Iterable[Fact], columns: int = 2) -> QWidget:
    """Return facts as name above value, side by side."""
    holder = QWidget()
    holder.setObjectName("facts")
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(12)
    for place, fact in enumerate(facts):
        cell = QVBoxLayout()
        cell.setSpacing(2)
        cell.addWidget(label(fact.name, "small", wraps=True))
        value = label(f"{fact.value} {fact.unit}".strip(), "strong", wraps=True, name=f"fact-{fact.name}")
        value.setAccessibleName(f"{fact.name}: {fact.value} {fact.unit}")
        cell.addWidget(value)
        if fact.note:
            cell.addWidget(label(fact.note, "small", wraps=True))
        cell.addStretch(1)
        grid.addLayout(cell, place // columns, place % columns)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return holder
