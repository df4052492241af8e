"""The record: events newest first with filters, its verdict, and its export."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHeaderView, QPushButton, QTableWidget, QVBoxLayout

from printcare.domain.events import DONE, REFUSED
from printcare.ui.models import EventRow, Objection
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear
from printcare.ui.widgets.choice_field import ChoiceField
from printcare.ui.widgets.field import TextField
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import Notice, objection_notice
from printcare.ui.widgets.table import filled
from printcare.ui.words import tr

TABLE_PX = 420


class RecordsPage(Page):
    """What happened, who did it and why; nothing here changes anything."""

    shown_asked = Signal(object)  # what was typed by field
    recall_asked = Signal(str)  # lot, cartridge or ingredient
    verify_asked = Signal(str)  # the line on paper, or nothing
    export_asked = Signal(str)  # its name

    def __init__(self) -> None:
        super().__init__("records", tr("Records"))
        self.title.setText(tr("Records"))
        self.subtitle.setText(tr("Newest first; refusals stand here as well."))
        card = Card(tr("Audit trail"), "card-events")
        card.body.addLayout(self._build_search())
        self.table = QTableWidget()
        self.table.setObjectName("events-table")
        self.table.setAccessibleName(tr("Events, newest first"))
        self.table.setMinimumHeight(TABLE_PX)
        card.body.addWidget(self.table, 1)
        self.count = label("", "small", name="events-count")
        card.body.addWidget(self.count)
        self.body.addWidget(card, 1)
        self._build_context()

    def _build_search(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        outcomes = (("", tr("all")), (DONE, tr("done")), (REFUSED, tr("refused")))
        self.fields: dict[str, TextField | ChoiceField] = {
            "what": TextField("events-what", tr("Patient's pseudonym, ink lot, batch, unit, recipe or account")),
            "action": TextField("events-action", tr("Action, as alarm.raised")),
            "person": TextField("events-person", tr("Who, as they sign in")),
            "since": TextField("events-since", tr("From, as 2026-01-31")),
            "until": TextField("events-until", tr("To, as 2026-01-31")),
            "outcome": ChoiceField("events-outcome", tr("What came of it"), outcomes),
        }
        places = ((0, 0, 2), (0, 2, 1), (1, 0, 1), (1, 1, 1), (1, 2, 1), (2, 0, 1))  # row, column, columns
        for field, (row, column, columns) in zip(self.fields.values(), places, strict=True):
            grid.addWidget(field, row, column, 1, columns, Qt.AlignmentFlag.AlignTop)
            if isinstance(field, TextField):
                field.line.returnPressed.connect(self.ask)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        shows = button(tr("Show"), "events-show", "primary")
        shows.clicked.connect(self.ask)
        grid.addWidget(shows, 2, 1, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
        return grid

    def _build_context(self) -> None:
        self.context_body.addWidget(label(tr("WHAT WAS MADE OF IT?"), "caption"))
        told = tr("Every batch, unit and patient of a lot, a cartridge or an ingredient, as CSV and PDF.")
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.asked = TextField("recall-asked", tr("Lot, cartridge or ingredient"))
        self.asked.line.returnPressed.connect(self._on_recall)
        self.recall = button(tr("Write the recall list"), "record-recall", "primary")
        self.recall.clicked.connect(self._on_recall)
        for widget in (self.asked, self.recall):
            self.context_body.addWidget(widget)
        self.context_body.addSpacing(16)
        self.context_body.addWidget(label(tr("IS IT WHOLE?"), "caption"))
        told = tr(
            "Verifying reads every event, recomputes the tree and every row, and shows the line to compare with the "
            "one printed on paper."
        )
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.anchor = TextField("record-anchor", tr("Line on paper to compare with, if there is one"))
        self.context_body.addWidget(self.anchor)
        self.verify = button(tr("Verify the record"), "record-verify", "primary")
        self.exports: dict[str, QPushButton] = {}
        self._exports = QVBoxLayout()
        self._exports.setSpacing(8)
        self.verify.clicked.connect(self._on_verify)
        self.context_body.addWidget(self.verify)
        self.context_body.addSpacing(16)
        self.context_body.addWidget(label(tr("WHAT LEAVES THE RECORD"), "caption"))
        self.context_body.addLayout(self._exports)
        self.context_body.addStretch(1)

    @Slot()
    def ask(self) -> None:
        """Ask for the events that fit the filters."""
        for field in self.fields.values():
            field.object_to("")
        self.shown_asked.emit({name: field.text for name, field in self.fields.items()})

    @Slot()
    def _on_verify(self) -> None:
        self.verify_asked.emit(self.anchor.text)

    @Slot()
    def _on_recall(self) -> None:
        self.recall_asked.emit(self.asked.text)

    def show_rights(self, *, may_trace: bool, exports: Mapping[str, str]) -> None:
        """Show the buttons of who is signed in alone; an export is a name and its words."""
        for widget in (self.asked, self.recall):
            widget.setEnabled(may_trace)
        clear(self._exports)
        self.exports = {name: button(words, f"record-{name}") for name, words in exports.items()}
        for name, made in self.exports.items():
            made.clicked.connect(lambda _, asked=name: self.export_asked.emit(asked))
            self._exports.addWidget(made)

    def show_objections(self, found: tuple[Objection, ...]) -> None:
        """Show each objection below the field it concerns, every other above the page."""
        self.forget_notices()
        places = {**self.fields, "lot": self.asked, "anchor": self.anchor}
        for each in found:
            place = places.get(each.where)
            if place is None:
                self.tell(objection_notice(each, can_dismiss=True))
            else:
                place.object_to(f"{each.code}: {each.reason} {each.remedy}")
                place.setFocus()

    def show_events(self, rows: tuple[EventRow, ...]) -> None:
        """List these events."""
        heads = (tr("No."), tr("When, UTC"), tr("Who"), tr("Action"), tr("Outcome"))
        cells = [  # one line an event
            (str(r.number), r.at, r.who, f"{r.action} · {r.what}", " · ".join(filter(None, (r.outcome, r.reason))))
            for r in rows
        ]
        filled(self.table, heads, cells)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.count.setText(tr("{} events shown").format(len(rows)))

    def show_busy(self, is_busy: bool) -> None:
        """Allow no second click while the record is read through."""
        for made in (self.verify, *self.exports.values()):
            made.setEnabled(not is_busy)

    def show_told(self, state: str, title: str, told: str) -> None:
        """Show a verdict or where an export was written."""
        self.forget_notices()
        self.tell(Notice(state, title, told, can_dismiss=True, can_copy=True))
