"""Studies of an ink: how long it keeps (ICH Q1E), and whether it is the same from top to bottom (one-way analysis)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from printcare.errors import PrintcareError

CONFIDENCE = 0.95
LEAST_TIMES = 3
MOST_EXTRAPOLATED = 2.0  # ICH Q1E 2.4.1.1: no more than twice the time covered by data


@dataclass(frozen=True, slots=True)
class Content:
    """A content found by an assay after a time of storage, % of the label."""

    days: float
    percent: float


@dataclass(frozen=True, slots=True)
class ShelfLife:
    """How long the one-sided 95 % bound of the mean stays inside the limits; `is_extrapolated` beyond the data."""

    days: float
    per_day: float
    at_start: float
    residual_sd: float
    is_extrapolated: bool


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """Scatter between and within places of one lot, % of the label; a small p says the places differ."""

    between_sd: float
    within_sd: float
    f: float
    p: float
    places: int
    samples: int


def shelf_life(contents: Sequence[Content], limits: tuple[float, float]) -> ShelfLife:
    """Return the shelf life of a straight line through the contents (ICH Q1E appendix B.1), in days.

    The confidence bound of the mean has to stay inside both limits. Raises PrintcareError STABILITY_DATA for fewer
    than three times, or a lot that is outside from the start.
    """
    days, found = np.array([each.days for each in contents]), np.array([each.percent for each in contents])
    if len(set(days.tolist())) < LEAST_TIMES or len(days) < LEAST_TIMES + 1:
        told = f"{len(days)} contents at {len(set(days.tolist()))} times tell no shelf life."
        raise PrintcareError("STABILITY_DATA", told, "Assay at three times or more, four samples at the least.")
    slope, start = (float(value) for value in np.polyfit(days, found, 1))
    freedom = len(days) - 2
    sd = math.sqrt(float(np.sum((found - start - slope * days) ** 2)) / freedom)
    middle, spread = float(days.mean()), float(np.sum((days - days.mean()) ** 2))
    reach = _student(freedom) * sd

    def is_inside(day: float) -> bool:
        width = reach * math.sqrt(1 / len(days) + (day - middle) ** 2 / spread)
        mean = start + slope * day
        return limits[0] <= mean - width and mean + width <= limits[1]

    if not is_inside(0.0):
        told = f"At the start the content lies, with 95 % confidence, not inside {limits[0]:g} to {limits[1]:g} %."
        raise PrintcareError("STABILITY_DATA", told, "Assay more samples at the start, or reject the lot.")
    longest = MOST_EXTRAPOLATED * float(days.max())
    life = _last_inside(is_inside, longest)
    return ShelfLife(life, slope, start, sd, life > float(days.max()))


def _last_inside(is_inside: Callable[[float], bool], longest: float) -> float:
    """Return the last day inside, to a hundredth; the bound leaves the limits once and does not come back."""
    if is_inside(longest):
        return longest
    low, high = 0.0, longest
    while high - low > 0.01:
        day = (low + high) / 2
        low, high = (day, high) if is_inside(day) else (low, day)
    return low


def homogeneity(places: Sequence[Sequence[float]]) -> Homogeneity:
    """Return the one-way analysis of variance of contents by place (top, middle, bottom), two samples a place or more.

    Raises PrintcareError STABILITY_DATA for fewer than two places or a place with one sample.
    """
    from scipy.special import fdtrc

    if len(places) < 2 or min((len(place) for place in places), default=0) < 2:
        told = (
            f"{len(places)} places with {[len(place) for place in places]} samples tell nothing of the lot's evenness."
        )
        raise PrintcareError("STABILITY_DATA", told, "Take two samples or more from each of two places or more.")
    groups = [np.asarray(place, dtype=float) for place in places]
    total = sum(len(group) for group in groups)
    grand = float(np.concatenate(groups).mean())
    between = sum(len(group) * (float(group.mean()) - grand) ** 2 for group in groups) / (len(groups) - 1)
    within = sum(float(np.sum((group - group.mean()) ** 2)) for group in groups) / (total - len(groups))
    weight = (total - sum(len(group) ** 2 for group in groups) / total) / (len(groups) - 1)
    f = between / within if within else math.inf
    return Homogeneity(
        math.sqrt(max(0.0, between - within) / weight),
        math.sqrt(within),
        f,
        float(fdtrc(len(groups) - 1, total - len(groups), f)) if within else 0.0,
        len(groups),
        total,
    )


def _student(freedom: int) -> float:
    """Return the one-sided 95 % point."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, CONFIDENCE))
