"""A page with deeds: buttons in the context for what may be done, and one form at a time in the body."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout

from printcare.ui.forms import FormDeed
from printcare.ui.models import Deed, Objection, RegisterEntry, RegisterRow
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import clear
from printcare.ui.widgets.choice_field import ChoiceField
from printcare.ui.widgets.deed_form import DeedForm
from printcare.ui.widgets.entry_grid import EntryRow
from printcare.ui.widgets.field import TextField
from printcare.ui.widgets.notice import Notice, objection_notice
from printcare.ui.words import tr

DEED_PX = 256  # of a move's words; beside the margins of its button and of the context


class DeedPage(Page):
    """Which deeds stand there the core's tables of moves and permissions say.

    `opened` asks for an entry by its key; `form_entered` tells entry, deed and what was typed by field.
    """

    opened = Signal(str)
    form_entered = Signal(str, object, object)

    def __init__(self, key: str, title: str, told: str = "") -> None:
        super().__init__(key, title, told)
        self.entry_key = ""
        self.form: DeedForm | None = None
        self.deeds = QVBoxLayout()
        self.deeds.setSpacing(8)

    @property
    def fields(self) -> dict[str, TextField | ChoiceField]:
        """Return the fields of the open form."""
        return {} if self.form is None else self.form.fields

    @property
    def rows(self) -> dict[str, EntryRow]:
        """Return the lines of the open form's tables."""
        return {} if self.form is None else self.form.rows

    def show_rows(self, rows: tuple[RegisterRow, ...]) -> None:
        """Show what may be opened."""
        raise NotImplementedError

    def show_entry(self, entry: RegisterEntry) -> None:
        """Show one entry and its deeds."""
        raise NotImplementedError

    def place_form(self, form: DeedForm) -> None:
        """Put a form where this page has room for it."""
        raise NotImplementedError

    def show_deeds(self, deeds: tuple[Deed, ...]) -> None:
        """Show a button for each deed."""
        clear(self.deeds)
        for deed in deeds:
            made = button(deed.words, f"deed-{deed.verb}")
            made.clicked.connect(lambda _, asked=deed: self._ask(asked))
            self.deeds.addWidget(made)
            made.ensurePolished()  # its font is the stylesheet's from now on
            made.setText(_in_lines(deed.words, made.fontMetrics()))

    def has_place_for(self, found: tuple[Objection, ...]) -> bool:
        """Whether one of these concerns a field or a row of the open form."""
        return self.form is not None and self.form.has_place_for(found)

    def show_objections(self, found: tuple[Objection, ...]) -> None:
        """Show each objection below the field or the row it names, the others above the form."""
        self.forget_notices()
        for each in found if self.form is None else self.form.object_to(found):
            self.tell(objection_notice(each, can_dismiss=True))

    def show_done(self, told: str) -> None:
        """Say what came of a deed."""
        self.forget_notices()
        if told:
            self.tell(Notice("accepted", tr("Entered"), told, can_dismiss=True))

    def show_form(self, deed: FormDeed) -> None:
        """Ask what a deed needs."""
        self.close_form()
        self.form = DeedForm(self.key, deed)
        self.form.entered.connect(lambda: self._enter(deed))
        self.form.left.connect(self.close_form)
        self.place_form(self.form)
        self.form.begin()

    @Slot()
    def close_form(self) -> None:
        """Take the form away."""
        form, self.form = self.form, None
        if form is not None:
            form.hide()
            form.setParent(None)
            form.deleteLater()

    def _ask(self, deed: Deed) -> None:
        if isinstance(deed, FormDeed) and (deed.fields or deed.grids):
            self.show_form(deed)
        else:
            self.form_entered.emit(self.entry_key, deed, {})

    def _enter(self, deed: FormDeed) -> None:
        self.forget_notices()
        if self.form is not None:
            self.form_entered.emit(self.entry_key, deed, self.form.typed)


def _in_lines(words: str, metrics: QFontMetrics) -> str:
    """Return words for a button, in two lines where they are wider than their place: a button breaks none itself."""
    if metrics.horizontalAdvance(words) <= DEED_PX:
        return words
    half = len(words) // 2
    places = [place for place, sign in enumerate(words) if sign == " "]
    middle = min(places, key=lambda place: abs(place - half), default=0)
    return f"{words[:middle]}\n{words[middle + 1 :]}" if middle else words
