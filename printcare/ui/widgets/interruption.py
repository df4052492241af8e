"""What is done after a job that ended without a word: make the printer safe, take away, state what is known."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from printcare.ui.messages import said
from printcare.ui.models import Interruption
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.field import framed
from printcare.ui.widgets.label import label, restate
from printcare.ui.words import tr

MOST_SIGNS = 400


class InterruptionCard(Card):
    """Three steps in their order; the last one opens the deviation, and nothing of the batch goes on before it."""

    safe_asked = Signal()
    closed = Signal(str)  # what is known of the interruption

    def __init__(self, found: Interruption) -> None:
        super().__init__(tr("Interrupted"), "card-interruption", tr("before anything else is done with this printer"))
        self._may_close = found.may_close and not found.deviation
        self.body.addWidget(label(f"■ {said(found.told)}", "strong", state="rejected", wraps=True))
        self.body.addWidget(label(tr("1 · Make the printer safe: stopped, heaters off."), wraps=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.secure = button(tr("Make the printer safe"), "interruption-secure")
        self.secure.setVisible(self._may_close)
        self.secure.clicked.connect(self._on_secure)
        self.told_safe = label("", "small", name="interruption-safe", wraps=True)
        row.addWidget(self.secure)
        row.addWidget(self.told_safe, 1)
        self.body.addLayout(row)
        self.body.addWidget(label(tr("2 · Take away what lies there; nothing of it is for a patient."), wraps=True))
        nothing = tr("nothing")
        tray, cartridges = ", ".join(found.tray) or nothing, ", ".join(found.cartridges) or nothing
        self.body.addWidget(label(tr("Tray: {}").format(tray), "small", name="interruption-tray", wraps=True))
        self.body.addWidget(label(tr("Cartridges: {}").format(cartridges), "small", wraps=True))
        self._add_statement(found)

    def _add_statement(self, found: Interruption) -> None:
        if found.deviation:
            told = tr("✓ Deviation {} is on record. Reject the batch, then plan another one.").format(found.deviation)
            self.body.addWidget(label(told, "strong", state="accepted", name="interruption-closed", wraps=True))
            return
        self.body.addWidget(label(tr("3 · State what is known of it; this opens the deviation."), wraps=True))
        self.reason = QLineEdit()
        self.reason.setObjectName("interruption-reason")
        self.reason.setAccessibleName(tr("What is known of the interruption"))
        self.reason.setPlaceholderText(tr("What was seen at the printer, and what is thought to be the cause"))
        self.reason.setMaxLength(MOST_SIGNS)
        self.reason.setEnabled(self._may_close)
        self.open_deviation = button(tr("Open the deviation"), "interruption-close", "primary")
        self.open_deviation.clicked.connect(self._on_close)
        self.reason.textChanged.connect(self._allow)
        self.reason.returnPressed.connect(self._on_close)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(framed(self.reason), 1)
        row.addWidget(self.open_deviation)
        self.body.addLayout(row)
        if not self._may_close:
            told = tr("An operator or quality does this: sign in as one.")
            self.body.addWidget(label(told, "muted", name="interruption-who", wraps=True))
        self._allow()

    def show_safe(self, told: str, state: str) -> None:
        """Show what the printer answered."""
        self.secure.setEnabled(True)
        self.told_safe.setText(told)
        restate(self.told_safe, state=state)

    @Slot()
    def _allow(self) -> None:
        self.open_deviation.setEnabled(self._may_close and bool(self.reason.text().strip()))

    @Slot()
    def _on_secure(self) -> None:
        self.secure.setEnabled(False)
        self.safe_asked.emit()

    @Slot()
    def _on_close(self) -> None:
        if self.open_deviation.isEnabled():
            self.open_deviation.setEnabled(False)
            self.closed.emit(self.reason.text().strip())
