"""The strip below the band of a locked window: whose session it is, and the password that opens it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit

from printcare.ui.widgets.button import button
from printcare.ui.widgets.label import label
from printcare.ui.words import tr


class LockStrip(QFrame):
    """Hidden while the window is open."""

    unlock_asked = Signal(str)
    sign_out_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lock-strip")
        self.setAccessibleName(tr("The window is locked"))
        self.setProperty("role", "attention")
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 20, 8)
        row.setSpacing(12)
        self.told = label("", "strong", name="lock-told", wraps=True)
        row.addWidget(self.told, 1)
        frame = QFrame()
        frame.setObjectName("lock-frame")
        frame.setProperty("role", "field")
        inner = QHBoxLayout(frame)
        inner.setContentsMargins(12, 0, 12, 0)
        self.password = QLineEdit()
        self.password.setObjectName("lock-password")
        self.password.setAccessibleName(tr("Password that opens the window again"))
        self.password.setPlaceholderText(tr("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.returnPressed.connect(self._ask)
        inner.addWidget(self.password)
        row.addWidget(frame)
        opens = button(tr("Unlock"), "unlock", "primary")
        opens.clicked.connect(self._ask)
        leaves = button(tr("Sign out"), "lock-sign-out")
        leaves.clicked.connect(self.sign_out_asked)
        row.addWidget(opens)
        row.addWidget(leaves)
        self.hide()

    def show_locked(self, name: str, *, runs: bool) -> None:
        """Ask for a person's password; while a print goes on, say what still works."""
        told = tr("▲ Locked, signed in: {}. Nothing typed is lost.").format(name)
        if runs:
            told += " " + tr("The run goes on; Hold and Stop still make it safe.")
        self.told.setText(told)
        self.password.clear()
        self.show()
        self.password.setFocus()

    def show_objection(self, told: str) -> None:
        """Say why it stays locked."""
        self.told.setText(f"■ {told}")
        self.password.clear()

    @Slot()
    def _ask(self) -> None:
        if self.password.text():
            self.unlock_asked.emit(self.password.text())
