"""The predicted mass against the reference steps, and what may be done with it."""

from __future__ import annotations

from datetime import date

import pytest

from printcare.extrusion.soft_sensor import PressureMass, displacement_mass_mg, fuse, validate


def test_the_filter_follows_the_reference_step_by_step(vectors):
    wanted = vectors["ekf_pressure_mass"]
    k, n = wanted["k"], wanted["n"]
    flow = lambda kpa: (kpa / k) ** (1 / n)  # noqa: E731
    sensor = PressureMass(
        flow,
        lambda kpa: flow(kpa) / (n * kpa),
        wanted["C"],
        wanted["rho_mg_mm3"],
        wanted["x0"][0],
        wanted["P0diag"][0],
        wanted["x0"][1],
        wanted["P0diag"][1],
        *wanted["Qdiag_per_s"],
    )
    for z, row in zip(wanted["z"], wanted["rows"], strict=True):
        sensor.step(wanted["Qin"], z, wanted["R"], wanted["dt"])
        assert sensor.innovation == pytest.approx(row["innov"], rel=1e-4)
        assert sensor.innovation_var == pytest.approx(row["S"], rel=1e-4)
        assert (sensor.pressure_kpa, sensor.mass_mg) == pytest.approx((row["P"], row["m_mg"]), rel=1e-4)
        assert sensor.pressure_var**0.5 == pytest.approx(row["sdP"], rel=1e-4)
        assert sensor.mass_var**0.5 == pytest.approx(row["sdm"], rel=1e-4)


def test_what_the_syringe_kept_is_not_on_the_plate(vectors):
    wanted = vectors["startstop"]
    pushed = wanted["first_unit_from_zero"]
    assert displacement_mass_mg(pushed, wanted["C"], 0.0, wanted["P_end"], 1.1) == pytest.approx(110.0)


def test_two_estimates_become_one_by_their_variances(vectors):
    wanted = vectors["fusion"]
    fused = fuse(wanted["model_mg"], wanted["sd_model"], wanted["balance_mg"], wanted["sd_bal"])
    assert [fused.mass_mg, fused.sd_mg] == pytest.approx(wanted["fused"], rel=1e-6)
    assert fused.z == pytest.approx(wanted["nis_innovation_z"], rel=1e-6)


def test_a_validation_says_bias_error_and_range():
    made = validate([101.0, 198.0, 303.0], [100.0, 200.0, 300.0], date(2026, 3, 2))
    assert made.bias_pct == pytest.approx(1 / 3)
    assert made.rmse_pct == pytest.approx(1.0)
    assert made.covers(150.0)
    assert not made.covers(99.0)
