"""The one way the window tells an error, a finding, an alarm or a notice: a mark, what happened, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from printcare.errors import PrintcareError
from printcare.ui.messages import said
from printcare.ui.models import Objection
from printcare.ui.run_state import RunAlarm
from printcare.ui.widgets.button import button
from printcare.ui.widgets.label import label
from printcare.ui.words import tr

MARKS: Mapping[str, str] = MappingProxyType({"rejected": "■", "attention": "▲", "accepted": "✓", "notice": "●"})
STATES: Mapping[str, str] = MappingProxyType({"error": "rejected", "warning": "attention", "info": "notice"})


class Notice(QFrame):
    """A banner with a coloured edge, a mark and words."""

    dismissed = Signal()

    def __init__(
        self,
        state: str,
        title: str,
        told: str,
        remedy: str = "",
        *,
        can_dismiss: bool = False,
        can_copy: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", state)
        self.setObjectName(f"notice-{state}")
        self.setAccessibleName(f"{title}. {told} {remedy}")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(4)
        head = label(f"{MARKS[state]} {title}", "strong", name="notice-title", wraps=True, state=state)
        column.addWidget(head)
        if told:
            column.addWidget(label(told, name="notice-told", wraps=True))
        if remedy:
            column.addWidget(label(remedy, "muted", name="notice-remedy", wraps=True))
        if can_dismiss or can_copy:
            row = QHBoxLayout()
            row.setSpacing(8)
            if can_dismiss:
                closes = button(tr("Close"), "notice-close", told=tr("Close: {}").format(title))
                closes.clicked.connect(self.dismissed)
                row.addWidget(closes)
            if can_copy:
                copies = button(tr("Copy details"), "notice-copy")
                copies.clicked.connect(self._copy)
                row.addWidget(copies)
            row.addStretch(1)
            column.addLayout(row)
        self._text = "\n".join(part for part in (title, told, remedy) if part)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)


def objection_notice(objection: Objection, *, can_dismiss: bool = False) -> Notice:
    """Return a finding with its reason and its remedy."""
    state = STATES.get(objection.severity, "attention")
    title = f"{objection.code} · {objection.dose}" if objection.dose else objection.code
    told = (title, objection.reason, objection.remedy)
    return Notice(state, *told, can_dismiss=can_dismiss, can_copy=can_dismiss)


def alarm_state(alarm: RunAlarm) -> str:
    """Return how an alarm looks: one that rejects a unit or only warns is to be checked, any other is alarming."""
    return "attention" if alarm.priority > 1 or alarm.id == "A08" else "rejected"


def alarm_words(alarm: RunAlarm) -> tuple[str, str, str]:
    """Return title, what was seen with its cause, and consequence with what to do."""
    unit = f" · {tr('unit {}').format(alarm.unit)}" if alarm.unit else ""
    seen = tr("Seen: {}").format(said(alarm.seen))
    means = tr("What it means: {}").format(said(alarm.cause))
    minutes = round(alarm.respond_s / 60)
    acts = tr("What to do within {} min: {}").format(minutes, said(alarm.action))
    if not minutes:
        acts = tr("What to do at once: {}").format(said(alarm.action))
    return f"{alarm.id} · {said(alarm.title)}{unit}", f"{seen}\n{means}", f"{said(alarm.consequence)}\n{acts}"


def alarm_notice(alarm: RunAlarm) -> Notice:
    """Return an alarm with what was seen, its cause, its consequence and what to do."""
    return Notice(alarm_state(alarm), *alarm_words(alarm))


def fault_notice(fault: BaseException) -> Notice:
    """Return any exception as a banner; what is not one of ours is told by its kind, without a trace."""
    if isinstance(fault, PrintcareError):
        told, remedy = said(fault.message), said(fault.remedy)
        return Notice("rejected", fault.code, told, remedy, can_dismiss=True, can_copy=True)
    told = f"{type(fault).__name__}: {fault}"
    remedy = tr("Nothing was printed by this step. Try it again; if it happens again, report the copied details.")
    return Notice("rejected", "UNEXPECTED", told, remedy, can_dismiss=True, can_copy=True)
