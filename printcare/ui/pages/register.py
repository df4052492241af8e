"""A register: a list on the left, one entry with its tables and objections on the right, and what may be done to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout

from printcare.ui.models import Deed, RegisterEntry, RegisterRow, Section
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, fact_grid
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import objection_notice
from printcare.ui.widgets.whole_table import WholeTable
from printcare.ui.words import tr

LIST_PX = 232


class RegisterPage(Page):
    """Lists what it is told; which deeds stand there the core's tables of moves and permissions say."""

    opened = Signal(str)
    deed_asked = Signal(str, object)  # key, Deed

    def __init__(self, key: str, title: str, told: str, caption: str, why: str) -> None:
        super().__init__(key, title, told)
        self.entry_key = ""
        self.list = QListWidget()
        self.list.setObjectName(f"{key}-list")
        self.list.setAccessibleName(title)
        self.list.setMinimumWidth(LIST_PX)
        self.list.setMaximumWidth(LIST_PX)
        self.list.setWordWrap(True)
        self.list.currentItemChanged.connect(self._on_chosen)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.list)
        self._entry = QVBoxLayout()
        self._entry.setSpacing(12)
        row.addLayout(self._entry, 1)
        self.body.addLayout(row, 1)
        self._deeds = QVBoxLayout()
        self._deeds.setSpacing(8)
        self.context_body.addWidget(label(caption, "caption"))
        self.context_body.addLayout(self._deeds)
        self.context_body.addWidget(label(why, "small", wraps=True))
        self.context_body.addStretch(1)

    def show_rows(self, rows: tuple[RegisterRow, ...]) -> None:
        """List these, and keep what was open open."""
        wanted = self.entry_key
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            line = QListWidgetItem(f"{row.title}\n{row.status}")
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
        """Show one entry."""
        self.entry_key = entry.key
        clear(self._entry)
        head = Card(entry.title, f"card-{self.key}-entry", entry.subtitle)
        head.body.addWidget(fact_grid(entry.facts, 3))
        self._entry.addWidget(head)
        for finding in entry.findings:
            self._entry.addWidget(objection_notice(finding))
        for number, section in enumerate(entry.sections, start=1):
            self._entry.addWidget(self._section(section, number))
        self._entry.addStretch(1)
        clear(self._deeds)
        for deed in entry.deeds:
            made = button(deed.words, f"deed-{deed.verb}")
            made.clicked.connect(lambda _, asked=deed: self._ask(asked))
            self._deeds.addWidget(made)
        if not entry.deeds:
            told = tr("Nothing here is yours to do: its moves belong to other roles, or it has none left.")
            self._deeds.addWidget(label(told, "muted", name=f"{self.key}-no-deed", wraps=True))

    def _ask(self, deed: Deed) -> None:
        self.deed_asked.emit(self.entry_key, deed)

    def _section(self, section: Section, number: int) -> Card:
        card = Card(section.caption, f"card-{self.key}-{number}")
        card.body.addWidget(WholeTable(f"{self.key}-table-{number}", section.caption, section.heads, section.rows))
        return card

    @Slot()
    def _on_chosen(self) -> None:
        line = self.list.currentItem()
        if line is not None:
            self.opened.emit(str(line.data(Qt.ItemDataRole.UserRole)))


class RecipesPage(RegisterPage):
    """Recipes, dosing rules and the site's table, by version."""

    def __init__(self) -> None:
        super().__init__("recipes", tr("Recipes"), "", tr("MOVES"), "")
        self.title.setText(tr("Recipes, dosing rules and the site's table"))
        self.subtitle.setText(tr("Every version with where it stands; only what is effective is printed from."))


class InksPage(RegisterPage):
    """Lots, cartridges and formulations."""

    def __init__(self) -> None:
        super().__init__("inks", tr("Inks"), "", tr("MOVES"), "")
        self.title.setText(tr("Inks"))
        self.subtitle.setText(tr("Lots and cartridges with where they stand, what speaks against them, and grams."))


class AdministrationPage(RegisterPage):
    """The site's mode and its people."""

    def __init__(self) -> None:
        super().__init__("administration", tr("Administration"), "", tr("MOVES"), "")
        self.title.setText(tr("Administration"))
        self.subtitle.setText(tr("The site's mode, and who works here. An administrator never prints or releases."))
