"""Steps signed off one by one in their order, then signed for: the ground of the pages Prepare and Finish."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from printcare.ui.models import Objection, Scan
from printcare.ui.pages.page import Page
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, rule
from printcare.ui.widgets.label import label, restate
from printcare.ui.widgets.scan_field import ScanField
from printcare.ui.widgets.step_box import StepBox
from printcare.ui.words import tr


class StepsPage(Page):
    """One step after the other; the signature may be asked for when all are signed off."""

    start_asked = Signal()
    scanned = Signal(str, str)  # what, code

    def __init__(self, key: str, title: str, why: str, action: str, time_words: Callable[[], str]) -> None:
        super().__init__(key, title)
        self._time_words = time_words
        self._who = ""
        self.steps: list[StepBox] = []
        self._notes: list[QLabel] = []
        self._scans: dict[str, tuple[int, ScanField]] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self.context_body.addWidget(label(tr("WHY EACH STEP"), "caption"))
        self.context_body.addWidget(label(why, "small", wraps=True))
        self.context_body.addStretch(1)
        self.left = label("", "muted", name=f"{key}-left")
        self.footer.addWidget(self.left)
        self.footer.addStretch(1)
        self.start = button(action, f"{key}-sign", "primary")
        self.start.clicked.connect(self.start_asked)
        self.footer.addWidget(self.start)

    def first(self) -> QWidget | None:
        """Return what is to be done next: a code to read, a step to sign off, or the signature."""
        waiting = [field for _, field in self._scans.values() if field.isEnabled() and not field.is_taken]
        to_do = [step for step in self.steps if step.isEnabled() and not step.isChecked()]
        return next(iter((*waiting, *to_do, self.start)))

    def show_who(self, who: str) -> None:
        """Show whose ticks come next."""
        self._who = who

    def show_steps(self, steps: tuple[str, ...], told: str, scans: tuple[Scan, ...] = ()) -> None:
        """Show a batch's steps, none signed off; a step with scans can be ticked when each was taken."""
        self.subtitle.setText(told)
        clear(self._list)
        self.steps, self._notes, self._scans = [], [], {}
        card = Card(tr("Steps"), f"card-steps-{self.key}")
        for number, step in enumerate(steps, start=1):
            row = QHBoxLayout()
            tick = StepBox(f"{number}.  {step[:1].upper()}{step[1:]}")
            tick.setObjectName(f"{self.key}-step-{number}")
            tick.setAccessibleName(step)
            tick.toggled.connect(self._on_toggled)
            note = label(tr("to do"), "muted", name=f"{self.key}-step-note-{number}")
            row.addWidget(tick, 1)
            row.addWidget(note)
            card.body.addLayout(row)
            fields = [ScanField(scan) for scan in scans if scan.step == number - 1]
            for field in fields:
                field.read.connect(self.scanned)
                self._scans[field.scan.what] = (number - 1, field)
            if fields:
                asked = Beside(fields)
                asked.setContentsMargins(40, 0, 0, 0)
                card.body.addWidget(asked)
            if number < len(steps):
                card.body.addWidget(rule())
            self.steps.append(tick)
            self._notes.append(note)
        self._list.addWidget(card)
        self._order()
        self.show_footer()

    def show_scanned(self, what: str, objections: tuple[Objection, ...]) -> None:
        """Take a code that was compared, or tell below its field why it is not the one of the plan."""
        _, field = self._scans[what]
        told = " ".join(f"{each.reason} {each.remedy}" for each in objections)
        field.show_taken(told)
        self._order()
        self._go_on()

    @Slot(bool)
    def _on_toggled(self, is_done: bool) -> None:
        tick = self.sender()
        place = next(number for number, step in enumerate(self.steps) if step is tick)
        told = tr("✓ {}, {}").format(self._who, self._time_words()) if is_done else tr("to do")
        self._notes[place].setText(told)
        restate(self._notes[place], state="accepted" if is_done else "")
        self._order()
        if is_done:
            self._go_on()

    def _go_on(self) -> None:
        first = self.first()
        if first is not None:
            first.setFocus()

    def _order(self) -> None:
        """Let the next open step be signed off, and the last signed one be taken back."""
        done = sum(step.isChecked() for step in self.steps)
        for place, step in enumerate(self.steps):
            fields = [field for at, field in self._scans.values() if at == place]
            for field in fields:
                field.setEnabled(place == done and not field.is_taken)
            is_read = all(field.is_taken for field in fields)
            step.setEnabled(place == done - 1 or (place == done and is_read))
        left = len(self.steps) - done
        self.left.setText(tr("{} of {} steps to do").format(left, len(self.steps)) if left else tr("All done"))
        self.start.setEnabled(bool(self.steps) and left == 0)
