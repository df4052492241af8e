"""Cartridge yield, spares, batches of a course."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from dosing_cases import DATA
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.checks import Finding
from printcare.domain.course import (
    BatchUnits,
    CartridgeUse,
    CoursePlan,
    cartridge_yield,
    lots_of_course,
    needs_cartridge,
    plan_course,
    print_count,
    probability_of_enough,
    split_by_beyond_use,
)
from printcare.errors import PrintcareError

WORKED = CartridgeUse(Decimal(10), Decimal("0.8"), Decimal("0.3"), Decimal("0.05"), 10)


def code(outcome: object) -> str:
    assert isinstance(outcome, Finding), outcome
    return outcome.code


@pytest.mark.parametrize("row", DATA["cartridge"], ids=lambda row: row["id"])
def test_a_cartridge_yields_what_the_worked_cases_say(row):
    use = CartridgeUse(
        *(Decimal(row[name]) for name in ("fill_g", "dead_g", "prime_g", "purge_g")), row["purge_every_units"]
    )
    found = cartridge_yield(use, Decimal(row["unit_wet_g"]), row["units_wanted"], row["qc_units"])
    expected = row["expect"]
    assert (found.units_available, found.units_needed, found.cartridges_needed, found.ink_left_g) == (
        expected["units_available"],
        expected["units_needed"],
        expected["cartridges_needed"],
        Decimal(expected["ink_left_g"]),
    )
    assert (needs_cartridge(found, Decimal(row["unit_wet_g"])) is None) is (expected["cartridges_needed"] is not None)


def test_a_cartridge_without_a_unit_is_refused():
    empty = CartridgeUse(Decimal("1.0"), Decimal("0.8"), Decimal("0.3"), Decimal(0), 0)
    found = cartridge_yield(empty, Decimal("0.425"), 1, 0)
    assert code(needs_cartridge(found, Decimal("0.425"))) == "E_CARTRIDGE_TOO_SMALL"


def test_a_unit_without_mass_has_no_number():
    with pytest.raises(PrintcareError, match="UNIT_MASS_ZERO"):
        cartridge_yield(WORKED, Decimal(0), 1, 0)


@given(
    st.integers(min_value=1, max_value=2000),
    st.integers(min_value=50, max_value=1000),
    st.integers(min_value=0, max_value=100),
    st.integers(min_value=0, max_value=7),
)
def test_no_ink_is_made_or_lost(fill, wet, purge, every):
    use = CartridgeUse(Decimal(fill) / 100, Decimal("0.1"), Decimal("0.05"), Decimal(purge) / 1000, every)
    unit_g = Decimal(wet) / 1000
    found = cartridge_yield(use, unit_g, 10, 2)
    units = found.units_available
    purges = (units - 1) // every if every and units else 0
    spent = Decimal("0.15") + units * unit_g + purges * use.purge_g
    assert found.ink_left_g == use.fill_g - spent
    next_purge = use.purge_g if every and units and units % every == 0 else 0
    assert found.ink_left_g < unit_g + next_purge


@pytest.mark.parametrize("row", DATA["overage"], ids=lambda row: f"{row['units_needed']}-{row['p_good']}")
def test_spares_cover_the_course_with_the_stated_confidence(row):
    share = Decimal(row["p_good"])
    assert print_count(row["units_needed"], share, Decimal(row["confidence"])) == row["print_units"]
    achieved = probability_of_enough(row["print_units"], row["units_needed"], share)
    assert achieved == pytest.approx(Fraction(row["achieved"]), rel=1e-7)


def test_a_perfect_process_needs_no_spares():
    assert print_count(14, Decimal(1), Decimal("0.99")) == 14


@pytest.mark.parametrize(
    ("needed", "share", "confidence"),
    [
        (0, "0.98", "0.99"),
        (14, "0", "0.99"),
        (14, "1.1", "0.99"),
        (14, "0.98", "1"),
        (14, "0.98", "0"),
        (14, "0.1", "0.99"),
    ],
)
def test_impossible_spares_are_refused(needed, share, confidence):
    assert code(print_count(needed, Decimal(share), Decimal(confidence))) == "E_SPARES_RANGE"


def test_a_course_is_days_by_doses_by_units_with_quality_and_spares():
    # 14 + 3 units needed; binomial tables: 19 of which 17 are good with p 0.98 in 99.4 %.
    found = plan_course(1, 14, 3, 30, Decimal("0.98"))
    assert found == CoursePlan((BatchUnits(14, 14, 3, 0, 2),))
    assert (found.units_for_patient, found.quality_units, found.spare_units, found.units_total) == (14, 3, 2, 19)


def test_retain_units_are_needed_good_as_well_and_counted_apart():
    # 14 + 2 + 1 units needed, as 14 + 3 above.
    found = plan_course(1, 14, 2, 30, Decimal("0.98"), retain_units=1)
    assert isinstance(found, CoursePlan)
    assert (found.quality_units, found.retain_units, found.spare_units, found.units_total) == (2, 1, 2, 19)


def test_a_course_longer_than_its_units_keep_is_split_and_each_batch_is_tested():
    found = plan_course(1, 28, 3, 14, Decimal("0.98"))
    assert isinstance(found, CoursePlan)
    assert (found.days_per_batch, found.quality_units, found.units_total) == ((14, 14), 6, 38)


@pytest.mark.parametrize(("days", "keeps", "batches"), [(14, 14, (14,)), (15, 14, (14, 1)), (3, 1, (1, 1, 1))])
def test_no_batch_covers_more_days_than_its_units_keep(days, keeps, batches):
    assert split_by_beyond_use(days, keeps) == batches


@pytest.mark.parametrize(
    ("per_day", "days", "quality", "keeps", "share", "expected"),
    [
        (0, 14, 3, 30, "0.98", "E_COURSE_RANGE"),
        (1, 0, 3, 30, "0.98", "E_COURSE_RANGE"),
        (1, 14, -1, 30, "0.98", "E_COURSE_RANGE"),
        (1, 14, 3, 0, "0.98", "E_BEYOND_USE"),
        (1, 14, 3, 30, "0", "E_SPARES_RANGE"),
    ],
)
def test_an_impossible_course_is_refused(per_day, days, quality, keeps, share, expected):
    assert code(plan_course(per_day, days, quality, keeps, Decimal(share))) == expected


def test_several_lots_in_one_course_are_told():
    assert lots_of_course(["L1", "L1"]) == ()
    assert [finding.code for finding in lots_of_course(["L2", "L1"])] == ["W_SEVERAL_LOTS"]
