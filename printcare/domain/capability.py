"""Capability of a series of units with its intervals, and what a future sample would do (quality.md §7, ASTM E2810)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from random import Random
from statistics import NormalDist

from printcare.domain.checks import Finding, error
from printcare.domain.uniformity import half_up, mean, sample_sd

_EXACT = Context(prec=40)
FEWEST, LARGE_TYPE_BELOW = 10, 30
D2 = Decimal("1.128")  # mean moving range of two over sigma
Z_95 = NormalDist().inv_cdf(0.975)
TRIALS = 2000
FIRST, ALL = 10, 30


@dataclass(frozen=True, slots=True)
class Index:
    """One index with its 95 % interval, to two decimals."""

    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Capability:
    """Indices of one series; `order` says in which order its units stand, as the moving range needs it."""

    count: int
    order: str
    mean: Decimal
    sd_overall: Decimal
    sd_within: Decimal
    pp: Index
    ppk: Index
    cp: Index
    cpk: Index
    is_interval_first: bool  # below 30 units the interval is shown in large type


def capability(
    values: Sequence[Decimal], lower: Decimal, upper: Decimal, order: str = "as printed"
) -> Capability | Finding:
    """Return Pp, Ppk, Cp and Cpk with 95 % intervals, or why they are refused; limits in the unit of the values.

    s_within is the mean moving range over 1.128. The intervals of Ppk and Cpk are those of quality.md §7; those of Pp
    and Cp come from chi-square by Wilson and Hilferty's approximation.
    """
    count = len(values)
    if count < FEWEST:
        told = f"{count} units say nothing of capability; {FEWEST} are needed."
        return error("E_CAPABILITY_COUNT", told, "Judge every unit by its own mass.", "units")
    centre, overall = mean(values), sample_sd(values)
    with localcontext(_EXACT):
        ranges = [abs(after - before) for before, after in pairwise(values)]
        within = mean(ranges) / D2
    if not overall or not within:
        told = "The units do not differ at all, so that the balance shows no spread to judge by."
        return error("E_CAPABILITY_SPREAD", told, "Look at the readings before any index.", "units")
    with localcontext(_EXACT):
        width, nearer = upper - lower, min(upper - centre, centre - lower)
        pp, cp = width / (6 * overall), width / (6 * within)
        ppk, cpk = nearer / (3 * overall), nearer / (3 * within)
    return Capability(
        count,
        order,
        centre,
        overall,
        within,
        _of_spread(pp, count),
        _of_centre(ppk, count),
        _of_spread(cp, count),
        _of_centre(cpk, count),
        count < LARGE_TYPE_BELOW,
    )


def by_cartridge(
    series: Mapping[str, Sequence[Decimal]], lower: Decimal, upper: Decimal, order: str = "as printed"
) -> dict[str, Capability | Finding]:
    """Return the capability of each cartridge's units where the means differ, else nothing: one index says it all.

    Means differ where the one-way analysis of variance says so at about 5 % (F by its normal approximation).
    """
    if not means_differ(list(series.values())):
        return {}
    return {name: capability(values, lower, upper, order) for name, values in series.items()}


def means_differ(groups: Sequence[Sequence[Decimal]]) -> bool:
    """Say whether the means of groups differ beyond chance: F of one-way analysis of variance, at about 5 %."""
    known = [[float(value) for value in group] for group in groups if len(group) > 1]
    if len(known) < 2:
        return False
    every = [value for group in known for value in group]
    whole, means = math.fsum(every) / len(every), [math.fsum(group) / len(group) for group in known]
    between = math.fsum(len(group) * (centre - whole) ** 2 for group, centre in zip(known, means, strict=True))
    inside = math.fsum((value - centre) ** 2 for group, centre in zip(known, means, strict=True) for value in group)
    above, below = len(known) - 1, len(every) - len(known)
    if inside == 0:
        return between > 0
    return between / above / (inside / below) > _f_limit(above, below)


def _f_limit(above: int, below: int) -> float:
    """Return F at 5 %, by Paulson's normal approximation of 1942; within 10 % from 8 degrees of freedom on."""
    a, b, z = 2 / (9 * above), 2 / (9 * below), NormalDist().inv_cdf(0.95)
    middle, square = (1 - a) * (1 - b), (1 - b) ** 2 - z * z * b
    root = (middle + math.sqrt(middle**2 - square * ((1 - a) ** 2 - z * z * a))) / square
    return root**3


