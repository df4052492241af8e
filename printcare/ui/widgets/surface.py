"""A response over two factors: shaded cells, contour lines with their values, and a mark where it is high enough."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from printcare.ui.experiment_surface import Surface, contour
from printcare.ui.figures import local
from printcare.ui.widgets.chart import Chart, mixed, ticks
from printcare.ui.words import tr

LABEL_PX, LABEL_HIGH_PX = 44, 18
PALEST, DARKEST = 0.06, 0.3  # of the accent in a cell: lines and dots are told from the darkest as well


class SurfacePlot(Chart):
    """Cells of a grid; lines and dots tell the same as their colours, for who sees no colours."""

    margins = (72, 28, 16, 48)

    def __init__(self, surface: Surface, name: str) -> None:
        told = tr("{} over {} and {}; contour lines at {}")
        levels = ", ".join(local(f"{level:g}") for level in surface.levels)
        super().__init__(name, told.format(surface.title, surface.across, surface.upwards, levels))
        self.setMinimumHeight(360)
        self._surface = surface
        self._lines = [(level, contour(surface.values, level)) for level in surface.levels]
        self.low, self.high = surface.ends[1]

    def draw(self, painter: QPainter) -> None:
        """Draw the cells, the contour lines and the axes with their units."""
        self._draw_cells(painter)
        made, plot = self._surface, self.plot
        for value in ticks(*made.ends[1]):
            self.line_at(painter, value, local(f"{value:g}"))
        self._draw_contours(painter)
        low, top = made.ends[0]
        painter.setPen(self.colour("muted"))
        for value in ticks(low, top):
            x = plot.left() + (value - low) / (top - low) * plot.width()
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4))
            below = QRectF(x - 40, plot.bottom() + 4, 80, 18)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, local(f"{value:g}"))
        below = QRectF(plot.left(), plot.bottom() + 24, plot.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, made.across)
        painter.drawText(QRectF(4, 2, plot.width(), 20), Qt.AlignmentFlag.AlignLeft, made.upwards)

    def _draw_cells(self, painter: QPainter) -> None:
        plot, made = self.plot, self._surface
        rows, columns = len(made.values), len(made.values[0])
        wide, high = plot.width() / columns, plot.height() / rows
        least, most = (end(map(end, made.values)) for end in (min, max))
        if made.enough is not None:
            least, most = 0.0, 1.0  # a chance is shaded by what it is, not by how it differs here
        ground, ink = self.colour("surface"), self.colour("accent")
        marked: list[QPointF] = []
        painter.setPen(Qt.PenStyle.NoPen)
        for row, line in enumerate(made.values):
            for column, value in enumerate(line):
                cell = QRectF(plot.left() + column * wide, plot.bottom() - (row + 1) * high, wide + 1, high + 1)
                share = min(max((value - least) / (most - least or 1.0), 0.0), 1.0)
                painter.fillRect(
                    cell, mixed(ground, ink, PALEST + (DARKEST - PALEST) * share)
                )  # opaque: cells meet without a seam
                if made.enough is not None and value >= made.enough:
                    marked.append(cell.center())

        painter.setBrush(self.colour("accepted"))
        for middle in marked:
            painter.drawEllipse(middle, 2.5, 2.5)

    def _draw_contours(self, painter: QPainter) -> None:
        """Draw each level's line through the middles of the cells, its value where the line is longest."""
        plot, made = self.plot, self._surface
        wide, high = plot.width() / len(made.values[0]), plot.height() / len(made.values)

        def at(point: tuple[float, float]) -> QPointF:
            return QPointF(plot.left() + (point[0] + 0.5) * wide, plot.bottom() - (point[1] + 0.5) * high)

        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, (level, pieces) in enumerate(self._lines):
            painter.setPen(QPen(self.colour("text"), 1.6))
            for begins, ends in pieces:
                painter.drawLine(at(begins), at(ends))
            if not pieces:
                continue
            middle = at(pieces[(place + 1) * len(pieces) // (len(self._lines) + 1)][0])
            box = QRectF(middle.x() - LABEL_PX / 2, middle.y() - LABEL_HIGH_PX / 2, LABEL_PX, LABEL_HIGH_PX)
            box.moveLeft(min(max(box.left(), plot.left()), plot.right() - LABEL_PX))
            painter.fillRect(box, self.colour("surface"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, local(f"{level:g}"))
