"""The host's model of a syringe against the closed forms and the reference transients."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.extrusion.lag import Chamber
from printcare.extrusion.rheology import Ink, Tube, tube_pressure_kpa
from printcare.extrusion.syringe_model import syringe_model

INK, NOZZLE = Ink(150, 0.4, 80), Tube(0.603, 12.7)


@pytest.fixture(scope="module")
def model():
    return syringe_model(INK, NOZZLE, 14.43, 0.2, 4.4)


@pytest.mark.parametrize("flow", [0.1, 0.5, 2.0, 4.4, 9.0])
def test_the_table_agrees_with_the_closed_form(model, flow):
    assert model.steady_kpa(flow) == pytest.approx(tube_pressure_kpa(INK, NOZZLE, flow), rel=5e-3)
    assert model.flow_mm3_s(model.steady_kpa(flow)) == pytest.approx(flow, rel=1e-6)


def test_nothing_flows_below_the_yield_limit_and_beyond_the_table_it_goes_on(model):
    assert model.flow_mm3_s(model.steady_kpa(0.0) - 0.01) == 0.0
    assert model.flow_mm3_s(model.steady_kpa(13.2) * 1.2) > 13.2
    assert model.steady_kpa(20.0) > model.steady_kpa(13.2)


def test_a_step_from_rest_follows_the_exact_transient(model):
    exact = Chamber(0.2, INK, NOZZLE)
    for seconds in (1.0, 5.0, 20.0):
        assert model.after(0.0, 4.4, seconds) == pytest.approx(exact.after(0.0, 4.4, seconds), rel=5e-3)


def test_the_lag_is_the_small_signal_one(model):
    assert model.lag_s(2.0) == pytest.approx(Chamber(0.2, INK, NOZZLE).time_constant_s(model.steady_kpa(2.0)), rel=0.05)
    assert model.lag_s(0.0) > 1e3 or model.lag_s(0.0) == float("inf")


def test_the_prime_s_plateau_identifies_the_ink(model):
    found = replace(model, rest_kpa=5.0).standing_at(5.0 + 1.2 * model.steady_kpa(4.4), 4.4)
    assert found.thickness == pytest.approx(1.2)
    assert found.steady_kpa(4.4) == pytest.approx(5.0 + 1.2 * model.steady_kpa(4.4))


def test_the_prime_s_first_rise_identifies_the_compliance(model):
    truth = Chamber(0.3, INK, NOZZLE)
    ramp = [(number * 0.05, truth.after(0.0, 2.0, number * 0.05)) for number in range(400)]
    assert model.with_ramp(ramp, 2.0).compliance_mm3_kpa == pytest.approx(0.3, rel=0.03)
    assert model.with_ramp(ramp[:3], 2.0) is model


def test_a_full_barrel_costs_pressure_and_gives_it_back_as_it_empties(model):
    full = replace(model, level_mm=50.0)
    assert 0.5 < full.steady_kpa(4.4) - model.steady_kpa(4.4) < 5.0
