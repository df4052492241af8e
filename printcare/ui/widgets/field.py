"""A field with its fixed unit: given by a message, or typed by a person, with the objection right below it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from printcare.ui.models import Fact
from printcare.ui.widgets.label import label, restate
from printcare.ui.words import tr

TEXT_PX = 560


class GivenField(QWidget):
    """A value as the message gave it; it can be read and not changed."""

    def __init__(self, fact: Fact) -> None:
        super().__init__()
        self.setObjectName(f"given-{fact.name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(f"{fact.name} · {fact.note}" if fact.note else fact.name, "small", wraps=True))
        frame = QFrame()
        frame.setProperty("role", "given")
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 0, 12, 0)
        value = label(fact.value, "strong", wraps=True)
        value.setAccessibleName(f"{fact.name}: {fact.value} {fact.unit}")
        row.addWidget(value, 1)
        row.addWidget(label(fact.unit, "muted"))
        column.addWidget(frame)
        column.addStretch(1)


class EntryField(QWidget):
    """A value a person types, with its fixed unit, an echo in words and room for the objection."""

    edited = Signal()

    def __init__(self, name: str, title: str, unit: str) -> None:
        super().__init__()
        self.name = name
        self.setObjectName(f"entry-{name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(title, "small", wraps=True))
        self._frame = QFrame()
        self._frame.setProperty("role", "field")
        self._frame.setObjectName(f"entry-frame-{name}")
        row = QHBoxLayout(self._frame)
        row.setContentsMargins(12, 0, 12, 0)
        self.line = QLineEdit()
        self.line.setObjectName(f"entry-line-{name}")
        self.line.setAccessibleName(tr("{}, in {}").format(title, unit) if unit else title)
        self.line.setMaxLength(40)
        row.addWidget(self.line, 1)
        row.addWidget(label(unit, "muted"))
        column.addWidget(self._frame)
        self._echo = label("", "small", name=f"entry-echo-{name}", wraps=True)
        column.addWidget(self._echo)
        self.objection = label("", "", name=f"entry-objection-{name}", wraps=True, state="rejected")
        self.objection.hide()
        column.addWidget(self.objection)
        column.addStretch(1)
        self.line.textEdited.connect(self._on_edited)
        self.setFocusProxy(self.line)

    @property
    def text(self) -> str:
        """Return what was typed."""
        return self.line.text().strip()

    def clear(self) -> None:
        """Forget what was typed: another order begins."""
        self.line.clear()
        self.echo("")
        self.object_to("")

    def echo(self, words: str) -> None:
        """Show the number in words below the field."""
        self._echo.setText(words)

    def object_to(self, told: str) -> None:
        """Show an objection below the field; an empty one takes it away."""
        self.objection.setText(f"■ {told}" if told else "")
        self.objection.setVisible(bool(told))
        self.line.setAccessibleDescription(told)
        restate(self._frame, wrong="true" if told else "false")

    @Slot(str)
    def _on_edited(self, _: str) -> None:
        self.object_to("")
        self.edited.emit()


class TextField(QWidget):
    """A line of text a person types, with room for the objection; a secret one shows dots."""

    edited = Signal()

    def __init__(self, name: str, title: str, *, is_secret: bool = False) -> None:
        super().__init__()
        self.setObjectName(f"field-{name}")
        self.is_secret = is_secret
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(title, "small", wraps=True))
        self.line = QLineEdit()
        self.line.setObjectName(name)
        self.line.setAccessibleName(title)
        self.line.setMaxLength(400)
        if is_secret:
            self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self._frame = framed(self.line, TEXT_PX)
        column.addWidget(self._frame)
        self.objection = label("", "", name=f"{name}-objection", wraps=True, state="rejected")
        self.objection.hide()
        column.addWidget(self.objection)
        self.line.textEdited.connect(self._on_edited)
        self.setFocusProxy(self.line)

    @property
    def text(self) -> str:
        """Return what was typed; of a secret every sign counts."""
        return self.line.text() if self.is_secret else self.line.text().strip()

    def object_to(self, told: str) -> None:
        """Show an objection below the field; an empty one takes it away."""
        self.objection.setText(f"■ {told}" if told else "")
        self.objection.setVisible(bool(told))
        self.line.setAccessibleDescription(told)
        restate(self._frame, wrong="true" if told else "false")

    @Slot(str)
    def _on_edited(self, _: str) -> None:
        self.object_to("")
        self.edited.emit()


def framed(line: QLineEdit, most_px: int = 0) -> QFrame:
    """Return a line in the frame of a field."""
    frame = QFrame()
    frame.setObjectName(f"frame-{line.objectName()}")
    frame.setProperty("role", "field")
    if most_px:
        frame.setMaximumWidth(most_px)
    inner = QHBoxLayout(frame)
    inner.setContentsMargins(12, 0, 12, 0)
    inner.addWidget(line)
    return frame
