"""The first page: a rehearsal with one click, the site's own record, and the assistant that begins one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from printcare.ui.models import Fact
from printcare.ui.pages.page import Page
from printcare.ui.pages.set_up import SetUp
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, fact_grid, rule
from printcare.ui.widgets.label import label
from printcare.ui.words import tr

OFFER, ASSISTANT = 0, 1


class StartPage(Page):
    """Offers the rehearsal on the emulated bench, and work at the site's own record."""

    rehearse_asked = Signal()
    open_asked = Signal()  # the site's record
    theme_asked = Signal()

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        super().__init__("start", tr("Print a child's dose, from prescription to signed batch"))
        self.subtitle.setText(tr("Nothing is printed without a verified dose, and nothing without a record."))
        self._sides = QStackedWidget()
        self._sides.setObjectName("start-sides")
        offer = QWidget()
        column = QVBoxLayout(offer)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(Beside((self._rehearsal(), self._site())))
        column.addWidget(self.progress)
        column.addWidget(self.doing)
        here = Card(tr("This workstation"), "card-workstation")
        here.body.addWidget(fact_grid(facts, 3))
        self.light = button("", "theme", told=tr("Change between light and dark"))
        self.light.clicked.connect(self.theme_asked)
        here.body.addWidget(self.light, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(here)
        column.addStretch(1)
        self.set_up = SetUp()
        self.set_up.left.connect(self.show_offer)
        self._sides.addWidget(offer)
        self._sides.addWidget(self.set_up)
        self.body.addWidget(self._sides)
        self.body.addStretch(1)
        self._explain()

    def _rehearsal(self) -> Card:
        offer = Card(tr("Try it"), "card-rehearse")
        offer.body.addWidget(label(tr("Rehearse on the emulated bench"), "title", wraps=True))
        told = tr(
            "One click creates a record with made-up people and receives a made-up order for a child. "
            "Printer, balance and pressure sensor are emulated in a process of their own; they speak the real "
            "protocols. The batch ends as rehearsed: signed, never released."
        )
        offer.body.addWidget(label(told, wraps=True))
        offer.body.addStretch(1)
        self.begin = button(tr("Rehearse"), "rehearse", "primary", tr("Rehearse on the emulated bench"))
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
        return offer

    def _site(self) -> Card:
        site = Card(tr("Work"), "card-site")
        self._site_title = label("", "title", name="site-title", wraps=True)
        self._site_told = label("", name="site-told", wraps=True)
        site.body.addWidget(self._site_title)
        site.body.addWidget(self._site_told)
        site.body.addStretch(1)
        self.open_site = button(tr("Open the record"), "open-site", "primary")
        self.open_site.clicked.connect(self.open_asked)
        self.begin_site = button(tr("Set up this site …"), "begin-site")
        self.begin_site.clicked.connect(self.show_set_up)
        for made in (self.open_site, self.begin_site):
            site.body.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_site(False)
        return site

    def show_site(self, has_site: bool) -> None:
        """Offer to open the site's record, or to begin one."""
        title = tr("Work at this site's record") if has_site else tr("Set up this site")
        told = tr("Everybody signs in under their own name; the worklist comes next.")
        if not has_site:
            told = tr(
                "The assistant asks for the site, its first two people and the devices, and begins the record. "
                "It takes about three minutes, and two people."
            )
        self._site_title.setText(title)
        self._site_told.setText(told)
        self.open_site.setVisible(has_site)
        self.begin_site.setVisible(not has_site)

    def first(self) -> QWidget | None:
        """Return the record where there is one, else the rehearsal."""
        return self.open_site if self.open_site.isVisibleTo(self) else self.begin

    @Slot()
    def show_set_up(self) -> None:
        """Open the assistant; what was typed there before still stands."""
        self._sides.setCurrentIndex(ASSISTANT)
        self.set_up.take_focus()

    @Slot()
    def show_offer(self) -> None:
        """Leave the assistant; what was typed there stays."""
        self._sides.setCurrentIndex(OFFER)

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
        """Show that a record is being opened."""
        self.progress.setVisible(is_busy)
        self.doing.setVisible(is_busy)
        for made in (self.begin, self.open_site, self.begin_site):
            made.setEnabled(not is_busy)
        self.set_up.show_busy(is_busy)

    def show_doing(self, told: str) -> None:
        """Show what is being done."""
        self.doing.setText(f"{told} …")
