"""A check box whose sign-off is a tick, so that it is told by shape and not by colour alone."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from printcare.ui.tokens import LIGHT, Theme
from printcare.ui.widgets.tray import mark_path


class StepBox(QCheckBox):
    """One step to sign off."""

    theme: Theme = LIGHT

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the box, and the tick where it is signed off."""
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.on_accent), 3))
        painter.drawPath(mark_path("tick", QPointF(box.center()), box.width() * 0.28))
        painter.end()
