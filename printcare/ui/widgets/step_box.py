"""A check box whose words wrap and whose sign-off is a tick: told by shape, not by colour alone."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QStyle, QStyleOptionButton, QWidget

from printcare.ui.tokens import LIGHT, Theme
from printcare.ui.widgets.tray import mark_path

LEAST_PX, EDGE_PX = 260, 12  # the words wrap below the first; the second stands above and below them
WRAPS = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)


class StepBox(QCheckBox):
    """One step to sign off."""

    theme: Theme = LIGHT

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return how narrow the words may wrap."""
        hint = super().minimumSizeHint()
        width_px = min(hint.width(), LEAST_PX)
        return QSize(width_px, self.heightForWidth(width_px))

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return how high the words stand when they wrap."""
        words = QRect(self._words().topLeft(), QSize(max(width - self._words().left(), 1), 10_000))
        needed = self.fontMetrics().boundingRect(words, WRAPS, self.text()).height() + 2 * EDGE_PX
        return max(super().sizeHint().height(), needed)

    def hitButton(self, at: QPoint) -> bool:  # noqa: N802 - Qt's name
        """Take a touch anywhere on box and words."""
        return self.rect().contains(at)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the box, the words, and the tick where it is signed off."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        option.text = ""
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_CheckBox, option, painter, self)
        painter.setPen(option.palette.color(self.foregroundRole()))
        painter.drawText(self._words(), WRAPS, self.text())
        if self.isChecked():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self.theme.on_accent), 3))
            painter.drawPath(mark_path("tick", QPointF(box.center()), box.width() * 0.28))
        painter.end()

    def _words(self) -> QRect:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        return self.rect().adjusted(box.right() + EDGE_PX, 0, 0, 0)
