"""The page Cleaning."""

from __future__ import annotations

from printcare.ui.pages.register import RegisterPage
from printcare.ui.words import tr


class CleaningPage(RegisterPage):
    """Every part that touches an ink, its next step, and the clearance of the line by two."""

    def __init__(self) -> None:
        told = tr("Every part that touches an ink, its next step, and the clearance of the line by two.")
        super().__init__("cleaning", tr("Cleaning"), told)
