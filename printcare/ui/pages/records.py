"""The record: events newest first with filters, its verdict, and its export."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QLineEdit, QTableWidget

from printcare.ui.models import EventRow
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import Notice
from printcare.ui.widgets.table import filled
from printcare.ui.words import tr

TABLE_PX = 420


class RecordsPage(Page):
    """What happened, who did it and why; nothing here changes anything."""

    shown_asked = Signal(str, str)  # object, action
    verify_asked = Signal()
    export_asked = Signal()

    def __init__(self) -> None:
        super().__init__("records", tr("Records"))
        self.title.setText(tr("Records"))
        self.subtitle.setText(tr("Newest first; refusals stand here as well."))
        card = Card(tr("Audit trail"), "card-events")
        row = QHBoxLayout()
        row.setSpacing(12)
        self.what, self.action = QLineEdit(), QLineEdit()
        for line, name, told in (
            (self.what, "what", tr("Batch, unit, lot, recipe or account, as B-0001")),
            (self.action, "action", tr("Action, as alarm.raised")),
        ):
            line.setObjectName(f"events-{name}")
            line.setAccessibleName(told)
            line.setPlaceholderText(told)
            line.returnPressed.connect(self.ask)
            frame = QFrame()
            frame.setObjectName(f"frame-events-{name}")
            frame.setProperty("role", "field")
            inner = QHBoxLayout(frame)
            inner.setContentsMargins(12, 0, 12, 0)
            inner.addWidget(line)
            row.addWidget(frame, 1)
        shows = button(tr("Show"), "events-show", "primary")
        shows.clicked.connect(self.ask)
        row.addWidget(shows)
        card.body.addLayout(row)
        self.table = QTableWidget()
        self.table.setObjectName("events-table")
        self.table.setAccessibleName(tr("Events, newest first"))
        self.table.setMinimumHeight(TABLE_PX)
        card.body.addWidget(self.table, 1)
        self.count = label("", "small", name="events-count")
        card.body.addWidget(self.count)
        self.body.addWidget(card, 1)
        self._build_context()

    def _build_context(self) -> None:
        self.context_body.addWidget(label(tr("IS IT WHOLE?"), "caption"))
        told = tr(
            "Verifying reads every event, recomputes the tree and every row, and shows the line to compare with the "
            "one printed on paper."
        )
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.verify = button(tr("Verify the record"), "record-verify", "primary")
        self.export = button(tr("Export the record"), "record-export")
        self.verify.clicked.connect(self.verify_asked)
        self.export.clicked.connect(self.export_asked)
        for made in (self.verify, self.export):
            self.context_body.addWidget(made)
        self.context_body.addStretch(1)

    @Slot()
    def ask(self) -> None:
        """Ask for the events that fit the filters."""
        self.shown_asked.emit(self.what.text().strip(), self.action.text().strip())

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
        for made in (self.verify, self.export):
            made.setEnabled(not is_busy)

    def show_told(self, state: str, title: str, told: str) -> None:
        """Show a verdict or where an export was written."""
        self.forget_notices()
        self.tell(Notice(state, title, told, can_dismiss=True, can_copy=True))
