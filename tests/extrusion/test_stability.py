"""Shelf life by the quadratic the guideline leads to, and the analysis of variance of a textbook."""

import math

import pytest

from printcare.errors import PrintcareError
from printcare.extrusion.stability import Content, homogeneity, shelf_life

FALLING = [Content(day, percent) for day, percent in ((0, 100.4), (30, 98.9), (60, 98.3), (90, 97.0), (120, 96.4))]


def test_the_shelf_life_ends_where_the_one_sided_bound_meets_the_limit():
    found = shelf_life(FALLING, (95.0, 105.0))
    days, contents = [each.days for each in FALLING], [each.percent for each in FALLING]
    mean_x, mean_y = sum(days) / 5, sum(contents) / 5
    sxx = sum((day - mean_x) ** 2 for day in days)
    slope = sum((day - mean_x) * (y - mean_y) for day, y in zip(days, contents, strict=True)) / sxx
    start = mean_y - slope * mean_x
    s = math.sqrt(sum((y - start - slope * day) ** 2 for day, y in zip(days, contents, strict=True)) / 3)
    t = 2.353363  # one-sided 95 %, 3 degrees of freedom, tables
    bound = start + slope * found.days - t * s * math.sqrt(1 / 5 + (found.days - mean_x) ** 2 / sxx)
    assert bound == pytest.approx(95.0, abs=2e-3)
    assert found.per_day == pytest.approx(slope)
    assert found.is_extrapolated


def test_no_shelf_life_goes_beyond_twice_the_data():
    steady = [Content(day, percent) for day, percent in ((0, 100.0), (30, 100.1), (60, 99.9), (90, 100.0))]
    found = shelf_life(steady, (95.0, 105.0))
    assert found.days == 180
    assert found.is_extrapolated


def test_a_lot_that_loses_its_content_before_the_last_sample_is_not_extrapolated():
    assert not shelf_life(FALLING, (97.5, 105.0)).is_extrapolated


def test_a_lot_outside_from_the_start_has_no_shelf_life():
    with pytest.raises(PrintcareError) as refused:
        shelf_life(FALLING, (100.0, 105.0))
    assert refused.value.code == "STABILITY_DATA"


@pytest.mark.parametrize(
    "contents", [[], FALLING[:3], [Content(0, 100), Content(0, 101), Content(9, 99), Content(9, 98)]]
)
def test_too_few_times_tell_nothing(contents):
    with pytest.raises(PrintcareError, match="tell no shelf life"):
        shelf_life(contents, (95.0, 105.0))


def test_the_analysis_of_variance_is_the_one_done_by_hand():
    # Means 2, 3 and 7 of three: between 21.0 a freedom, within 1.0, F = 21, p from tables of F(2; 6).
    found = homogeneity([(1, 2, 3), (2, 3, 4), (6, 7, 8)])
    assert found.f == pytest.approx(21.0)
    assert found.p == pytest.approx(0.00195, abs=5e-5)
    assert found.within_sd == pytest.approx(1.0)
    assert found.between_sd == pytest.approx(math.sqrt(20 / 3))


def test_places_that_agree_better_than_their_samples_have_no_scatter_between_them():
    assert homogeneity([(99, 101), (100, 100), (101, 99)]).between_sd == 0


def test_places_without_any_scatter_within_differ_for_certain():
    found = homogeneity([(99, 99), (100, 100)])
    assert (found.f, found.p) == (math.inf, 0.0)


@pytest.mark.parametrize("places", [[], [(1, 2)], [(1, 2), (3,)]])
def test_one_place_or_one_sample_tells_nothing(places):
    with pytest.raises(PrintcareError) as refused:
        homogeneity(places)
    assert refused.value.code == "STABILITY_DATA"
