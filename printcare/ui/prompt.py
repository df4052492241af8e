"""A question the worker asks a person in the middle of its task: it waits there, and the window does not."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal, Slot


class Prompt(QObject):
    """`ask` is called on the worker and returns when `answer` was called on the window's thread."""

    asked = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answered = threading.Event()

    def ask(self, told: str) -> None:
        """Show what is to be done, and wait until it was."""
        self._answered.clear()
        self.asked.emit(told)
        self._answered.wait()

    @Slot()
    def answer(self) -> None:
        """Let the worker go on."""
        self._answered.set()
