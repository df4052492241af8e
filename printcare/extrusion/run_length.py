"""How long a detector runs before it alarms: average run lengths by Markov chain, and what autocorrelation costs them.

For choosing a recipe's limits from qualification prints; never on the live path (process.md §3.2).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

STATES = 201


def _cdf(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in x.ravel()]).reshape(x.shape)


def shewhart_arl(limit_sigma: float, shift_sigma: float) -> float:
    """Return the mean number of values until one lies beyond ±L, two-sided, at a shift in σ."""
    beyond = 1 - float(np.diff(_cdf(np.array([-limit_sigma - shift_sigma, limit_sigma - shift_sigma])))[0])
    return 1 / beyond


def ewma_arl(weight: float, limit_sigma: float, shift_sigma: float, states: int = STATES) -> float:
    """Return the zero-state run length of a two-sided EWMA with its steady-state limit (Lucas and Saccucci 1990)."""
    edge = limit_sigma * math.sqrt(weight / (2 - weight))
    width = 2 * edge / states
    centres = -edge + width * (np.arange(states) + 0.5)
    low = (centres[None, :] - width / 2 - (1 - weight) * centres[:, None]) / weight - shift_sigma
    moves = _cdf(low + width / weight) - _cdf(low)
    return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[states // 2])


def cusum_arl(slack: float, limit: float, shift_sigma: float, states: int = STATES) -> float:
    """Return the zero-state run length of a two-sided CUSUM: 1/(1/ARL⁺ + 1/ARL⁻)."""
    up = one_sided_cusum_arl(slack, limit, shift_sigma, states)
    return 1 / (1 / up + 1 / one_sided_cusum_arl(slack, limit, -shift_sigma, states))


def one_sided_cusum_arl(slack: float, limit: float, shift_sigma: float, states: int = STATES) -> float:
    """Return the zero-state run length of an upper CUSUM (Brook and Evans 1972)."""
    width = 2 * limit / (2 * states - 1)
    centres = width * np.arange(states)
    high = centres[None, :] + width / 2 - centres[:, None] + slack - shift_sigma
    below = _cdf(high)
    moves = np.concatenate((below[:, :1], np.diff(below, axis=1)), axis=1)
    return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[0])


def mean_inflation(rho: float) -> float:
    """Return by how much AR(1) input inflates the variance of a long mean: (1+ρ)/(1−ρ)."""
    return (1 + rho) / (1 - rho)
