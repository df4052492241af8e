"""A filament drive: diameter, melt limit, grip, moisture, and a hot end that melt cools."""

from __future__ import annotations

from dataclasses import replace

import pytest
from emulated_work import Work, hot

from printcare.emulator.bench import Bench
from printcare.emulator.build import HOTEND, MELT_J_K_MM
from printcare.emulator.chance import streams
from printcare.emulator.heat import STEP_S, HeatedBlock
from printcare.emulator.ink import DT_S
from printcare.emulator.melt import HOT_MELT, Melt, area_factor, melt_limit_mm3_s
from printcare.formats.profile import load_profile

EVEN = replace(HOT_MELT, inhomogeneity=0.0, porosity=0.0, bias=0.0, diameter_sd_mm=0.0)
UNIT_MM3 = 60.0


def molten(*faults: str, truth=EVEN, dialect: str = "marlin", **more) -> Work:
    bench = hot(Bench(load_profile(f"{dialect}-filament"), ink=truth, faults=faults, **more), 180.0)
    for head in bench.heads:
        head.jacket.ambient_c = 22.0
        head.jacket.set_target(180.0, 0.0)
    work = Work(bench)
    work.prime(10.0)
    return work


def volume_of_a_unit(*faults: str, truth=EVEN) -> float:
    work = molten(*faults, truth=truth)
    work.unit(0, UNIT_MM3, 20)
    return work.bench.truth()["volumes_mm3"]["A1"]


def test_the_melt_limit_and_the_diameter_are_the_reference_ones(vectors):
    row = vectors["melt_capacity_fdm"]
    limit = melt_limit_mm3_s(row["P_W"], row["rho_g_mm3"], row["cp_J_gK"], row["dT"])
    assert limit == pytest.approx(row["Qmax_mm3_s"], rel=1e-6)
    row = vectors["filament_volume_error"]
    for true_mm, error_pct in zip(row["d"], row["err_pct"], strict=True):
        assert (area_factor(true_mm, row["d_nom"]) - 1) * 100 == pytest.approx(error_pct, rel=1e-6, abs=1e-9)


def test_the_hot_end_heats_holds_and_cools_as_the_reference_says(vectors):
    row = vectors["hotend_mpc"]
    block = HeatedBlock(HOTEND, 25.0, 0.0, streams(1)["heat"])
    assert HOTEND.capacity_j_k / HOTEND.loss_w_k == pytest.approx(row["tau_s"], rel=1e-6)
    assert 25.0 + HOTEND.power_w / HOTEND.loss_w_k == pytest.approx(row["T_inf_full_power"], rel=1e-6)
    block.is_runaway, steps = True, 0
    while block.block_c < 200.0:
        was_c = block.block_c
        block.step(steps * STEP_S)
        steps += 1
    reached_s = (steps - (block.block_c - 200.0) / (block.block_c - was_c)) * STEP_S
    assert reached_s == pytest.approx(row["t_25_to_200_full_power_s"], rel=1e-3)
    block.is_runaway = False
    block.block_c, steps = 200.0, 0
    while block.block_c > 50.0:
        was_c = block.block_c
        block.step(steps * STEP_S)
        steps += 1
    cooled_s = (steps - (50.0 - block.block_c) / (was_c - block.block_c)) * STEP_S
    assert cooled_s == pytest.approx(row["cool_200_to_50_s"], rel=1e-3)
    assert HOTEND.loss_w_k * (200.0 - 25.0) == pytest.approx(row["hold_power_200C_W"], rel=1e-6)
    assert MELT_J_K_MM * 2.0 * (200.0 - 25.0) == pytest.approx(row["filament_extra_W_at_2mm_s_PLA_200C"], rel=1e-6)


def test_flowing_melt_needs_more_power_than_standing_melt():
    work = molten()
    work.run(120.0)
    standing = work.bench.jacket.duty
    work.start_unit(0)
    work.bench.receive("printer", work.frame(f"G1 X150 E{400 / work.tool_mm2:.4f} F30"))
    work.run(60.0)
    assert work.bench.jacket.duty > standing + 0.01


def test_a_unit_of_filament_is_its_length_times_the_nominal_area():
    assert volume_of_a_unit() == pytest.approx(UNIT_MM3, rel=0.01)


@pytest.mark.parametrize("diameter_mm", [1.70, 1.80])
def test_filament_of_another_diameter_gives_another_mass(diameter_mm, vectors):
    row = vectors["filament_volume_error"]
    error = row["err_pct"][row["d"].index(diameter_mm)] / 100
    thin = volume_of_a_unit(truth=replace(EVEN, diameter_mm=diameter_mm))
    assert thin / volume_of_a_unit() - 1 == pytest.approx(error, abs=0.004)


def test_wet_filament_is_light_and_uneven():
    work = molten(truth=replace(EVEN, moisture=0.05, porosity=0.002))
    work.unit(0, UNIT_MM3, 20)
    truth = work.bench.truth()
    assert truth["masses_mg"]["A1"] / truth["volumes_mm3"]["A1"] == pytest.approx(1.20 * 0.95, rel=0.02)


def test_a_drive_beyond_what_the_heater_melts_grinds():
    chance = streams(1)
    melt = Melt(EVEN, 1.75, 50_000.0, chance["ink"], chance["density"])
    melt.settle_slow(180.0)
    melt.heat(180.0, 20.0, 20.0)
    limit = melt.limit_mm3_s
    for _ in range(1000):
        melt.step(2 * limit * DT_S)
    assert melt.pushed_mm3 == pytest.approx(10 * limit, rel=0.02)
    assert melt.ground_mm3 == pytest.approx(10 * limit, rel=0.02)


def test_a_clogged_nozzle_stops_the_filament_when_the_gear_loses_its_grip():
    work = molten("clog@unit:1")
    work.unit(0, UNIT_MM3, 20)
    truth = work.bench.truth()
    assert truth["volumes_mm3"]["A1"] < 1.0
    assert truth["plunger_force_n"] == pytest.approx(60.0, rel=0.05)
    assert work.bench.ink.ground_mm3 > 30.0


def test_a_partly_clogged_nozzle_takes_force_and_not_mass():
    good, bad = molten(), molten("partial-clog@unit:1:0.7")
    for work in (good, bad):
        work.unit(0, UNIT_MM3, 20)
    assert bad.bench.truth()["volumes_mm3"]["A1"] == pytest.approx(good.bench.truth()["volumes_mm3"]["A1"], rel=0.02)
    assert bad.bench.ink.steady_kpa(2.0) > 2 * good.bench.ink.steady_kpa(2.0)


@pytest.mark.parametrize("dialect", ["marlin", "klipper"])
def test_a_filament_bench_has_no_pressure_sensor_unless_force_is_measured(dialect):
    profile = load_profile(f"{dialect}-filament")
    assert Bench(profile).sources == ("printer", "balance")
    work = molten(has_force=True)
    assert "kPa 0-40000" in work.ask("pressure", "?")[0]


def test_the_level_of_a_spool_does_not_change_the_pressure():
    full, empty = molten(), molten(truth=replace(EVEN, filled_mm3=2000.0))
    assert full.bench.ink.steady_kpa(2.0) == pytest.approx(empty.bench.ink.steady_kpa(2.0), rel=1e-9)
