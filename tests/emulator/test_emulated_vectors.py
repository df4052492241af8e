"""Closed forms and step responses of the references, reproduced by the bench's own equations to 1e-3."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from printcare.emulator.bench import Bench
from printcare.emulator.chance import streams
from printcare.emulator.flow import Channel, FlowTable, Fluid, Paste, cone_kpa, tube_kpa
from printcare.emulator.ink import DT_S, InkTruth
from printcare.emulator.load_cell import LoadCell
from printcare.emulator.plunger import Plunger
from printcare.emulator.settings import inks_for, set_noise
from printcare.formats.profile import load_profile

AREA_MM2 = 163.53945


def cartridge(k_kpa: float, n: float, c: float = 0.2) -> Plunger:
    """Return a cartridge whose needle alone gives P = k·Qⁿ."""
    unit = float(tube_kpa(Fluid(1.0, n, 0.0), 0.603, 12.7, np.array([1.0]))[0])
    channel = Channel(cone_top_mm=0.60301, barrel_bore_mm=1e4)
    truth = InkTruth(k_kpa / unit, n, 0.0, inhomogeneity=0.0, porosity=0.0, bias=0.0, channel=channel)
    chance = streams(1)
    ink = Plunger(truth, AREA_MM2, 10_000.0, c, chance["ink"], chance["density"])
    ink.settle_slow(truth.reference_c)
    return ink


def test_tubes_and_cones_give_the_reference_pressures(vectors):
    row = vectors["power_law_tube"]
    q = np.array([row["Q"]])
    assert tube_kpa(Fluid(row["K"], row["n"], 0.0), row["D"], row["L"], q)[0] == pytest.approx(row["dP_kPa"], rel=1e-6)
    row = vectors["newton_tube"]
    assert tube_kpa(Fluid(row["mu"], 1.0, 0.0), row["D"], row["L"], q)[0] == pytest.approx(row["dP_kPa"], rel=1e-6)
    row = vectors["cone_power_law"]
    cone = cone_kpa(Fluid(row["K"], row["n"], 0.0), row["D1"], row["D2"], row["half_angle_deg"], q)
    assert cone[0] == pytest.approx(row["dP_kPa"], rel=1e-6)


def test_needle_gauges_and_variants_change_the_pressure_as_the_references_say(vectors):
    gauges, ratios = vectors["needle_gauge_regular_wall"], vectors["pressure_ratios_n0.4"]
    law, q = Fluid(150.0, 0.4, 0.0), np.array([2.0])
    plain = tube_kpa(law, gauges["20"]["id_mm"], 12.7, q)[0]
    for gauge in ("18", "21", "22", "25"):
        ratio = tube_kpa(law, gauges[gauge]["id_mm"], 12.7, q)[0] / plain
        assert ratio == pytest.approx(ratios[f"{gauge}G_vs_20G"], rel=1e-6)
    row = vectors["nozzle_20G_variants"]
    for bore in ("0.58", "0.61"):
        ratio = tube_kpa(law, float(bore), 12.7, q)[0] / plain
        assert ratio == pytest.approx(row[f"dP_ratio_{bore}_vs_0.603_n0.4"], rel=1e-6)


def test_the_small_signal_lag_is_n_c_p_over_q(vectors):
    for row in vectors["small_signal_lag"]["rows"]:
        ink = cartridge(row["P"] / row["Q"] ** row["n"], row["n"], row["C"])
        ink.pressure_kpa = row["P"] * 1.001
        at_s, away = 0.0, 0.001
        while ink.pressure_kpa / row["P"] - 1 > 0.001 / math.e:
            away = ink.pressure_kpa / row["P"] - 1
            ink.step(row["Q"] * DT_S)
            at_s += DT_S
        # between the last two sub-steps, and for the curvature of a disturbance of a thousandth
        reached = at_s - DT_S * (0.001 / math.e - (ink.pressure_kpa / row["P"] - 1)) / max(
            away - (ink.pressure_kpa / row["P"] - 1), 1e-12
        )
        assert reached == pytest.approx(row["tau_s"], rel=4e-3)


def test_the_stored_volume_is_the_advance_of_the_references(vectors):
    for row in vectors["pressure_advance_power_law"]["rows"]:
        ink = cartridge(row["P"] / row["Q"] ** 0.4, 0.4, vectors["pressure_advance_power_law"]["C"])
        for _ in range(round(20 * ink.steady_kpa(row["Q"]) * 0.2 / row["Q"] / DT_S)):
            ink.step(row["Q"] * DT_S)
        assert ink.squeezed_mm3 == pytest.approx(row["advance_mm3"], rel=1e-3)


def test_the_first_unit_from_zero_lacks_what_the_cartridge_keeps(vectors):
    row = vectors["startstop"]
    ink = cartridge(60.0 / 2.0**0.4, 0.4, row["C"])
    for _ in range(round(row["first_unit_from_zero"] / 2.0 / DT_S)):
        ink.step(2.0 * DT_S)
    assert ink.pressure_kpa == pytest.approx(row["P_end"], rel=1e-3)
    assert ink.out_mm3 == pytest.approx(row["V_cmd"], rel=1e-3)


def test_a_motor_step_is_the_reference_volume(vectors):
    row = vectors["step_quantisation"]
    assert load_profile("marlin-syringe").tool.step_volume_mm3 == pytest.approx(row["vol_per_step_mm3"], rel=1e-6)


def test_the_flow_table_loses_nothing_of_the_law(vectors):
    ink = vectors["tube_cone_flow"]["inks"]["hpmc_hydrogel_paste"]
    table = FlowTable(Fluid(ink["K"], ink["n"], ink["t0"]), Channel())
    for row in vectors["tube_cone_flow"]["rows"]:
        if row["ink"] == "hpmc_hydrogel_paste":
            place = row["P_total_kPa"] / 0.25
            flows = table.flows(50.0)
            low, high = flows[int(place)], flows[int(place) + 1]
            assert low + (high - low) * (place % 1) == pytest.approx(row["Q_mm3_s"], rel=1e-3)


def test_a_stiff_paste_takes_the_pressure_of_benbow_and_bridgwater(vectors, profile):
    row = vectors["benbow_bridgwater"]
    told = row["in"]
    channel = Channel(bore_mm=told["D"], needle_mm=told["L"], barrel_bore_mm=told["D0"])
    paste = Paste(*(told[name] for name in ("s0_kPa", "a", "m", "t0_kPa", "b", "q")))
    assert paste.die_kpa(channel, np.array([told["Q"]]))[0] == pytest.approx(row["P_kPa"], rel=1e-6)
    (tenth,) = inks_for(profile, ["stiff=0.1"])
    table = FlowTable(Fluid(150.0, 0.4, 80.0), channel, tenth.paste)
    assert table.pressure_kpa(told["Q"], 0.0) == pytest.approx(row["P_kPa"] / 10, rel=1e-3)


def test_the_force_on_a_plunger_is_its_area_times_the_pressure_and_its_friction(vectors, profile):
    row = vectors["plunger_force"]
    tool = replace(profile.tool, feedstock_diameter_mm=row["bore_mm"], friction_n=row["F_fric_N"])
    (head,) = Bench(replace(profile, tool=tool)).heads
    head.ink.pressure_kpa = row["P_kPa"]
    assert head.truth()["plunger_force_n"] == pytest.approx(row["F_meas_N"], rel=1e-6)


def test_a_load_cell_is_as_noisy_as_its_converter(vectors, profile):
    row = vectors["hx711"]
    for rate in ("10sps", "80sps"):
        cell = LoadCell(float(rate[:2]), row["cell_g"] * 1000, row["sens_mV_V"], row["Vexc"])
        assert cell.noise_mg == pytest.approx(row[f"noise_mg_{rate}"], rel=1e-6)
        assert cell.settling_s * 1000 == pytest.approx(row["settle_ms"][rate], rel=1e-6)
    slow = LoadCell()
    assert slow.noise_mg / math.sqrt(10) == pytest.approx(row["avg_10_readings_mg"], rel=1e-6)
    assert 2000 * slow.noise_mg == pytest.approx(row["min_weight_usp41_10sps_mg"], rel=1e-6)
    bench = Bench(profile)
    set_noise(bench, ["load-cell=10"])
    assert bench.balance.noise_mg == pytest.approx(row["noise_mg_10sps"], rel=1e-6)


def test_what_is_laid_displaces_air(vectors, profile):
    for density, factor in vectors["buoyancy_factor"].items():
        bench, volume_mm3 = Bench(profile), 300.0
        set_noise(bench, ["air=1.2"])
        deposits, mass_mg = bench.deposits, volume_mm3 * float(density)
        empty_mg, deposits.corner_share = deposits.felt_mg(), 0.0
        deposits.lay(0, volume_mm3, mass_mg)
        assert mass_mg / (deposits.felt_mg() - empty_mg) == pytest.approx(factor, rel=1e-6)
