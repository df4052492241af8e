"""Uniformity of mass and of dosage units, as verdicts that say what they are (Ph. Eur. 2.9.5 and 2.9.40).

A test that cannot be run as written is reported under another name, never under the chapter number (quality.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

_EXACT = Context(prec=40)
EDITION = "after Ph. Eur. text 01/2008; compare with the edition in force before use"
MASS_CLASSES = {  # form -> (upper mean mass mg, is that limit inclusive, deviation %), in order; None is open
    "tablet": (
        (Decimal(80), True, Decimal("10.0")),
        (Decimal(250), False, Decimal("7.5")),
        (None, True, Decimal("5.0")),
    ),
    "capsule": ((Decimal(300), False, Decimal("10.0")), (None, True, Decimal("7.5"))),
    "suppository": ((None, True, Decimal("5.0")),),
}
L1, L2 = Decimal("15.0"), Decimal("25.0")
K_BY_COUNT = {10: Decimal("2.4"), 30: Decimal("2.0")}
LOW_M, HIGH_M = Decimal("98.5"), Decimal("101.5")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test's outcome with everything needed to redo it.

    `outcome` is passes, fails, go to stage 2, not applicable or estimate only.
    """

    test: str
    edition: str
    count: int
    figures: dict[str, str]
    limit: str
    result: str
    outcome: str


def half_up(value: Decimal, places: str) -> Decimal:
    """Return a figure rounded half up to the digits of its limit (Ph. Eur. General Notices)."""
    return value.quantize(Decimal(places), rounding=ROUND_HALF_UP)


def mean(values: Sequence[Decimal]) -> Decimal:
    """Return the arithmetic mean with 40 digits."""
    with localcontext(_EXACT):
        return sum(values, Decimal(0)) / len(values)


def sample_sd(values: Sequence[Decimal]) -> Decimal:
    """Return the sample standard deviation (n − 1) with 40 digits; needs two values."""
    with localcontext(_EXACT):
        centre = mean(values)
        return (sum(((value - centre) ** 2 for value in values), Decimal(0)) / (len(values) - 1)).sqrt()


def mass_limit_pct(mean_mg: Decimal, form: str) -> Decimal:
    """Return the allowed deviation from the mean; the class is chosen by the mean, not by the target.

    Raises:
        KeyError: there is no limit for that form.
    """
    return next(
        limit_pct
        for upper_mg, inclusive, limit_pct in MASS_CLASSES[form]
        if upper_mg is None or mean_mg < upper_mg or (inclusive and mean_mg == upper_mg)
    )


def uniformity_of_mass(masses_mg: Sequence[Decimal], form: str = "tablet") -> Verdict:
    """Return the 2.9.5 verdict on 20 units; other counts are told as what they are."""
    count = len(masses_mg)
    if count < 2:
        return Verdict("all units, mass", EDITION, count, {}, "", "", "not applicable")
    if form not in MASS_CLASSES:
        told = f"mass of n = {count} units; 2.9.5 has no class for the form {form}"
        return Verdict(
            told, EDITION, count, {"mean_mg": str(half_up(mean(masses_mg), "0.01"))}, "", "", "not applicable"
        )
    centre = mean(masses_mg)
    limit = mass_limit_pct(centre, form)
    with localcontext(_EXACT):
        deviations = [half_up(abs(value - centre) / centre * 100, "0.1") for value in masses_mg]
    beyond = sum(deviation > limit for deviation in deviations)
    far = sum(deviation > 2 * limit for deviation in deviations)
    figures = {
        "mean_mg": str(half_up(centre, "0.01")),
        "limit_pct": str(limit),
        "beyond_limit": str(beyond),
        "beyond_twice": str(far),
        "largest_pct": str(max(deviations)),
    }
    passes = beyond * 10 <= count and far == 0  # at most 2 of 20
    if count == 20:
        return Verdict(
            "Ph. Eur. 2.9.5",
            EDITION,
            count,
            figures,
            f"at most 2 of 20 beyond {limit} %",
            str(beyond),
            "passes" if passes else "fails",
        )
    told = f"all units, n = {count}, not a 2.9.5 result"
    return Verdict(told, EDITION, count, figures, f"{limit} % from the mean", str(beyond), "estimate only")


def acceptance_value(
    contents_pct: Sequence[Decimal], target_pct: Decimal = Decimal(100)
) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return AV, M, mean and sample SD for 10 or 30 units, unrounded (Ph. Eur. 2.9.40: AV = |M − X| + k·s)."""
    factor = K_BY_COUNT[len(contents_pct)]
    centre, spread = mean(contents_pct), sample_sd(contents_pct)
    upper = max(HIGH_M, target_pct)
    reference = min(max(centre, LOW_M), upper)
    with localcontext(_EXACT):
        return abs(reference - centre) + factor * spread, reference, centre, spread


def uniformity_of_dosage_units(
    contents_pct: Sequence[Decimal],
    is_mass_based: bool = True,
    target_pct: Decimal = Decimal(100),
    *,
    l1: Decimal = L1,
    l2: Decimal = L2,
    justification: str = "",
) -> Verdict:
    """Return the 2.9.40 figures of 10 or 30 units in % of label; fewer than 10 units give no AV.

    Contents derived from mass are an estimate and never "comply" (quality.md §3), unless `justification` names the
    recipe's evidence that mass may stand for content: then the verdict bears it in its name. `l1` and `l2` are the
    recipe's, where a monograph changes them.
    """
    count = len(contents_pct)
    is_estimate = is_mass_based and not justification
    if count not in K_BY_COUNT:
        kind = "mass-based estimate" if is_estimate else "contents of all units"
        told = f"{kind}, n = {count}, not a 2.9.40 result"
        return Verdict(told, EDITION, count, {}, f"AV at most {l1}", "", "not applicable")
    value, reference, centre, spread = acceptance_value(contents_pct, target_pct)
    rounded = half_up(value, "0.1")
    with localcontext(_EXACT):
        low, high = reference * (1 - l2 / 100), reference * (1 + l2 / 100)
    outside = sum(not low <= content <= high for content in contents_pct)
    figures = {
        "mean_pct": str(half_up(centre, "0.01")),
        "sd_pct": str(half_up(spread, "0.01")),
        "M": str(half_up(reference, "0.01")),
        "k": str(K_BY_COUNT[count]),
        "outside_L2": str(outside),
    }
    if rounded <= l1 and (count == 10 or outside == 0):
        outcome = "estimate only" if is_estimate else "passes"
    else:
        outcome = "go to stage 2" if count == 10 else "fails"
    name = "mass-based estimate after Ph. Eur. 2.9.40" if is_estimate else "Ph. Eur. 2.9.40"
    if is_mass_based and justification:
        name = f"{name}, mass for content by {justification}"
    return Verdict(name, EDITION, count, figures, f"AV at most {l1}", str(rounded), outcome)
