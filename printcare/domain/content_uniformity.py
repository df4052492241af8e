"""Uniformity of content and of delivered doses, each against its own mean (Ph. Eur. 2.9.6 and 2.9.27)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from printcare.domain.uniformity import EDITION, Verdict, half_up, mean

_EXACT = Context(prec=40)
NEAR_PCT, FAR_PCT = Decimal(15), Decimal(25)
FIRST, ALL = 10, 30
DELIVERED, DELIVERED_PCT, DELIVERED_BEYOND = 20, Decimal(10), 2


class _Numbers(NamedTuple):
    """How many may lie outside 85-115 % of the mean: of the first ten, of those with more tested, and of all thirty."""

    passes: int
    goes_on: int
    of_all: int


TESTS = {"A": _Numbers(0, 1, 1), "B": _Numbers(1, 3, 3)}
TEST_OF_FORM = {"tablet": "A", "capsule": "B", "suppository": "B"}  # of the recipe's forms; of another there is none


def uniformity_of_content(contents: Sequence[Decimal], test: str) -> Verdict:
    """Return the 2.9.6 verdict on 10 assayed units, or on 30 where the first ten sent to stage 2.

    Limits are relative to the mean of the units tested, not to the label; contents may stand in any one unit. The
    first ten of thirty have to be those of stage 1. Other counts, and forms the chapter has no test for, are told as
    what they are and never under its number (quality.md §2).
    """
    count = len(contents)
    if count not in (FIRST, ALL) or test not in TESTS or not mean(contents):
        told = f"contents of n = {count} units, not a 2.9.6 result"
        return Verdict(told, EDITION, count, {}, "85-115 % of the mean", "", "not applicable")
    numbers = TESTS[test]
    near, far, figures = _outside(contents, NEAR_PCT, FAR_PCT)
    most = numbers.passes if count == FIRST else numbers.of_all
    if far or near > (numbers.goes_on if count == FIRST else most):
        outcome = "fails"
    else:
        outcome = "passes" if near <= most else "go to stage 2"
    limit = f"at most {most} of {count} outside 85-115 % of the mean, none outside 75-125 %"
    return Verdict(f"Ph. Eur. 2.9.6 test {test}", EDITION, count, figures, limit, str(near), outcome)


def uniformity_of_delivered_doses(doses: Sequence[Decimal]) -> Verdict:
    """Return the 2.9.27 verdict on 20 doses of a multidose container: at most 2 beyond 10 % of the mean, none 20 %."""
    count = len(doses)
    limit = "at most 2 of 20 beyond 10 % of the mean, none beyond 20 %"
    if count != DELIVERED or not mean(doses):
        told = f"delivered doses, n = {count}, not a 2.9.27 result"
        return Verdict(told, EDITION, count, {}, limit, "", "not applicable")
    near, far, figures = _outside(doses, DELIVERED_PCT, 2 * DELIVERED_PCT)
    outcome = "passes" if near <= DELIVERED_BEYOND and not far else "fails"
    return Verdict("Ph. Eur. 2.9.27", EDITION, count, figures, limit, str(near), outcome)


def _outside(values: Sequence[Decimal], near_pct: Decimal, far_pct: Decimal) -> tuple[int, int, dict[str, str]]:
    """Return how many lie further from the mean than each limit, deviations rounded half up to its digits."""
    centre = mean(values)
    with localcontext(_EXACT):
        deviations = [half_up(abs(value - centre) / centre * 100, "0.1") for value in values]
    near, far = (sum(each > limit for each in deviations) for limit in (near_pct, far_pct))
    told = {
        "mean": str(half_up(centre, "0.0001")),
        f"beyond_{near_pct}_pct": str(near),
        f"beyond_{far_pct}_pct": str(far),
        "largest_pct": str(max(deviations)),
    }
    return near, far, told
