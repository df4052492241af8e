"""Several tools: each with its own ink, heater and sensor, and every milligram known by tool and position."""

from __future__ import annotations

from dataclasses import replace

import pytest
from emulated_work import IDEAL, Talker, Work, hot

from printcare.domain.machine import FirmwareProfile
from printcare.emulator.bench import Bench
from printcare.formats.profile import load_profile

THIN = replace(IDEAL, k=75.0, density_mg_mm3=1.02)


def two_tools(profile: FirmwareProfile, offset_mm=(0.0, 0.0, 0.0)) -> FirmwareProfile:
    return replace(profile, further_tools=(replace(profile.tool, offset_mm=offset_mm),))


def two_inks(profile, *faults: str, offset_mm=(0.0, 0.0, 0.0), seed: int = 1) -> Work:
    bench = hot(Bench(two_tools(profile, offset_mm), ink=(IDEAL, THIN), faults=faults, seed=seed))
    return Work(bench)


def test_a_bench_of_two_tools_has_a_pressure_sensor_for_each(profile):
    bench = Bench(two_tools(profile))
    assert bench.sources == ("printer", "balance", "pressure", "pressure-1")
    talker = Talker(bench)
    talker.heard["pressure-1"], talker._parts["pressure-1"] = [], b""
    assert "sn=PS0001" in talker.ask("pressure", "?")[0]
    assert "sn=PS0002" in talker.ask("pressure-1", "?")[0]


def test_each_tool_lays_down_its_own_part_of_a_unit(profile):
    work = two_inks(profile)
    for tool, volume_mm3 in ((0, 60.0), (1, 30.0)):
        work.say(f"T{tool}")
        work.prime(60.0)
        work.unit(0, volume_mm3, 30)
    truth = work.bench.truth()
    first, second = truth["parts_mm3"]["A1"]
    assert first == pytest.approx(60.0, abs=4.0)  # the start pressure relaxes on the way from the purge tray
    assert second == pytest.approx(30.0, abs=4.0)
    assert truth["parts_mg"]["A1"] == pytest.approx([1.10 * first, 1.02 * second], rel=1e-9)
    assert truth["masses_mg"]["A1"] == pytest.approx(sum(truth["parts_mg"]["A1"]), rel=1e-12)
    assert truth["units_begun"] == 1


def test_a_tool_not_in_use_is_not_driven(profile):
    work = two_inks(profile)
    work.prime(30.0)
    pushed = [tool["pushed_mm3"] for tool in work.bench.truth()["tools"]]
    assert pushed[0] == pytest.approx(60.0, abs=profile.tool.step_volume_mm3)
    assert pushed[1] == 0.0


def test_no_step_of_e_is_lost_when_tools_change_often(profile):
    work = two_inks(profile)
    work.to_purge()
    work.say("G92 E0")
    e_mm = 0.0
    for turn in range(41):
        work.say(f"T{turn % 2}")
        e_mm += 0.01037  # not a whole number of steps
        work.say(f"G1 E{e_mm:.5f} F10")
    work.say("M400")
    work.run(0.1)
    pushed = [tool["pushed_mm3"] for tool in work.bench.truth()["tools"]]
    area, step_mm3 = profile.tool.feedstock_area_mm2, profile.tool.step_volume_mm3
    assert pushed[0] == pytest.approx(21 * 0.01037 * area, abs=step_mm3)
    assert pushed[1] == pytest.approx(20 * 0.01037 * area, abs=step_mm3)


def test_an_idle_tool_oozes_where_its_own_nozzle_is(profile):
    work = two_inks(profile, offset_mm=(0.0, 25.0, 0.0))
    work.say("T1")
    work.prime(30.0)
    work.say("T0")
    work.prime(10.0)
    work.unit(4, 10.0, 5)  # B1 begins
    work.unit(0, 20.0, 10)  # T1 is 25 mm further in y: over B1
    parts = work.bench.truth()["parts_mm3"]
    assert parts["A1"][1] == 0.0
    assert parts["B1"][1] > 0.1


def test_the_new_nozzle_is_brought_to_where_the_old_one_was(profile):
    work = two_inks(profile, offset_mm=(20.0, 0.0, 0.0))
    work.say("G0 X100 Y100 F4800")
    work.say("M400")
    before = work.bench.printer.counted_steps()[0]
    assert work.say("T1")[0] == "echo:Active Extruder: 1"
    assert work.bench.nozzle_mm()[0] == pytest.approx(100.0)
    assert work.bench.printer.counted_steps()[0] == before - 20 * 80


def test_heaters_are_named_by_t_and_reported_each(profile):
    talker = Talker(Bench(two_tools(profile)))
    talker.say("M104 T1 S38")
    talker.say("M104 S30")
    line = talker.say("M105")[0]
    assert "/30.00 B:" in line
    assert " T0:" in line
    assert " T1:" in line
    assert "/38.00 @:" in line
    assert [head.jacket.target_c for head in talker.bench.heads] == [30.0, 38.0]


def test_a_tool_that_is_not_there_is_refused(profile):
    talker = Talker(Bench(two_tools(profile)))
    assert talker.say("T2")[0] == "echo:T2 Invalid extruder"
    assert talker.say("M104 T5 S38")[0] == "echo:T5 Invalid extruder"
    assert talker.bench.active.number == 0
    assert "EXTRUDER_COUNT:2" in talker.say("M115")[0]


def test_a_fault_of_the_ink_strikes_the_tool_in_use(profile):
    work = two_inks(profile, "clog@unit:1")
    work.say("T1")
    work.prime(10.0)
    work.unit(0, 10.0, 5)
    assert [head.ink.is_clogged for head in work.bench.heads] == [False, True]


def test_a_broken_thermistor_of_a_further_tool_names_its_heater(profile):
    work = two_inks(profile)
    work.say("M104 T1 S38")
    work.bench.heads[1].jacket.sensor = "short"
    assert "Error:MAXTEMP triggered, system stopped! Heater_ID: E1" in work.run(2.0)


def test_a_further_tool_does_not_shift_the_chance_of_the_first(profile):
    def pressures(one: FirmwareProfile) -> list[str]:
        work = Work(hot(Bench(one)))
        work.bench.receive("pressure", b"R 20\n")
        work.prime(5.0)
        return [line for _, line in work.heard["pressure"]]

    assert pressures(profile) == pressures(two_tools(profile))


def test_klipper_begins_e_at_zero_again_with_another_tool():
    bench = hot(Bench(two_tools(load_profile("klipper-syringe"))))
    bench.advance(2.0)
    for line in (b"G28\n", b"M82\n", b"G92 E0\n", b"G1 E0.2 F30\n", b"T1\n", b"M114\n"):
        bench.receive("printer", line)
        said = bench.advance(bench.now_s + 90.0)
    assert any(b"E:0.000" in data for _, data in said)
    assert bench.active.number == 1
