"""Detectors on a stream of numbers: EWMA, CUSUM, SPRT and the slope of a window (process.md §3.2).

Plain arithmetic on the live path; every limit is an argument, because it comes from the recipe's qualification prints.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ewma:
    """z = λ·x + (1−λ)·z from zero, with the exact limit L·√(λ/(2−λ)·(1−(1−λ)^2t)) of independent N(0,1) input.

    Input that is correlated with the value before it, as AR(1), widens the limit by as much as the mean scatters more.
    """

    weight: float  # λ
    limit_sigma: float  # L
    rho: float = 0.0  # lag-1 autocorrelation
    value: float = 0.0
    count: int = 0

    def add(self, x: float) -> float:
        """Take one value and return the new mean."""
        self.count += 1
        self.value += self.weight * (x - self.value)
        return self.value

    @property
    def limit(self) -> float:
        """Return how far from zero the mean may stand after this many values."""
        variance = self.weight / (2 - self.weight) * (1 - (1 - self.weight) ** (2 * self.count))
        return self.limit_sigma * ewma_inflation(self.rho, self.weight) * math.sqrt(variance)

    @property
    def is_out(self) -> bool:
        """Whether the mean has left its limit."""
        return abs(self.value) > self.limit


@dataclass(slots=True)
class Cusum:
    """S⁺ = max(0, S⁺ + x − k) and S⁻ = max(0, S⁻ − x − k); out beyond h."""

    slack: float  # k
    limit: float  # h
    high: float = 0.0
    low: float = 0.0

    def add(self, x: float) -> bool:
        """Take one value and return whether either sum is beyond the limit."""
        self.high = max(0.0, self.high + x - self.slack)
        self.low = max(0.0, self.low - x - self.slack)
        return max(self.high, self.low) > self.limit


@dataclass(slots=True)
class Sprt:
    """Wald's sequential test of mean θ against mean 0 at unit variance: accept or refuse as soon as it is certain.

    `alpha` is the share of right primes refused, `beta` of wrong ones passed.
    """

    theta: float
    alpha: float
    beta: float
    ratio: float = 0.0  # log-likelihood ratio so far

    @property
    def upper(self) -> float:
        """Return A = ln((1−β)/α); at or above it the shift is there."""
        return math.log((1 - self.beta) / self.alpha)

    @property
    def lower(self) -> float:
        """Return B = ln(β/(1−α)); at or below it the shift is not there."""
        return math.log(self.beta / (1 - self.alpha))

    def add(self, x: float) -> bool | None:
        """Take one value and return True for a shift, False for none, None while undecided."""
        self.ratio += self.theta * x - self.theta**2 / 2
        if self.ratio >= self.upper:
            return True
        return False if self.ratio <= self.lower else None


@dataclass(slots=True)
class Window:
    """The values of the last seconds: their mean and least-squares slope."""

    over_s: float
    _points: deque[tuple[float, float]] = field(default_factory=deque)

    def add(self, at_s: float, value: float) -> None:
        """Take one value and forget what is older than the window."""
        self._points.append((at_s, value))
        while at_s - self._points[0][0] > self.over_s:
            self._points.popleft()

    def clear(self) -> None:
        """Forget everything."""
        self._points.clear()

    def is_full(self, share: float = 0.8) -> bool:
        """Whether the values reach over most of the window."""
        points = self._points
        return len(points) > 2 and points[-1][0] - points[0][0] >= share * self.over_s

    @property
    def mean(self) -> float:
        """Return the mean; 0 of nothing."""
        return sum(value for _, value in self._points) / len(self._points) if self._points else 0.0

    @property
    def sd(self) -> float:
        """Return the standard deviation; infinite before it can be told."""
        if len(self._points) < 2:
            return math.inf
        mean = self.mean
        return math.sqrt(sum((value - mean) ** 2 for _, value in self._points) / (len(self._points) - 1))

    @property
    def slope(self) -> float:
        """Return the least-squares slope a second; 0 of fewer than three values."""
        return slope(self._points)


def slope(points: Iterable[tuple[float, float]]) -> float:
    """Return the least-squares slope of (t, y) points; 0 of fewer than three or of one moment."""
    points = list(points)
    if len(points) < 3:
        return 0.0
    mean_t = sum(at for at, _ in points) / len(points)
    mean_y = sum(value for _, value in points) / len(points)
    spread = sum((at - mean_t) ** 2 for at, _ in points)
    return sum((at - mean_t) * (value - mean_y) for at, value in points) / spread if spread else 0.0


def ewma_inflation(rho: float, weight: float) -> float:
    """Return by how much AR(1) input inflates an EWMA's standard deviation."""
    kept = 1 - weight
    return math.sqrt((1 + kept * rho) / (1 - kept * rho))


def weight_of(period_s: float, tau_s: float) -> float:
    """Return the λ of an EWMA with a time constant: 1 − exp(−period/τ)."""
    return 1 - math.exp(-period_s / tau_s)
