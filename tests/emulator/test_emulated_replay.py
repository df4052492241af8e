"""Recorded conversations of a real Marlin 2.1.2.1, played to the emulated printer."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from printcare.domain.machine import Box
from printcare.emulator.bench import Bench
from printcare.emulator.build import BED, JACKET, Build

WIRE = Path(__file__).parent / "wire"
RECORDINGS = sorted(path.stem for path in WIRE.glob("*.txt"))
FINISH_S = 120.0
# Where the recorded board was broken on purpose: what, and when.
BREAKS = {
    "40-maxtemp": ("jacket", "short", 3.2),
    "40-mintemp": ("jacket", "open", 3.2),
    "40-bed-maxtemp": ("bed", "short", 3.2),
    "41-heating-failed": ("jacket", "stuck", 5.9),
}
RECORDED = Build(
    steps_per_mm=(80.0, 80.0, 400.0, 500.0),
    max_feed_mm_s=(300.0, 300.0, 5.0, 25.0),
    max_accel_mm_s2=(3000.0, 3000.0, 100.0, 10000.0),
    accel_mm_s2=3000.0,
    junction_deviation_mm=0.013,
    space=Box(0.0, 0.0, 0.0, 200.0, 200.0, 200.0),
    min_extrude_c=170.0,
    rx_bytes=128,
    command_queue=4,
    planner_blocks=16,
    line_limit=95,
    machine="Pharma Sim",
    filament_mm=1.75,
    speed=None,
    jacket=replace(JACKET, capacity_j_k=6.0, loss_w_k=0.003, power_w=40.0, sensor_per_s=2.0),
    bed=replace(BED, capacity_j_k=9.0, loss_w_k=0.003),
    ambient_c=19.37,
    sensor_noise_k=0.0,
    homing_extra_s=8.6,
)
_TEMPERATURES = re.compile(r"T:[-\d.]+ /([-\d.]+) B:[-\d.]+ /([-\d.]+) @:\d+ B@:\d+( W:)?[\d?]*")
_SLOTS = re.compile(r"^(ok(?: N-?\d+)?) P\d+ B\d+$")
_POSITION = re.compile(r"[XYZE]: ?-?\d")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def events(name: str) -> list[tuple[float, str, str]]:
    found = []
    for line in (WIRE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        at, _, rest = line.strip().partition(" ")
        tag, _, text = rest.partition(" ")
        found.append((float(at), tag, text))
    first = next(i for i, event in enumerate(found) if event[1] in ("Send:", "Part:"))
    return found[first:]


def shape(line: str) -> str:
    """Return a reply without what heat, motion or a build decide."""
    line = _TEMPERATURES.sub(r"T:# /\1 B:# /\2\3", line)
    line = _SLOTS.sub(r"\1", line)
    line = re.sub(r"crc \d+", "crc #", line)
    return _NUMBER.sub("#", line) if _POSITION.search(line) and not line.startswith(("echo:", "area", "  M")) else line


def windows(lines: list[str]) -> list[list[str]]:
    """Return the lines ok by ok, each shape once: how often a report or busy comes is physics."""
    parted: list[list[str]] = [[]]
    for line in lines:
        if line == "echo:busy: processing":
            continue
        if shape(line) not in parted[-1]:
            parted[-1].append(shape(line))
        if line.startswith("ok"):
            parted.append([])
    return parted


def play(profile, name: str) -> list[tuple[float, str]]:
    bench = Bench(profile, build=RECORDED)
    bench.advance(1.0)
    heard: list[tuple[float, str]] = []
    part = b""

    def run(to_s: float) -> None:
        nonlocal part
        while bench.now_s < to_s:
            for _source, data in bench.advance(to_s, stop_at_output=True):
                *lines, part = (part + data).split(b"\n")
                heard.extend((bench.now_s, line.decode("latin-1")) for line in lines)

    bench.advance(1.0005)
    breaks = BREAKS.get(name)
    recorded = events(name)
    last_s = recorded[-1][0]
    oks = 0
    shift_s = 0.0  # our replies come at once or by our own physics; sends keep their distance to the reply before
    for index, (at_s, tag, text) in enumerate(recorded):
        if tag not in ("Send:", "Part:"):
            oks += tag == "Recv:" and text.startswith("ok")
            continue
        before = recorded[index - 1] if index else (0.0, "", "")
        if before[2].startswith("ok") and at_s - before[0] < 0.03:
            limit_s = bench.now_s + FINISH_S
            while sum(1 for _, line in heard if line.startswith("ok")) < oks and bench.now_s < limit_s:
                run(bench.now_s + 0.02)
            shift_s = bench.now_s - at_s
        at_s += shift_s
        if breaks and at_s > breaks[2]:
            run(breaks[2])
            getattr(bench, breaks[0]).sensor = breaks[1]
            breaks = None
        run(max(at_s, bench.now_s))
        data = text.encode() + b"\n" if tag == "Send:" else text.encode().decode("unicode_escape").encode("latin-1")
        bench.receive("printer", data)
    if breaks:
        run(breaks[2])
        getattr(bench, breaks[0]).sensor = breaks[1]
    run(max(last_s + shift_s, bench.now_s) + 1.0)
    wanted_oks = sum(1 for _, tag, text in recorded if tag == "Recv:" and text.startswith("ok"))
    end_s = bench.now_s + FINISH_S
    while sum(1 for _, line in heard if line.startswith("ok")) < wanted_oks and bench.now_s < end_s:
        run(bench.now_s + 0.05)
    return heard


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_emulated_printer_answers_as_recorded(profile, name):
    wanted = [text for _, tag, text in events(name) if tag == "Recv:"]
    assert windows([line for _, line in play(profile, name)]) == windows(wanted)


@pytest.mark.parametrize("name", ["02-checksum-ok", "07-dup-line", "16-cold-extrude", "21-m600", "23-bounds"])
def test_positions_after_motion_are_the_recorded_numbers(profile, name):
    def positions(lines: list[str]) -> list[list[float]]:
        chosen = [line for line in lines if line.startswith("X:")]
        return [[float(number) for number in _NUMBER.findall(line)] for line in chosen]

    wanted = positions([text for _, tag, text in events(name) if tag == "Recv:"])
    assert positions([line for _, line in play(profile, name)]) == wanted


def test_a_quick_stop_is_answered_after_a_second_with_counted_steps(profile):
    heard = play(profile, "15-m410")
    stopped_s = next(at_s for at_s, line in heard if at_s > 2.1 and line.startswith("ok"))
    assert stopped_s == pytest.approx(3.07, rel=0.1)
    x_mm, steps = (float(n) for n in re.findall(r"X:([\d.]+)", next(t for _, t in heard if t.startswith("X:"))))
    assert x_mm == pytest.approx(8.5, abs=1.2)  # recorded; the time of the stop decides
    assert steps == round(x_mm * 80, 0) or abs(steps - x_mm * 80) < 1


def test_busy_comes_at_its_interval(profile):
    heard = play(profile, "08-busy")
    wanted = [at_s for at_s, tag, text in events("08-busy") if tag == "Recv:" and "busy" in text]
    found = [at_s for at_s, line in heard if "busy" in line]
    assert found == pytest.approx(wanted, abs=0.2)  # 10 % of the interval


def test_a_kill_is_followed_by_silence(profile):
    heard = play(profile, "13-m112-moving")
    assert [line for _, line in heard][-3:] == [
        "echo:M112 Shutdown",
        "Error:Printer halted. kill() called!",
        "//action:poweroff",
    ]
    assert heard[-1][0] == pytest.approx(2.073, abs=0.05)


def test_heating_failed_is_reported_about_80_s_after_the_set_point(profile):
    heard = play(profile, "41-heating-failed")
    at_s = next(at_s for at_s, line in heard if line.startswith("Error:Heating failed"))
    assert at_s == pytest.approx(81.3, rel=0.1)
