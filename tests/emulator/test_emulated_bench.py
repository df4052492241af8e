"""Whole small prints on the emulated bench: volume, mass, weighing, determinism."""

from __future__ import annotations

import gc
import statistics

import pytest
from emulated_work import IDEAL, Talker, Work, hot

from printcare.emulator.bench import Bench
from printcare.protocol.wire import Ports


def test_a_unit_receives_its_volume_but_for_compliance_and_half_a_step(profile):
    bench = hot(Bench(profile, ink=IDEAL))
    work = Work(bench)
    work.prime(60.0)
    work.start_unit(0)
    before = bench.truth()
    work.unit(0, 100.0)
    after = bench.truth()
    squeezed = after["ledger_mm3"]["squeezed"] - before["ledger_mm3"]["squeezed"]
    out = after["ledger_mm3"]["out"] - before["ledger_mm3"]["out"]
    step_mm3 = profile.tool.step_volume_mm3
    assert out + squeezed == pytest.approx(100.0, abs=step_mm3)
    assert after["masses_mg"]["A1"] == pytest.approx(1.10 * after["volumes_mm3"]["A1"], rel=1e-12)


def test_units_printed_under_equal_pressure_weigh_the_same_and_scatter_believably(profile):
    work = Work(hot(Bench(profile, seed=4)))
    work.prime(60.0)
    for index in range(10):
        work.prime(15.0)
        work.unit(index, 150.0, segments=40)
    masses = list(work.bench.truth()["masses_mg"].values())
    rsd = statistics.stdev(masses) / statistics.mean(masses)
    assert 0.0005 < rsd < 0.012


def test_every_cubic_millimetre_is_accounted_for(profile):
    work = Work(hot(Bench(profile, seed=2, faults=["leak@unit:1:20", "air@unit:2", "drip@unit:2", "string@unit:1"])))
    work.prime(30.0)
    work.unit(0, 60.0, 20)
    work.unit(1, 60.0, 20)
    ledger = work.bench.truth()["ledger_mm3"]
    assert ledger["pushed"] == pytest.approx(
        ledger["out"] + ledger["leaked"] + ledger["air"] + ledger["squeezed"] - ledger["cavity"], rel=1e-9
    )
    assert ledger["out"] == pytest.approx(ledger["units"] + ledger["purge"] + ledger["beside"], rel=1e-9)


def test_the_balance_shows_what_the_printer_laid_down(profile):
    work = Work(hot(Bench(profile)))
    work.prime(30.0)
    work.run(10.0)
    empty = float(work.ask("balance", "SI")[0].split()[2])
    work.unit(0, 200.0)
    work.say("G0 X10 Y190 F4800")
    work.say("M400")
    work.run(10.0)
    full = float(work.ask("balance", "SI")[0].split()[2])
    truth = work.bench.truth()
    expected = truth["masses_mg"]["A1"] - truth["evaporated_mg"]
    assert (full - empty) * 1000 == pytest.approx(expected, abs=0.7)


def test_the_sensor_shows_the_pressure_of_the_ink(profile):
    work = Work(hot(Bench(profile, ink=IDEAL)))
    work.prime(60.0)
    true_kpa = work.bench.truth()["pressure_kpa"]
    work.bench.receive("pressure", b"R 80\n")
    work.say("G4 P200")
    readings = [float(line.split()[2]) for _, line in work.heard["pressure"] if line.startswith("P ")]
    assert statistics.mean(readings[:4]) == pytest.approx(true_kpa, abs=3.0)


def test_cold_ink_is_not_extruded(profile):
    talker = Talker(Bench(profile))
    assert talker.say("G1 E1 F60")[0] == "echo: cold extrusion prevented"
    talker.say("M400")
    assert talker.bench.truth()["ledger_mm3"]["pushed"] == 0.0


def test_every_device_announces_that_it_is_simulated(profile):
    talker = Talker(Bench(profile, speed=50))
    identity = talker.say("M115")
    assert "UUID" in identity[0]
    assert identity[1:3] == ["Cap:SIMULATED:1", "Cap:SPEED:50"]
    assert talker.ask("balance", "I2") == ['I2 A "EMU204 simulated:1 speed:50 220.0090 g"']
    assert talker.ask("pressure", "?") == ["#PS1 v1 kPa 0-1000 sn=PS0001 simulated:1 speed:50"]


def digest(profile, seed: int, step_s: float) -> str:
    work = Work(hot(Bench(profile, seed=seed, faults=["partial-clog@unit:1"])))
    work.bench.receive("pressure", b"R 20\n")
    work.say("M155 S1")
    work.prime(5.0)
    work.unit(0, 20.0, 10)
    end_s = work.bench.now_s + 10.0
    while work.bench.now_s < end_s:
        work.bench.advance(min(end_s, work.bench.now_s + step_s))
    return work.bench.log_digest()


def test_the_same_seed_gives_the_same_log_however_time_is_cut(profile):
    assert digest(profile, 7, 10.0) == digest(profile, 7, 0.013)


def test_another_seed_gives_another_log(profile):
    assert digest(profile, 7, 10.0) != digest(profile, 8, 10.0)


def test_a_fault_does_not_shift_the_other_components_chance(profile):
    def readings(faults: list[str]) -> list[str]:
        work = Work(hot(Bench(profile, faults=faults)))
        work.run(5.0)
        return work.ask("balance", "SI")

    assert readings([]) == readings(["corrupt@line:9999", "clog@unit:9"])


def test_the_red_button_silences_the_board(profile):
    talker = Talker(Bench(profile))
    talker.say("M155 S1")
    talker.bench.press_estop()
    assert talker.run(20.0) == []


def test_the_virtual_ports_are_ports(profile):
    from printcare.emulator.virtual import VirtualPorts

    ports: Ports = VirtualPorts(Bench(profile), wall_start=100.0)
    boot = ports.receive(5.0)
    assert boot is not None
    assert boot.data.startswith(b"start\n")
    while ports.receive(1.0):
        pass
    ports.send("printer", b"M105\n")
    answer = ports.receive(1.0)
    assert answer is not None
    assert answer.data.startswith(b"ok T:2")
    before_s = ports.now()
    assert ports.receive(3.0) is None
    assert ports.now() == pytest.approx(before_s + 3.0)


def test_a_device_left_out_cannot_be_reached(profile):
    from printcare.emulator.virtual import VirtualPorts
    from printcare.errors import LinkLost

    ports = VirtualPorts(Bench(profile, without=frozenset({"balance"})))
    with pytest.raises(LinkLost):
        ports.send("balance", b"SI\r\n")


def test_a_bench_that_prints_on_keeps_nothing_of_what_is_over(profile):
    work = Work(hot(Bench(profile, ink=IDEAL)))
    kept = []
    for _ in range(3):
        work.prime(20.0)
        work.unit(0, 60.0, 10)
        for lines in work.heard.values():
            lines.clear()
        gc.collect()
        kept.append(len(gc.get_objects()))
    assert kept[2] - kept[1] < 20
