"""A register: a list on the left, one entry on the right, what may be done to it, and the form a deed asks for."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QProgressBar, QVBoxLayout

from printcare.ui.messages import worded
from printcare.ui.models import Fact, RegisterEntry, RegisterRow
from printcare.ui.pages.deed_page import DeedPage
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, fact_grid
from printcare.ui.widgets.deed_form import DeedForm
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import objection_notice
from printcare.ui.widgets.section_card import section_card
from printcare.ui.words import tr

LIST_PX = 248


class RegisterPage(DeedPage):
    """Lists what it is told, and shows the one that was chosen."""

    cancel_asked = Signal()
    answered = Signal()  # what a person was asked to do at the bench was done

    def __init__(self, key: str, title: str, told: str) -> None:
        super().__init__(key, title, told)
        self.body.addWidget(self._build_progress())
        self.list = QListWidget()
        self.list.setObjectName(f"{key}-list")
        self.list.setAccessibleName(title)
        self.list.setMinimumWidth(LIST_PX)
        self.list.setMaximumWidth(LIST_PX)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._on_chosen)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.list)
        self._entry = QVBoxLayout()
        self._entry.setSpacing(12)
        row.addLayout(self._entry, 1)
        self.body.addLayout(row, 1)
        self.context_body.addWidget(label(tr("MOVES"), "caption"))
        self.context_body.addLayout(self.deeds)
        self.context_body.addStretch(1)

    def _build_progress(self) -> Card:
        key = self.key
        self._progress = Card(tr("Under way"), f"card-{key}-progress")
        self._doing = label("", name=f"{key}-doing", wraps=True)
        self._bar = QProgressBar()
        self._bar.setObjectName(f"{key}-bar")
        self._bar.setAccessibleName(tr("How far it is"))
        self._bar.setTextVisible(False)
        self.cancels = button(tr("Cancel after this step"), f"{key}-cancel")
        self.cancels.clicked.connect(self.cancel_asked)
        self.answers = button(tr("It is done"), f"{key}-answer", "primary")
        self.answers.clicked.connect(self._on_answered)
        self.answers.hide()
        for widget in (self._doing, self._bar, self.answers, self.cancels):
            self._progress.body.addWidget(widget)
        self._progress.hide()
        return self._progress

    def show_rows(self, rows: tuple[RegisterRow, ...]) -> None:
        """List these, and keep what was open open."""
        wanted = self.entry_key
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            line = QListWidgetItem(f"{row.title}\n{worded(row.status)}" if row.status else row.title)
            line.setData(Qt.ItemDataRole.UserRole, row.key)
            self.list.addItem(line)
        self.list.blockSignals(False)
        place = next((place for place, row in enumerate(rows) if row.key == wanted), 0)
        if rows:
            self.list.setCurrentRow(place)
        else:
            clear(self._entry)
            self._entry.addWidget(label(tr("Nothing is on record yet."), "muted"))

    def show_entry(self, entry: RegisterEntry) -> None:
        """Show one entry; a form of the one before goes."""
        self.form = None
        self.entry_key = entry.key
        clear(self._entry)
        head = Card(entry.title, f"card-{self.key}-entry")
        if entry.subtitle:
            head.body.addWidget(label(worded(entry.subtitle), "small", wraps=True))
        if entry.facts:
            head.body.addWidget(fact_grid(tuple(map(_worded, entry.facts)), 3))
        self._entry.addWidget(head)
        for finding in entry.findings:
            self._entry.addWidget(objection_notice(finding))
        for number, section in enumerate(entry.sections, start=1):
            self._entry.addWidget(section_card(self.key, number, section))
        self._entry.addStretch(1)
        self.show_deeds(entry.deeds)
        if not entry.deeds:
            told = tr("Nothing here is yours to do: its moves belong to other roles, or it has none left.")
            self.deeds.addWidget(label(told, "muted", name=f"{self.key}-no-deed", wraps=True))

    def place_form(self, form: DeedForm) -> None:
        """Put a form below the head of the entry."""
        self._entry.insertWidget(1, form)

    def show_progress(self, told: str, done: int, of: int) -> None:
        """Show how far something is that takes its time; an empty text takes it away."""
        self._doing.setText(told)
        self._bar.setRange(0, of)
        self._bar.setValue(done)
        self._progress.setVisible(bool(told))
        self.cancels.setEnabled(bool(told))

    @Slot(str)
    def show_asked(self, told: str) -> None:
        """Ask a person to do something at the bench."""
        self._doing.setText(told)
        self.answers.show()
        self.answers.setFocus()

    @Slot()
    def _on_answered(self) -> None:
        self.answers.hide()
        self.answered.emit()

    @Slot()
    def _on_chosen(self) -> None:
        line = self.list.currentItem()
        if line is not None:
            self.opened.emit(str(line.data(Qt.ItemDataRole.UserRole)))


class RecipesPage(RegisterPage):
    """Recipes, dosing rules and the site's table, by version."""

    def __init__(self) -> None:
        super().__init__(
            "recipes",
            tr("Recipes"),
            tr("Every version with where it stands; only what is effective is printed from."),
        )
        self.title.setText(tr("Recipes, dosing rules and the site's table"))


class InksPage(RegisterPage):
    """Lots, cartridges and formulations."""

    def __init__(self) -> None:
        told = tr("Lots and cartridges with where they stand, what speaks against them, and grams.")
        super().__init__("inks", tr("Inks"), told)


class AdministrationPage(RegisterPage):
    """The site's mode and settings, its people, and what keeps the record."""

    def __init__(self) -> None:
        told = tr("The site's mode, and who works here. An administrator never prints or releases.")
        super().__init__("administration", tr("Administration"), told)


def _worded(fact: Fact) -> Fact:
    return replace(fact, value=worded(fact.value), note=worded(fact.note))
