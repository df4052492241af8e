"""The preparation: the workflow's steps, signed off one by one in their order."""

from __future__ import annotations

from collections.abc import Callable

from printcare.ui.pages.steps import StepsPage
from printcare.ui.words import tr


class PreparePage(StepsPage):
    """Before the print."""

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
