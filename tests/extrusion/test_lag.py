"""The pressure behind the nozzle over time, against the reference's exact and integrated curves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.extrusion.lag import Chamber, advance_mm3
from printcare.extrusion.rheology import Ink, Tube, tube_pressure_kpa

TUBE = Tube(0.603, 12.7)


def chamber_for(compliance, pressure_kpa, flow_mm3_s, n):
    """Return a power-law ink that needs exactly this pressure at this flow."""
    unit = tube_pressure_kpa(Ink(1.0, n), TUBE, flow_mm3_s)
    return Chamber(compliance, Ink(pressure_kpa / unit, n), TUBE)


def test_pressure_decays_after_a_stop_as_the_closed_form_says(vectors):
    row = vectors["decay_after_stop_power_law"]
    chamber = chamber_for(row["C"], row["P0"], row["Q0"], row["n"])
    pressure, at = row["P0"], 0.0
    for then, expected, ooze in zip(row["t"][1:], row["P_kPa"][1:], row["ooze_mm3"][1:], strict=True):
        pressure, at = chamber.after(pressure, 0.0, then - at), then
        assert pressure == pytest.approx(expected, rel=1e-4)
        assert row["C"] * (row["P0"] - pressure) == pytest.approx(ooze, rel=1e-3)


def test_pressure_rises_after_a_start_as_the_reference_integrates_it(vectors):
    row = vectors["step_start_power_law"]
    chamber = chamber_for(row["C"], row["k"] * row["Qin"] ** row["n"], row["Qin"], row["n"])
    for then, expected in zip(row["t"], row["P_kPa"], strict=True):
        pressure = 0.0
        for _ in range(round(then * 10)):
            pressure = chamber.after(pressure, row["Qin"], 0.1)
        assert pressure == pytest.approx(expected, rel=1e-4)


def test_the_time_constant_is_n_c_p_over_q(vectors):
    for row in vectors["small_signal_lag"]["rows"]:
        chamber = chamber_for(row["C"], row["P"], row["Q"], row["n"])
        assert chamber.time_constant_s(row["P"]) == pytest.approx(row["tau_s"], rel=1e-4)


def test_nothing_moves_below_the_yield_limit():
    chamber = Chamber(0.2, Ink(150, 0.4, 80), TUBE)
    assert chamber.time_constant_s(3.0) == math.inf
    assert chamber.after(3.0, 0.0, 100.0) == 3.0


def test_a_retraction_takes_pressure_back_by_volume_over_compliance():
    chamber = Chamber(0.2, Ink(150, 0.4, 80), TUBE)
    assert chamber.after(100.0, -200.0, 0.1) == pytest.approx(0.0, abs=0.6)  # a little leaves meanwhile


def test_no_time_changes_nothing():
    assert Chamber(0.2, Ink(150, 0.4), TUBE).after(50.0, 4.0, 0.0) == 50.0


@pytest.mark.parametrize("flow", [0.0, 2.0])
def test_a_thin_ink_settles_within_the_step(flow):
    ink = Ink(0.001, 1.0)
    settled = Chamber(0.2, ink, TUBE).after(1.0, flow, 60.0)
    assert settled == pytest.approx(tube_pressure_kpa(ink, TUBE, flow), abs=1e-9)


@given(st.floats(0.0, 200.0), st.floats(0.0, 8.0), st.floats(0.3, 1.0))
def test_volume_is_conserved_whatever_the_step(pressure, flow, n):
    chamber = Chamber(0.2, Ink(60, n, 20), TUBE)
    whole = chamber.after(pressure, flow, 0.4)
    parts = pressure
    for _ in range(8):
        parts = chamber.after(parts, flow, 0.05)
    assert whole == pytest.approx(parts, rel=2e-3, abs=0.05)


def test_the_stored_volume_is_compliance_times_pressure(vectors):
    row = vectors["ooze_and_retraction_hb"]
    assert advance_mm3(row["C"], row["P_kPa"]) == pytest.approx(row["retract_to_zero_gauge_mm3"], rel=1e-6)
