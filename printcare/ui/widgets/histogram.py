"""How the unit masses are spread between the limits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from printcare.ui.figures import figure
from printcare.ui.widgets.chart import Chart, ticks
from printcare.ui.words import tr

BARS = 12


class Histogram(Chart):
    """Bars of accepted masses from limit to limit, with the target as a line."""

    margins = (36, 12, 12, 28)

    def __init__(self) -> None:
        super().__init__("histogram", tr("Histogram of unit masses"))
        self._counts: list[int] = []
        self._target, self._from, self._to = 0.0, 0.0, 1.0

    def show_masses(self, masses_mg: Sequence[float], target_mg: float, low_mg: float, high_mg: float) -> None:
        """Draw these masses."""
        self._target, self._from, self._to = target_mg, min(low_mg, *masses_mg), max(high_mg, *masses_mg)
        width = (self._to - self._from) / BARS or 1.0
        self._counts = [0] * BARS
        for mass in masses_mg:
            self._counts[min(int((mass - self._from) / width), BARS - 1)] += 1
        self.low, self.high = 0.0, max(self._counts, default=1) * 1.15 or 1.0
        self.setAccessibleDescription(", ".join(figure(mass, 1, "mg") for mass in masses_mg))
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw the bars, their axis and the target."""
        plot = self.plot
        for value in ticks(0, self.high, 3):
            if value == int(value):
                self.line_at(painter, value, figure(value, 0))
        width = plot.width() / BARS
        painter.setPen(Qt.PenStyle.NoPen)
        for place, count in enumerate(self._counts):
            top = self.y_of(count)
            bar = QRectF(plot.left() + place * width + 2, top, width - 4, plot.bottom() - top)
            painter.fillRect(bar, self.colour("accepted"))
        at = plot.left() + (self._target - self._from) / (self._to - self._from or 1.0) * plot.width()
        painter.setPen(QPen(self.colour("text"), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()))
        painter.setPen(self.colour("muted"))
        below = plot.bottom() + 6
        for x, words in ((plot.left(), figure(self._from, 1)), (plot.right(), figure(self._to, 1, "mg"))):
            side = Qt.AlignmentFlag.AlignLeft if x == plot.left() else Qt.AlignmentFlag.AlignRight
            box = QRectF(plot.left(), below, plot.width(), 18)
            painter.drawText(box, side | Qt.AlignmentFlag.AlignTop, words)
        words = tr("target {}").format(figure(self._target, 1))
        painter.drawText(QRectF(at - 80, below, 160, 18), Qt.AlignmentFlag.AlignHCenter, words)
