"""The toolpath as the printer gets it, drawn with QPainter from the read-back program: from above, or isometric."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QResizeEvent, QTransform

from printcare.gcode.bulk import Floats, Ints
from printcare.gcode.preview import UnitView
from printcare.ui.figures import figure
from printcare.ui.tokens import Theme
from printcare.ui.widgets.chart import Chart
from printcare.ui.words import tr

WIDTH_STEP_MM = 0.1  # beads this alike are drawn in one stroke
SMOOTH_UP_TO = 8000  # segments; more are drawn without smoothing, in a tenth of the time
EDGE_PX = 24
BELOW, TOP = 0.28, 0.9  # how strongly lower layers and the chosen one are drawn
COS_30, SIN_30 = math.cos(math.radians(30)), math.sin(math.radians(30))
# A path as Qt streams it: per element its kind and place, behind their number and before two numbers of the fill.
ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
MOVE, LINE = 0, 1


class ToolpathView(Chart):
    """One unit up to a layer; drawn once into an image, which a repaint only copies."""

    margins = (EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)

    def __init__(self) -> None:
        super().__init__("toolpath", tr("Toolpath of the read-back program"))
        self.setMinimumHeight(320)
        self._unit: UnitView | None = None
        self._layer, self._is_isometric = 0, True
        self._image: QImage | None = None

    def show_unit(self, unit: UnitView, layer: int, *, is_isometric: bool) -> None:
        """Draw a unit up to this layer, 1-based."""
        self._unit, self._is_isometric = unit, is_isometric
        self._layer = min(max(layer, 1), len(unit.layers))
        self._image = None
        self.setAccessibleDescription(self.told)
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._image = None
        super().show_theme(theme)

    @property
    def told(self) -> str:
        """Return what is drawn in words: layer, height, beads and their width."""
        if self._unit is None or not self._unit.layers:
            return ""
        layer = self._unit.layers[self._layer - 1]
        narrow, wide = (figure(float(end), 2) for end in (layer.width_mm.min(), layer.width_mm.max()))
        words = tr("Layer {} of {} at {} · {} moves · beads {} to {} mm wide")
        height = figure(layer.z_mm, 2, "mm")
        return words.format(self._layer, len(self._unit.layers), height, len(layer.width_mm), narrow, wide)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Draw anew in the new room."""
        self._image = None
        super().resizeEvent(event)

    def draw(self, painter: QPainter) -> None:
        """Copy the image, made when something has changed."""
        if self._unit is None or not self._unit.layers:
            return
        if self._image is None:
            self._image = self._drawn(self._unit)
        painter.drawImage(QPointF(0, 0), self._image)

    def _drawn(self, unit: UnitView) -> QImage:
        ratio = self.devicePixelRatioF()
        image = QImage(self.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        shown = unit.layers[: self._layer] if self._is_isometric else unit.layers[max(self._layer - 2, 0) : self._layer]
        painter.setRenderHint(
            QPainter.RenderHint.Antialiasing, sum(len(layer.width_mm) for layer in shown) <= SMOOTH_UP_TO
        )
        scale, place = self._room(unit)
        painter.setTransform(place, combine=True)
        for number, layer in enumerate(shown, start=1):
            is_top = number == len(shown)
            lines = self._flat(np.hstack([layer.start_mm, layer.end_mm]), layer.z_mm)
            for width_mm, chosen in _alike(layer.width_mm):
                pen = QPen(self.colour("accent" if is_top else "muted", TOP if is_top else BELOW))
                # Thinner than a pixel is drawn as one: a hairline is quick, and nothing of it is left out.
                pen.setWidthF(max(width_mm, 1.0 / scale))
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                painter.drawPath(path_of(lines[chosen]))
        painter.end()
        return image

    def _flat(self, lines: Floats, z_mm: float) -> Floats:
        """Return segments (n, 4) on the paper: as they are from above, or turned by 30 degrees to both sides."""
        if not self._is_isometric:
            seen: Floats = lines * np.array([1.0, -1.0, 1.0, -1.0])
            return seen
        x, y = lines[:, 0::2], lines[:, 1::2]
        flat = np.empty_like(lines)
        flat[:, 0::2] = (x - y) * COS_30
        flat[:, 1::2] = -(x + y) * SIN_30 - z_mm
        return flat

    def _room(self, unit: UnitView) -> tuple[float, QTransform]:
        """Return pixels a mm, and the transform that puts the whole unit into the middle, whatever layer is shown."""
        ends = [self._flat(_corners(layer.start_mm, layer.end_mm), layer.z_mm) for layer in unit.layers]
        every = np.vstack(ends)
        low = np.array([every[:, 0::2].min(), every[:, 1::2].min()])
        high = np.array([every[:, 0::2].max(), every[:, 1::2].max()])
        span, plot = np.maximum(high - low, 0.1), QRectF(self.plot)
        scale = float(min(plot.width() / span[0], plot.height() / span[1]))
        middle = (low + high) / 2
        place = QTransform.fromTranslate(plot.center().x(), plot.center().y())
        place.scale(scale, scale)
        place.translate(-float(middle[0]), -float(middle[1]))
        return scale, place


def path_of(lines: Floats) -> QPainterPath:
    """Return segments (n, 4) as one path, read as a whole from Qt's own stream: a call a segment takes a second."""
    elements = np.zeros(2 * len(lines), ELEMENT)
    elements["kind"][1::2] = LINE
    for end in (0, 1):
        elements["x"][end::2], elements["y"][end::2] = lines[:, 2 * end], lines[:, 2 * end + 1]
    count = len(elements).to_bytes(4, "big")
    path = QPainterPath()
    stream = QDataStream(QByteArray(count + elements.tobytes() + bytes(8)))
    stream >> path
    return path


def _alike(width_mm: Floats) -> list[tuple[float, Ints]]:
    """Return each width with the places of the beads that have it, to a tenth of a millimetre."""
    steps = np.maximum(np.round(width_mm / WIDTH_STEP_MM), 1)
    return [(float(step) * WIDTH_STEP_MM, np.flatnonzero(steps == step)) for step in np.unique(steps)]


def _corners(start_mm: Floats, end_mm: Floats) -> Floats:
    """Return the four corners of the rectangle around a layer, as segments of no length: (4, 4)."""
    both = np.vstack([start_mm, end_mm])
    (left, low), (right, high) = both.min(axis=0), both.max(axis=0)
    points = np.array([[left, low], [left, high], [right, low], [right, high]])
    return np.hstack([points, points])
