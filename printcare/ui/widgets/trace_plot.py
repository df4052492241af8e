"""Traces of several units over one another: each in a colour and a dash of its own, named in the legend."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from printcare.ui.experiment_surface import Traces
from printcare.ui.figures import local
from printcare.ui.widgets.chart import Chart, ticks
from printcare.ui.words import tr

INKS = ("accent", "running", "attention", "accepted", "rejected", "text")
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
LEGEND_PX, LEGEND_HIGH_PX, MOST_NAMED = 168, 18, 12


class TracePlot(Chart):
    """Seconds since each unit's first reading across, the sensor's value upwards."""

    margins = (72, 28, 16 + LEGEND_PX, 48)

    def __init__(self, traces: Traces) -> None:
        told = tr("{} of {} units over one another").format(traces.sensor, len(traces.curves))
        super().__init__("traces", told)
        self.setMinimumHeight(320)
        self._traces = traces
        points = [point for _, curve in traces.curves for point in curve]
        self._last_s = max((at_s for at_s, _ in points), default=1.0) or 1.0
        self.low, self.high = (end((value for _, value in points), default=0.0) for end in (min, max))

    def draw(self, painter: QPainter) -> None:
        """Draw the axes, every trace and its name."""
        plot, shown = self.plot, self._traces.curves
        for value in ticks(self.low, self.high):
            self.line_at(painter, value, local(f"{value:g}"))
        painter.setPen(self.colour("muted"))
        for value in ticks(0.0, self._last_s, 6):
            x = plot.left() + value / self._last_s * plot.width()
            below = QRectF(x - 40, plot.bottom() + 4, 80, 18)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, local(f"{value:g}"))
        below = QRectF(plot.left(), plot.bottom() + 24, plot.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, tr("Seconds since the first reading"))
        painter.drawText(QRectF(4, 2, plot.width(), 20), Qt.AlignmentFlag.AlignLeft, self._traces.sensor)
        for place, (name, curve) in enumerate(shown):
            painter.setPen(self._pen(place))
            drawn = QPolygonF(
                [QPointF(plot.left() + at_s / self._last_s * plot.width(), self.y_of(value)) for at_s, value in curve]
            )
            painter.drawPolyline(drawn)
            if place < MOST_NAMED:
                self._name(painter, place, name)

    def _name(self, painter: QPainter, place: int, name: str) -> None:
        left, y = self.plot.right() + 12, self.plot.top() + (place + 0.5) * LEGEND_HIGH_PX
        painter.drawLine(QPointF(left, y), QPointF(left + 28, y))
        painter.setPen(self.colour("text"))
        box = QRectF(left + 36, y - LEGEND_HIGH_PX / 2, LEGEND_PX - 48, LEGEND_HIGH_PX)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _pen(self, place: int) -> QPen:
        pen = QPen(self.colour(INKS[place % len(INKS)]), 1.6)
        pen.setStyle(DASHES[place // len(INKS) % len(DASHES)])
        return pen
