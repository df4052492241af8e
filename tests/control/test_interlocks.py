"""What stops a print by itself: temperature and silence, judged on every reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.control.interlocks import Freshness, Lasting, TemperatureWatch


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 1.0)), min_size=1))
def test_a_condition_has_lasted_since_it_last_began(steps):
    lasting, now_s, since_s = Lasting(), 0.0, None
    for holds, step_s in steps:
        now_s += step_s
        since_s = None if not holds else now_s if since_s is None else since_s
        expected = -1.0 if since_s is None else now_s - since_s
        assert lasting.lasted(holds, now_s) == pytest.approx(expected)


def temperature():
    return TemperatureWatch(normal_c=(37.0, 39.0), proven_c=(35.0, 41.0), longest_s=10.0)


def heated(made, celsius, seconds, *, printing=True, began_s=0.0):
    for second in range(seconds + 1):
        cause = made.judge(celsius, began_s + second, printing=printing)
        if cause is not None:
            return cause, second
    return None, None


def test_heating_up_never_trips():
    assert heated(temperature(), 22.0, 600, printing=False) == (None, None)


@pytest.mark.parametrize("celsius", [34.9, 41.1])
def test_outside_the_proven_range_trips_after_the_recipe_s_time(celsius):
    cause, after_s = heated(temperature(), celsius, 60)
    assert (cause.kind.id, after_s) == ("A06", 10)
    assert f"{celsius} °C" in cause.seen


@pytest.mark.parametrize("celsius", [36.0, 40.0])
def test_outside_the_normal_range_only_warns_and_again_after_as_long(celsius):
    made = temperature()
    assert heated(made, celsius, 60)[1] == 30
    cause, after_s = heated(made, celsius, 60, began_s=31.0)
    assert (cause.kind.id, after_s) == ("A07", 29)


def test_inside_the_normal_range_nothing_happens():
    assert heated(temperature(), 38.0, 600) == (None, None)


def test_the_soak_begins_again_after_an_excursion():
    made = temperature()
    assert made.soaked_s(5.0) == 0.0
    made.judge(38.0, 0.0, printing=False)
    made.judge(38.0, 100.0, printing=False)
    assert made.soaked_s(100.0) == 100.0
    made.judge(36.0, 101.0, printing=False)
    assert made.soaked_s(101.0) == 0.0
    made.judge(38.0, 102.0, printing=False)
    assert made.soaked_s(112.0) == 10.0


def test_a_device_that_never_spoke_is_stale_and_one_that_just_spoke_is_not():
    fresh = Freshness(1.0)
    assert fresh.is_stale(0.0)
    fresh.seen(5.0)
    assert not fresh.is_stale(6.0)
    assert fresh.is_stale(6.01)
