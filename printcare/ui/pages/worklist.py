"""The worklist: each order as a card, with where it stands and what to do next; new ones by file or watched folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from printcare.ui.figures import local
from printcare.ui.models import Objection, OrderCard
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear
from printcare.ui.widgets.field import framed
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import Notice, objection_notice
from printcare.ui.words import phrase, tr

STATES = {"released": "accepted", "rehearsed": "accepted", "rejected": "rejected", "printing": "running"}
MARKS = {"accepted": "✓", "rejected": "■", "running": "▶", "attention": "▲"}
TIMES = {1: phrase("once a day"), 2: phrase("twice a day")}


class WorklistPage(Page):
    """Orders to verify, print and release."""

    open_asked = Signal(str)  # order
    import_asked = Signal(str)  # path
    watch_asked = Signal(str)  # folder, empty to stop

    def __init__(self) -> None:
        super().__init__("worklist", tr("Worklist"))
        self._orders: tuple[OrderCard, ...] = ()
        self.search = QLineEdit()
        self.search.setObjectName("worklist-search")
        self.search.setAccessibleName(tr("Search the worklist, or scan an order's number"))
        self.search.setPlaceholderText(tr("Search, or scan an order's number"))
        self.search.textChanged.connect(self._show_found)
        self.search.returnPressed.connect(self._open_only)
        self.body.addWidget(framed(self.search))
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        self.body.addLayout(self._cards)
        self.body.addStretch(1)
        self._build_context()
        self.show_orders(())

    def _build_context(self) -> None:
        self.context_body.addWidget(label(tr("NEW ORDERS"), "caption"))
        self.take = button(tr("Import a file …"), "import-file")
        self.take.clicked.connect(self._choose_file)
        self.watch = button(tr("Watch a folder …"), "watch-folder")
        self.watch.clicked.connect(self._choose_folder)
        self.watched = label("", "small", name="watched-folder", wraps=True)
        for made in (self.take, self.watch, self.watched):
            self.context_body.addWidget(made)
        told = tr("A FHIR bundle or a prescription in JSON. What is refused is told with its reason, and kept.")
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.context_body.addWidget(label(tr("WHAT A CARD SAYS"), "caption"))
        told = tr(
            "The medicine in tall-man letters, the patient by pseudonym, what was ordered, and where the order stands: "
            "to verify, to plan, ready, printing, to finish, to release, released."
        )
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.context_body.addStretch(1)

    def first(self) -> QWidget | None:
        """Return the search, into which a scanner types."""
        return self.search

    def show_orders(self, orders: tuple[OrderCard, ...]) -> None:
        """Show these orders; without any, say where they come from."""
        self._orders = orders
        self._show_found()

    def show_watched(self, folder: str) -> None:
        """Show which folder is watched, if one is."""
        self.watched.setText(tr("Watched: {}").format(folder) if folder else "")
        self.watched.setVisible(bool(folder))
        self.watch.setText(tr("Stop watching") if folder else tr("Watch a folder …"))
        self.watch.setAccessibleName(self.watch.text())

    def show_taken(self, name: str, objections: tuple[Objection, ...], *, is_refused: bool) -> None:
        """Tell what became of a file."""
        self.forget_notices()
        for objection in objections:
            self.tell(objection_notice(objection))
        title = tr("{} was refused; it is kept with its reasons").format(name)
        if not is_refused:
            title = tr("{} is on the worklist").format(name)
        self.tell(Notice("rejected" if is_refused else "accepted", title, "", can_dismiss=True))

    @Slot()
    def _show_found(self) -> None:
        clear(self._cards)
        sought = self.search.text().strip().casefold()
        found = [order for order in self._orders if sought in _searched(order)]
        to_do = sum(order.status not in STATES for order in self._orders)
        self.subtitle.setText(tr("{} to do").format(to_do) if self._orders else "")
        if not found:
            self._cards.addWidget(self._empty())
        for order in found:
            self._cards.addWidget(self._card(order))

    def _empty(self) -> Card:
        empty = Card("", "card-empty")
        if self._orders:
            empty.body.addWidget(label(tr("No order fits the search"), "title"))
            empty.body.addWidget(label(tr("Empty the search field to see all."), "muted", wraps=True))
            return empty
        empty.body.addWidget(label(tr("No order yet"), "title"))
        told = tr("Import one here, or go to Start and rehearse on the emulated bench: an order is received there.")
        empty.body.addWidget(label(told, "muted", wraps=True))
        return empty

    def _card(self, order: OrderCard) -> QWidget:
        card = Card("", f"order-{order.id}")
        card.setAccessibleName(f"{order.product}, {_ordered(order)}, {tr(order.status)}")
        row = QHBoxLayout()
        row.setSpacing(24)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(order.product, "title", wraps=True))
        words.addWidget(label(_ordered(order), wraps=True))
        written = tr("{} · patient {} · written {}").format(order.id, order.patient, order.written_on)
        words.addWidget(label(written, "small", wraps=True))
        row.addLayout(words, 1)
        state = STATES.get(order.status, "attention")
        row.addWidget(label(f"{MARKS[state]} {tr(order.status)}", "strong", state=state))
        opens = button(tr("Open →"), f"open-{order.id}", "primary", tr("Open order {}").format(order.id))
        opens.clicked.connect(lambda _, asked=order.id: self.open_asked.emit(asked))
        row.addWidget(opens)
        card.body.addLayout(row)
        return card

    @Slot()
    def _open_only(self) -> None:
        """Open the one order that fits: a scanner types its number and ends with Enter."""
        sought = self.search.text().strip().casefold()
        found = [order for order in self._orders if sought in _searched(order)]
        if len(found) == 1:
            self.open_asked.emit(found[0].id)

    @Slot()
    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Import a prescription"), "", "JSON (*.json)")
        if path:
            self.import_asked.emit(path)

    @Slot()
    def _choose_folder(self) -> None:
        if self.watched.isVisible():
            self.watch_asked.emit("")
            return
        folder = QFileDialog.getExistingDirectory(self, tr("Watch a folder"))
        if folder:
            self.watch_asked.emit(str(Path(folder)))


def _ordered(order: OrderCard) -> str:
    dose = tr("no amount in mg") if order.dose_mg is None else f"{local(order.dose_mg)} mg"
    times = tr(TIMES[order.doses_per_day]) if order.doses_per_day in TIMES else ""
    times = times or tr("{} times a day").format(order.doses_per_day)
    return tr("{}, {}, for {} days").format(dose, times, order.days)


def _searched(order: OrderCard) -> str:
    return f"{order.id} {order.product} {order.patient} {tr(order.status)}".casefold()
