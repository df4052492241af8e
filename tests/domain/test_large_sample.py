"""2.9.47: only by the rows that are held, every other number refused by name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.domain.large_sample import Row, counting, parametric

OWN = (Row(100, 150, 0, beyond_l1=2),)


def _contents(count: int, *far: str) -> list[Decimal]:
    return [Decimal(each) for each in far] + [Decimal(100)] * (count - len(far))


@pytest.mark.parametrize(("count", "factor"), [(385, "2.23"), (406, "2.23"), (407, "2.24"), (490, "2.24")])
def test_a_held_row_gives_its_factor(count: int, factor: str) -> None:
    verdict = parametric(_contents(count), is_mass_based=False)
    assert (verdict.test, verdict.figures["k"], verdict.outcome) == (
        "Ph. Eur. 2.9.47 alternative 1, parametric",
        factor,
        "passes",
    )


@pytest.mark.parametrize("count", [100, 384, 491, 1000])
def test_a_number_without_a_held_row_is_refused_by_name(count: int) -> None:
    verdict = parametric(_contents(count))
    assert verdict.outcome == "not applicable"
    assert "no row of 2.9.47 alternative 1, parametric is held" in verdict.test


def test_fewer_than_a_hundred_units_are_never_a_result_of_the_chapter() -> None:
    assert parametric(_contents(99)).test == "all units, n = 99, not a 2.9.47 result"


def test_no_counting_row_is_shipped() -> None:
    assert "alternative 2, counting is held" in counting(_contents(400)).test


@pytest.mark.parametrize(("far", "outcome"), [(3, "passes"), (4, "fails")])
def test_the_units_beyond_l2_are_counted(far: int, outcome: str) -> None:
    assert parametric(_contents(400, *["70"] * far), is_mass_based=False).outcome == outcome


def test_a_wide_spread_fails_by_its_acceptance_value() -> None:
    contents = [Decimal(93), Decimal(107)] * 200  # s = 7.01, k·s = 15.6
    verdict = parametric(contents, is_mass_based=False)
    assert (verdict.result, verdict.outcome) == ("15.6", "fails")


def test_masses_give_an_estimate_and_no_result_of_the_chapter() -> None:
    verdict = parametric(_contents(400))
    assert verdict.test.startswith("mass-based estimate")
    assert verdict.outcome == "estimate only"
    assert parametric(_contents(400, *["70"] * 4)).outcome == "fails"


@pytest.mark.parametrize(
    ("far", "outcome"), [(("84.9", "115.1"), "passes"), (("84.9",) * 3, "fails"), (("74.9",), "fails")]
)
def test_a_site_s_own_counting_row_counts(far: tuple[str, ...], outcome: str) -> None:
    assert counting(_contents(120, *far), is_mass_based=False, rows=OWN).outcome == outcome
