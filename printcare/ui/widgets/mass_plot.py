"""The mass of each unit between the limits within which it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from printcare.domain.batch import UnitState
from printcare.ui.figures import figure
from printcare.ui.unit_look import LOOKS
from printcare.ui.widgets.chart import Chart
from printcare.ui.words import tr

HEADROOM = 1.6  # the limits stand well inside, so that what lies beyond them is seen
DOT_PX = 6.0


@dataclass(frozen=True, slots=True)
class MassPoint:
    """One weighed unit."""

    index: int
    mass_mg: float
    state: str


class MassPlot(Chart):
    """A dot a unit on a band from limit to limit; a rejected unit is a square on a stem from the target."""

    def __init__(self) -> None:
        super().__init__("mass-plot", tr("Unit mass between its limits"))
        self._points: tuple[MassPoint, ...] = ()
        self._count, self._target, self._limits = 0, 0.0, (0.0, 0.0)

    def show_limits(self, target_mg: float, low_mg: float, high_mg: float, count: int) -> None:
        """Set the band and how many units there will be."""
        self._target, self._limits, self._count = target_mg, (low_mg, high_mg), count
        self._scale()

    def show_points(self, points: Sequence[MassPoint]) -> None:
        """Draw these weighings."""
        if tuple(points) == self._points:
            return
        self._points = tuple(points)
        told = ", ".join(
            tr("unit {} {} {}").format(p.index, figure(p.mass_mg, 1, "mg"), tr(LOOKS[p.state].word)) for p in points
        )
        self.setAccessibleDescription(told)
        self._scale()

    def _scale(self) -> None:
        reach = max(
            (self._limits[1] - self._target) * HEADROOM,
            *(abs(point.mass_mg - self._target) * 1.1 for point in self._points),
            0.1,
        )
        self.low, self.high = self._target - reach, self._target + reach
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw band, limits, target and every unit."""
        if not self._count:
            return
        plot, (low, high) = self.plot, self._limits
        band = QRectF(QPointF(plot.left(), self.y_of(high)), QPointF(plot.right(), self.y_of(low)))
        painter.fillRect(band, self.colour("accepted_soft"))
        self.line_at(painter, self._target, figure(self._target, 1), "muted")
        self.line_at(painter, high, figure(high, 1), "accepted", dashed=True)
        self.line_at(painter, low, figure(low, 1), "accepted", dashed=True)
        for index in range(1, self._count + 1):
            painter.setPen(self.colour("muted"))
            box = QRectF(self._x(index) - 20, plot.bottom() + 6, 40, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(index))
        for point in self._points:
            self._draw_point(painter, point)

    def _draw_point(self, painter: QPainter, point: MassPoint) -> None:
        at = QPointF(self._x(point.index), self.y_of(point.mass_mg))
        colour = self.colour(LOOKS[point.state].token)
        painter.setBrush(colour)
        if point.state == UnitState.REJECTED.value:
            painter.setPen(QPen(colour, 4))
            painter.drawLine(QPointF(at.x(), self.y_of(self._target)), at)
            painter.drawRect(QRectF(at.x() - DOT_PX, at.y() - DOT_PX, 2 * DOT_PX, 2 * DOT_PX))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(at, DOT_PX, DOT_PX)

    def _x(self, index: int) -> float:
        plot = self.plot
        return plot.left() + plot.width() * (index - 0.5) / max(self._count, 1)
