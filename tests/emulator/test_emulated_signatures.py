"""Every fault of ink, heat, balance and sensor shows its signature on the bench."""

from __future__ import annotations

import re

import pytest
from emulated_work import IDEAL, Work, hot

from printcare.emulator.bench import Bench


def printing(profile, *faults: str, seed: int = 1) -> Work:
    work = Work(hot(Bench(profile, seed=seed, ink=IDEAL, faults=faults)))
    work.prime(60.0)
    return work


def first_unit(profile, *faults: str) -> dict:
    work = printing(profile, *faults)
    work.unit(0, 60.0, 30)
    return {**work.bench.truth(), "work": work}


def test_a_clog_ramps_the_pressure_by_flow_over_compliance_and_ends_the_mass(profile, vectors):
    work = printing(profile, "clog@unit:1")
    work.unit(0, 2.0, 5)
    before = work.bench.ink.pressure_kpa
    work.unit(0, 20.0, 20)
    truth = work.bench.truth()
    assert truth["pressure_kpa"] - before == pytest.approx(vectors["clog_ramp"]["dPdt_kPa_s"] * 10.0, rel=0.02)
    assert truth["volumes_mm3"]["A1"] < 0.1


def test_a_partial_clog_raises_the_pressure_to_the_ratio_of_bores(profile, vectors):
    good, bad = first_unit(profile), first_unit(profile, "partial-clog@unit:1:0.8")
    assert bad["pressure_kpa"] > 1.2 * good["pressure_kpa"]
    ink = bad["work"].bench.ink
    ratio = ink.steady_kpa(2.0) / good["work"].bench.ink.steady_kpa(2.0)
    assert 1.5 < ratio < vectors["pressure_ratios_n0.4"]["id_minus_20pct"]  # yield stress takes less than the power law


def test_a_finer_needle_needs_more_pressure(profile):
    good, bad = first_unit(profile), first_unit(profile, "wrong-nozzle@unit:1")
    assert bad["work"].bench.ink.steady_kpa(2.0) > 1.9 * good["work"].bench.ink.steady_kpa(2.0)


def test_an_air_slug_dips_the_pressure_and_costs_mass(profile):
    good, bad = first_unit(profile), first_unit(profile, "air@unit:1:5")
    assert bad["ledger_mm3"]["air"] == pytest.approx(5.0)
    assert bad["volumes_mm3"]["A1"] < good["volumes_mm3"]["A1"] - 1.0


@pytest.mark.parametrize("kind", ["empty", "plunger-parted"])
def test_without_a_driven_plunger_the_pressure_falls_and_the_unit_is_light(profile, kind):
    good, bad = first_unit(profile), first_unit(profile, f"{kind}@unit:1")
    assert bad["pressure_kpa"] < 0.6 * good["pressure_kpa"]
    assert bad["volumes_mm3"]["A1"] < 0.6 * good["volumes_mm3"]["A1"]


def test_a_bottomed_plunger_ramps_the_sensor_while_nothing_comes(profile):
    bad = first_unit(profile, "plunger-bottomed@unit:1")
    assert bad["work"].bench.sensor.lagged_kpa > 300.0
    assert bad["volumes_mm3"]["A1"] < 20.0


def test_a_leak_shows_in_mass_more_than_in_pressure(profile):
    good, bad = first_unit(profile), first_unit(profile, "leak@unit:1:10")
    assert bad["ledger_mm3"]["leaked"] == pytest.approx(6.0, rel=0.25)
    assert bad["volumes_mm3"]["A1"] < 0.95 * good["volumes_mm3"]["A1"]
    assert bad["pressure_kpa"] > 0.93 * good["pressure_kpa"]


@pytest.mark.parametrize(("spec", "factor"), [("skipped-steps@unit:1:20", 0.8), ("wrong-esteps@unit:1:1.2", 1.2)])
def test_steps_lost_or_misscaled_change_what_the_plunger_pushes(profile, spec, factor):
    work = printing(profile, spec)
    work.start_unit(0)
    work.say("G4 P0")
    before = work.bench.ink.pushed_mm3
    work.unit(0, 60.0, 30)
    assert work.bench.ink.pushed_mm3 - before == pytest.approx(60.0 * factor, rel=0.02)


