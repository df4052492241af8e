"""What stops a print by itself: pressure, temperature and silence, judged on every reading."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.control.interlocks import (
    FROZEN_READINGS,
    Freshness,
    Lasting,
    PressureLimits,
    PressureWatch,
    TemperatureWatch,
)

RATE_S = 0.05
LIMITS = PressureLimits(max_kpa=260, min_kpa=20, reference_kpa=150, window_pct=25, slope_kpa_s=12)


def watch(armed_at_s=None):
    made = PressureWatch(LIMITS, low_delay_s=2.0, settle_s=4.0)
    if armed_at_s is not None:
        made.arm(armed_at_s)
    return made


def fed(pressure, values, began_s=10.0):
    """Feed 20 readings a second and return the first trip with its time."""
    for number, value in enumerate(values):
        cause = pressure.judge(value, "OK", began_s + number * RATE_S)
        if cause is not None:
            return cause, number * RATE_S
    return None, None


def living(value, seconds):
    """Return readings of a living sensor: they never repeat themselves."""
    return [value + 0.05 * math.sin(number * 2.1) for number in range(round(seconds / RATE_S))]


def test_a_pressure_at_reference_never_trips():
    assert fed(watch(0.0), living(150, 60)) == (None, None)


def test_a_pressure_above_the_limit_trips_after_a_fifth_of_a_second_armed_or_not():
    for made in (watch(), watch(0.0)):
        cause, after_s = fed(made, living(270, 1))
        assert cause.kind.id == "A03"
        assert after_s == pytest.approx(0.2, abs=RATE_S)
        assert "limit 260 kPa" in cause.seen


def test_a_spike_shorter_than_the_delay_does_not_trip():
    assert fed(watch(), [270, 270, 150] * 20) == (None, None)


def test_a_pressure_above_the_window_trips_as_a_clog_after_a_second():
    cause, after_s = fed(watch(0.0), living(190, 5))
    assert cause.kind.id == "A04"
    assert after_s == pytest.approx(1.0, abs=2 * RATE_S)


def test_a_steadily_rising_pressure_trips_before_it_reaches_the_edge():
    cause, after_s = fed(watch(0.0), [151 + 15 * number * RATE_S for number in range(100)])
    assert cause.kind.id == "A04"
    assert "rising" in cause.seen
    assert 151 + 15 * after_s < 150 * 1.25


def test_a_rise_below_the_reference_is_the_print_beginning():
    assert fed(watch(0.0), [115 + 15 * number * RATE_S for number in range(40)]) == (None, None)


def test_a_pressure_below_the_window_trips_after_two_seconds():
    cause, after_s = fed(watch(0.0), living(100, 5))
    assert cause.kind.id == "A05"
    assert after_s == pytest.approx(2.0, abs=2 * RATE_S)


def test_below_the_recipe_s_least_pressure_it_trips_however_low_the_reference():
    limits = PressureLimits(max_kpa=260, min_kpa=20, reference_kpa=22, window_pct=50, slope_kpa_s=12)
    made = PressureWatch(limits, low_delay_s=2.0, settle_s=0.0)
    made.arm(0.0)
    cause, _ = fed(made, living(15, 5))
    assert "lower edge 20 kPa" in cause.seen


def test_nothing_is_compared_before_the_start_has_settled_or_after_the_end():
    assert fed(watch(9.0), living(100, 2.9)) == (None, None)
    made = watch(0.0)
    made.arm(9.0)  # the first arming counts
    assert made.extruding_since_s == 0.0
    made.disarm()
    assert fed(made, living(100, 10)) == (None, None)


@pytest.mark.parametrize("flag", ["SAT", "FLT"])
def test_a_sensor_at_its_end_or_broken_trips_at_once(flag):
    cause = watch().judge(150.0, flag, 1.0)
    assert cause.kind.id == "A12"
    assert flag in cause.seen


def test_a_reading_that_stands_still_while_the_plunger_moves_is_no_reading():
    cause, after_s = fed(watch(0.0), [150.0] * 100)
    assert cause.kind.id == "A12"
    assert after_s == pytest.approx(FROZEN_READINGS * RATE_S, abs=RATE_S)
    assert fed(watch(), [150.0] * 100) == (None, None)


def test_no_slope_is_formed_of_less_than_a_second_or_of_few_readings():
    made = watch()
    assert made.slope_kpa_s(0.0) == 0.0
    fed(made, living(150, 0.5))
    assert made.slope_kpa_s(10.5) == 0.0


@given(st.floats(-50, 50), st.floats(0, 200))
def test_the_slope_of_a_line_is_its_slope(slope, start):
    made = watch()
    for number in range(30):
        made.judge(start + slope * number * RATE_S, "OK", number * RATE_S)
    assert made.slope_kpa_s(29 * RATE_S) == pytest.approx(slope, abs=1e-6)


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
