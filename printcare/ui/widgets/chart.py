"""The ground of every plot: margins, a value axis with round ticks, and the theme's colours."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from printcare.ui.tokens import LIGHT, Theme


class Chart(QWidget):
    """A plot drawn with QPainter; a child draws its content in `draw` and says its range of values."""

    margins = (52, 12, 12, 28)  # left, top, right, bottom

    def __init__(self, name: str, told: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(told)
        self.setMinimumHeight(180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme: Theme = LIGHT
        self.low, self.high = 0.0, 1.0

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    @property
    def plot(self) -> QRectF:
        """Return the rectangle inside the margins."""
        left, top, right, bottom = self.margins
        return QRectF(left, top, max(self.width() - left - right, 1), max(self.height() - top - bottom, 1))

    def y_of(self, value: float) -> float:
        """Return where a value stands on the screen."""
        plot = self.plot
        span = self.high - self.low or 1.0
        return plot.bottom() - (value - self.low) / span * plot.height()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the plot, or the part of it that was asked for."""
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(13)
        painter.setFont(font)
        self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draw what this plot shows; each plot brings its own."""

    def line_at(self, painter: QPainter, value: float, text: str, token: str = "line", *, dashed: bool = False) -> None:
        """Draw a horizontal line with its value on the axis."""
        plot, y = self.plot, self.y_of(value)
        pen = QPen(self.colour(token), 1.4 if dashed else 1.0)
        pen.setStyle(Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(self.colour("muted"))
        box = QRectF(0, y - 10, plot.left() - 8, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        """Return a token's colour."""
        made = QColor(getattr(self.theme, token))
        made.setAlphaF(alpha)
        return made


def mixed(ground: QColor, ink: QColor, share: float) -> QColor:
    """Return an opaque colour between two, so much of the second."""
    pairs = zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)  # type: ignore[index]  # stubs say object
    return QColor(*(round(one + (other - one) * share) for one, other in pairs))


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Return round values between two ends: steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [round(number * step, 9) for number in range(first, math.floor(high / step) + 1)]
