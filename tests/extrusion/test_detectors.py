"""Detectors against the reference sequences, and their run lengths against the published chain."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.extrusion.detectors import Cusum, Ewma, Sprt, Window, ewma_inflation, slope, weight_of
from printcare.extrusion.run_length import (
    cusum_arl,
    ewma_arl,
    mean_inflation,
    one_sided_cusum_arl,
    shewhart_arl,
)


def test_the_ewma_and_its_limit_follow_the_reference_step_by_step(vectors):
    wanted = vectors["ewma_cusum_sequence"]
    chart, out = Ewma(wanted["lambda"], 2.962), []
    for number, x in enumerate(wanted["x"]):
        assert chart.add(x) == pytest.approx(wanted["ewma"][number], rel=1e-6)
        assert chart.limit == pytest.approx(wanted["ewma_limit_L2.962"][number], rel=1e-6)
        out.append(chart.is_out)
    assert out.index(True) + 1 == wanted["ewma_first_alarm_1based"]


def test_the_cusum_follows_the_reference_step_by_step(vectors):
    wanted = vectors["ewma_cusum_sequence"]
    chart, out = Cusum(wanted["cusum_k"], 4.0), []
    for number, x in enumerate(wanted["x"]):
        out.append(chart.add(x))
        assert chart.high == pytest.approx(wanted["S_plus"][number], abs=1e-9)
        assert chart.low == pytest.approx(wanted["S_minus"][number], abs=1e-9)
    assert out.index(True) + 1 == wanted["cusum_h4_first_alarm_1based"]


def test_the_sprt_follows_the_reference_step_by_step(vectors):
    wanted = vectors["sprt_gauss"]
    test = Sprt(wanted["theta"], wanted["alpha"], wanted["beta"])
    assert test.upper == pytest.approx(wanted["A"], rel=1e-6)
    assert test.lower == pytest.approx(wanted["B"], rel=1e-6)
    for x, ratio in zip(wanted["x"], wanted["cum_llr"], strict=True):
        assert test.add(x) is None
        assert test.ratio == pytest.approx(ratio, abs=1e-9)


@pytest.mark.parametrize(("x", "told"), [(1.5, True), (0.0, False)])
def test_the_sprt_decides_after_about_the_expected_number_of_values(x, told, vectors):
    wanted = vectors["sprt_gauss"]
    test = Sprt(wanted["theta"], wanted["alpha"], wanted["beta"])
    expected = wanted["asn_H1_approx"] if told else wanted["asn_H0_approx"]
    decisions = [test.add(x) for _ in range(20)]
    assert decisions.index(told) + 1 == pytest.approx(expected, abs=1.5)
    assert set(decisions) == {None, told}


@pytest.mark.parametrize("shift", [0, 0.5, 1, 2, 3])
def test_run_lengths_agree_with_the_chain(shift, vectors):
    table, key = vectors["arl"], f"{shift}"
    assert shewhart_arl(3, shift) == pytest.approx(table["shewhart_3sigma"][key], rel=1e-3)
    for slack, limit, name in ((0.5, 4, "cusum_k0.5_h4"), (0.5, 5, "cusum_k0.5_h5"), (1, 5, "cusum_k1_h5")):
        assert cusum_arl(slack, limit, shift) == pytest.approx(table[name][key], rel=1e-3)
    for weight, limit in ((0.1, 2.814), (0.2, 2.962), (0.4, 3.054)):
        assert ewma_arl(weight, limit, shift) == pytest.approx(table[f"ewma_{weight}_L{limit}"][key], rel=1e-3)


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_the_one_sided_run_length_agrees(shift, vectors):
    wanted = vectors["arl"]["cusum_k1_h8_onesided"][f"{shift}"]
    assert one_sided_cusum_arl(1, 8, shift) == pytest.approx(wanted, rel=1e-3)


def test_autocorrelation_inflates_as_the_reference_says(vectors):
    wanted = vectors["autocorrelation"]
    assert mean_inflation(wanted["AR1_rho"]) == pytest.approx(wanted["var_mean_inflation"])
    inflation = wanted["ewma_sd_inflation_lambda0.2"]
    assert ewma_inflation(wanted["AR1_rho"], 0.2) == pytest.approx(inflation, rel=1e-6)
    alone, correlated = Ewma(0.2, 2.962), Ewma(0.2, 2.962, wanted["AR1_rho"])
    alone.add(1.0), correlated.add(1.0)
    assert correlated.limit == pytest.approx(inflation * alone.limit, rel=1e-6)


@given(st.floats(-50, 50), st.floats(-200, 200), st.integers(3, 60))
def test_the_slope_of_a_line_is_its_slope(rise, start, count):
    points = [(number * 0.05, start + rise * number * 0.05) for number in range(count)]
    assert slope(points) == pytest.approx(rise, abs=1e-6)


def test_no_slope_is_formed_of_too_little():
    assert slope([(0.0, 1.0), (1.0, 2.0)]) == 0.0
    assert slope([(1.0, 1.0)] * 5) == 0.0


def test_a_window_forgets_what_is_older():
    window = Window(2.0)
    assert (window.mean, window.sd, window.is_full()) == (0.0, math.inf, False)
    for number in range(100):
        window.add(number * 0.05, 1.0 if number < 50 else 3.0)
    assert window.mean == pytest.approx(3.0)
    assert window.sd == pytest.approx(0.0)
    assert window.is_full()
    window.clear()
    assert window.slope == 0.0


def test_the_weight_of_a_time_constant_lets_a_step_come_to_63_percent_after_it():
    chart = Ewma(weight_of(0.1, 5.0), 3.0)
    for _ in range(50):
        chart.add(1.0)
    assert chart.value == pytest.approx(1 - math.exp(-1))
