"""Curves over one axis as SVG: traces of several units laid over one another, or any series."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN, LEGEND = 720.0, 400.0, 52.0, 150.0  # px
TICKS = 5
# Distinguishable by people who see no red or green (Okabe and Ito 2008), and by their dashes.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES = ("", "6 3", "2 2", "8 3 2 3")
Points = Sequence[tuple[float, float]]


def curves_svg(curves: Mapping[str, Points], title: str, across: str, up: str) -> bytes:
    """Return curves by name as one figure; `across` and `up` name the axes with their units."""
    every = [point for points in curves.values() for point in points] or [(0.0, 0.0)]
    x_ends, y_ends = (_ends([point[axis] for point in every]) for axis in (0, 1))
    plot = WIDTH - MARGIN - LEGEND, HEIGHT - 2 * MARGIN

    def placed(x: float, y: float) -> tuple[float, float]:
        share = (x - x_ends[0]) / (x_ends[1] - x_ends[0]), (y - y_ends[0]) / (y_ends[1] - y_ends[0])
        return MARGIN + share[0] * plot[0], HEIGHT - MARGIN - share[1] * plot[1]

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{HEIGHT:g}" font-family="sans-serif">',
        f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{MARGIN:g}" y="24" font-size="15">{escape(title)}</text>',
        f'<text x="{MARGIN + plot[0] / 2:g}" y="{HEIGHT - 12:g}" font-size="12">{escape(across)}</text>',
        f'<text x="14" y="{HEIGHT / 2:g}" font-size="12" transform="rotate(-90 14 {HEIGHT / 2:g})">{escape(up)}</text>',
    ]
    for step in range(TICKS + 1):
        x, y = (low + (high - low) * step / TICKS for low, high in (x_ends, y_ends))
        left, base = placed(x, y_ends[0])
        edge, level = placed(x_ends[0], y)
        parts.append(f'<text x="{left:.1f}" y="{base + 16:.1f}" font-size="10" text-anchor="middle">{x:.4g}</text>')
        parts.append(f'<text x="{edge - 6:.1f}" y="{level + 3:.1f}" font-size="10" text-anchor="end">{y:.4g}</text>')
        parts.append(
            f'<line x1="{edge:.1f}" x2="{edge + plot[0]:.1f}" y1="{level:.1f}" y2="{level:.1f}" stroke="#ddd"/>'
        )
    for number, (name, points) in enumerate(curves.items()):
        parts += _curve(number, name, [placed(x, y) for x, y in points])
    return ("\n".join([*parts, "</svg>"]) + "\n").encode("utf-8")


def _curve(number: int, name: str, points: Points) -> list[str]:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number // len(COLOURS) % len(DASHES)]
    style = f'stroke="{colour}" stroke-width="1.4" fill="none"' + (f' stroke-dasharray="{dash}"' if dash else "")
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    left, level = WIDTH - LEGEND + 12, MARGIN + 16 * number
    return [
        f'<polyline points="{way}" {style}/>',
        f'<line x1="{left:g}" x2="{left + 22:g}" y1="{level:g}" y2="{level:g}" {style}/>',
        f'<text x="{left + 28:g}" y="{level + 4:g}" font-size="11">{escape(name)}</text>',
    ]


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, math.nextafter(high + 0.5, math.inf))
