"""Capability with its intervals, per cartridge where means differ, and what a future sample would do."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

import pytest

from printcare.domain.capability import Capability, FutureSample, by_cartridge, capability, future_sample, means_differ
from printcare.domain.checks import Finding

TWELVE = [Decimal(each) for each in (99, 101) * 6]  # mean 100, s² = 12/11, every moving range 2


def test_the_indices_follow_their_formulas() -> None:
    found = capability(TWELVE, Decimal(95), Decimal(107))
    assert isinstance(found, Capability)
    overall, within = sqrt(12 / 11), 2 / 1.128
    assert float(found.pp.value) == pytest.approx(12 / (6 * overall), abs=0.005)
    assert float(found.ppk.value) == pytest.approx(5 / (3 * overall), abs=0.005)
    assert float(found.cp.value) == pytest.approx(12 / (6 * within), abs=0.005)
    cpk = 5 / (3 * within)
    reach = 1.959964 * sqrt(1 / (9 * 12) + cpk**2 / (2 * 11))
    assert float(found.cpk.value) == pytest.approx(cpk, abs=0.005)
    assert (float(found.cpk.low), float(found.cpk.high)) == pytest.approx((cpk - reach, cpk + reach), abs=0.005)


def test_the_interval_of_the_spread_agrees_with_tables_of_chi_square() -> None:
    found = capability(TWELVE, Decimal(95), Decimal(107))
    assert isinstance(found, Capability)
    value = 12 / (6 * sqrt(12 / 11))
    low, high = value * sqrt(3.816 / 11), value * sqrt(21.920 / 11)  # 2.5 % and 97.5 % at 11 degrees of freedom
    assert (float(found.pp.low), float(found.pp.high)) == pytest.approx((low, high), rel=0.01)


def test_below_thirty_units_the_interval_comes_first_and_the_order_is_told() -> None:
    found = capability(TWELVE, Decimal(95), Decimal(105), "by tray position")
    assert isinstance(found, Capability)
    assert (found.is_interval_first, found.order) == (True, "by tray position")
    many = capability(TWELVE * 3, Decimal(95), Decimal(105))
    assert isinstance(many, Capability)
    assert not many.is_interval_first


@pytest.mark.parametrize(
    ("values", "code"), [(TWELVE[:9], "E_CAPABILITY_COUNT"), ([Decimal(100)] * 10, "E_CAPABILITY_SPREAD")]
)
def test_too_few_units_or_none_that_differ_give_no_index(values: list[Decimal], code: str) -> None:
    found = capability(values, Decimal(95), Decimal(105))
    assert isinstance(found, Finding)
    assert found.code == code


def test_cartridges_whose_means_differ_are_told_one_by_one() -> None:
    shifted = [value + 3 for value in TWELVE]
    assert set(by_cartridge({"C1": TWELVE, "C2": shifted}, Decimal(90), Decimal(110))) == {"C1", "C2"}
    assert by_cartridge({"C1": TWELVE, "C2": list(TWELVE)}, Decimal(90), Decimal(110)) == {}


def test_means_are_compared_only_where_that_can_be_done() -> None:
    assert not means_differ([TWELVE])
    assert not means_differ([TWELVE, [Decimal(200)]])  # one unit has no spread
    assert means_differ([[Decimal(1)] * 5, [Decimal(2)] * 5])
    assert not means_differ([[Decimal(1), Decimal(2)], [Decimal(1), Decimal(50)]])
    assert not means_differ([[Decimal(1), Decimal(2)], [Decimal(1)]])  # too few to tell


def test_a_narrow_series_is_sure_to_pass_and_a_wide_one_is_not() -> None:
    narrow, wide = future_sample(TWELVE, 1), future_sample([100 + 9 * (each - 100) for each in TWELVE], 1)
    assert isinstance(narrow, FutureSample)
    assert isinstance(wide, FutureSample)
    assert narrow.probability_pct == 100
    assert wide.probability_pct < 50
    assert "seed 1" in narrow.method


def test_the_same_seed_gives_the_same_statement_and_nine_units_none() -> None:
    uneven = [100 + 4 * (each - 100) for each in TWELVE]
    assert future_sample(uneven, 5, trials=200) == future_sample(uneven, 5, trials=200)
    assert isinstance(future_sample(TWELVE[:9], 1), Finding)
