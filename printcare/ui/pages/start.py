"""The first page: what this workstation is, and a rehearsal with one click."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar

from printcare.ui.models import Fact
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, fact_grid, rule
from printcare.ui.widgets.label import label
from printcare.ui.words import tr


class StartPage(Page):
    """Offers the rehearsal on the emulated bench."""

    rehearse_asked = Signal()

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        super().__init__("start", "printcare")
        self.title.setText(tr("Print a child's dose, from prescription to signed batch"))
        self.subtitle.setText(tr("Nothing is printed without a verified dose, and nothing without a record."))
        offer = Card(tr("Rehearse"), "card-rehearse")
        offer.body.addWidget(label(tr("Rehearse on the emulated bench"), "title"))
        told = tr(
            "One click creates a record with made-up people and receives a made-up order for a child. "
            "Printer, balance and pressure sensor are emulated in a process of their own; they speak the real "
            "protocols. The batch ends as rehearsed: signed, never released."
        )
        offer.body.addWidget(label(told, wraps=True))
        self.begin = button(tr("Rehearse on the emulated bench"), "rehearse", "primary")
        self.begin.clicked.connect(self.rehearse_asked)
        offer.body.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeft)
        self.progress = QProgressBar()
        self.progress.setObjectName("start-progress")
        self.progress.setAccessibleName(tr("Progress of the set-up"))
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.hide()
        self.doing = label("", "muted", name="start-doing", wraps=True)
        self.doing.hide()
        offer.body.addWidget(self.progress)
        offer.body.addWidget(self.doing)
        self.body.addWidget(offer)
        here = Card(tr("This workstation"), "card-workstation")
        here.body.addWidget(fact_grid(facts, 3))
        self.body.addWidget(here)
        self.body.addStretch(1)
        self._explain()

    def _explain(self) -> None:
        self.context_body.addWidget(label(tr("WHAT HAPPENS NEXT"), "caption"))
        steps = (
            (tr("Worklist"), tr("The order of the hospital stands there as a card.")),
            (tr("Prescription"), tr("The dose is calculated line by line; a second person types it again.")),
            (tr("Plan"), tr("Recipe, ink, tray and the checked program.")),
            (tr("Prepare"), tr("Five steps, signed off one by one.")),
            (tr("Run"), tr("Each unit is printed, weighed and judged. Hold and Stop are always there.")),
            (tr("Release"), tr("Figures, exceptions, signature.")),
            (tr("Documents"), tr("Batch record, label, units, audit export.")),
        )
        for number, (word, told) in enumerate(steps, start=1):
            self.context_body.addWidget(label(f"{number}   {word}", "strong"))
            told_label = label(told, "small", wraps=True)
            told_label.setContentsMargins(24, 0, 0, 0)
            self.context_body.addWidget(told_label)
            self.context_body.addWidget(rule())
        self.context_body.addStretch(1)

    def show_busy(self, is_busy: bool) -> None:
        """Show that the set-up is under way."""
        self.progress.setVisible(is_busy)
        self.doing.setVisible(is_busy)
        self.begin.setEnabled(not is_busy)

    def show_doing(self, told: str) -> None:
        """Show what is being done."""
        self.doing.setText(f"{told} …")
