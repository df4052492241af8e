"""The page Training."""

from __future__ import annotations

from printcare.ui.pages.register import RegisterPage
from printcare.ui.words import tr


class TrainingPage(RegisterPage):
    """Who was trained in what, on which recipe and equipment, and until when it counts."""

    def __init__(self) -> None:
        told = tr("Who was trained in what, on which recipe and equipment, and until when it counts.")
        super().__init__("training", tr("Training"), told)
