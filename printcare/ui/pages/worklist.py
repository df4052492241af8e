"""The worklist: each order as a card, with where it stands and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from printcare.ui.models import OrderCard
from printcare.ui.pages.page import Page
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear
from printcare.ui.widgets.label import label
from printcare.ui.words import tr


class WorklistPage(Page):
    """Orders to verify, print and release."""

    open_asked = Signal()

    def __init__(self) -> None:
        super().__init__("worklist", "Worklist")
        self.title.setText(tr("Worklist"))
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        self.body.addLayout(self._cards)
        self.body.addStretch(1)
        self.context_body.addWidget(label(tr("WHAT A CARD SAYS"), "caption"))
        told = tr(
            "The medicine in tall-man letters, the patient by pseudonym, what was ordered, and where the order stands: "
            "to verify, ready, printing, to release, rehearsed."
        )
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.context_body.addStretch(1)
        self.show_orders(())

    def show_orders(self, orders: tuple[OrderCard, ...]) -> None:
        """Show these orders; without any, say where they come from."""
        clear(self._cards)
        self.subtitle.setText(tr("{} to do").format(len(orders)) if orders else "")
        if not orders:
            empty = Card("", "card-empty")
            empty.body.addWidget(label(tr("No order yet"), "title"))
            told = tr("Go to Start and rehearse on the emulated bench: an order is received there.")
            empty.body.addWidget(label(told, "muted", wraps=True))
            self._cards.addWidget(empty)
        for order in orders:
            self._cards.addWidget(self._card(order))

    def _card(self, order: OrderCard) -> Card:
        card = Card("", f"order-{order.id}")
        card.setAccessibleName(f"{order.product}, {order.ordered}, {order.status}")
        row = QHBoxLayout()
        row.setSpacing(24)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(order.product, "title"))
        words.addWidget(label(order.ordered))
        written = tr("{} · patient {} · written {}").format(order.id, order.patient, order.written_on)
        words.addWidget(label(written, "small"))
        row.addLayout(words, 1)
        state = "accepted" if order.status in ("rehearsed", "released") else "attention"
        mark = "✓" if state == "accepted" else "▲"
        row.addWidget(label(f"{mark} {order.status}", "strong", state=state))
        opens = button(tr("Open →"), f"open-{order.id}", "primary", tr("Open order {}").format(order.id))
        opens.clicked.connect(self.open_asked)
        row.addWidget(opens)
        card.body.addLayout(row)
        return card
