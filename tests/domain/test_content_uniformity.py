"""2.9.6 and 2.9.27: each against its own mean, by the numbers of quality.md §2 and §5."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.domain.content_uniformity import uniformity_of_content, uniformity_of_delivered_doses


def _with(count: int, *apart: int) -> list[Decimal]:
    """Return contents whose mean is exactly 100: each deviation stands once below and is made good by another."""
    values = [Decimal(100 + each) for each in apart]
    values += [Decimal(100)] * (count - len(apart))
    assert sum(values) == 100 * count
    return values


@pytest.mark.parametrize(
    ("test", "apart", "outcome"),
    [
        ("A", (15, -15), "passes"),  # the limits belong to the interval
        ("A", (16, -8, -8), "go to stage 2"),
        ("A", (16, -16), "fails"),
        ("A", (26, -13, -13), "fails"),
        ("B", (16, -8, -8), "passes"),
        ("B", (16, -16), "go to stage 2"),
        ("B", (16, -16, 16, -16), "fails"),
        ("B", (26, -13, -13), "fails"),
    ],
)
def test_ten_contents_are_judged_by_stage_1(test: str, apart: tuple[int, ...], outcome: str) -> None:
    verdict = uniformity_of_content(_with(10, *apart), test)
    assert (verdict.test, verdict.outcome) == (f"Ph. Eur. 2.9.6 test {test}", outcome)


@pytest.mark.parametrize(
    ("test", "apart", "outcome"),
    [
        ("A", (16, -8, -8), "passes"),
        ("A", (16, -16), "fails"),
        ("B", (16, -16, 16, -8, -8), "passes"),
        ("B", (16, -16, 16, -16), "fails"),
        ("B", (26, -13, -13), "fails"),
    ],
)
def test_thirty_contents_are_judged_by_stage_2(test: str, apart: tuple[int, ...], outcome: str) -> None:
    assert uniformity_of_content(_with(30, *apart), test).outcome == outcome


@pytest.mark.parametrize(("count", "test"), [(9, "A"), (10, ""), (20, "B")])
def test_contents_the_chapter_has_no_test_for_never_bear_its_number(count: int, test: str) -> None:
    verdict = uniformity_of_content([Decimal(100)] * count, test)
    assert (verdict.outcome, "not a 2.9.6 result" in verdict.test) == ("not applicable", True)


@pytest.mark.parametrize(
    ("apart", "outcome"),
    [((10, -10), "passes"), ((11, -11), "passes"), ((11, -11, 11, -11), "fails"), ((21, -10, -11), "fails")],
)
def test_twenty_delivered_doses_are_judged_by_their_mean(apart: tuple[int, ...], outcome: str) -> None:
    assert uniformity_of_delivered_doses(_with(20, *apart)).outcome == outcome


def test_fewer_delivered_doses_are_no_result_of_the_chapter() -> None:
    assert "not a 2.9.27 result" in uniformity_of_delivered_doses([Decimal(5)] * 19).test
