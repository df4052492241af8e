"""A field in which one of several values is picked, with room for the objection."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from printcare.ui.widgets.field import TEXT_PX
from printcare.ui.widgets.label import label

LEAST_SIGNS = 12


class ChoiceField(QWidget):
    """A list that opens; what is kept is the value, what is read are its words."""

    edited = Signal()

    def __init__(self, name: str, title: str, choices: tuple[tuple[str, str], ...], begun: str = "") -> None:
        super().__init__()
        self.setObjectName(f"field-{name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(title, "small", wraps=True))
        self.box = QComboBox()
        self.box.setObjectName(name)
        self.box.setAccessibleName(title)
        self.box.setMaximumWidth(TEXT_PX)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(LEAST_SIGNS)  # a long choice does not widen the page; the open list shows it
        for value, words in choices:
            self.box.addItem(words, value)
        self.box.setCurrentIndex(max(self.box.findData(begun), 0))
        column.addWidget(self.box)
        self.objection = label("", "", name=f"{name}-objection", wraps=True, state="rejected")
        self.objection.hide()
        column.addWidget(self.objection)
        self.box.activated.connect(self._on_picked)
        self.setFocusProxy(self.box)

    @property
    def text(self) -> str:
        """Return the value that is picked."""
        return str(self.box.currentData() or "")

    def object_to(self, told: str) -> None:
        """Show an objection below the field; an empty one takes it away."""
        self.objection.setText(f"■ {told}" if told else "")
        self.objection.setVisible(bool(told))
        self.box.setAccessibleDescription(told)

    @Slot()
    def _on_picked(self) -> None:
        self.object_to("")
        self.edited.emit()
