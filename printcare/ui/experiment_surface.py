"""What the page Experiment draws: response surfaces with their contour lines, and traces laid over one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from printcare.ui.models import RegisterEntry

ENOUGH = 0.9
CHANCES = (0.5, 0.7, 0.9)  # contour lines of a chance
Grid = tuple[tuple[float, ...], ...]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Surface:
    """Values row by row from below, the first factor across; the names of both axes with their units, and their ends.

    A value of at least `enough` is marked in its cell; None marks none.
    """

    title: str
    across: str
    upwards: str
    ends: tuple[tuple[float, float], tuple[float, float]]
    values: Grid
    levels: tuple[float, ...]
    enough: float | None = None


@dataclass(frozen=True, slots=True)
class Traces:
    """Readings of several units on one time axis, each from its first: seconds and value, by unit."""

    sensor: str
    curves: tuple[tuple[str, tuple[Point, ...]], ...]


@dataclass(frozen=True, slots=True)
class ExperimentEntry(RegisterEntry):
    """An experiment, with its surfaces where enough is measured, and the traces of its runs."""

    surfaces: tuple[Surface, ...] = ()
    traces: Traces | None = None


def contour(values: Sequence[Sequence[float]], level: float) -> list[tuple[Point, Point]]:
    """Return the line of one level as pieces, in columns and rows from 0, by marching squares.

    Where a square is crossed four times its mean says which corners belong together.
    """
    pieces = []
    for row in range(len(values) - 1):
        for column in range(len(values[0]) - 1):
            pieces += _in_square(values, level, column, row)
    return pieces


def _in_square(values: Sequence[Sequence[float]], level: float, column: int, row: int) -> list[tuple[Point, Point]]:
    corners = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))
    heights = [values[y][x] for x, y in corners]
    crossed: list[Point] = []
    for side in range(4):
        begins, ends = heights[side], heights[(side + 1) % 4]
        if (begins >= level) is not (ends >= level):
            share = (level - begins) / (ends - begins)
            (x, y), (to_x, to_y) = corners[side], corners[(side + 1) % 4]
            crossed.append((x + share * (to_x - x), y + share * (to_y - y)))
    if len(crossed) == 4 and (heights[0] >= level) is not (sum(heights) / 4 >= level):
        crossed = [crossed[3], *crossed[:3]]
    return list(zip(crossed[::2], crossed[1::2], strict=True))
