"""What a balance was found to be, how long that stands, and what was weighed since it was last good."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from printcare.domain.balance_check import (
    BalanceCheck,
    Judged,
    Kind,
    Outcome,
    Schedule,
    below_minimum,
    judge,
    latest,
    since_last_good,
    standing,
    weighing_from,
)
from printcare.domain.gate import Weighing

NOW = datetime(2026, 3, 2, 8, 0)
SITE = Schedule()
TEN = tuple(Decimal(each) for each in ("100000.1", "99999.9") * 5)


def _judged(kind: Kind, readings: tuple[Decimal, ...], hours_ago: float = 1) -> Judged:
    at = NOW - timedelta(hours=hours_ago)
    check = BalanceCheck("B1", kind, at, Decimal(100000), readings, Decimal("0.1"), Decimal("0.05"))
    outcome = judge(check, SITE)
    assert isinstance(outcome, Outcome)
    return Judged(check, outcome)


def _daily(shown: str = "100000.1", zero: str = "0.0", hours_ago: float = 1) -> Judged:
    return _judged(Kind.DAILY, (Decimal(zero), Decimal(shown)), hours_ago)


def _corners(last: str = "100000.0") -> Judged:
    return _judged(Kind.CORNERS, (*(Decimal(100000),) * 4, Decimal(last)))


GOOD = [_daily(), _judged(Kind.REPEATABILITY, TEN), _corners()]


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (_daily("100100.0"), "passed"),
        (_daily("100100.1"), "failed"),
        (_daily("100000.6", zero="0.6"), "failed"),
        (_corners("100100"), "passed"),
        (_corners("100101"), "failed"),
        (GOOD[1], "passed"),
    ],
)
def test_a_check_is_judged_by_the_site_s_limits(check: Judged, status: str) -> None:
    assert check.outcome.status == status


@pytest.mark.parametrize(
    ("kind", "count"),
    [(Kind.DAILY, 1), (Kind.DAILY, 3), (Kind.REPEATABILITY, 9), (Kind.CORNERS, 4), (Kind.CORNERS, 6)],
)
def test_too_few_readings_and_readings_nobody_asked_for_are_no_check(kind: Kind, count: int) -> None:
    found = judge(BalanceCheck("B1", kind, NOW, Decimal(100000), TEN[:count], Decimal("0.1")), SITE)
    assert isinstance(found, tuple)
    assert found[0].code == "E_BALANCE_READINGS"


def test_a_balance_with_every_check_in_time_stands() -> None:
    assert standing(GOOD, SITE, NOW, "B1") == ()


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        (GOOD[1:], "E_BALANCE_UNCHECKED"),
        ([*GOOD[1:], _daily(hours_ago=25)], "E_BALANCE_CHECK_EXPIRED"),
        ([*GOOD[1:], _daily(hours_ago=-1)], "E_BALANCE_CHECK_EXPIRED"),
        ([*GOOD, _daily("100200", hours_ago=0.5)], "E_BALANCE_CHECK"),
    ],
)
def test_a_check_that_is_missing_over_or_failed_blocks(checks: list[Judged], code: str) -> None:
    assert [finding.code for finding in standing(checks, SITE, NOW, "B1")] == [code]


def test_the_gate_s_figures_come_from_the_last_checks_that_passed() -> None:
    found = weighing_from([*GOOD, _daily("100200", hours_ago=0.5)], SITE)
    assert found is not None
    assert found.s_mg == Decimal("0.1054")  # of ten readings at ±0.1 mg: 0.1·√(10/9)
    assert found.u_cal_mg == Decimal("0.0764")  # √(0.05² + (0.1/√3)²)
    assert (found.u_evap_mg, found.readability_mg) == (Decimal("0.3"), Decimal("0.1"))


def test_a_repeatability_below_the_readability_counts_as_0_41_of_it() -> None:
    found = weighing_from([_daily(), _judged(Kind.REPEATABILITY, (Decimal(100000),) * 10)], SITE)
    assert found is not None
    assert found.minimum_weight_mg == 82


def test_without_a_repeatability_or_a_daily_check_there_are_no_figures() -> None:
    assert weighing_from(GOOD[:1], SITE) is None
    assert weighing_from(GOOD[1:], SITE) is None


def test_below_the_minimum_weight_a_weighing_is_an_in_process_check_that_needs_its_justification() -> None:
    balance = Weighing(Decimal("0.1"), Decimal("0.1"), Decimal("0.3"), Decimal("0.1"))
    assert below_minimum(Decimal(200), balance, "") == ()
    blocked, allowed = below_minimum(Decimal(199), balance, " ")[0], below_minimum(Decimal(199), balance, "V-12")[0]
    assert (blocked.code, blocked.blocks) == ("E_BELOW_MINIMUM_WEIGHT", True)
    assert (allowed.code, allowed.blocks) == ("W_BELOW_MINIMUM_WEIGHT", False)
    assert "in-process check" in allowed.reason


def test_a_failure_lists_what_was_weighed_since_the_balance_was_last_good() -> None:
    failed = _daily("100200", hours_ago=0)
    weighed = {"B-1/01": NOW - timedelta(hours=30), "B-2/01": NOW - timedelta(hours=3), "B-2/02": NOW}
    since, units = since_last_good([_daily(hours_ago=24), failed], failed, weighed)
    assert (since, units) == (NOW - timedelta(hours=24), ("B-2/01", "B-2/02"))
    assert since_last_good([failed], failed, weighed) == (None, ("B-1/01", "B-2/01", "B-2/02"))


def test_the_latest_check_of_a_kind_is_by_time_not_by_place() -> None:
    older, newer = _daily(hours_ago=5), _daily(hours_ago=2)
    assert latest([newer, older], Kind.DAILY) is newer
