"""Drawings of the batch record as vectors: unit masses between limits, their histogram, pressure of every unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from printcare.formats.batch_content import GateFigures, UnitLine
from printcare.formats.fonts import BODY, BOLD
from printcare.formats.paper import ACCEPTED, LINE, MUTED, NO_SIGN, REJECTED, RUNNING, SIGNS, TEXT, draw_sign
from printcare.formats.wording import ENGLISH, Tongue

_BAND, _INNER = HexColor("#E3F0E8"), HexColor("#F1F7F3")
_BINS = 9


class MassChart(Flowable):
    """Mass of each unit in mg between the gate's limits, with a histogram at the side."""

    def __init__(
        self,
        units: Sequence[UnitLine],
        gate: GateFigures,
        width: float,
        height: float = 46 * mm,
        tongue: Tongue = ENGLISH,
    ) -> None:
        super().__init__()
        self._tongue = tongue
        self._units = [unit for unit in units if unit.mass_mg is not None]
        self._places = [unit.index for unit in units]
        self._gate = gate
        self.width, self.height = width, height
        lows = [float(unit.mass_mg) for unit in self._units if unit.mass_mg is not None]
        edge = float(gate.high_mg - gate.low_mg) * 0.12
        self._low = min([float(gate.low_mg), *lows]) - edge
        self._high = max([float(gate.high_mg), *lows]) + edge

    def _y(self, mass_mg: float) -> float:
        bottom, top = 9 * mm, self.height - 5 * mm
        return bottom + (top - bottom) * (mass_mg - self._low) / (self._high - self._low)

    def draw(self) -> None:
        """Draw limits, units and histogram."""
        left, right, side = 17 * mm, self.width - 46 * mm, self.width - 40 * mm
        self._draw_limits(left, right, side)
        step = (right - left) / max(len(self._places), 1)
        every = max(1, len(self._places) // 25)
        self.canv.setFont(BODY, 6.2)
        for place, index in enumerate(self._places):
            if place % every == 0:
                self.canv.setFillColor(MUTED)
                self.canv.drawCentredString(left + (place + 0.5) * step, 4.6 * mm, str(index))
        places = {index: place for place, index in enumerate(self._places)}
        for unit in self._units:
            self._draw_unit(unit, left + (places[unit.index] + 0.5) * step)
        self.canv.setFillColor(MUTED)
        self.canv.drawCentredString((left + right) / 2, 1 * mm, self._tongue("unit"))
        self.canv.drawString(left, self.height - 2.6 * mm, self._tongue("mass of each unit, mg"))
        self._draw_histogram(side)

    def _draw_limits(self, left: float, right: float, side: float) -> None:
        gate, canvas = self._gate, self.canv
        low, high = self._y(float(gate.low_mg)), self._y(float(gate.high_mg))
        inner_low, inner_high = self._y(float(gate.accepted_low_mg)), self._y(float(gate.accepted_high_mg))
        for start, end in ((left, right), (side, self.width)):
            canvas.setFillColor(_INNER)
            canvas.rect(start, low, end - start, high - low, stroke=0, fill=1)
            canvas.setFillColor(_BAND)
            canvas.rect(start, inner_low, end - start, inner_high - inner_low, stroke=0, fill=1)
        canvas.setFont(BODY, 6.2)
        lines: tuple[tuple[Decimal, Color, tuple[float, ...]], ...] = (
            (gate.high_mg, ACCEPTED, (3, 2)),
            (gate.target_mg, TEXT, ()),
            (gate.low_mg, ACCEPTED, (3, 2)),
        )
        for value, colour, dashes in lines:
            canvas.setStrokeColor(colour)
            canvas.setLineWidth(0.6)
            canvas.setDash(list(dashes))
            canvas.line(left, self._y(float(value)), right, self._y(float(value)))
            if value != gate.target_mg:
                canvas.line(side, self._y(float(value)), self.width, self._y(float(value)))
            canvas.setFillColor(MUTED)
            canvas.drawRightString(left - 2 * mm, self._y(float(value)) - 2, self._tongue.figure(value))
        canvas.setDash([])

    def _draw_unit(self, unit: UnitLine, x: float) -> None:
        colour, shape = SIGNS.get(unit.state, NO_SIGN)
        y = self._y(float(unit.mass_mg or 0))
        self.canv.setStrokeColor(colour)
        self.canv.setLineWidth(0.8)
        self.canv.line(x, self._y(float(self._gate.target_mg)), x, y)
        draw_sign(self.canv, shape, x, y, 2.2, colour)

    def _draw_histogram(self, side: float) -> None:
        canvas, counts = self.canv, [0] * _BINS
        low, high = float(self._gate.low_mg), float(self._gate.high_mg)
        outside = 0
        for unit in self._units:
            share = (float(unit.mass_mg or 0) - low) / (high - low)
            if 0 <= share <= 1:
                counts[min(int(share * _BINS), _BINS - 1)] += 1
            else:
                outside += 1
        room = self.width - side - 6 * mm
        most = max([*counts, 1])
        canvas.setFont(BODY, 5.8)
        for place, count in enumerate(counts):
            bottom = self._y(low + (high - low) * place / _BINS)
            top = self._y(low + (high - low) * (place + 1) / _BINS)
            if count:
                canvas.setFillColor(ACCEPTED)
                canvas.rect(side, bottom + 0.4, room * count / most, top - bottom - 0.8, stroke=0, fill=1)
                canvas.setFillColor(TEXT)
                canvas.drawString(side + room * count / most + 1.5, (top + bottom) / 2 - 2, str(count))
        canvas.setFillColor(MUTED)
        canvas.setFont(BODY, 6.2)
        canvas.drawString(side, self.height - 2.6 * mm, self._tongue("number of units"))
        canvas.drawString(side, 1 * mm, self._tongue("outside the gate: {count}", count=outside))


class PressureCharts(Flowable):
    """Pressure of each unit over its own time, all on one scale, with the recipe's limit."""

    def __init__(
        self,
        units: Sequence[UnitLine],
        limit_kpa: float | None,
        width: float,
        per_row: int = 6,
        tongue: Tongue = ENGLISH,
        top_kpa: float = 0.0,
    ) -> None:
        """`top_kpa` is the end of the scale, where these are not all units: each is drawn on that of all."""
        super().__init__()
        self._tongue = tongue
        self._units = [unit for unit in units if len(unit.pressure) > 1]
        self._limit, self._per_row = limit_kpa, per_row
        self._row = 25 * mm
        rows = -(-len(self._units) // per_row)
        self.width, self.height = width, rows * self._row
        peak = max((kpa for unit in self._units for _, kpa in unit.pressure), default=0.0)
        # A limit far above everything would flatten what there is to see; it is then told in words only.
        shown = limit_kpa if limit_kpa is not None and limit_kpa < 2.2 * peak else 0.0
        self._top = top_kpa or _round_up(max(peak, shown, 1) * 1.05)

    def split(self, _width: float, height: float) -> list[Flowable]:
        """Return what fits in the height in whole rows, and the rest on the same scale; nothing where no row fits."""
        fitting = int(height // self._row) * self._per_row
        if not 0 < fitting < len(self._units):
            return []
        return [
            PressureCharts(units, self._limit, self.width, self._per_row, self._tongue, self._top)
            for units in (self._units[:fitting], self._units[fitting:])
        ]

    def draw(self) -> None:
        """Draw one small plot a unit."""
        gap = 3 * mm
        each = (self.width - 8 * mm - gap * (self._per_row - 1)) / self._per_row
        for place, unit in enumerate(self._units):
            row, column = divmod(place, self._per_row)
            x = 8 * mm + column * (each + gap)
            y = self.height - (row + 1) * self._row + 4 * mm
            self._draw_one(unit, x, y, each, self._row - 10 * mm, is_first=column == 0)

    def _draw_one(self, unit: UnitLine, x: float, y: float, width: float, height: float, *, is_first: bool) -> None:
        canvas = self.canv
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        for share in (0, 0.5, 1):
            canvas.line(x, y + height * share, x + width, y + height * share)
            if is_first:
                canvas.setFillColor(MUTED)
                canvas.setFont(BODY, 5.6)
                canvas.drawRightString(x - 2, y + height * share - 2, self._tongue.written(f"{self._top * share:g}"))
        seconds = unit.pressure[-1][0] - unit.pressure[0][0] or 1.0
        if self._limit is not None and self._limit < self._top:
            canvas.setStrokeColor(REJECTED)
            canvas.setDash([2, 2])
            canvas.line(x, y + height * self._limit / self._top, x + width, y + height * self._limit / self._top)
            canvas.setDash([])
        path = canvas.beginPath()
        for place, (at_s, kpa) in enumerate(_thinned(unit.pressure)):
            px = x + width * (at_s - unit.pressure[0][0]) / seconds
            py = y + height * max(kpa, 0.0) / self._top
            path.lineTo(px, py) if place else path.moveTo(px, py)
        canvas.setStrokeColor(RUNNING)
        canvas.setLineWidth(0.6)
        canvas.drawPath(path, stroke=1, fill=0)
        colour, shape = SIGNS.get(unit.state, NO_SIGN)
        draw_sign(canvas, shape, x + 2, y + height + 4, 1.8, colour)
        canvas.setFillColor(TEXT)
        canvas.setFont(BOLD, 5.8)
        canvas.drawString(x + 6, y + height + 2.2, self._tongue("unit {index}", index=unit.index))
        canvas.setFillColor(MUTED)
        canvas.setFont(BODY, 5.8)
        canvas.drawString(x, y - 6.5, self._tongue("mean {figure}", figure=self._tongue.figure(unit.pressure_mean_kpa)))
        canvas.drawRightString(x + width, y - 6.5, f"{seconds:.0f} s")


def _thinned(points: Sequence[tuple[float, float]], most: int = 240) -> list[tuple[float, float]]:
    """Return at most `most` points, the highest and the lowest of each stretch, so that no peak is lost."""
    if len(points) <= most:
        return list(points)
    stretch = -(-len(points) // (most // 2))
    kept: list[tuple[float, float]] = []
    for start in range(0, len(points), stretch):
        part = points[start : start + stretch]
        kept += sorted({min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])})
    return kept


def _round_up(value: float) -> float:
    step = 10.0
    while value > 10 * step:
        step *= 2 if str(step)[0] == "1" else 2.5 if str(step)[0] == "2" else 2
    return step * -(-value // step)
