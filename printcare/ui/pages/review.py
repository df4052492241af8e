"""Review and release: exceptions first, then masses, figures and signatures, and the decision to sign."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from printcare.domain.batch import UnitState
from printcare.ui.figures import DASH, figure
from printcare.ui.messages import said
from printcare.ui.models import Objection, ReviewView, UnitRow
from printcare.ui.pages.page import Page
from printcare.ui.unit_look import LOOKS
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, fact_grid, rule
from printcare.ui.widgets.exception_row import ExceptionRow
from printcare.ui.widgets.histogram import Histogram
from printcare.ui.widgets.interruption import InterruptionCard
from printcare.ui.widgets.label import label
from printcare.ui.words import phrase, tr

ROW_PX, TABLE_PX = 36, 460
OPEN = ("quarantined", "finishing")  # a decision is due


class ReviewPage(Page):
    """A printed batch before a releaser."""

    sign_asked = Signal(str)  # rehearsed | rejected | released
    trail_asked = Signal(object)  # the numbers of the events that were opened
    documents_asked = Signal()
    replan_asked = Signal()
    safe_asked = Signal()
    interruption_closed = Signal(str)  # what is known of it

    def __init__(self) -> None:
        super().__init__("review", tr("Review and release"))
        self.title.setText(tr("Review and release"))
        self.subtitle.setText(tr("A batch stands here when its job has ended."))
        self._review: ReviewView | None = None
        self._is_open = False
        self._content = QVBoxLayout()
        self._content.setSpacing(16)
        self.body.addLayout(self._content)
        self.body.addStretch(1)
        self._panel = QVBoxLayout()
        self._panel.setSpacing(8)
        self.context_body.addLayout(self._panel)
        self.context_body.addStretch(1)
        self.histogram = Histogram()
        self.interruption: InterruptionCard | None = None
        self._build_footer()

    def _build_footer(self) -> None:
        self.why = label("", "muted", name="review-why", wraps=True)
        self.footer.addWidget(self.why, 1)
        self._may_be: tuple[str, ...] = ()
        self.exceptions: list[ExceptionRow] = []
        self.trail: list[ExceptionRow] = []
        self.sign_trail = button(tr("Sign the review of the trail …"), "sign-trail")
        self.sign_trail.clicked.connect(self._on_trail)
        self.release = button(tr("Release batch"), "sign-released", "primary")
        self.release.clicked.connect(self._on_release)
        self.reject = button(tr("Reject batch"), "sign-rejected")
        self.rehearse = button(tr("Sign as rehearsed"), "sign-rehearsed", "primary")
        self.documents = button(tr("Documents →"), "to-documents", "primary")
        self.replan = button(tr("Plan another batch →"), "replan")
        self.replan.clicked.connect(self.replan_asked)
        self.reject.clicked.connect(self._on_reject)
        self.rehearse.clicked.connect(self._on_rehearse)
        self.documents.clicked.connect(self.documents_asked)
        for made in (self.replan, self.reject, self.sign_trail, self.rehearse, self.release, self.documents):
            self.footer.addWidget(made)

    def first(self) -> QWidget | None:
        """Return the first exception nobody has opened, else the signature that may be made, else the documents."""
        unread = (row for row in (*self.exceptions, *self.trail) if not row.is_open)
        offered = (self.sign_trail, self.release, self.rehearse, self.documents)
        may_be = (made for made in offered if made.isVisibleTo(self) and made.isEnabled())
        return next(iter((*unread, *may_be)), None) if self._review is not None else None

    def show_review(self, review: ReviewView) -> None:
        """Show a batch and what may be signed."""
        is_open = review.status in OPEN
        self.title.setText(tr("Batch {} · {}").format(review.batch_id, review.product))
        self.subtitle.setText(review.reconciliation)
        clear(self._content)
        self.interruption = self._interruption(review)
        self._content.addWidget(self._exceptions(review))
        self._show_trail(review)
        masses = Card(tr("Unit masses"), "card-masses")
        masses.body.addWidget(_table(review, tuple(map(tr, HEADS))))
        masses.body.addStretch(1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self._spread(review))
        figures = Card(tr("Uniformity"), "card-figures", tr("estimated from mass"))
        figures.body.addWidget(fact_grid(review.figures, 2))
        figures.body.addStretch(1)
        column.addWidget(figures, 1)
        self._content.addWidget(Beside((masses, right), (3, 2)))
        self._show_signatures(review)
        self._may_be = review.may_be
        self.reject.setVisible(is_open)
        self.release.setVisible(is_open and "released" in review.may_be)
        self.rehearse.setVisible(is_open and not self.release.isVisibleTo(self))
        self.sign_trail.setVisible(is_open and bool(review.release_stops) and review.may_review_trail)
        self.replan.setVisible(not is_open)
        self.documents.setVisible(not is_open or review.may_be == ("rejected",))
        self._review, self._is_open = review, is_open
        self._allow()
        self.show_footer()

    def show_busy(self, is_busy: bool) -> None:
        """Allow no second signature while one is made."""
        for made in (self.reject, self.sign_trail, self.rehearse, self.release, self.documents):
            made.setDisabled(is_busy)
        if not is_busy:
            self._allow()

    @Slot()
    def _allow(self) -> None:
        """Let be signed what the core allows, once every exception was opened."""
        is_read = all(row.is_open for row in (*self.exceptions, *self.trail))
        self.reject.setEnabled(is_read)
        self.rehearse.setEnabled(is_read and "rehearsed" in self._may_be)
        stops = () if self._review is None else self._review.release_stops
        self.release.setEnabled(is_read and "released" in self._may_be and not stops)
        self.sign_trail.setEnabled(is_read)
        if self._review is not None:
            self.why.setText(self._why(self._review, self._is_open))

    @Slot()
    def _on_opened(self) -> None:
        self._allow()
        first = self.first()
        if first is not None:
            first.setFocus()

    def _why(self, review: ReviewView, is_open: bool) -> str:
        if not is_open:
            return tr("The batch is {}.").format(tr(review.status))
        unread = sum(not row.is_open for row in (*self.exceptions, *self.trail))
        if unread:
            return tr("{} exceptions to open before anything is signed.").format(unread)
        if review.release_stops and "released" in review.may_be:
            return " ".join(f"{each.code}: {each.reason} {each.remedy}" for each in review.release_stops)
        if "released" in review.may_be:
            return tr("A releaser signs with the password; nobody who printed the batch releases it.")
        if "rehearsed" in review.may_be:
            return tr("A releaser signs with the password. A simulated batch is never released.")
        return tr("This batch can only be rejected; the findings above say why.")

    def _interruption(self, review: ReviewView) -> InterruptionCard | None:
        if review.interruption is None:
            return None
        card = InterruptionCard(review.interruption)
        card.safe_asked.connect(self.safe_asked)
        card.closed.connect(self.interruption_closed)
        self._content.addWidget(card)
        return card

    def show_safe(self, told: str, state: str) -> None:
        """Show what the printer of an interrupted batch answered."""
        if self.interruption is not None:
            self.interruption.show_safe(told, state)

    def _exceptions(self, review: ReviewView) -> Card:
        """Show each exception closed, to be opened one by one; those of a decided batch stand open."""
        card = Card(tr("Exceptions"), "card-exceptions")
        deviations = (Objection(tr("Deviation"), "warning", told, "") for told in review.deviations)
        found = (*review.findings, *review.alarms, *deviations)
        self.exceptions = [ExceptionRow(each, number) for number, each in enumerate(found, start=1)]
        for row in self.exceptions:
            card.body.addWidget(row)
            if review.status not in OPEN:
                row.open_up()
            row.opened.connect(self._on_opened)
        if not found:
            told = tr("✓ No alarm, no deviation, nothing out of its range.")
            card.body.addWidget(label(told, state="accepted", name="no-exceptions"))
        return card

    def _show_trail(self, review: ReviewView) -> None:
        """Show the critical events of a batch that may be released, each closed until somebody looks at it."""
        self.trail = [ExceptionRow(each.told, each.seq) for each in review.trail]
        if not review.release_stops and not self.trail:
            return
        card = Card(tr("Audit trail"), "card-trail", tr("critical events of this batch, before a release"))
        for row in self.trail:
            row.setObjectName(f"trail-{row.objectName()}")
            card.body.addWidget(row)
            row.opened.connect(self._on_opened)
        if not self.trail:
            card.body.addWidget(label(tr("✓ No critical event."), state="accepted", name="no-trail"))
        self._content.addWidget(card)

    def _spread(self, review: ReviewView) -> Card:
        card = Card(tr("Spread of accepted units"), "card-histogram")
        self.histogram = Histogram()
        masses = [
            float(u.mass_mg) for u in review.units if u.mass_mg is not None and u.state == UnitState.ACCEPTED.value
        ]
        if masses:
            self.histogram.show_masses(masses, review.target_mg, review.low_mg, review.high_mg)
            card.body.addWidget(self.histogram)
        else:
            card.body.addWidget(label(tr("No unit was accepted."), "muted"))
        return card

    def _show_signatures(self, review: ReviewView) -> None:
        clear(self._panel)
        self._panel.addWidget(label(tr("SIGNATURES"), "caption"))
        for signed in review.signatures:
            self._panel.addWidget(label(f"✓ {signed.name}", "strong", wraps=True))
            self._panel.addWidget(label(f"{signed.value} · {signed.unit}", "small", wraps=True))
            self._panel.addWidget(label(signed.note, "small", wraps=True))
            self._panel.addWidget(rule())

    @Slot()
    def _on_trail(self) -> None:
        if self._review is not None:
            self.trail_asked.emit(tuple(each.seq for each in self._review.trail))

    @Slot()
    def _on_release(self) -> None:
        self.sign_asked.emit("released")

    @Slot()
    def _on_reject(self) -> None:
        self.sign_asked.emit("rejected")

    @Slot()
    def _on_rehearse(self) -> None:
        self.sign_asked.emit("rehearsed")


HEADS = (phrase("Unit"), phrase("State"), phrase("Mass, mg"), "± %", phrase("Meant for"))


def _table(review: ReviewView, heads: tuple[str, ...]) -> QTableWidget:
    table = QTableWidget(len(review.units), len(heads))
    table.setObjectName("mass-table")
    table.setAccessibleName(tr("Unit masses"))
    table.setHorizontalHeaderLabels(list(heads))
    table.verticalHeader().hide()
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.verticalHeader().setDefaultSectionSize(ROW_PX)
    for row, unit in enumerate(review.units):
        for column, (text, is_number) in enumerate(_cells(unit)):
            cell = QTableWidgetItem(text)
            side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
            cell.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            cell.setToolTip(unit.reason)
            table.setItem(row, column, cell)
            head = table.horizontalHeaderItem(column)
            if head is not None:
                head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    table.setMinimumWidth(TABLE_PX)
    table.setFixedHeight(ROW_PX * len(review.units) + 40)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return table


def _cells(unit: UnitRow) -> tuple[tuple[str, bool], ...]:
    look = LOOKS[unit.state]
    mass = figure(unit.mass_mg, 1, fixed=True) if unit.mass_mg is not None else DASH
    away = figure(unit.deviation_pct, 2, fixed=True) if unit.deviation_pct is not None else DASH
    return (
        (f"{unit.index} · {unit.position}", False),
        (f"{look.sign} {tr(look.word)}", False),
        (mass, True),
        (away, True),
        (said(unit.use) if unit.use else DASH, False),
    )
