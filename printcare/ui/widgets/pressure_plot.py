"""The extrusion pressure over the units, with the band it is compared with and the limit that stops the job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from printcare.ui.figures import figure
from printcare.ui.run_state import TURN_S, RunState
from printcare.ui.widgets.chart import Chart, ticks
from printcare.ui.words import tr

DASHES = (Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
NARROW_PX, ROOMY_PX = 16, 48  # room for a number, room for "unit" as well

Points = Sequence[tuple[float, float]]


class PressurePlot(Chart):
    """Measured pressure as a line; reference ± the recipe's window as a band."""

    margins = (52, 12, 12, 30)

    def __init__(self) -> None:
        super().__init__("pressure-plot", tr("Extrusion pressure"))
        self._trace: Points = ()
        self._further: Mapping[str, Points] = {}
        self._live: Sequence[float] = ()
        self._live_step_s = TURN_S
        self._spans: Mapping[int, tuple[float, float]] = {}
        self._reference, self._window_pct, self._limit = 0.0, 0.0, 0.0
        self._counted: tuple[int, ...] = ()
        self._peak = 0.0

    def show_run(self, run: RunState) -> None:
        """Draw a run as it stands."""
        plan = run.plan
        self._trace, self._live, self._spans = run.trace, run.live, run.spans
        self._further = run.further_traces
        self._live_step_s = TURN_S * run.speed
        self._reference = run.reference_kpa or plan.predicted_kpa
        self._window_pct, self._limit = plan.pressure_window_pct, plan.pressure_max_kpa
        seen = self._highest((run.trace, *run.further_traces.values()))
        highest = max(self._reference * (1 + self._window_pct / 100) * 1.15, seen * 1.08, *run.live[-50:], 1.0)
        self.low, self.high = 0.0, max(highest, self.high if run.trace else 1.0)
        now = "–" if run.pressure_kpa is None else figure(run.pressure_kpa, 1, "kPa")
        self.setAccessibleDescription(f"now {now}, reference {figure(self._reference, 1, 'kPa')}")
        self.update()

    def _highest(self, traces: tuple[Points, ...]) -> float:
        """Return the highest value ever seen, by looking at what is new alone."""
        counts = tuple(map(len, traces))
        if len(counts) != len(self._counted) or any(new < old for new, old in zip(counts, self._counted, strict=True)):
            self._counted, self._peak = (0,) * len(counts), 0.0  # another run, or another transmitter
        for trace, old in zip(traces, self._counted, strict=True):
            self._peak = max((self._peak, *(value for _, value in trace[old:])))
        self._counted = counts
        return self._peak

    def draw(self, painter: QPainter) -> None:
        """Draw band, axis, units and the line."""
        plot = self.plot
        points = self._points()
        if len(points) < 2:
            painter.setPen(self.colour("muted"))
            painter.drawText(plot, Qt.AlignmentFlag.AlignCenter, tr("No pressure has been measured yet."))
            return
        for value in ticks(self.low, self.high):
            self.line_at(painter, value, figure(value, 0))
        low, high = (self._reference * (1 + sign * self._window_pct / 100) for sign in (-1, 1))
        if self._reference:
            band = QRectF(QPointF(plot.left(), self.y_of(high)), QPointF(plot.right(), self.y_of(low)))
            painter.fillRect(band, self.colour("accent_soft", 0.7))
        if self._limit and self._limit < self.high:
            self.line_at(painter, self._limit, figure(self._limit, 0), "rejected", dashed=True)
        first_s, last_s = points[0][0], points[-1][0]
        span_s = max(last_s - first_s, 1e-9)
        self._draw_spans(painter, first_s, span_s)
        painter.setPen(QPen(self.colour("running"), 1.6))
        painter.drawPolyline(self._line(points, first_s, span_s))
        self._draw_further(painter, first_s, span_s)

    def _draw_further(self, painter: QPainter, first_s: float, span_s: float) -> None:
        """Draw the transmitters of further tools, each in a dash and a word of its own."""
        plot = self.plot
        for place, (source, trace) in enumerate(self._further.items()):
            pen = QPen(self.colour("attention"), 1.6, DASHES[place % len(DASHES)])
            painter.setPen(pen)
            painter.drawPolyline(self._line([point for point in trace if point[0] >= first_s], first_s, span_s))
            box = QRectF(plot.right() - 120, plot.top() + 18 * place, 116, 18)
            words = tr("tool {}").format(source.rpartition("-")[2])
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _points(self) -> list[tuple[float, float]]:
        """Return what was recorded, and behind it what came since, at the pace the job reports."""
        points = list(self._trace)
        last_s = points[-1][0] if points else 0.0
        points.extend((last_s + (step + 1) * self._live_step_s, kpa) for step, kpa in enumerate(self._live))
        return points

    def _line(self, points: Points, first_s: float, span_s: float) -> QPolygonF:
        """Return lowest and highest of every pixel column: a long run costs no more than a short one."""
        plot = self.plot
        columns: dict[int, tuple[float, float]] = {}
        for at_s, kpa in points:
            column = int((at_s - first_s) / span_s * plot.width())
            low, high = columns.get(column, (kpa, kpa))
            columns[column] = (min(low, kpa), max(high, kpa))
        line = QPolygonF()
        for column, (low, high) in columns.items():
            line.append(QPointF(plot.left() + column, self.y_of(low)))
            if high != low:
                line.append(QPointF(plot.left() + column, self.y_of(high)))
        return line

    def _draw_spans(self, painter: QPainter, first_s: float, span_s: float) -> None:
        plot = self.plot
        for index, (began_s, ended_s) in self._spans.items():
            left = plot.left() + (began_s - first_s) / span_s * plot.width()
            right = plot.left() + (ended_s - first_s) / span_s * plot.width()
            painter.setPen(QPen(self.colour("line"), 1))
            painter.drawLine(QPointF(right, plot.top()), QPointF(right, plot.bottom() + 4))
            painter.setPen(self.colour("muted"))
            if right - left < NARROW_PX:
                continue
            words = tr("unit {}").format(index) if right - left > ROOMY_PX else str(index)
            box = QRectF(left, plot.bottom() + 6, right - left, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
