"""A register whose deeds ask for more than a signature: the form stands in the page, objections beside their fields."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar

from printcare.ui.forms import Asked, FormDeed
from printcare.ui.models import Deed, Objection, RegisterEntry
from printcare.ui.pages.register import RegisterPage
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.choice_field import ChoiceField
from printcare.ui.widgets.field import TextField
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import Notice, objection_notice
from printcare.ui.words import tr


class CarePage(RegisterPage):
    """Shows one form at a time; `form_entered` tells entry, deed and what was typed by field."""

    form_entered = Signal(str, object, object)
    cancel_asked = Signal()
    answered = Signal()  # what a person was asked to do at the bench was done

    def __init__(self, key: str, title: str, told: str) -> None:
        super().__init__(key, title, told, tr("MOVES"), "")
        self.title.setText(title)
        self.form: Card | None = None
        self.fields: dict[str, TextField | ChoiceField] = {}
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
        self.body.insertWidget(0, self._progress)

    def show_entry(self, entry: RegisterEntry) -> None:
        """Show one entry; a form of the one before goes."""
        self.form, self.fields = None, {}
        super().show_entry(entry)

    def show_objections(self, found: tuple[Objection, ...]) -> None:
        """Show each objection below the field it names, the others above the form."""
        for name, field in self.fields.items():
            field.object_to(" ".join(_told(each) for each in found if each.where == name))
        for each in found:
            if each.where not in self.fields:
                self.tell(objection_notice(each, can_dismiss=True))
        wrong = next((field for name, field in self.fields.items() if any(each.where == name for each in found)), None)
        if wrong is not None:
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
        next(iter(self.fields.values())).setFocus()

    def close_form(self) -> None:
        """Take the form away."""
        if self.form is not None:
            self._entry.removeWidget(self.form)
            self.form.hide()
            self.form.setParent(None)
            self.form.deleteLater()
        self.form, self.fields = None, {}

    @Slot()
    def _on_answered(self) -> None:
        self.answers.hide()
        self.answered.emit()

    def _field(self, asked: Asked) -> TextField | ChoiceField:
        name = f"{self.key}-{asked.name}"
        if asked.choices:
            return ChoiceField(name, asked.words, asked.choices, asked.begun)
        made = TextField(name, asked.words)
        made.line.setText(asked.begun)
        return made

    def _ask(self, deed: Deed) -> None:
        if isinstance(deed, FormDeed) and deed.fields:
            self.show_form(deed)
        else:
            self.form_entered.emit(self.entry_key, deed, {})

    def _enter(self, deed: FormDeed) -> None:
        self.forget_notices()
        typed = {name: field.text for name, field in self.fields.items()}
        self.form_entered.emit(self.entry_key, deed, typed)


def _told(objection: Objection) -> str:
    return f"{objection.code}: {objection.reason} {objection.remedy}"
