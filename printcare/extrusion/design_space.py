"""The region of settings where every quality attribute is met with a stated probability, and the ranges it proposes.

Monte Carlo over the coefficients *and* the scatter of the next unit, never an overlap of mean contours (process.md
§5.4; Peterson, J Qual Technol 2004 36:139). Responses are drawn independently of one another.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
import numpy.typing as npt

from printcare.errors import PrintcareError
from printcare.extrusion.designs import Factor
from printcare.extrusion.regression import Fit, model_matrix

Array = npt.NDArray[np.float64]
PROBABILITY = 0.9
DRAWS = 2000
AXIS_POINTS = 201  # along one factor, for its proven range
BOX_LEVELS = (-1.0, -0.5, 0.0, 0.5, 1.0)
BOX_MOST_POINTS = 20_000  # above it only the corners and faces of a box are asked
BLOCK = 64  # points asked at once: a core's own memory holds their draws
FIRST_DRAWS, SECOND_LOOK = 100, 400  # a grid is looked over with few draws, and its best points with all
SHRINK_STEPS = 7  # halvings of the box: it is found to 1/128


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fitted response with the limits its next unit has to keep; None where there is no such limit."""

    name: str
    fit: Fit
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ProposedRange:
    """What the data support for one factor: its target, the normal range inside it, and the proven range."""

    factor: str
    unit: str
    target: Decimal
    nor: tuple[Decimal, Decimal]
    par: tuple[Decimal, Decimal]


