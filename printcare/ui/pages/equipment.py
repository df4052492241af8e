"""The page Equipment."""

from __future__ import annotations

from printcare.ui.pages.register import RegisterPage
from printcare.ui.words import tr


class EquipmentPage(RegisterPage):
    """Printers, balances and sensors: what stands, what is due, and the protocols run on them."""

    def __init__(self) -> None:
        told = tr("Printers, balances and sensors: what stands, what is due, and the protocols run on them.")
        super().__init__("equipment", tr("Equipment"), told)
