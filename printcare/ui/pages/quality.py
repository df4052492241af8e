"""The page Quality."""

from __future__ import annotations

from printcare.ui.pages.register import RegisterPage
from printcare.ui.words import tr


class QualityPage(RegisterPage):
    """Deviations, actions, changes, complaints and recalls, and the reviews of access and quality."""

    def __init__(self) -> None:
        told = tr("Deviations, actions, changes, complaints and recalls, and the reviews of access and quality.")
        super().__init__("quality", tr("Quality"), told)
