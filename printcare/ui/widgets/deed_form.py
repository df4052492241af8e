"""The form of a deed: its fields and tables, what was typed into them, and each objection beside what it concerns."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from printcare.ui.forms import Asked, FormDeed
from printcare.ui.models import Objection
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.choice_field import ChoiceField
from printcare.ui.widgets.entry_grid import EntryGrid, EntryRow
from printcare.ui.widgets.field import TextField
from printcare.ui.widgets.file_field import FileField
from printcare.ui.words import tr


class DeedForm(Card):
    """Asks what one deed of the page `key` needs; every field is named after the page."""

    entered = Signal()
    left = Signal()

    def __init__(self, key: str, deed: FormDeed) -> None:
        super().__init__(deed.words, f"form-{key}")
        self._key = key
        self.rows: dict[str, EntryRow] = {}
        self.fields = {asked.name: self._field(asked) for asked in deed.fields}
        if self.fields:
            self.body.addWidget(Beside(tuple(self.fields.values()), most=2))
        for table in deed.grids:
            made_grid = EntryGrid(table)
            self.rows |= made_grid.rows
            self.body.addWidget(made_grid)
        row = QHBoxLayout()
        row.setSpacing(8)
        goes = button(tr("Sign…") if deed.is_signed else tr("Enter"), f"form-{key}-enter", "primary")
        goes.clicked.connect(self.entered)
        leaves = button(tr("Leave it"), f"form-{key}-leave")
        leaves.clicked.connect(self.left)
        for made_button in (goes, leaves):
            row.addWidget(made_button)
        row.addStretch(1)
        self.body.addLayout(row)

    def begin(self) -> None:
        """Put the cursor into the first field."""
        if self.fields:
            next(iter(self.fields.values())).setFocus()

    @property
    def typed(self) -> dict[str, str]:
        """Return what was typed, by field, and by row and cell."""
        typed = {name: field.text for name, field in self.fields.items()}
        for row in self.rows.values():
            typed |= row.typed
        return typed

    def has_place_for(self, found: tuple[Objection, ...]) -> bool:
        """Whether one of these concerns a field or a row of the form."""
        return any(_is_at(each.where, name) for each in found for name in (*self.fields, *self.rows))

    def object_to(self, found: tuple[Objection, ...]) -> list[Objection]:
        """Show each objection below the field or the row it names, and return those that name none."""
        places: dict[str, TextField | ChoiceField | EntryRow] = {**self.fields, **self.rows}
        told: dict[str, list[Objection]] = {name: [] for name in places}
        others: list[Objection] = []
        for each in found:
            named = next((name for name in places if _is_at(each.where, name)), None)
            (others if named is None else told[named]).append(each)
        for name, place in places.items():
            place.object_to(" ".join(map(_told, told[name])))
        wrong = next((places[name] for name, those in told.items() if those), None)
        if isinstance(wrong, EntryRow):
            wrong.focus()
        elif wrong is not None:
            wrong.setFocus()
        return others

    def _field(self, asked: Asked) -> TextField | ChoiceField:
        made = _made(asked, f"{self._key}-{asked.name}")
        column = made.layout()
        if isinstance(column, QVBoxLayout):
            column.addStretch(1)  # beside a field with more words above it, this one begins at the top
        return made


def _made(asked: Asked, name: str) -> TextField | ChoiceField:
    if asked.choices:
        return ChoiceField(name, asked.words, asked.choices, asked.begun)
    if asked.is_file or asked.is_folder:
        made: TextField = FileField(name, asked.words, is_folder=asked.is_folder)
    else:
        made = TextField(name, asked.words, is_secret=asked.is_secret)
    made.line.setText(asked.begun)
    made.line.setCursorPosition(0)  # a long text is read from its beginning
    return made


def _told(objection: Objection) -> str:
    return f"{objection.code}: {objection.reason} {objection.remedy}"


def _is_at(where: str, name: str) -> bool:
    """Whether an objection is of this field: its name, a key path below it, or the last word of its own path."""
    return bool(where) and (where == name or where.startswith(f"{name}.") or name.endswith(f".{where}"))