@pytest.mark.parametrize(("kind", "sign"), [("ink-cold", 1), ("ink-hot", -1)])
def test_colder_ink_is_stiffer_and_hotter_ink_thinner(profile, kind, sign):
    work = printing(profile, f"{kind}@unit:1")
    before = work.bench.ink.steady_kpa(2.0)
    work.unit(0, 200.0, 30)
    assert sign * (work.bench.ink.steady_kpa(2.0) - before) > 2.0


def test_wrong_ink_changes_scale_and_exponent(profile):
    good, bad = first_unit(profile)["work"].bench.ink, first_unit(profile, "wrong-ink@unit:1")["work"].bench.ink
    slow, fast = bad.steady_kpa(0.5) / good.steady_kpa(0.5), bad.steady_kpa(4.0) / good.steady_kpa(4.0)
    assert slow > 1.3
    assert fast > slow * 1.1


def test_trapped_air_makes_the_cartridge_soft(profile):
    bad = first_unit(profile, "trapped-air@unit:1")
    assert bad["work"].bench.ink.compliance_mm3_kpa() > 0.25


def test_liquid_phase_migration_stiffens_with_volume(profile):
    work = printing(profile, "creep@unit:1:50")
    before = work.bench.ink.steady_kpa(2.0)
    work.unit(0, 200.0, 30)
    assert work.bench.ink.steady_kpa(2.0) > 1.5 * before


def test_a_gelled_tip_holds_until_the_pressure_breaks_it(profile):
    work = printing(profile, "gelling@unit:1:20")
    work.unit(0, 10.0, 5)
    work.run(40.0)
    assert work.bench.ink.flow_mm3_s == 0.0
    work.unit(1, 60.0, 20)
    assert work.bench.truth()["volumes_mm3"]["A2"] > 1.0


def test_an_unsoaked_core_is_colder_than_its_jacket(profile):
    work = printing(profile, "core-not-soaked@unit:1:5")
    work.unit(0, 10.0, 5)
    assert work.bench.core.axis_c() < work.bench.jacket.block_c - 2.0


def test_a_drip_a_string_and_a_taken_unit_change_the_load_and_nothing_else(profile):
    good = first_unit(profile)
    drip = first_unit(profile, "drip@unit:1:5")
    string = first_unit(profile, "string@unit:1:3")
    taken = first_unit(profile, "unit-taken@unit:1")
    assert drip["masses_mg"]["A1"] == pytest.approx(good["masses_mg"]["A1"] + 5.0, abs=0.01)
    assert string["masses_mg"]["A1"] == pytest.approx(good["masses_mg"]["A1"] - 3.0, abs=0.01)
    assert taken["masses_mg"]["A1"] == pytest.approx(0.0, abs=1e-9)
    assert taken["pressure_kpa"] == good["pressure_kpa"]


def test_lost_xy_steps_put_the_nozzle_off_until_homing(profile):
    work = printing(profile, "lost-xy-steps@unit:1:2")
    work.unit(0, 10.0, 5)
    believed = work.bench.printer.planner.position(work.bench.now_s)
    assert work.bench.nozzle_mm()[0] == pytest.approx(believed[0] + 2.0)
    work.say("G28")
    assert work.bench.nozzle_mm()[0] == pytest.approx(0.0)


def weighing(profile, *faults: str) -> Work:
    work = printing(profile, *faults)
    work.unit(0, 20.0, 5)
    work.say("G0 X10 Y190 F4800")
    work.say("M400")
    work.run(8.0)
    return work


@pytest.mark.parametrize(
    ("spec", "answer"),
    [
        ("balance-dead@unit:1", r"^$"),
        ("balance-overload@unit:1", r"^S \+$"),
        ("balance-unstable@unit:1:100", r"^S D +\d+\.\d{4} g$"),
        ("balance-wrong-unit@unit:1", r"^S S +\d+\.\d mg$"),
        ("balance-garbled@unit:1", r"^S S#~"),
        ("balance-tare-lost@unit:1", r"^S S +\d+\.\d{4} g$"),
    ],
)
def test_a_faulty_balance_answers_as_its_fault_says(profile, spec, answer):
    work = weighing(profile, spec)
    assert re.match(answer.replace("S S#~", r"S S?.?#~|S.*#~"), "".join(work.ask("balance", "SI")))


def test_balance_drift_grows_with_time(profile):
    work = weighing(profile, "balance-drift@unit:1:60")
    first = float(work.ask("balance", "SI")[0].split()[2])
    work.run(30.0)
    second = float(work.ask("balance", "SI")[0].split()[2])
    assert (second - first) * 1000 == pytest.approx(30.0, abs=1.5)


