"""Uniformity of dosage units by large samples, only by the rows of the table that are held (Ph. Eur. 2.9.47).

The shipped rows are examples; a site loads the table of the edition in force. A number of units that no held row
answers for is refused by name: the factor of a neighbouring row could be too kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from printcare.domain.uniformity import EDITION, HIGH_M, L1, L2, LOW_M, Verdict, half_up, mean, sample_sd

_EXACT = Context(prec=40)
SMALLEST = 100
PARAMETRIC, COUNTING = "alternative 1, parametric", "alternative 2, counting"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the numbers of units it answers for, k of the parametric test, and how many may lie beyond L1 and L2."""

    low: int
    high: int
    beyond_l2: int
    factor: Decimal | None = None  # k, of a parametric row
    beyond_l1: int | None = None  # c1, of a counting row


# n >= 385, n >= 407 and n >= 490 of quality.md §4. Where the row after the last begins is not known, so that it answers
# for its first number alone.
PARAMETRIC_ROWS = (
    Row(385, 406, 3, Decimal("2.23")),
    Row(407, 489, 3, Decimal("2.24")),
    Row(490, 490, 4, Decimal("2.24")),
)
COUNTING_ROWS: tuple[Row, ...] = ()  # none is held; a site loads its own


def parametric(
    contents_pct: Sequence[Decimal],
    *,
    is_mass_based: bool = True,
    target_pct: Decimal = Decimal(100),
    rows: Sequence[Row] = PARAMETRIC_ROWS,
    l1: Decimal = L1,
    l2: Decimal = L2,
) -> Verdict:
    """Return alternative 1: AV with the row's k at most L1, and at most c2 units outside (1 ± L2/100)·M."""
    count = len(contents_pct)
    row = _row(count, rows)
    if row is None or row.factor is None:
        return _refused(PARAMETRIC, count)
    centre, spread = mean(contents_pct), sample_sd(contents_pct)
    reference = min(max(centre, LOW_M), max(HIGH_M, target_pct))
    with localcontext(_EXACT):
        value = abs(reference - centre) + row.factor * spread
    far = _outside(contents_pct, reference, l2)
    rounded = half_up(value, "0.1")
    figures = {
        "mean_pct": str(half_up(centre, "0.01")),
        "sd_pct": str(half_up(spread, "0.01")),
        "M": str(half_up(reference, "0.01")),
        "k": str(row.factor),
        "outside_L2": str(far),
    }
    limit = f"AV at most {l1}, at most {row.beyond_l2} units outside L2 = {l2} %"
    return _told(PARAMETRIC, count, figures, limit, str(rounded), rounded <= l1 and far <= row.beyond_l2, is_mass_based)


def counting(
    contents_pct: Sequence[Decimal],
    *,
    is_mass_based: bool = True,
    target_pct: Decimal = Decimal(100),
    rows: Sequence[Row] = COUNTING_ROWS,
    l1: Decimal = L1,
    l2: Decimal = L2,
) -> Verdict:
    """Return alternative 2: at most c1 units outside (1 ± L1/100)·T and c2 outside (1 ± L2/100)·T."""
    count = len(contents_pct)
    row = _row(count, rows)
    if row is None or row.beyond_l1 is None:
        return _refused(COUNTING, count)
    near, far = _outside(contents_pct, target_pct, l1), _outside(contents_pct, target_pct, l2)
    figures = {"T": str(target_pct), "outside_L1": str(near), "outside_L2": str(far)}
    limit = f"at most {row.beyond_l1} units outside L1 = {l1} %, {row.beyond_l2} outside L2 = {l2} %"
    return _told(
        COUNTING, count, figures, limit, str(near), near <= row.beyond_l1 and far <= row.beyond_l2, is_mass_based
    )


def _row(count: int, rows: Sequence[Row]) -> Row | None:
    return next((row for row in rows if max(row.low, SMALLEST) <= count <= row.high), None)


def _outside(contents_pct: Sequence[Decimal], centre_pct: Decimal, limit_pct: Decimal) -> int:
    with localcontext(_EXACT):
        low, high = centre_pct * (1 - limit_pct / 100), centre_pct * (1 + limit_pct / 100)
    return sum(not low <= content <= high for content in contents_pct)


def _refused(alternative: str, count: int) -> Verdict:
    if count < SMALLEST:
        told = f"all units, n = {count}, not a 2.9.47 result"
        return Verdict(told, EDITION, count, {}, f"{SMALLEST} units or more", "", "not applicable")
    told = f"all units, n = {count}, no row of 2.9.47 {alternative} is held for it"
    return Verdict(told, EDITION, count, {}, "load the table of the edition in force", "", "not applicable")


def _told(
    alternative: str, count: int, figures: dict[str, str], limit: str, result: str, passes: bool, is_mass_based: bool
) -> Verdict:
    name = f"Ph. Eur. 2.9.47 {alternative}"
    if not is_mass_based:
        return Verdict(name, EDITION, count, figures, limit, result, "passes" if passes else "fails")
    outcome = "estimate only" if passes else "fails"
    return Verdict(f"mass-based estimate after {name}", EDITION, count, figures, limit, result, outcome)
