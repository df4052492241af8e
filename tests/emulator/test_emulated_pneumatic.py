"""A pneumatic head: the regulator's pressure decides the flow, the valve its time, the head space its lag."""

from __future__ import annotations

from dataclasses import replace

import pytest
from emulated_work import IDEAL, Work, hot

from printcare.emulator.bench import Bench
from printcare.emulator.chance import streams
from printcare.emulator.ink import DT_S
from printcare.emulator.pneumatic import Pneumatic, chamber_lag_s
from printcare.formats.profile import load_profile

UNIT_MM3 = 60.0


def blowing(*faults: str, truth=IDEAL, dialect: str = "marlin", **more) -> Work:
    work = Work(hot(Bench(load_profile(f"{dialect}-pneumatic"), ink=truth, faults=faults, **more)))
    work.prime(10.0)
    return work


def unit_of(*faults: str, truth=IDEAL) -> dict:
    work = blowing(*faults, truth=truth)
    work.unit(0, UNIT_MM3, 20)
    return {**work.bench.truth(), "work": work}


def head(**changes) -> Pneumatic:
    chance = streams(1)
    return Pneumatic(replace(IDEAL, **changes), 1.0, 10_000.0, 600.0, chance["ink"], chance["density"])


def test_the_chamber_lags_by_its_head_space_as_the_reference_says(vectors):
    row = vectors["pneumatic_headspace"]
    lag_s = chamber_lag_s(row["V_head_mm3"], row["P_abs_kPa"], row["R_g_kPa_s_per_mm3"])
    assert lag_s == pytest.approx(row["tau_s"], rel=1e-6)


def test_the_chamber_fills_the_later_the_emptier_the_cartridge():
    def pressure_after(filled_mm3: float) -> float:
        ink = head(filled_mm3=filled_mm3, set_kpa=100.0)
        for _ in range(5):
            ink.step(0.02)
        return ink.pressure_kpa

    assert pressure_after(9000.0) > 1.1 * pressure_after(1000.0) > 1.0


def test_the_regulator_is_set_for_the_flow_that_is_asked_for_first():
    work = blowing()
    work.run(2.0)
    assert work.bench.truth()["pressure_kpa"] == 0.0  # the valve is shut between moves
    assert work.bench.ink.set_kpa == pytest.approx(work.bench.ink.steady_kpa(2.0), rel=0.01)


def test_a_unit_at_the_calibrated_flow_receives_its_volume():
    assert unit_of()["volumes_mm3"]["A1"] == pytest.approx(UNIT_MM3, rel=0.03)


def test_pressure_is_a_lever_on_mass_as_the_reference_says(vectors):
    row = vectors["pressure_sensitivity"]
    truth = replace(IDEAL, tau0_pa=0.0)
    set_kpa = head(tau0_pa=0.0).truth.set_kpa or blowing(truth=truth).bench.ink.set_kpa
    flows = []
    for factor in (0.95, 1.0, 1.05):
        ink = head(tau0_pa=0.0, set_kpa=set_kpa * factor)
        ink.settle_slow(38.0)
        for _ in range(500):
            ink.step(0.02)
        flows.append(ink.flow_mm3_s)
    changes = [(flow / flows[1] - 1) * 100 for flow in (flows[0], flows[2])]
    assert changes == pytest.approx(row["pressure_band_5pct_equals_flow_band_pct"], rel=2e-3)


def test_a_clog_leaves_the_pressure_and_ends_the_mass():
    good, bad = unit_of(), unit_of("clog@unit:1")
    assert bad["volumes_mm3"]["A1"] < 0.5
    assert bad["work"].bench.ink.set_kpa == good["work"].bench.ink.set_kpa


def test_a_partial_clog_a_colder_or_a_stiffer_ink_costs_mass_and_not_pressure():
    good = unit_of()["volumes_mm3"]["A1"]
    for fault in ("partial-clog@unit:1", "ink-cold@unit:1:-20", "wrong-ink@unit:1", "creep@unit:1:50"):
        assert unit_of(fault)["volumes_mm3"]["A1"] < 0.9 * good, fault


def test_air_trapped_in_the_ink_starts_late_and_oozes_after():
    good, bad = blowing(), blowing("trapped-air@unit:1:400")
    for work in (good, bad):
        work.unit(0, 10.0, 10)
        work.start_unit(1)
        work.say(f"G1 X90 E{10:.3f} F120")
        work.say("M400")
        work.run(0.5)
    assert good.bench.ink.flow_mm3_s < 0.01
    assert bad.bench.ink.flow_mm3_s > 0.1


def test_the_end_of_the_ink_is_a_burst_of_air_and_no_mass():
    truth = unit_of(truth=replace(IDEAL, filled_mm3=40.0))
    assert truth["tools"][0]["left_mm3"] == pytest.approx(0.0, abs=1e-9)
    assert truth["work"].bench.ink.flow_mm3_s == 0.0


def test_a_leak_is_seen_in_mass_alone():
    good, bad = unit_of(), unit_of("leak@unit:1:20")
    assert bad["volumes_mm3"]["A1"] == pytest.approx(0.8 * good["volumes_mm3"]["A1"], rel=0.02)


def test_a_gelled_tip_starts_late():
    good, bad = blowing(), blowing("gelling@unit:1:5")
    for work in (good, bad):
        work.unit(0, 10.0, 5)
        work.run(20.0)
        work.unit(1, UNIT_MM3, 20)
    delayed = good.bench.truth()["volumes_mm3"]["A2"] - bad.bench.truth()["volumes_mm3"]["A2"]
    assert delayed == pytest.approx(2.0 * 2.0, rel=0.2)


def test_every_cubic_millimetre_of_a_pneumatic_head_is_accounted_for():
    truth = unit_of("leak@unit:1:20", "air@unit:1", "trapped-air@unit:1")
    ledger = truth["ledger_mm3"]
    assert ledger["pushed"] == pytest.approx(
        ledger["out"] + ledger["leaked"] + ledger["air"] + ledger["squeezed"], rel=1e-9
    )
    assert ledger["out"] == pytest.approx(ledger["units"] + ledger["purge"] + ledger["beside"], rel=1e-9)


def test_ink_flows_only_while_e_moves():
    ink = head(set_kpa=100.0)
    ink.settle_slow(38.0)
    for _ in range(200):
        ink.step(0.02)
    open_mm3 = ink.out_mm3
    for _ in range(round(5 / DT_S)):
        ink.step(0.0)
    assert 0 < ink.out_mm3 - open_mm3 < 0.5
    assert ink.is_resting()
