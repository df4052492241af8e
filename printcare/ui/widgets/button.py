"""A push button as large as the stylesheet makes it, with a name for tests and one for screen readers."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton


def button(text: str, name: str, role: str = "", told: str = "") -> QPushButton:
    """Return a button; `told` is its accessible name where the text alone is not enough."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAccessibleName(told or text)
    made.setAutoDefault(False)
    if role:
        made.setProperty("role", role)
    return made
