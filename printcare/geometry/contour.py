"""Level lines of a field on a square grid (marching squares), and the distance from an outline as such a field."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printcare.geometry.curve import thinned

Array = NDArray[np.float64]
OFF_LEVEL = 1e-9  # a corner exactly on the level is moved off it, so that every line crosses edges only
THIN_MM = 0.01
# Corners of a cell: 1 at (i, j), 2 at (i, j+1), 4 at (i+1, j+1), 8 at (i+1, j), rows along y. Its edges: 0 bottom,
# 1 right, 2 top, 3 left. Each case lists the edge a line comes in by and the one it leaves by; inside lies to the left.
CASES: tuple[tuple[tuple[int, int], ...], ...] = (
    (),
    ((0, 3),),
    ((1, 0),),
    ((1, 3),),
    ((2, 1),),
    ((0, 3), (2, 1)),
    ((2, 0),),
    ((2, 3),),
    ((3, 2),),
    ((0, 2),),
    ((1, 0), (3, 2)),
    ((1, 2),),
    ((3, 1),),
    ((0, 1),),
    ((3, 0),),
    (),
)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Values at the corners of square cells: values[i, j] stands at (x0 + j·step, y0 + i·step), mm."""

    x0_mm: float
    y0_mm: float
    step_mm: float
    values: Array

    @property
    def places(self) -> tuple[Array, Array]:
        """Return x of every column and y of every row."""
        rows, columns = self.values.shape
        x_mm = self.x0_mm + np.arange(columns, dtype=np.float64) * self.step_mm
        y_mm = self.y0_mm + np.arange(rows, dtype=np.float64) * self.step_mm
        return np.asarray(x_mm, dtype=np.float64), np.asarray(y_mm, dtype=np.float64)


def distances(loops: list[Array], step_mm: float) -> Grid:
    """Return the distance to the nearest edge of closed curves, positive inside (even–odd), on a grid around them."""
    every = np.concatenate(loops)
    low, high = every.min(axis=0) - 1.5 * step_mm, every.max(axis=0) + 1.5 * step_mm
    columns, rows = (int(np.ceil(size / step_mm)) + 1 for size in high - low)
    grid = Grid(float(low[0]), float(low[1]), step_mm, np.empty((rows, columns)))
    x, y = grid.places
    squared = np.full((rows, columns), np.inf)
    inside = np.zeros((rows, columns), dtype=bool)
    for loop in loops:
        for begin, end in pairwise(loop):
            _nearer(squared, x, y, begin, end)
            _crossed(inside, x, y, begin, end)
    away = np.sqrt(squared)
    return Grid(grid.x0_mm, grid.y0_mm, step_mm, np.where(inside, away, -away))


def nearness(grid: Grid, lines: Array) -> Array:
    """Return each place's distance from the nearest of straight lines (m, 2, 2), on a grid's places."""
    squared = np.full(grid.values.shape, np.inf)
    x, y = grid.places
    for begin, end in lines:
        _nearer(squared, x, y, begin, end)
    return np.asarray(np.sqrt(squared), dtype=np.float64)


def _nearer(squared: Array, x: Array, y: Array, begin: Array, end: Array) -> None:
    along = end - begin
    size = float(along @ along)
    if size == 0:
        return
    dx, dy = x - begin[0], y - begin[1]
    share = np.clip((dx[None, :] * along[0] + dy[:, None] * along[1]) / size, 0.0, 1.0)
    np.minimum(squared, (dx - share * along[0]) ** 2 + (dy[:, None] - share * along[1]) ** 2, out=squared)


def _crossed(inside: NDArray[np.bool_], x: Array, y: Array, begin: Array, end: Array) -> None:
    """Turn the side of every place to the left of an edge that its row crosses."""
    rows = np.flatnonzero((begin[1] <= y) != (end[1] <= y))
    if len(rows):
        across = begin[0] + (y[rows] - begin[1]) * (end[0] - begin[0]) / (end[1] - begin[1])
        inside[rows] ^= x[None, :] < across[:, None]


def contours(grid: Grid, level: float) -> list[Array]:
    """Return the lines of a level, (n, 2) mm each, higher values to their left; closed unless they meet the rim."""
    values = grid.values - level
    values = np.where(values == 0, OFF_LEVEL, values)
    above = values > 0
    case = above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]
    onward: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for row, column in np.argwhere((case > 0) & (case < 15)).tolist():
        for enters, leaves in CASES[case[row, column]]:
            onward[_edge(row, column, enters)] = _edge(row, column, leaves)
    return [thinned(_placed(grid, values, line), THIN_MM) for line in _chained(onward)]


def _edge(row: int, column: int, side: int) -> tuple[int, int, int]:
    """Return an edge's own name, the same from both cells: 0 along x from (row, column), 1 along y."""
    if side == 0:
        return row, column, 0
    if side == 1:
        return row, column + 1, 1
    return (row + 1, column, 0) if side == 2 else (row, column, 1)


def _chained(onward: dict[tuple[int, int, int], tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    lines = []
    entered = set(onward.values())
    for start in [*(edge for edge in onward if edge not in entered), *onward]:  # open lines first, from their beginning
        if start not in onward:
            continue
        line = [start]
        while line[-1] in onward:
            line.append(onward.pop(line[-1]))
        lines.append(line)
    return lines


def _placed(grid: Grid, values: Array, line: list[tuple[int, int, int]]) -> Array:
    row, column, upright = np.array(line).T
    one = values[row, column]
    other = values[row + upright, column + 1 - upright]
    share = one / (one - other)
    x = grid.x0_mm + (column + np.where(upright, 0.0, share)) * grid.step_mm
    y = grid.y0_mm + (row + np.where(upright, share, 0.0)) * grid.step_mm
    return np.column_stack((x, y))
