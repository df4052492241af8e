"""What the balance feels: settling, ringing, corners, evaporation."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from emulated_work import IDEAL, Work, hot
from hypothesis import given
from hypothesis import strategies as st

from printcare.emulator.bench import Bench
from printcare.emulator.cell import DAMPING, RING_HZ, Cell
from printcare.emulator.tray import Deposits, free_surface_cm2
from printcare.formats.profile import load_profile


def test_a_first_order_cell_settles_in_the_reference_time(vectors):
    row = vectors["settling"]["exp_1st_order"]
    cell, dt_s, at_s = Cell(0.0, row["tau_s"]), 0.0001, 0.0
    shown_mg = 0.0
    while abs(shown_mg - row["step_mg"]) > row["to_within_mg"] or cell.ring_mg() > row["to_within_mg"]:
        shown_mg = cell.step(row["step_mg"], dt_s)
        at_s += dt_s
    assert at_s == pytest.approx(row["t_s"], rel=1e-3)


def test_a_jolt_rings_for_the_reference_time(vectors):
    row = vectors["settling"]["2nd_order"]
    assert (row["f_n_Hz"], row["zeta"]) == (RING_HZ, DAMPING)
    cell, dt_s, at_s = Cell(0.0, 1e-6), 0.0005, 0.0
    cell.step(row["A0_mg"], dt_s)
    while cell.ring_mg() > row["to_mg"]:
        at_s += dt_s
        cell.step(row["A0_mg"], dt_s)
    assert at_s + dt_s == pytest.approx(row["t_s"], rel=1e-3)


def test_a_unit_loses_solvent_over_its_free_surface_as_the_reference_says(vectors, profile):
    row = vectors["evaporation"]
    volume_mm3 = math.pi * row["tablet_d_mm"] ** 2 / 4 * row["h_mm"]
    assert free_surface_cm2(volume_mm3) == pytest.approx(row["area_top_side_cm2"], rel=1e-6)
    deposits = Deposits(profile)
    deposits.flux_mg_cm2_min = row["flux_mg_cm2_min"]
    deposits.lay(0, volume_mm3, 345.0)
    for _ in range(1800):
        deposits.evaporate(0.1)
    assert deposits.evaporated_mg == pytest.approx(row["loss_during_3min_mg"], rel=1e-6)


def test_a_melt_does_not_evaporate():
    deposits = Deposits(load_profile("marlin-filament"))
    deposits.lay(0, 100.0, 120.0)
    deposits.evaporate(600.0)
    assert deposits.evaporated_mg == 0.0


def test_the_reading_depends_on_the_place_only_as_far_as_the_cell_is_eccentric(profile):
    def shown_mg(position: int) -> float:
        deposits = Deposits(profile)
        deposits.corner_share = 0.01
        deposits.lay(position, 100.0, 200.0)
        return deposits.felt_mg() - deposits.load_mg()

    corner = profile.tray.size - 1
    assert shown_mg(corner) == pytest.approx(2.0, rel=1e-9)
    assert 0 <= shown_mg(5) < 1.0  # nearer to the middle


def test_corner_load_shaking_and_evaporation_strike_as_faults(profile):
    faults = ("balance-corner@unit:1:5", "balance-shaken@unit:1:20", "evaporation@unit:1:5")
    work = Work(hot(Bench(profile, ink=IDEAL, faults=faults)))
    work.prime(20.0)
    work.unit(0, 60.0, 10)
    work.say("G0 X10 Y190 F4800")
    work.run(120.0)
    shown = [float(work.ask("balance", "SI", 1.0)[0].split()[2]) * 1000 for _ in range(8)]
    assert max(shown) - min(shown) > 10.0
    assert work.bench.balance.is_stable() is False
    truth = work.bench.truth()
    assert truth["evaporated_mg"] > 5.0
    assert work.bench.deposits.felt_mg() - truth["load_mg"] == pytest.approx(0.05 * truth["masses_mg"]["A1"], rel=1e-6)


def test_a_drifting_sensor_moves_away_from_the_pressure(profile):
    work = Work(hot(Bench(profile, ink=replace(IDEAL, tau0_pa=0.0), faults=["pressure-drift@unit:1:60"])))
    work.prime(20.0)
    work.unit(0, 20.0, 5)
    before = work.bench.sensor._measure()[0] - work.bench.truth()["pressure_kpa"]
    work.run(30.0)
    after = work.bench.sensor._measure()[0] - work.bench.truth()["pressure_kpa"]
    assert after - before == pytest.approx(30.0, abs=3.0)


@given(st.lists(st.tuples(st.sampled_from(["aim", "drop", "take"]), st.integers(0, 4), st.integers(0, 1)), max_size=30))
def test_the_balance_feels_all_that_lies_whatever_fell_where_in_between(profile, deeds):
    deposits = Deposits(profile)
    deposits.corner_share, cell = 0.0, deposits.cell(0, 0)
    for deed, position, tool in deeds:
        if deed == "aim":
            cell = deposits.cell(position, tool)
        elif deed == "drop":
            deposits.lay(position, 1.0, 1.5, tool)
        else:
            deposits.take(position, 0.5)
        cell[0] += 10.0
        cell[1] += 12.0
        assert deposits.felt_mg() == pytest.approx(deposits.load_mg(), rel=1e-12)