class DesignSpace:
    """Asks the probability at any settings, always with the same draws, so that two points can be compared."""

    def __init__(
        self, factors: Sequence[Factor], attributes: Sequence[Attribute], seed: int, draws: int = DRAWS
    ) -> None:
        if not attributes:
            raise PrintcareError("SPACE_EMPTY", "No response has a limit to keep.", "Give at least one limit.")
        self.factors, self.attributes = tuple(factors), tuple(attributes)
        rng = np.random.default_rng(seed)
        self._drawn = [_drawn(attribute.fit, draws, rng) for attribute in attributes]

    def probability(self, coded: Array, most_draws: int | None = None) -> Array:
        """Return P(all attributes within their limits) of the next unit at coded points, shape (points,).

        `most_draws` asks only the first of the draws, for a first look over many points.
        """
        draws = len(self._drawn[0][1][:most_draws])
        kept = np.empty(len(coded))
        for start in range(0, len(coded), BLOCK):
            points = coded[start : start + BLOCK]
            within = np.ones((len(points), draws), dtype=bool)
            for attribute, (coefficients, noise) in zip(self.attributes, self._drawn, strict=True):
                value = model_matrix(points, attribute.fit.model) @ coefficients[:, :draws]
                value += noise[:draws]
                if attribute.low is not None:
                    within &= value >= attribute.low
                if attribute.high is not None:
                    within &= value <= attribute.high
            kept[start : start + BLOCK] = within.mean(axis=1)
        return kept

    def at(self, settings: Sequence[Decimal]) -> float:
        """Return the probability at settings given in the factors' units."""
        return float(self.probability(self._coded(settings)[None, :])[0])

    def proposed(self, target: Sequence[Decimal], probability: float = PROBABILITY) -> tuple[ProposedRange, ...]:
        """Return PAR and NOR around a target.

        The PAR of a factor is the interval around its target with the others at theirs; the NOR is the largest share
        of all PARs in which every combination keeps the probability. Both end on the machine's steps, inwards. Raises
        PrintcareError SPACE_TARGET where the target itself does not reach the probability.
        """
        middle = self._coded(target)
        reached = float(self.probability(middle[None, :])[0])
        if np.any(np.abs(middle) > 1) or reached < probability:
            told = f"At the target all limits are kept with a probability of {reached:.3f}, {probability} was asked."
            raise PrintcareError("SPACE_TARGET", told, "Move the target, widen a limit or lessen the scatter.")
        sides = [self._side(middle, axis, probability) for axis in range(len(self.factors))]
        share = self._share(middle, sides, probability)
        ranges = []
        for axis, (factor, (low, high)) in enumerate(zip(self.factors, sides, strict=True)):
            at = float(middle[axis])
            inner = (at - share * (at - low), at + share * (high - at))
            nor, par = _inwards(factor, *inner, target[axis]), _inwards(factor, low, high, target[axis])
            ranges.append(ProposedRange(factor.name, factor.unit, target[axis], nor, par))
        return tuple(ranges)

    def best(self) -> tuple[tuple[Decimal, ...], float]:
        """Return the settings of the highest probability on a grid over all factors, and that probability."""
        levels = np.linspace(-1, 1, max(3, int(BOX_MOST_POINTS ** (1 / len(self.factors)))) if self.factors else 3)
        levels = levels if len(levels) <= 21 else np.linspace(-1, 1, 21)
        grid = np.array(list(itertools.product(levels, repeat=len(self.factors))))
        # Of equals the one nearest the middle, where the coefficients are known best.
        far = np.sum(grid**2, axis=1)
        grid = grid[np.lexsort((far, -self.probability(grid, FIRST_DRAWS)))[:SECOND_LOOK]]
        chances = self.probability(grid)
        place = int(np.lexsort((np.sum(grid**2, axis=1), -np.round(chances, 3)))[0])
        settings = tuple(factor.actual(float(level)) for factor, level in zip(self.factors, grid[place], strict=True))
        return settings, self.at(settings)

    def _coded(self, settings: Sequence[Decimal]) -> Array:
        return np.array([factor.coded(value) for factor, value in zip(self.factors, settings, strict=True)])

    def _side(self, middle: Array, axis: int, probability: float) -> tuple[float, float]:
        """Return how far one factor may go either way, the others at target, before the first point that fails."""
        levels = np.linspace(-1, 1, AXIS_POINTS)
        points = np.tile(middle, (len(levels), 1))
        points[:, axis] = levels
        fails = levels[self.probability(points) < probability]
        spacing = 2 / (AXIS_POINTS - 1)
        below, above = fails[fails < middle[axis]], fails[fails > middle[axis]]
        low = float(below[-1]) + spacing if len(below) else -1.0
        high = float(above[0]) - spacing if len(above) else 1.0
        return min(low, float(middle[axis])), max(high, float(middle[axis]))

    def _share(self, middle: Array, sides: Sequence[tuple[float, float]], probability: float) -> float:
        """Return the largest share of the proven ranges whose box keeps the probability at every point of a grid."""
        levels = BOX_LEVELS if len(BOX_LEVELS) ** len(sides) <= BOX_MOST_POINTS else (-1.0, 0.0, 1.0)
        cube = np.array(list(itertools.product(levels, repeat=len(sides))))
        down, up = (np.array([abs(side[end] - at) for side, at in zip(sides, middle, strict=True)]) for end in (0, 1))
        reach = np.where(cube < 0, cube * down, cube * up)

        def holds(share: float) -> bool:
            return bool(np.all(self.probability(middle + share * reach) >= probability))

        if holds(1.0):
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(SHRINK_STEPS):
            share = (low + high) / 2
            low, high = (share, high) if holds(share) else (low, share)
        return low


def _drawn(fit: Fit, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return coefficients, shape (terms, draws), and scatter, shape (draws,), as the data leave them uncertain.

    σ² = s²·ν/χ²(ν), b | σ² normal about the fit, the next unit normal about its mean: the posterior under the usual
    vague prior, whose margins are Student's t.
    """
    sigma = fit.residual_sd * np.sqrt(fit.freedom / rng.chisquare(fit.freedom, draws))
    root = np.linalg.cholesky(fit.covariance)
    moved = root @ rng.standard_normal((len(fit.coefficients), draws))
    return fit.coefficients[:, None] + moved * sigma, rng.standard_normal(draws) * sigma


def _inwards(factor: Factor, low: float, high: float, target: Decimal) -> tuple[Decimal, Decimal]:
    """Return a coded interval in the factor's unit, rounded inwards to its steps and never without the target."""
    half = (factor.high - factor.low) / 2
    ends = (factor.middle + Decimal(repr(low)) * half, factor.middle + Decimal(repr(high)) * half)
    lowest = (ends[0] / factor.step).quantize(Decimal(1), ROUND_CEILING) * factor.step
    highest = (ends[1] / factor.step).quantize(Decimal(1), ROUND_FLOOR) * factor.step
    return min(target, lowest), max(target, highest)
