"""The event log: JSON lines, one hash, the same for the same seed; ports that come back under another name."""

from __future__ import annotations

import hashlib
import json

import pytest
from emulated_work import Work, hot

from printcare.emulator.bench import Bench
from printcare.emulator.faults import parse_fault
from printcare.emulator.settings import INK_SETTINGS, NOISE_SETTINGS, inks_for, set_noise
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import LinkLost, PrintcareError
from printcare.formats.profile import load_profile


def logged(profile, seed: int) -> tuple[list[str], str]:
    texts: list[str] = []
    work = Work(hot(Bench(profile, seed=seed, faults=["partial-clog@unit:1", "corrupt@rate:0.02"], log=texts.append)))
    work.bench.receive("pressure", b"R 20\n")
    work.bench.receive("balance", b"SIR\r\n")
    work.prime(5.0)
    work.unit(0, 4.0, 3)
    work.bench.log.close(work.bench.now_s)
    return "".join(texts).splitlines(keepends=True), work.bench.log_digest()


@pytest.mark.parametrize("profile_id", ["marlin-syringe", "marlin-pneumatic", "marlin-filament"])
def test_the_same_seed_writes_the_same_log_and_hash(profile_id):
    profile = load_profile(profile_id)
    (first, one), (second, other) = logged(profile, 5), logged(profile, 5)
    assert first == second
    assert one == other
    assert logged(profile, 6)[1] != one


def test_the_log_is_json_lines_and_its_last_line_their_hash(profile):
    lines, digest = logged(profile, 5)
    events = [json.loads(line) for line in lines]
    assert events[-1]["sha256"] == digest == hashlib.sha256("".join(lines[:-1]).encode("ascii")).hexdigest()
    assert {event["source"] for event in events[:-1]} >= {"printer", "balance", "pressure", "truth"}
    assert all(event["way"] in "<>!" for event in events[:-1])
    times = [event["at_s"] for event in events]
    assert times == sorted(times)


def test_a_port_back_under_another_name_is_lost_to_those_who_held_the_old_one(profile):
    bench = Bench(profile)
    ports = VirtualPorts(bench)
    while ports.receive(2.0):
        pass
    bench.unplug(3.0, is_renamed=True)
    assert ports.receive(1.0).data == b""
    while ports.receive(10.0):
        pass
    with pytest.raises(LinkLost):
        ports.send("printer", b"M105\n")
    again = VirtualPorts(bench)
    again.send("printer", b"M105\n")
    assert again.receive(1.0).data.startswith(b"ok T:")


def test_replug_is_a_fault_with_a_time_until_it_is_back():
    fault = parse_fault("replug@line:40")
    assert fault.value == 3.0


def test_every_setting_changes_the_ink_or_the_bench_within_its_bounds(profile):
    plain = inks_for(profile, [])[0]
    for row in INK_SETTINGS.values():
        value = row.low + 0.6 * (row.high - row.low)
        assert inks_for(profile, [f"{row.name}={value:.6f}"])[0] != plain, row.name
        with pytest.raises(PrintcareError, match="not allowed"):
            inks_for(profile, [f"{row.name}={row.high * 2 + 1}"])
    bench = Bench(profile)
    set_noise(bench, [f"{row.name}={(row.low + row.high) / 4}" for row in NOISE_SETTINGS.values()])
    assert bench.sensor.noise_kpa == 25.0
    assert bench.balance.noise_mg == 25.0


def test_a_setting_names_its_tool():
    first, second = inks_for(load_profile("marlin-two-syringes"), ["1:k-factor=2,bore=0.413", "bias=5"])
    assert (first.k_factor, first.bias, second.k_factor, second.bore_mm) == (1.0, 0.05, 2.0, 0.413)
    with pytest.raises(PrintcareError, match="names no tool"):
        inks_for(load_profile("marlin-two-syringes"), ["2:k-factor=2"])


def test_wrong_ink_and_needle_show_at_the_prime_by_two_speeds(profile, vectors):
    def pressures(spec: str) -> tuple[float, float]:
        bench = hot(Bench(profile, ink=inks_for(profile, [f"{spec},inhomogeneity=0,porosity=0"])))
        return bench.ink.steady_kpa(0.5), bench.ink.steady_kpa(4.0)

    plain, needle, ink = pressures("k-factor=1"), pressures("bore=0.413"), pressures("k-factor=1.5,n-more=0.1")
    by_needle = [other / one for one, other in zip(plain, needle, strict=True)]
    by_ink = [other / one for one, other in zip(plain, ink, strict=True)]
    assert by_needle[0] == pytest.approx(by_needle[1], rel=0.12)  # a factor; the yield stress bends it a little
    assert by_needle[1] == pytest.approx(vectors["pressure_ratios_n0.4"]["22G_vs_20G"], rel=0.12)
    assert by_ink[1] > 1.15 * by_ink[0]  # scale and exponent


def test_cartridge_bias_and_lot_density_scatter_from_seed_to_seed(profile):
    inks = inks_for(profile, ["bias=5,density-sd=2"])
    made = [Bench(profile, seed=seed, ink=inks).ink for seed in range(40)]
    biases = [ink.delivery - 1 for ink in made]
    densities = [ink._lot - 1 for ink in made]
    assert max(map(abs, biases)) <= 0.05
    assert max(biases) - min(biases) > 0.06
    assert 0.01 < (sum(d * d for d in densities) / len(densities)) ** 0.5 < 0.03
