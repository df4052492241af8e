"""The finishing: drying, looking at every unit, packing and counting, signed off one by one."""

from __future__ import annotations

from collections.abc import Callable

from printcare.ui.pages.steps import StepsPage
from printcare.ui.words import tr


class FinishPage(StepsPage):
    """After the print and before the review."""

    def __init__(self, time_words: Callable[[], str]) -> None:
        why = tr(
            "A rejected unit that stays on the tray is a wrong dose in the patient's hand. Remove each by its position "
            "and scan it to waste. The count has to close: planned units are accepted, rejected or unprinted, and "
            "accepted ones go to the patient, to retain, to test or to spare. All steps are recorded with the "
            "signature.",
        )
        action = tr("Sign the finishing →")
        super().__init__("finish", tr("Finish"), why, action, time_words)
        self.title.setText(tr("Finish the batch"))
        self.subtitle.setText(tr("The steps stand here when every unit is printed."))