@dataclass(frozen=True, slots=True)
class FutureSample:
    """With `confidence_pct` a future sample passes 2.9.40 with at least `probability_pct`; found by `method`."""

    confidence_pct: Decimal
    probability_pct: Decimal
    method: str


def future_sample(
    contents_pct: Sequence[Decimal], seed: int, confidence_pct: Decimal = Decimal(95), trials: int = TRIALS
) -> FutureSample | Finding:
    """Return with which probability a future sample passes both stages of 2.9.40, as its lower bound (ASTM E2810).

    The joint confidence region of mean and standard deviation (each at the root of the confidence) is widest, and the
    probability least, at its two corners; there it is found by Monte Carlo with the recorded seed.
    """
    count = len(contents_pct)
    if count < FEWEST:
        told = f"{count} units allow no statement about a future sample; {FEWEST} are needed."
        return error("E_CAPABILITY_COUNT", told, "Judge every unit by its own mass.", "units")
    each = math.sqrt(float(confidence_pct) / 100)
    centre, spread = float(mean(contents_pct)), float(sample_sd(contents_pct))
    widest = spread * math.sqrt((count - 1) / _chi_square(1 - each, count - 1))
    reach = NormalDist().inv_cdf((1 + each) / 2) * widest / math.sqrt(count)
    rng = Random(seed)
    passed = min(
        sum(_passes([rng.gauss(corner, widest) for _ in range(ALL)]) for _ in range(trials))
        for corner in (centre - reach, centre + reach)
    )
    told = f"Monte Carlo, {trials} samples at each corner of the confidence region, seed {seed}"
    return FutureSample(confidence_pct, half_up(Decimal(passed) * 100 / trials, "0.1"), told)


def _passes(contents: Sequence[float]) -> bool:
    """Say whether thirty contents pass 2.9.40 at stage 1 or at stage 2."""
    first, _ = _acceptance(contents[:FIRST], 2.4)
    if first <= 15.05:  # half up to one decimal
        return True
    value, reference = _acceptance(contents, 2.0)
    return value <= 15.05 and all(0.75 * reference <= content <= 1.25 * reference for content in contents)


def _acceptance(contents: Sequence[float], factor: float) -> tuple[float, float]:
    centre = math.fsum(contents) / len(contents)
    spread = math.sqrt(math.fsum((content - centre) ** 2 for content in contents) / (len(contents) - 1))
    reference = min(max(centre, 98.5), 101.5)
    return abs(reference - centre) + factor * spread, reference


def _chi_square(probability: float, freedom: int) -> float:
    """Return a quantile of chi-square by Wilson and Hilferty's approximation of 1931; within 1 % from 9 on."""
    part = 2 / (9 * freedom)
    root: float = 1 - part + NormalDist().inv_cdf(probability) * math.sqrt(part)
    return freedom * root**3


def _of_spread(value: Decimal, count: int) -> Index:
    freedom = count - 1
    low, high = (Decimal(str(math.sqrt(_chi_square(each, freedom) / freedom))) for each in (0.025, 0.975))
    return Index(*(half_up(each, "0.01") for each in (value, value * low, value * high)))


def _of_centre(value: Decimal, count: int) -> Index:
    """Return value ± z·√(1/(9n) + value²/(2(n − 1)))."""
    with localcontext(_EXACT):
        reach = Decimal(str(Z_95)) * (1 / Decimal(9 * count) + value**2 / (2 * (count - 1))).sqrt()
    return Index(*(half_up(each, "0.01") for each in (value, value - reach, value + reach)))
