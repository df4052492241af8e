"""The preparation: the balance's checks first, then the workflow's steps, signed off one by one in their order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from printcare.ui.balance_now import BalanceNow
from printcare.ui.pages.steps import StepsPage
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import clear
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import objection_notice
from printcare.ui.words import tr


class PreparePage(StepsPage):
    """Before the print."""

    balance_asked = Signal(str)  # the balance whose checks are to be made

    def __init__(self, time_words: Callable[[], str]) -> None:
        why = tr(
            "A tray, ink or label left from an earlier product is the commonest way a wrong medicine is made. Sign off "
            "what you have seen with your own eyes. A second person checks, and both signatures go into the record "
            "with the first step of the print.",
        )
        action = tr("Sign and start printing ▶")
        super().__init__("prepare", tr("Prepare"), why, action, time_words)
        self.title.setText(tr("Prepare the printer"))
        self.subtitle.setText(tr("The steps stand here when a batch is planned."))
        self._balance = QVBoxLayout()
        self._balance.setSpacing(8)
        self.body.insertLayout(0, self._balance)

    def show_balance(self, now: BalanceNow | None) -> None:
        """Say whether the balance may weigh today, and lead to its checks where it may not."""
        clear(self._balance)
        if now is None:
            return
        for each in now.found:
            self._balance.addWidget(objection_notice(each))
        if now.found:
            leads = button(tr("To the checks of balance {} →").format(now.name), "to-balance-checks", "primary")
            leads.clicked.connect(lambda: self.balance_asked.emit(now.name))
            self._balance.addWidget(leads)
        else:
            told = tr("✓ Balance {}: its checks stand.").format(now.name)
            self._balance.addWidget(label(told, state="accepted", name="balance-stands", wraps=True))
