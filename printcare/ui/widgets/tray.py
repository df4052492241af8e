"""The tray as it stands: every unit at its position, coloured, marked and worded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from printcare.ui.run_state import RunUnit
from printcare.ui.unit_look import LOOKS, UnitLook
from printcare.ui.widgets.chart import Chart
from printcare.ui.words import tr

CAPTION_PX, CAPTION_EDGE_PX = 22, 8


class TrayView(Chart):
    """Rows and columns of circles; positions without a unit stay faint and say so."""

    margins = (0, 0, 0, 0)

    def __init__(self) -> None:
        super().__init__("tray", tr("Tray"))
        self._rows, self._columns = 0, 1
        self._units: tuple[tuple[int, str, str, str], ...] = ()

    def show_units(self, units: Sequence[RunUnit], rows: int, columns: int) -> None:
        """Draw these units."""
        told = tuple((unit.index, unit.position, unit.state, unit.reason) for unit in units)
        if (told, rows, columns) == (self._units, self._rows, self._columns):
            return
        self._units, self._rows, self._columns = told, rows, columns
        self.setMinimumHeight(rows * 96)
        self.setAccessibleDescription(
            ", ".join(f"{position} {tr(LOOKS[state].word)}" for _, position, state, _ in self._units)
        )
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw every place of the tray."""
        if not self._rows or not self._units:
            return
        width, height = self.width() / self._columns, self.height() / self._rows
        caption_px, between = self._caption(painter, width)
        radius = min(width, height - caption_px) / 2 - 5
        for place in range(self._rows * self._columns):
            row, column = divmod(place, self._columns)
            middle = QPointF((column + 0.5) * width, row * height + (height - caption_px) / 2)
            caption = QRectF(column * width, (row + 1) * height - caption_px, width, caption_px)
            if place < len(self._units):
                _, position, state, _ = self._units[place]
                self._draw_unit(painter, middle, radius, LOOKS[state])
                words = f"{position}{between}{tr(LOOKS[state].word)}"
            else:
                painter.setPen(self.colour("line"))
                painter.drawEllipse(middle, radius * 0.25, radius * 0.25)
                words = tr("empty")
            painter.setPen(self.colour("muted"))
            painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, words)

    def _caption(self, painter: QPainter, width: float) -> tuple[int, str]:
        """Return how high the captions are, and what parts position and word: a line break where one line is short."""
        longest = max((f"{position} · {tr(LOOKS[state].word)}" for _, position, state, _ in self._units), key=len)
        fits = painter.fontMetrics().horizontalAdvance(longest) < width - CAPTION_EDGE_PX
        return (CAPTION_PX, " · ") if fits else (2 * CAPTION_PX - 4, "\n")

    def _draw_unit(self, painter: QPainter, middle: QPointF, radius: float, look: UnitLook) -> None:
        colour = self.colour(look.token)
        pen = QPen(colour, 4 if look.mark == "triangle" else 2.5)
        if look.mark == "empty":
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush if look.mark == "empty" else self.colour(f"{look.token}_soft"))
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(QPen(colour, 3.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(colour if look.mark == "triangle" else Qt.BrushStyle.NoBrush)
        painter.drawPath(mark_path(look.mark, middle, radius * 0.36))
        painter.setBrush(Qt.BrushStyle.NoBrush)


def mark_path(mark: str, middle: QPointF, size: float) -> QPainterPath:
    """Return a state's mark around a point."""
    strokes = {
        "tick": (((-1.0, 0.0), (-0.3, 0.7), (1.0, -0.8)),),
        "cross": (((-0.8, -0.8), (0.8, 0.8)), ((-0.8, 0.8), (0.8, -0.8))),
        "triangle": (((-0.6, -0.9), (0.9, 0.0), (-0.6, 0.9), (-0.6, -0.9)),),
        "empty": (),
    }[mark]
    path = QPainterPath()
    for stroke in strokes:
        first, *rest = (QPointF(middle.x() + x * size, middle.y() + y * size) for x, y in stroke)
        path.moveTo(first)
        for point in rest:
            path.lineTo(point)
    return path
