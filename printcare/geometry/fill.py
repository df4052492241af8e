"""How a layer is filled: nested lines, straight lines, or a lattice, each as chains of beads."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printcare.domain.recipe import LATTICES
from printcare.geometry.contour import Grid, contours
from printcare.geometry.curve import strung
from printcare.geometry.region import Array, Region
from printcare.geometry.spiral import spiral_points

Wave = NDArray[np.floating[Any]] | float
JOIN = 1.6  # pitches a bead may run between two lines of a fill; farther, the tool hops without ink
SHORTEST_PIECE = 0.5  # pitches; a shorter stump of a lattice line is left out, its ink goes into the others
GYROID_GRID = 16  # steps in a cell
GYROID_DENSITY = math.pi / 4 * 3.0915  # line per area times the cell: a gyroid's surface per volume is 3.0915/cell
WAVE_STRETCH = 4 / 3  # a wave's length over its run along x: four sides in three


def _spiral(region: Region, pitch_mm: float, layer: int, height_mm: float, cell_mm: float) -> list[Array]:
    return [spiral_points(pitch_mm, region.reach_mm, math.inf)[::-1]]


def _concentric(region: Region, pitch_mm: float, layer: int, height_mm: float, cell_mm: float) -> list[Array]:
    """Return lines nested from the rim inwards; the pitch gives way, so that a whole number fits."""
    lines = max(1, round(region.reach_mm / pitch_mm))
    step_mm = region.reach_mm / lines
    return [loop for line in range(lines) for loop in region.nested((line + 0.5) * step_mm)]


def _rectilinear(region: Region, pitch_mm: float, layer: int, height_mm: float, cell_mm: float) -> list[Array]:
    """Return the rim and straight lines inside it, turned by a right angle in every second layer."""
    turn = math.radians(45 + 90 * (layer % 2))
    return [*region.boundary(pitch_mm / 2), *_lines(region.boundary(pitch_mm), pitch_mm, turn)]


def _honeycomb(region: Region, pitch_mm: float, layer: int, height_mm: float, cell_mm: float) -> list[Array]:
    return [*region.boundary(pitch_mm / 2), *_clipped(_waves(region, pitch_mm, cell_mm), region, pitch_mm)]


def _gyroid(region: Region, pitch_mm: float, layer: int, height_mm: float, cell_mm: float) -> list[Array]:
    """Return the rim and the section of the gyroid's zero at the layer's height."""
    rim = region.boundary(pitch_mm / 2)
    size_mm = float(np.ptp(np.concatenate(rim), axis=0).max()) + pitch_mm
    cells = math.ceil(size_mm / cell_mm / 2)
    place = np.arange(-cells * GYROID_GRID, cells * GYROID_GRID + 1) * (2 * math.pi / GYROID_GRID)
    x, y, z = place[None, :], place[:, None], 2 * math.pi * height_mm / cell_mm
    step_mm = cell_mm / GYROID_GRID
    grid = Grid(-cells * cell_mm, -cells * cell_mm, step_mm, gyroid(x, y, z))
    return [*rim, *_clipped(contours(grid, 0.0), region, pitch_mm)]


def gyroid(x: Wave, y: Wave, z: Wave) -> Array:
    """Return sin x cos y + sin y cos z + sin z cos x, a whole turn to the cell."""
    return np.asarray(np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x))


def _waves(region: Region, pitch_mm: float, cell_mm: float) -> list[Array]:
    """Return honeycomb walls as waves side by side: neighbouring waves share every second wall, a bead each."""
    rim = np.concatenate(region.boundary(0.0))
    size_mm = float(np.hypot(*rim.T).max()) + cell_mm
    side_mm = cell_mm / math.sqrt(3)
    period_mm = 3 * side_mm  # flat, slope, flat, slope: side, half side, side, half side
    count = math.ceil(size_mm / period_mm) + 1
    waves = []
    rows = math.ceil(2 * size_mm / (cell_mm + pitch_mm))
    for row in range(-rows, rows + 1):
        low_mm = row * (cell_mm / 2 + pitch_mm)
        high_mm = low_mm + cell_mm / 2
        bottom, top = (low_mm, high_mm) if row % 2 == 0 else (high_mm, low_mm)
        corners = []
        for period in range(-count, count + 1):
            at = period * period_mm
            corners += [(at, bottom), (at + side_mm, bottom)]
            corners += [(at + 1.5 * side_mm, top), (at + 2.5 * side_mm, top)]
        waves.append(np.array(corners))
    return waves


def _lines(loops: list[Array], pitch_mm: float, turn: float) -> list[Array]:
    """Return parallel lines inside closed curves (even–odd), running to and fro."""
    if not loops:
        return []
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    turned = [loop @ spin for loop in loops]
    every = np.concatenate(turned)
    low, high = float(every[:, 1].min()), float(every[:, 1].max())
    count = max(1, round((high - low) / pitch_mm))
    step = (high - low) / count
    found: list[Array] = []
    for line in range(count):
        y = low + (line + 0.5) * step
        ends = np.sort(np.concatenate([_crossings(loop, y) for loop in turned]))
        pairs = [np.array([[one, y], [other, y]]) for one, other in zip(ends[::2], ends[1::2], strict=True)]
        kept = [pair for pair in pairs if pair[1, 0] - pair[0, 0] > SHORTEST_PIECE * pitch_mm]
        found += kept if line % 2 == 0 else [pair[::-1] for pair in reversed(kept)]
    return [line @ spin.T for line in found]


def _crossings(loop: Array, y: float) -> Array:
    begin, end = loop[:-1], loop[1:]
    crosses = (begin[:, 1] <= y) != (end[:, 1] <= y)
    begin, end = begin[crosses], end[crosses]
    return np.asarray(begin[:, 0] + (y - begin[:, 1]) * (end[:, 0] - begin[:, 0]) / (end[:, 1] - begin[:, 1]))


def _clipped(curves: list[Array], region: Region, pitch_mm: float) -> list[Array]:
    """Return what of open curves lies inside the region, a pitch off its boundary."""
    loops = region.boundary(pitch_mm)
    if not loops:
        return []
    begin = np.concatenate([loop[:-1] for loop in loops])
    along = np.concatenate([np.diff(loop, axis=0) for loop in loops])
    kept = []
    for curve in curves:
        for piece in _inside(curve, begin, along):
            if float(np.hypot(*np.diff(piece, axis=0).T).sum()) > SHORTEST_PIECE * pitch_mm:
                kept.append(piece)
    return kept


def _inside(curve: Array, begin: Array, along: Array) -> list[Array]:
    """Return the pieces of one curve inside closed curves given by their edges."""
    start, step = curve[:-1], np.diff(curve, axis=0)
    across = step[:, None, 0] * along[None, :, 1] - step[:, None, 1] * along[None, :, 0]
    across = np.where(across == 0, np.inf, across)
    offset = begin[None] - start[:, None]
    on_curve = (offset[..., 0] * along[None, :, 1] - offset[..., 1] * along[None, :, 0]) / across
    on_edge = (offset[..., 0] * step[:, None, 1] - offset[..., 1] * step[:, None, 0]) / across
    hits = (on_curve >= 0) & (on_curve < 1) & (on_edge >= 0) & (on_edge < 1)
    segment, edge = np.nonzero(hits)
    places = np.sort(segment + on_curve[segment, edge])
    ends = np.concatenate(([0.0], places, [float(len(step))]))
    at = np.arange(len(curve), dtype=np.float64)
    pieces = []
    for first, last in pairwise(ends.tolist()):
        between = at[(at > first) & (at < last)]
        knots = np.concatenate(([first], between, [last]))
        piece = np.column_stack((np.interp(knots, at, curve[:, 0]), np.interp(knots, at, curve[:, 1])))
        if last > first and _holds((piece[0] + piece[1]) / 2, begin, along):
            pieces.append(piece)
    return pieces


def _holds(place: Array, begin: Array, along: Array) -> bool:
    end_y = begin[:, 1] + along[:, 1]
    crosses = (begin[:, 1] <= place[1]) != (end_y <= place[1])
    x = begin[crosses, 0] + (place[1] - begin[crosses, 1]) * along[crosses, 0] / along[crosses, 1]
    return bool(np.count_nonzero(x > place[0]) % 2)


FILLS: dict[str, Callable[[Region, float, int, float, float], list[Array]]] = {
    "spiral": _spiral,
    "concentric": _concentric,
    "rectilinear": _rectilinear,
    "honeycomb": _honeycomb,
    "gyroid": _gyroid,
}


def chains(region: Region, path: str, pitch_mm: float, layer: int, height_mm: float, cell_mm: float) -> list[Array]:
    """Return a layer's beads in the order they are laid; between two of them the tool hops without ink."""
    curves = FILLS[path](region, pitch_mm, layer, height_mm, cell_mm)
    return strung(curves, JOIN * pitch_mm) if curves else []


def share_covered(region: Region, path: str, pitch_mm: float, cell_mm: float) -> float:
    """Return about which share of a region's area the beads cover: 1 for a solid fill; the bead makes it exact."""
    if path not in LATTICES:
        return 1.0
    inner_mm2 = max(region.area_mm2 - pitch_mm * region.outline_mm, 0.0)
    density = GYROID_DENSITY / cell_mm if path == "gyroid" else WAVE_STRETCH / (cell_mm / 2 + pitch_mm)
    return min(1.0, pitch_mm * (region.outline_mm + density * inner_mm2) / region.area_mm2)
