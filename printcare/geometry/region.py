"""One layer's region: its area, its boundary moved inwards, and the nested lines that fill it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from printcare.geometry.contour import Grid, contours, distances
from printcare.geometry.curve import enclosed_mm2, length_mm, stadium

Array = NDArray[np.float64]
GRID_SHARE = 1 / 60  # of the greatest extent; a line of distance is then within 0.01 mm of true on a 10 mm unit


class Region(Protocol):
    """What a fill needs to know of a layer."""

    @property
    def area_mm2(self) -> float:
        """Return the area."""

    @property
    def outline_mm(self) -> float:
        """Return the length of the whole boundary."""

    @property
    def reach_mm(self) -> float:
        """Return how far from the boundary the farthest place inside lies, or across a ring from rim to rim."""

    def boundary(self, inset_mm: float) -> list[Array]:
        """Return the closed boundary moved inwards, holes included; nothing where nothing is left."""

    def nested(self, inset_mm: float) -> list[Array]:
        """Return the closed lines at that distance from the boundary, the outer one of a ring only."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """A disc, a ring or a stadium: all within `outer_mm` of a straight line along x, less all within `inner_mm`."""

    straight_mm: float
    outer_mm: float
    inner_mm: float = 0.0

    @property
    def area_mm2(self) -> float:
        """Return the area."""
        wide, hole = self.outer_mm, self.inner_mm
        return 2 * self.straight_mm * (wide - hole) + math.pi * (wide**2 - hole**2)

    @property
    def outline_mm(self) -> float:
        """Return the length of both rims."""
        outer = 2 * (self.straight_mm + math.pi * self.outer_mm)
        return outer + (2 * (self.straight_mm + math.pi * self.inner_mm) if self.inner_mm else 0.0)

    @property
    def reach_mm(self) -> float:
        """Return the distance from the outer rim to the inner one, or to the middle."""
        return self.outer_mm - self.inner_mm

    def boundary(self, inset_mm: float) -> list[Array]:
        """Return the closed boundary moved inwards."""
        outer = self.outer_mm - inset_mm
        inner = self.inner_mm + inset_mm if self.inner_mm else 0.0
        if outer <= inner:
            return []
        return [stadium(self.straight_mm, radius) for radius in (outer, inner) if radius > 0]

    def nested(self, inset_mm: float) -> list[Array]:
        """Return the closed line at that distance from the outer rim."""
        return [stadium(self.straight_mm, self.outer_mm - inset_mm)] if inset_mm < self.reach_mm else []


@dataclass(frozen=True, eq=False)
class Flat:
    """A region within closed curves by the even–odd rule; loops run against the clock, holes with it."""

    loops: tuple[Array, ...]

    @property
    def area_mm2(self) -> float:
        """Return the area."""
        return abs(sum(enclosed_mm2(loop) for loop in self.loops))

    @property
    def outline_mm(self) -> float:
        """Return the length of all loops."""
        return sum(length_mm(loop) for loop in self.loops)

    @cached_property
    def field(self) -> Grid:
        """Return the distance from the boundary over the region."""
        every = np.concatenate(self.loops)
        return distances(list(self.loops), float(np.ptp(every, axis=0).max()) * GRID_SHARE)

    @property
    def reach_mm(self) -> float:
        """Return the radius of the greatest circle inside, to a grid's step."""
        return float(self.field.values.max())

    def boundary(self, inset_mm: float) -> list[Array]:
        """Return the closed boundary moved inwards."""
        return list(self.loops) if inset_mm <= 0 else self.nested(inset_mm)

    def nested(self, inset_mm: float) -> list[Array]:
        """Return the closed lines at that distance from the boundary."""
        return contours(self.field, inset_mm)
