"""A file's path as a picture: layers of a unit from above and the whole unit from the side, beads at their width."""

from __future__ import annotations

from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np

from printcare.gcode.bulk import Floats
from printcare.gcode.preview import LayerView, UnitView

PANEL, GAP, CAPTION = 220.0, 16.0, 34.0  # px
PANELS_MOST = 4  # layers shown from above
WIDTH_STEP_MM = 0.1  # beads this alike are drawn as one line
INK, EDGE, FAINT, TEXT = "#2a6f97", "#013a63", "#e9f1f6", "#1b1b1b"


def picture(view: UnitView, title: str) -> str:
    """Return an SVG of one unit; the same unit gives the same bytes."""
    chosen = _chosen(view.layers)
    every = np.concatenate([part for layer in view.layers for part in (layer.start_mm, layer.end_mm)])
    middle = (every.min(axis=0) + every.max(axis=0)) / 2
    widest = max(float(layer.width_mm.max()) for layer in view.layers)
    span_mm = max(float(np.ptp(every, axis=0).max()) + widest, view.layers[-1].z_mm)
    scale = PANEL / (span_mm * 1.06)
    width = len(chosen) * (PANEL + GAP) + PANEL + 2 * GAP
    height = PANEL + 2 * CAPTION + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="sans-serif" font-size="12" fill="{TEXT}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        f'<text x="{GAP:.0f}" y="22" font-size="15">{escape(title)}</text>',
    ]
    for place, number in enumerate(chosen):
        layer = view.layers[number]
        left = GAP + place * (PANEL + GAP)
        parts += [_frame(left), *_beads(layer, middle, scale, left + PANEL / 2, CAPTION + PANEL / 2)]
        bead = f"{layer.width_mm.min():.2f}" if np.ptp(layer.width_mm) < WIDTH_STEP_MM else _between(layer)
        parts.append(_caption(left, f"layer {number + 1} of {len(view.layers)}, z {layer.z_mm:.2f}, bead {bead} mm"))
    left = GAP + len(chosen) * (PANEL + GAP)
    parts += [_frame(left), *_side(view.layers, middle, scale, left + PANEL / 2, CAPTION + PANEL * 0.98)]
    parts.append(_caption(left, f"from the side, {view.layers[-1].z_mm:.2f} mm high"))
    return "\n".join((*parts, "</svg>", ""))


def _chosen(layers: tuple[LayerView, ...]) -> list[int]:
    """Return the first two layers, the middle one and the last."""
    last = len(layers) - 1
    return sorted({0, min(1, last), last // 2, last})[:PANELS_MOST]


def _between(layer: LayerView) -> str:
    return f"{layer.width_mm.min():.2f} to {layer.width_mm.max():.2f}"


def _frame(left: float) -> str:
    return f'<rect x="{left:.0f}" y="{CAPTION:.0f}" width="{PANEL:.0f}" height="{PANEL:.0f}" fill="{FAINT}"/>'


def _caption(left: float, text: str) -> str:
    return f'<text x="{left:.0f}" y="{CAPTION + PANEL + 18:.0f}" font-size="10.5">{escape(text)}</text>'


def _beads(layer: LayerView, middle: Floats, scale: float, x0: float, y0: float) -> list[str]:
    """Return a layer's beads as lines of their own width, with the way the nozzle takes drawn thin upon them."""
    lines = []
    for first, after in pairwise(_edges(layer)):
        points = np.concatenate((layer.start_mm[first : first + 1], layer.end_mm[first:after])) - middle
        drawn = " ".join(f"{x0 + x * scale:.1f},{y0 - y * scale:.1f}" for x, y in points.tolist())
        lines.append((drawn, float(layer.width_mm[first]) * scale))
    shape = 'fill="none" stroke-linejoin="round" stroke-linecap="round"'
    thick = [
        f'<polyline points="{p}" stroke="{INK}" stroke-opacity="0.55" stroke-width="{w:.1f}" {shape}/>'
        for p, w in lines
    ]
    thin = [f'<polyline points="{p}" stroke="{EDGE}" stroke-width="0.8" {shape}/>' for p, _ in lines]
    return thick + thin


def _edges(layer: LayerView) -> list[int]:
    """Return where lines begin: after a hop, or where the bead is another; the last digit of E makes none."""
    leaps = (layer.start_mm[1:] != layer.end_mm[:-1]).any(axis=1).tolist()
    widths = layer.width_mm.tolist()
    edges = [0]
    for row, leap in enumerate(leaps, 1):
        if leap or abs(widths[row] - widths[edges[-1]]) > WIDTH_STEP_MM:
            edges.append(row)
    return [*edges, len(widths)]


def _side(layers: tuple[LayerView, ...], middle: Floats, scale: float, x0: float, y0: float) -> list[str]:
    bars = []
    for layer in layers:
        half = layer.width_mm.max() / 2
        both = np.concatenate((layer.start_mm[:, 0], layer.end_mm[:, 0])) - middle[0]
        low, high = float(both.min() - half), float(both.max() + half)
        top = y0 - layer.z_mm * scale
        size = f'width="{(high - low) * scale:.1f}" height="{layer.height_mm * scale:.1f}"'
        round_mm = layer.height_mm * scale / 2
        bars.append(
            f'<rect x="{x0 + low * scale:.1f}" y="{top:.1f}" {size} rx="{round_mm:.1f}" fill="{INK}" '
            f'fill-opacity="0.55" stroke="{EDGE}" stroke-width="0.6"/>'
        )
    return bars
