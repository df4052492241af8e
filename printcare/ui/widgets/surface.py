"""The chance to meet every limit over two factors: shaded cells, and a mark where it is high enough."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from printcare.ui.experiment_surface import ENOUGH, Surface
from printcare.ui.widgets.chart import Chart, ticks
from printcare.ui.words import tr


class SurfacePlot(Chart):
    """Cells of a grid; where the chance is enough a dot stands in the cell as well: told by more than its colour."""

    margins = (72, 28, 16, 48)

    def __init__(self, surface: Surface) -> None:
        told = tr("Chance that every limit is met over {} and {}; dots where it is at least {}")
        super().__init__("surface", told.format(surface.across, surface.upwards, ENOUGH))
        self.setMinimumHeight(360)
        self._surface = surface
        self.low, self.high = surface.high_low[1]

    def draw(self, painter: QPainter) -> None:
        """Draw the cells, the axes with their units, and what the dots mean."""
        plot, made = self.plot, self._surface
        rows, columns = len(made.chances), len(made.chances[0])
        wide, high = plot.width() / columns, plot.height() / rows
        for row, line in enumerate(made.chances):
            for column, chance in enumerate(line):
                cell = QRectF(plot.left() + column * wide, plot.bottom() - (row + 1) * high, wide + 0.5, high + 0.5)
                painter.fillRect(cell, self.colour("accepted", 0.1 + 0.55 * chance))
                if chance >= ENOUGH:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(self.colour("accepted"))
                    painter.drawEllipse(cell.center(), 2.5, 2.5)
        for value in ticks(*made.high_low[1]):
            self.line_at(painter, value, f"{value:g}")
        low, top = made.high_low[0]
        painter.setPen(self.colour("muted"))
        for value in ticks(low, top):
            x = plot.left() + (value - low) / (top - low) * plot.width()
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4))
            painter.drawText(QRectF(x - 40, plot.bottom() + 4, 80, 18), Qt.AlignmentFlag.AlignCenter, f"{value:g}")
        below = QRectF(plot.left(), plot.bottom() + 24, plot.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, made.across)
        painter.drawText(QRectF(4, 2, plot.width(), 20), Qt.AlignmentFlag.AlignLeft, made.upwards)
