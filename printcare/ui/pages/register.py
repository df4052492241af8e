"""A register: a list on the left, one entry on the right, what may be done to it, and the form a deed asks for."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QListWidget, QListWidgetItem, QProgressBar, QVBoxLayout

from printcare.ui.forms import Asked, FormDeed
from printcare.ui.messages import worded
from printcare.ui.models import Deed, Fact, Objection, RegisterEntry, RegisterRow, Section
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, fact_grid
from printcare.ui.widgets.choice_field import ChoiceField
from printcare.ui.widgets.entry_grid import EntryGrid, EntryRow
from printcare.ui.widgets.field import TextField
from printcare.ui.widgets.file_field import FileField
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import Notice, objection_notice
from printcare.ui.widgets.whole_table import WholeTable
from printcare.ui.words import tr

LIST_PX = 248
DEED_PX = 256  # of a move's words; beside the margins of its button and of the context


class RegisterPage(Page):
    """Lists what it is told; which deeds stand there the core's tables of moves and permissions say.

    Shows one form at a time; `form_entered` tells entry, deed and what was typed by field.
    """

    opened = Signal(str)
    form_entered = Signal(str, object, object)
    cancel_asked = Signal()
    answered = Signal()  # what a person was asked to do at the bench was done

    def __init__(self, key: str, title: str, told: str) -> None:
        super().__init__(key, title, told)
        self.entry_key = ""
        self.form: Card | None = None
        self.fields: dict[str, TextField | ChoiceField] = {}
        self.rows: dict[str, EntryRow] = {}
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
        self._deeds = QVBoxLayout()
        self._deeds.setSpacing(8)
        self.context_body.addWidget(label(tr("MOVES"), "caption"))
        self.context_body.addLayout(self._deeds)
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
        self.form, self.fields, self.rows = None, {}, {}
        self.entry_key = entry.key
        clear(self._entry)
        head = Card(entry.title, f"card-{self.key}-entry", worded(entry.subtitle))
        if entry.facts:
            head.body.addWidget(fact_grid(tuple(map(_worded, entry.facts)), 3))
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
            made.ensurePolished()  # its font is the stylesheet's from now on
            made.setText(_in_lines(deed.words, made.fontMetrics()))
        if not entry.deeds:
            told = tr("Nothing here is yours to do: its moves belong to other roles, or it has none left.")
            self._deeds.addWidget(label(told, "muted", name=f"{self.key}-no-deed", wraps=True))

    def has_place_for(self, found: tuple[Objection, ...]) -> bool:
        """Whether one of these concerns a field or a row of the open form."""
        return any(_is_at(each.where, name) for each in found for name in (*self.fields, *self.rows))

    def show_objections(self, found: tuple[Objection, ...]) -> None:
        """Show each objection below the field or the row it names, the others above the form."""
        self.forget_notices()
        places: dict[str, TextField | ChoiceField | EntryRow] = {**self.fields, **self.rows}
        told: dict[str, list[Objection]] = {name: [] for name in places}
        for each in found:
            named = next((name for name in places if _is_at(each.where, name)), None)
            if named is None:
                self.tell(objection_notice(each, can_dismiss=True))
            else:
                told[named].append(each)
        for name, place in places.items():
            place.object_to(" ".join(map(_told, told[name])))
        wrong = next((places[name] for name, those in told.items() if those), None)
        if isinstance(wrong, EntryRow):
            wrong.focus()
        elif wrong is not None:
            wrong.setFocus()

    def show_done(self, told: str) -> None:
        """Say what came of a deed."""
        self.forget_notices()
        if told:
            self.tell(Notice("accepted", tr("Entered"), told, can_dismiss=True))

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

    def show_form(self, deed: FormDeed) -> None:
        """Ask what a deed needs, below the head of the entry."""
        self.close_form()
        form = Card(deed.words, f"form-{self.key}")
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        for place, asked in enumerate(deed.fields):
            self.fields[asked.name] = made = self._field(asked)
            grid.addWidget(made, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        form.body.addLayout(grid)
        for table in deed.grids:
            made_grid = EntryGrid(table)
            self.rows |= made_grid.rows
            form.body.addWidget(made_grid)
        row = QHBoxLayout()
        row.setSpacing(8)
        goes = button(tr("Sign…") if deed.is_signed else tr("Enter"), f"form-{self.key}-enter", "primary")
        goes.clicked.connect(lambda: self._enter(deed))
        leaves = button(tr("Leave it"), f"form-{self.key}-leave")
        leaves.clicked.connect(self.close_form)
        for made_button in (goes, leaves):
            row.addWidget(made_button)
        row.addStretch(1)
        form.body.addLayout(row)
        self.form = form
        self._entry.insertWidget(1, form)
        if self.fields:
            next(iter(self.fields.values())).setFocus()

    def close_form(self) -> None:
        """Take the form away."""
        if self.form is not None:
            self._entry.removeWidget(self.form)
            self.form.hide()
            self.form.setParent(None)
            self.form.deleteLater()
        self.form, self.fields, self.rows = None, {}, {}

    @Slot()
    def _on_answered(self) -> None:
        self.answers.hide()
        self.answered.emit()

    def _field(self, asked: Asked) -> TextField | ChoiceField:
        name = f"{self.key}-{asked.name}"
        if asked.choices:
            return ChoiceField(name, asked.words, asked.choices, asked.begun)
        kind = FileField if asked.is_file else TextField
        made = kind(name, asked.words, is_secret=asked.is_secret)
        made.line.setText(asked.begun)
        return made

    def _ask(self, deed: Deed) -> None:
        if isinstance(deed, FormDeed) and (deed.fields or deed.grids):
            self.show_form(deed)
        else:
            self.form_entered.emit(self.entry_key, deed, {})

    def _enter(self, deed: FormDeed) -> None:
        self.forget_notices()
        typed = {name: field.text for name, field in self.fields.items()}
        for row in self.rows.values():
            typed |= row.typed
        self.form_entered.emit(self.entry_key, deed, typed)

    def _section(self, section: Section, number: int) -> Card:
        card = Card(section.caption, f"card-{self.key}-{number}")
        rows = [[worded(cell) for cell in row] for row in section.rows]
        card.body.addWidget(WholeTable(f"{self.key}-table-{number}", section.caption, section.heads, rows))
        return card

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


def _told(objection: Objection) -> str:
    return f"{objection.code}: {objection.reason} {objection.remedy}"


def _worded(fact: Fact) -> Fact:
    return replace(fact, value=worded(fact.value), note=worded(fact.note))


def _in_lines(words: str, metrics: QFontMetrics) -> str:
    """Return words for a button, in two lines where they are wider than their place: a button breaks none itself."""
    if metrics.horizontalAdvance(words) <= DEED_PX:
        return words
    half = len(words) // 2
    places = [place for place, sign in enumerate(words) if sign == " "]
    middle = min(places, key=lambda place: abs(place - half), default=0)
    return f"{words[:middle]}\n{words[middle + 1 :]}" if middle else words


def _is_at(where: str, name: str) -> bool:
    """Whether an objection is of this field: its name, a key path below it, or the last word of its own path."""
    return bool(where) and (where == name or where.startswith(f"{name}.") or name.endswith(f".{where}"))