def test_a_hand_on_the_plate_shows_while_weighing_and_goes_away(profile):
    work = weighing(profile, "plate-touched@unit:1:50")
    before = float(work.ask("balance", "SI")[0].split()[2])
    work.run(2.0)
    touched = float(work.ask("balance", "SI")[0].split()[2])
    work.run(10.0)
    after = float(work.ask("balance", "SI")[0].split()[2])
    assert (touched - before) * 1000 > 20.0
    assert (after - before) * 1000 == pytest.approx(0.0, abs=15.0)


def test_a_draught_is_slow_noise(profile):
    work = weighing(profile, "balance-draft@unit:1:20")
    seen = []
    for _ in range(20):
        work.run(3.0)
        seen.append(float(work.ask("balance", "SI")[0].split()[2]) * 1000)
    assert max(seen) - min(seen) > 15.0


def readings(work: Work, seconds: float = 2.0) -> list[list[str]]:
    before = len(work.heard["pressure"])
    work.bench.receive("pressure", b"R 20\n")
    work.run(seconds)
    return [line.split() for _, line in work.heard["pressure"][before:] if line.startswith("P ")]


def test_a_dead_stuck_shifted_or_saturated_sensor_shows_it(profile):
    assert readings(weighing(profile, "pressure-dead@unit:1")) == []
    stuck = readings(weighing(profile, "pressure-stuck@unit:1"))
    assert len({reading[2] for reading in stuck}) == 1
    assert {reading[3] for reading in readings(weighing(profile, "pressure-saturated@unit:1"))} == {"SAT"}
    plain = float(readings(weighing(profile))[0][2])
    assert float(readings(weighing(profile, "pressure-offset@unit:1"))[0][2]) == pytest.approx(plain + 20.0, abs=0.2)


@pytest.mark.parametrize(
    ("kind", "cause"), [("sensor-open", "MINTEMP triggered"), ("sensor-short", "MAXTEMP triggered")]
)
def test_a_broken_thermistor_kills_the_board(profile, kind, cause):
    work = printing(profile, f"{kind}@unit:1")
    work.say("M104 S38")
    work.start_unit(0)
    work.bench.receive("printer", work.frame("G1 X70 E0.05 F10"))
    lines = work.run(30.0)
    assert any(cause in line for line in lines)
    assert work.run(10.0) == []


def test_a_failed_heater_cools_and_a_runaway_heats(profile):
    for kind, sign in (("heater-failed", -1), ("runaway", 1)):
        work = printing(profile, f"{kind}@unit:1")
        work.bench.jacket.ambient_c = 22.0
        work.say("M104 S38")
        work.unit(0, 40.0, 10)
        assert sign * (work.bench.jacket.block_c - 38.0) > 0.5


def test_a_stuck_thermistor_shows_one_temperature(profile):
    work = printing(profile, "sensor-stuck@unit:1")
    work.unit(0, 20.0, 5)
    shown = work.bench.jacket.shown_c
    work.bench.jacket.ambient_c = 22.0
    work.run(60.0)
    assert work.bench.jacket.shown_c == shown


def test_homing_fails_when_an_endstop_is_missed(profile):
    work = printing(profile, "endstop-missed@unit:1")
    work.unit(0, 10.0, 5)
    assert "Error:Printer halted. kill() called!" in work.say("G28", limit_s=60.0)


def test_a_reset_boots_and_forgets_where_the_nozzle_is(profile):
    work = printing(profile, "reset@unit:1")
    work.start_unit(0)
    work.bench.receive("printer", work.frame("G1 X70 E0.05 F10"))
    assert "start" in work.run(15.0)
    assert work.bench.printer.position_text().startswith("X:0.00 Y:0.00 Z:0.00")
    assert work.bench.nozzle_mm()[0] > 50.0


def test_time_and_volume_triggers_count_from_the_first_unit(profile):
    work = printing(profile, "clog@t:10", "leak@volume:8")
    work.unit(0, 60.0, 30)
    struck = {fault["kind"]: fault["at_s"] for fault in work.bench.truth()["faults"]}
    assert struck["clog"] - work.bench._first_unit_s == pytest.approx(10.0, abs=0.1001)
    assert 3.0 < struck["leak"] - work.bench._first_unit_s < 9.0
