"""An alarm on the run page: what was seen, why, what follows, what to do, and the answer with its reason."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from printcare.ui.run_state import RunAlarm
from printcare.ui.widgets.button import button
from printcare.ui.widgets.label import label, restate
from printcare.ui.widgets.notice import Notice, alarm_state, alarm_words
from printcare.ui.words import phrase, tr

WORDS = {
    "UNACK": phrase("waits for an answer"),
    "ACK": phrase("acknowledged, its condition still stands"),
    "RTN_UNACK": phrase("over, waits for an answer"),
    "LATCH_UNACK": phrase("over, waits for an answer"),
    "LATCH_ACK": phrase("acknowledged; reset when the job goes on"),
    "SHELVED": phrase("shelved for ten minutes"),
    "NORMAL": phrase("answered and over"),
}


class AlarmBanner(Notice):
    """A notice with a reason to type; which answers are offered is the core's table of alarm states."""

    acknowledged = Signal(object, str)  # alarm, reason
    shelved = Signal(object, str)

    def __init__(self, alarm: RunAlarm) -> None:
        title, told, remedy = alarm_words(alarm)
        super().__init__(alarm_state(alarm), title, told, remedy)
        self.setObjectName("alarm-banner")
        self.alarm_id = alarm.id
        self._alarm = alarm
        self._stands = label("", "strong", name=f"alarm-stands-{alarm.number}")
        self.reason = QLineEdit()
        self.reason.setObjectName(f"alarm-reason-{alarm.number}")
        self.reason.setAccessibleName(tr("Reason for the answer to alarm {}").format(alarm.id))
        self.reason.setPlaceholderText(tr("What was found, and why it may go on"))
        self.reason.setMaxLength(400)
        self.acknowledge = button(tr("Acknowledge"), f"alarm-acknowledge-{alarm.number}", "primary")
        self.shelve = button(tr("Shelve 10 min"), f"alarm-shelve-{alarm.number}")
        self.acknowledge.clicked.connect(self._on_acknowledge)
        self.shelve.clicked.connect(self._on_shelve)
        self.reason.returnPressed.connect(self._on_acknowledge)
        self.reason.textChanged.connect(self._on_typed)
        row = QHBoxLayout()
        row.setSpacing(8)
        for made in (self.reason, self.acknowledge, self.shelve):
            row.addWidget(made, 1 if made is self.reason else 0)
        column = self.layout()
        if isinstance(column, QVBoxLayout):
            column.addWidget(self._stands)
            column.addLayout(row)
        self._is_locked = False
        self.show_alarm(alarm)

    def show_alarm(self, alarm: RunAlarm, *, is_locked: bool = False) -> None:
        """Show where the alarm stands; a locked window takes no answer, and what was typed stays."""
        self._alarm, self._is_locked = alarm, is_locked
        told = tr("Alarm {} {}").format(alarm.id, tr(WORDS[alarm.state]))
        signs = tr(" · the answer is signed") if alarm.wants_signature and alarm.may_acknowledge else ""
        self._stands.setText(told + signs)
        self.reason.setVisible(alarm.may_acknowledge or alarm.may_shelve)
        self.acknowledge.setVisible(alarm.may_acknowledge)
        self.shelve.setVisible(alarm.may_shelve)
        restate(self._stands, state="accepted" if alarm.state in ("NORMAL", "LATCH_ACK") else "")
        self._on_typed()

    @Slot()
    def _on_typed(self) -> None:
        for made in (self.acknowledge, self.shelve):
            made.setEnabled(bool(self.reason.text().strip()) and not self._is_locked)

    @Slot()
    def _on_acknowledge(self) -> None:
        if self.acknowledge.isEnabled() and self._alarm.may_acknowledge:
            self.acknowledged.emit(self._alarm, self.reason.text().strip())

    @Slot()
    def _on_shelve(self) -> None:
        self.shelved.emit(self._alarm, self.reason.text().strip())
