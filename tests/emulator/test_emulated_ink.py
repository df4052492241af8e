"""Pressure, lag, ooze and the volume ledger of the emulated cartridge."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.emulator.chance import streams
from printcare.emulator.flow import Channel, Fluid, tube_kpa
from printcare.emulator.ink import DT_S, InkTruth
from printcare.emulator.plunger import Plunger

AREA_MM2 = 163.53945


def cartridge(**changes) -> Plunger:
    chance = streams(1)
    plain = {"inhomogeneity": 0.0, "porosity": 0.0, "bias": 0.0, "reference_c": 38.0, **changes}
    ink = Plunger(InkTruth(**plain), AREA_MM2, 10000.0, 0.2, chance["ink"], chance["density"])
    ink.settle_slow(38.0)
    return ink


def power_law_cartridge(k_kpa: float, n: float) -> Plunger:
    """Return a cartridge whose needle alone gives P = k·Qⁿ."""
    import numpy as np

    unit = tube_kpa(Fluid(1.0, n, 0.0), 0.603, 12.7, np.array([1.0]))[0]
    channel = Channel(cone_top_mm=0.60301, barrel_bore_mm=1e4)
    return cartridge(k=k_kpa / unit, n=n, tau0_pa=0.0, channel=channel)


def run(ink: Plunger, seconds: float, flow_mm3_s: float = 0.0) -> None:
    for _ in range(round(seconds / DT_S)):
        ink.step(flow_mm3_s * DT_S)


def test_a_step_start_follows_the_reference(vectors):
    row = vectors["step_start_power_law"]
    ink = power_law_cartridge(row["k"], row["n"])
    was_s = 0.0
    for t_s, p_kpa, missing in zip(row["t"], row["P_kPa"], row["missing_volume_mm3"], strict=True):
        run(ink, t_s - was_s, row["Qin"])
        was_s = t_s
        assert ink.pressure_kpa == pytest.approx(p_kpa, rel=1e-3)
        assert ink.pushed_mm3 - ink.out_mm3 == pytest.approx(missing, rel=1e-3)


def test_pressure_decays_and_ink_oozes_after_a_stop_as_the_closed_form_says(vectors):
    row = vectors["decay_after_stop_power_law"]
    ink = power_law_cartridge(row["P0"] / row["Q0"] ** row["n"], row["n"])
    ink.pressure_kpa = row["P0"]
    was_s = 0.0
    for t_s, p_kpa, ooze in zip(row["t"], row["P_kPa"], row["ooze_mm3"], strict=True):
        run(ink, t_s - was_s)
        was_s = t_s
        assert ink.pressure_kpa == pytest.approx(p_kpa, rel=1e-3)
        assert ink.out_mm3 == pytest.approx(ooze, rel=1e-3, abs=1e-9)


def test_ooze_ends_at_the_yield_pressure_and_retraction_prevents_it(vectors):
    row = vectors["ooze_and_retraction_hb"]
    ink = cartridge(filled_mm3=50 * AREA_MM2)
    ink.pressure_kpa = row["P_kPa"]
    run(ink, 300.0)
    still_to_ooze = 0.2 * (ink.pressure_kpa - row["P_yield_kPa"])  # the end is approached as a power of time
    assert 0 < still_to_ooze < 2.0
    assert ink.out_mm3 + still_to_ooze == pytest.approx(row["max_ooze_mm3"], rel=1e-3)
    ink.pressure_kpa = row["P_yield_kPa"] - 0.3
    oozed = ink.out_mm3
    run(ink, 60.0)
    assert ink.out_mm3 == oozed
    ink = cartridge(filled_mm3=50 * AREA_MM2)
    ink.pressure_kpa = row["P_kPa"]
    ink.step(-row["retract_volume_to_stop_flow_mm3"])
    before = ink.out_mm3
    run(ink, 60.0)
    assert ink.out_mm3 - before == pytest.approx(0.0, abs=1e-3)
    assert ink.pressure_kpa == pytest.approx(row["P_yield_kPa"], abs=0.15)


def test_consistency_follows_arrhenius(vectors):
    for row in vectors["arrhenius_K_factor"]:
        ink = cartridge(tau0_pa=0.0, activation_kj_mol=row["Ea_kJ_mol"], reference_c=row["Tref"])
        ink.settle_slow(row["Tref"])
        reference = ink.steady_kpa(2.0)
        ink.settle_slow(row["T"])
        assert ink.steady_kpa(2.0) / reference == pytest.approx(row["factor"], rel=1e-3)


def test_trapped_air_is_soft_at_rest_and_stiff_under_pressure(vectors):
    row = vectors["compliance"]
    ink = cartridge(trapped_air_mm3=50.0)
    assert ink.compliance_mm3_kpa() - 0.2 == pytest.approx(row["C_air_50uL_at_0kPa"], rel=1e-6)
    ink.pressure_kpa = 300.0
    assert ink.compliance_mm3_kpa() - 0.2 == pytest.approx(row["C_air_50uL_at_300kPa"], rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(-3.0, 6.0), st.integers(1, 200)), min_size=1, max_size=15), st.floats(0, 0.3))
def test_no_ink_is_made_or_lost_whatever_the_plunger_does(moves, leak):
    chance = streams(3)
    ink = Plunger(InkTruth(trapped_air_mm3=20.0), AREA_MM2, 10000.0, 0.2, chance["ink"], chance["density"])
    ink.leak_share, ink.slug_mm3 = leak, 2.0
    for flow, steps in moves:
        for i in range(steps):
            ink.step(flow * DT_S)
            if i % 10 == 0:
                ink.settle_slow(37.0)
    gone = ink.out_mm3 + ink.leaked_mm3 + ink.air_out_mm3 + ink.squeezed_mm3 - ink.cavity_mm3
    assert math.isclose(ink.pushed_mm3, gone, rel_tol=1e-9, abs_tol=1e-9)


def test_a_plunger_pulled_below_zero_draws_no_ink_back_through_the_needle():
    ink = cartridge()
    run(ink, 3.0, 4.0)
    out_mm3 = ink.out_mm3
    run(ink, 0.2, -160.0)
    assert ink.pressure_kpa < 0
    assert ink.out_mm3 >= out_mm3
    before_mm3 = ink.out_mm3
    run(ink, 1.0)
    assert ink.out_mm3 == before_mm3
