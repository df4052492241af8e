"""A label with a role of the stylesheet, a name, and text that can be read aloud."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


def label(text: str, role: str = "", *, name: str = "", wraps: bool = False, state: str = "") -> QLabel:
    """Return a label that shows plain text only: what came from a message is never taken for markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setObjectName(name or f"label-{role or 'text'}")
    made.setWordWrap(wraps)
    if role:
        made.setProperty("role", role)
    if state:
        made.setProperty("state", state)
    return made


def restate(widget: QWidget, **properties: str) -> None:
    """Change properties the stylesheet asks for, and draw the widget anew in them."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
