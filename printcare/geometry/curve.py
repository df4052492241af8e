"""Curves as points: circles and stadiums, cut to length, thinned, turned to begin where the nozzle stands."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from printcare.geometry.spiral import CHORD_MM

Array = NDArray[np.float64]
FEW = 24  # points between which plain numbers are quicker than arrays
LEAST_CORNERS = 12  # of a circle, however small


def lengths_mm(points: Array) -> Array:
    """Return the length of every segment, (n − 1,)."""
    step = np.diff(points[:, :2], axis=0)
    return np.asarray(np.hypot(step[:, 0], step[:, 1]))


def length_mm(points: Array) -> float:
    """Return a curve's whole length."""
    return float(lengths_mm(points).sum())


def enclosed_mm2(loop: Array) -> float:
    """Return the area a closed curve encloses, positive where it runs against the clock."""
    x, y = loop[:-1, 0], loop[:-1, 1]
    after_x, after_y = loop[1:, 0], loop[1:, 1]
    return float(np.sum(x * after_y - after_x * y) / 2)


def stadium(straight_mm: float, radius_mm: float) -> Array:
    """Return the closed curve at `radius_mm` around a straight piece along x; a circle where that has no length."""
    opening = 2 * math.acos(max(-1.0, 1 - CHORD_MM / max(radius_mm, CHORD_MM)))
    corners = max(LEAST_CORNERS, math.ceil(2 * math.pi / opening))
    corners += corners % 2
    half = np.linspace(-math.pi / 2, math.pi / 2, corners // 2 + 1)
    right = np.column_stack((straight_mm / 2 + radius_mm * np.cos(half), radius_mm * np.sin(half)))
    both = np.concatenate((right, -right))
    if straight_mm == 0:
        both = np.delete(both, corners // 2, axis=0)
    return both if np.allclose(both[0], both[-1]) else np.concatenate((both, both[:1]))


def cut(points: Array, longest_mm: float) -> Array:
    """Return the curve with further points, so that no segment is longer than `longest_mm`."""
    pieces = np.maximum(np.ceil(lengths_mm(points) / longest_mm), 1).astype(np.int64)
    places = np.concatenate(([0.0], np.cumsum(pieces)))
    at = np.arange(int(places[-1]) + 1)
    return np.column_stack((np.interp(at, places, points[:, 0]), np.interp(at, places, points[:, 1])))


def thinned(points: Array, tolerance_mm: float = CHORD_MM) -> Array:
    """Return the curve with fewer points, none of those left out further from it than the tolerance."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    open_ends = [(0, len(points) - 1)]
    if np.allclose(points[0], points[-1]) and len(points) > 3:
        far = int(np.argmax(np.hypot(*(points - points[0]).T)))
        keep[far] = True
        open_ends = [(0, far), (far, len(points) - 1)]
    places = points.tolist()
    while open_ends:
        first, last = open_ends.pop()
        if last - first < 2:
            continue
        is_few = last - first <= FEW
        middle, away_mm = _farthest_of_few(places, first, last) if is_few else _farthest(points, first, last)
        if away_mm > tolerance_mm:
            keep[middle] = True
            open_ends += [(first, middle), (middle, last)]
    return points[keep]


def _farthest(points: Array, first: int, last: int) -> tuple[int, float]:
    """Return the point between two of a curve that is farthest from their chord, and how far it is."""
    start, along = points[first], points[last] - points[first]
    size = math.hypot(*along)
    offset = points[first + 1 : last] - start
    away = np.abs(along[0] * offset[:, 1] - along[1] * offset[:, 0]) / size if size else np.hypot(*offset.T)
    worst = int(np.argmax(away))
    return first + 1 + worst, float(away[worst])


def _farthest_of_few(points: list[list[float]], first: int, last: int) -> tuple[int, float]:
    """Return the same for so few points that an array of them costs more than it saves."""
    (x, y), (end_x, end_y) = points[first], points[last]
    along_x, along_y = end_x - x, end_y - y
    size = math.hypot(along_x, along_y)
    middle, most = first + 1, -1.0
    for place in range(first + 1, last):
        dx, dy = points[place][0] - x, points[place][1] - y
        away = abs(along_x * dy - along_y * dx) / size if size else math.hypot(dx, dy)
        if away > most:
            middle, most = place, away
    return middle, most


def begun_near(loop: Array, place: Array) -> Array:
    """Return the closed curve turned to begin and end at its corner nearest to a place."""
    first = int(np.argmin(np.hypot(*(loop[:-1] - place).T)))
    return loop if first == 0 else np.concatenate((loop[first:-1], loop[: first + 1]))


def is_closed(points: Array) -> bool:
    """Whether a curve ends where it begins."""
    return bool(np.array_equal(points[0], points[-1]))


def strung(curves: list[Array], reach_mm: float) -> list[Array]:
    """Return the curves in an order of short ways, joined where the gap is at most `reach_mm`.

    The first curve stays first. Closed ones are entered at their nearest corner, open ones at their nearer end.
    """
    left = list(curves)
    chains = [left.pop(0)]
    while left:
        here = chains[-1][-1]
        gaps = [_gap(curve, here) for curve in left]
        nearest = int(np.argmin(gaps))
        curve = left.pop(nearest)
        if is_closed(curve):
            curve = begun_near(curve, here)
        elif np.hypot(*(curve[-1] - here)) < np.hypot(*(curve[0] - here)):
            curve = curve[::-1]
        if gaps[nearest] <= reach_mm:
            chains[-1] = np.concatenate((chains[-1], curve))
        else:
            chains.append(curve)
    return chains


def _gap(curve: Array, here: Array) -> float:
    ends = curve if is_closed(curve) else curve[[0, -1]]
    return float(np.hypot(ends[:, 0] - here[0], ends[:, 1] - here[1]).min())
