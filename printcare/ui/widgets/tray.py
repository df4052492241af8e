"""The tray as it stands: every unit at its position, coloured, marked and worded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPen

from printcare.ui.run_state import RunUnit
from printcare.ui.unit_look import LOOKS, UnitLook
from printcare.ui.widgets.chart import Chart
from printcare.ui.words import tr

CAPTION_PX, CAPTION_EDGE_PX = 22, 8
ROW_PX, SMALLEST_PX = 84, 10  # least height of a row of units; least size of their captions


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
        changed = self._changed(told) if (rows, columns) == (self._rows, self._columns) else None
        self._units, self._rows, self._columns = told, rows, columns
        self.setMinimumHeight(rows * ROW_PX)
        self.setAccessibleDescription(
            ", ".join(f"{position} {tr(LOOKS[state].word)}" for _, position, state, _ in self._units)
        )
        if changed is None:
            self.update()
            return
        for place in changed:
            self.update(self._place(place).toAlignedRect())

    def _changed(self, told: tuple[tuple[int, str, str, str], ...]) -> tuple[int, ...] | None:
        """Return the places that look different now; None where all have to be drawn anew."""
        if [unit[1] for unit in told] != [unit[1] for unit in self._units]:
            return None
        if self._longest(told) != self._longest(self._units):
            return None  # the captions of all may break now, or no more
        pairs = zip(told, self._units, strict=True)
        return tuple(place for place, (new, old) in enumerate(pairs) if new[2] != old[2])

    def _place(self, place: int) -> QRectF:
        row, column = divmod(place, self._columns)
        width, height = self.width() / self._columns, self.height() / self._rows
        return QRectF(column * width, row * height, width, height)

    def draw(self, painter: QPainter) -> None:
        """Draw every place of the tray."""
        if not self._rows or not self._units:
            return
        asked = painter.clipBoundingRect()
        width, height = self.width() / self._columns, self.height() / self._rows
        caption_px, between = self._caption(painter, width)
        radius = min(width, height - caption_px) / 2 - 5
        for place in range(self._rows * self._columns):
            box = self._place(place)
            if not box.intersects(asked):
                continue
            middle = QPointF(box.center().x(), box.top() + (height - caption_px) / 2)
            caption = QRectF(box.left(), box.bottom() - caption_px, width, caption_px)
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
        longest = self._longest(self._units)
        fits = painter.fontMetrics().horizontalAdvance(longest) < width - CAPTION_EDGE_PX
        font, word = painter.font(), max(longest.split(" · "), key=len)
        while not fits and font.pixelSize() > SMALLEST_PX and _advance(font, word) > width - 2:
            font.setPixelSize(font.pixelSize() - 1)
            painter.setFont(font)
        return (CAPTION_PX, " · ") if fits else (2 * CAPTION_PX - 4, "\n")

    @staticmethod
    def _longest(units: Sequence[tuple[int, str, str, str]]) -> str:
        words = (f"{position} · {tr(LOOKS[state].word)}" for _, position, state, _ in units)
        return max(words, key=len, default="")

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


def _advance(font: QFont, word: str) -> int:
    return QFontMetrics(font).horizontalAdvance(word)


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
