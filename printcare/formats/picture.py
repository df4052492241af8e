"""A file's path as a picture: layers of a unit from above and the whole unit from the side, beads at their width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np

from printcare.gcode.bulk import Floats
from printcare.gcode.preview import LayerView, UnitView

PANEL, GAP, CAPTION = 220.0, 16.0, 34.0  # px
PANELS_MOST = 4  # layers shown from above
WIDTH_STEP_MM = 0.1  # beads this alike are drawn as one line
INK, EDGE, FAINT, TEXT, PAPER = "#2a6f97", "#013a63", "#e9f1f6", "#1b1b1b", "#ffffff"
BEAD_OPACITY = 0.55
TITLE_PX, CAPTION_PX = 15.0, 10.5
EDGED_PX = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, px; one with an edge is a layer from the side, as round at its ends as a bead."""

    left: float
    top: float
    width: float
    height: float
    fill: str
    round_px: float = 0.0

    @property
    def has_edge(self) -> bool:
        """Whether it is drawn as ink, seen through and with an edge, not as background."""
        return self.round_px > 0

    @property
    def edge_px(self) -> float:
        """Return how thick its edge is: none on strokes so thin that edges would be all one sees."""
        return 0.6 if self.height > EDGED_PX else 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """A line through points, px; thick ones are beads and seen through, thin ones the way of the nozzle."""

    points: tuple[tuple[float, float], ...]
    width: float
    is_bead: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text whose baseline begins at a place, px."""

    left: float
    baseline: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, in order; whoever draws it on screen, paper or into a file needs nothing else."""

    title: str
    width: float
    height: float
    marks: tuple[Bar | Way | Words, ...]


def drawing(view: UnitView, title: str) -> Drawing:
    """Return one unit drawn: some layers from above, then all from the side."""
    chosen = _chosen(view.layers)
    every = np.concatenate([part for layer in view.layers for part in (layer.start_mm, layer.end_mm)])
    middle = (every.min(axis=0) + every.max(axis=0)) / 2
    widest = max(float(layer.width_mm.max()) for layer in view.layers)
    span_mm = max(float(np.ptp(every, axis=0).max()) + widest, view.layers[-1].z_mm)
    scale = PANEL / (span_mm * 1.06)
    width = len(chosen) * (PANEL + GAP) + PANEL + 2 * GAP
    height = PANEL + 2 * CAPTION + GAP
    marks: list[Bar | Way | Words] = [Bar(0.0, 0.0, width, height, PAPER), Words(GAP, 22.0, TITLE_PX, title)]
    for place, number in enumerate(chosen):
        layer = view.layers[number]
        left = GAP + place * (PANEL + GAP)
        marks += [_frame(left), *_beads(layer, middle, scale, left + PANEL / 2, CAPTION + PANEL / 2)]
        bead = f"{layer.width_mm.min():.2f}" if np.ptp(layer.width_mm) < WIDTH_STEP_MM else _between(layer)
        marks.append(_caption(left, f"layer {number + 1} of {len(view.layers)}, z {layer.z_mm:.2f}, bead {bead} mm"))
    left = GAP + len(chosen) * (PANEL + GAP)
    marks += [_frame(left), *_side(view.layers, middle, scale, left + PANEL / 2, CAPTION + PANEL * 0.98)]
    marks.append(_caption(left, f"from the side, {view.layers[-1].z_mm:.2f} mm high"))
    return Drawing(title, width, height, tuple(marks))


def picture(view: UnitView, title: str) -> str:
    """Return an SVG of one unit; the same unit gives the same bytes."""
    drawn = drawing(view, title)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawn.width:.0f} {drawn.height:.0f}" '
        f'font-family="sans-serif" font-size="12" fill="{TEXT}">',
        f"<title>{escape(drawn.title)}</title>",
    ]
    return "\n".join((*parts, *(_svg(mark) for mark in drawn.marks), "</svg>", ""))


def _svg(mark: Bar | Way | Words) -> str:
    if isinstance(mark, Words):
        return f'<text x="{mark.left:.0f}" y="{mark.baseline:.0f}" font-size="{mark.size:g}">{escape(mark.text)}</text>'
    if isinstance(mark, Way):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in mark.points)
        shape = 'fill="none" stroke-linejoin="round" stroke-linecap="round"'
        ink = f'stroke="{INK}" stroke-opacity="{BEAD_OPACITY}"' if mark.is_bead else f'stroke="{EDGE}"'
        return f'<polyline points="{points}" {ink} stroke-width="{mark.width:.1f}" {shape}/>'
    corner = f'x="{mark.left:.1f}" y="{mark.top:.1f}" width="{mark.width:.1f}" height="{mark.height:.1f}"'
    edge = f' rx="{mark.round_px:.1f}" fill-opacity="{BEAD_OPACITY}" stroke="{EDGE}" stroke-width="{mark.edge_px:g}"'
    return f'<rect {corner} fill="{mark.fill}"{edge if mark.has_edge else ""}/>'


def _chosen(layers: tuple[LayerView, ...]) -> list[int]:
    """Return the first two layers, the middle one and the last."""
    last = len(layers) - 1
    return sorted({0, min(1, last), last // 2, last})[:PANELS_MOST]


def _between(layer: LayerView) -> str:
    return f"{layer.width_mm.min():.2f} to {layer.width_mm.max():.2f}"


def _frame(left: float) -> Bar:
    return Bar(left, CAPTION, PANEL, PANEL, FAINT)


def _caption(left: float, text: str) -> Words:
    return Words(left, CAPTION + PANEL + 18, CAPTION_PX, text)


def _beads(layer: LayerView, middle: Floats, scale: float, x0: float, y0: float) -> Iterator[Way]:
    """Return a layer's beads as lines of their own width, with the way the nozzle takes drawn thin upon them."""
    ways = []
    for first, after in pairwise(_edges(layer)):
        points = np.concatenate((layer.start_mm[first : first + 1], layer.end_mm[first:after])) - middle
        drawn = tuple((x0 + x * scale, y0 - y * scale) for x, y in points.tolist())
        ways.append(Way(drawn, float(layer.width_mm[first]) * scale, is_bead=True))
    yield from ways
    yield from (Way(way.points, 0.8, is_bead=False) for way in ways)


def _edges(layer: LayerView) -> list[int]:
    """Return where lines begin: after a hop, or where the bead is another; the last digit of E makes none."""
    leaps = (layer.start_mm[1:] != layer.end_mm[:-1]).any(axis=1).tolist()
    widths = layer.width_mm.tolist()
    edges = [0]
    for row, leap in enumerate(leaps, 1):
        if leap or abs(widths[row] - widths[edges[-1]]) > WIDTH_STEP_MM:
            edges.append(row)
    return [*edges, len(widths)]


def _side(layers: tuple[LayerView, ...], middle: Floats, scale: float, x0: float, y0: float) -> Iterator[Bar]:
    for layer in layers:
        half = layer.width_mm.max() / 2
        both = np.concatenate((layer.start_mm[:, 0], layer.end_mm[:, 0])) - middle[0]
        low, high = float(both.min() - half), float(both.max() + half)
        tall = layer.height_mm * scale
        yield Bar(x0 + low * scale, y0 - layer.z_mm * scale, (high - low) * scale, tall, INK, tall / 2)
