"""Every line once and in order over a noisy wire, 50 000 lines a setting: `python endurance_link.py [LINES]`.

Virtual time; two firmwares that share no code: `receiver` is the emulated printer's own line discipline, `small` an
independent fake written from the recordings. Prints one line a setting and ends with 1 when any line was lost, doubled,
out of order or executed unchecked, or when a job ended without a reason. RepRapFirmware and Smoothieware, known from
source only, are sent one line at a time to the emulated printer's own half behind `hostile_wire`.
"""

from __future__ import annotations

import random
import re
import sys
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "protocol"))

from fake_firmware import FakeFirmware, Noise, converse
from receiver_firmware import ReceiverFirmware
from test_hostile_wire import wire

from printcare.formats.profile import load_profile
from printcare.protocol.marlin_host import MarlinHost

FIRMWARES = {"receiver": ReceiverFirmware, "small": FakeFirmware}
KINDS = ("corrupt", "drop", "lost_ok", "double_ok", "burst")
RATES = (0.001, 0.02)
LINES = 50_000
OTHERS = ("rrf", "smoothie")
# The same kinds as faults of the wire there and back; RepRapFirmware takes a line sent twice for two, so none is.
THERE = {"corrupt": ("flip",), "drop": ("drop",), "all": ("flip", "drop")}
BACK = {"lost_ok": ("drop",), "double_ok": ("twice",), "burst": ("late",), "all": ("drop", "twice", "late")}


def noise_of(kind: str, rate: float) -> Noise:
    """Return one kind of noise, or all of them together."""
    return Noise(**({name: rate for name in KINDS} if kind == "all" else {kind: rate}))


def words(line: str) -> list[str]:
    """Return what a move says; damage behind the text that passed the checksum must not have changed it."""
    return re.findall(r"[A-Z]-?[0-9.]+", line.partition("*")[0]) + re.findall(
        r"[XYZEF]-?[0-9.]+", line.partition("*")[2]
    )


def endure(firmware_name: str, kind: str, rate: float, window: int, advanced: bool, lines: int) -> tuple[bool, str]:
    """Return whether the printer executed the program exactly once and in order, and what the link did for it."""
    rng = random.Random(f"{firmware_name} {kind} {rate} {window} {advanced}")
    firmware = FIRMWARES[firmware_name](rng, noise_of(kind, rate), advanced)
    host = MarlinHost(load_profile("marlin-syringe").link, window)
    program = [f"G1 X{index % 199}.{index % 7} E{index * 0.00123:.5f}" for index in range(lines)]
    host.open(0.0)
    host.queue(program)
    began_s = time.perf_counter()
    _, virtual_s = converse(host, firmware, limit_s=lines * 1.0, keep_events=False)
    wall_s = time.perf_counter() - began_s
    done = len(firmware.executed)
    noisy = sum(took != sent for took, sent in zip(firmware.executed, program, strict=False))
    is_same = [words(line) for line in firmware.executed] == [words(line) for line in program[:done]]
    is_exact = is_same and not firmware.unchecked and (done == lines or host.ended)
    ended = "" if host.ended is None else f"  ended at line {done}: {host.ended.code}"
    count = host.count
    told = (
        f"{'exact' if is_exact else 'WRONG':5} {done:6} lines {virtual_s:8.0f} virtual s {wall_s:6.1f} s wall  "
        f"{count.resends:6} resends {count.timeouts:5} time-outs {host.foreign_lines:4} foreign"
        f"{f'  {noisy} with noise behind the text' if noisy else ''}{ended}"
    )
    return bool(is_exact), told


def endure_other(name: str, kind: str, rate: float, lines: int) -> tuple[bool, str]:
    """Return the same of a dialect that is sent one line at a time."""
    run = wire(
        name, random.Random(f"{name} {kind} {rate}"), out_rate=rate * (kind in THERE), back_rate=rate * (kind in BACK)
    )
    host, firmware = run.host, run.firmware
    firmware.out_kinds, firmware.back_kinds = THERE.get(kind, ("drop",)), BACK.get(kind, ("drop",))
    program = [f"G1 X{index % 199}.{index % 7} E{index * 0.00123:.5f}" for index in range(lines)]
    host.open(0.0)
    host.queue(program)
    began_s = time.perf_counter()
    _, virtual_s = converse(host, firmware, limit_s=lines * 100.0, keep_events=False)
    while (wake_at := firmware.wake_at()) is not None:
        firmware.read(max(virtual_s, wake_at))
    done = len(firmware.moves)
    is_exact = firmware.moves == program[:done] and (done == lines or host.ended is not None)
    ended = "" if host.ended is None else f"  ended at line {done}: {host.ended.code}"
    return is_exact, (
        f"{'exact' if is_exact else 'WRONG':5} {done:6} lines {virtual_s:8.0f} virtual s "
        f"{time.perf_counter() - began_s:6.1f} s wall  {host.count.resends:6} resends {host.count.timeouts:5} time-outs"
        f" {host.foreign_lines:4} foreign{ended}"
    )


def main(lines: int) -> int:
    is_good = True
    for name, kind, rate in product(OTHERS, (*KINDS, "all"), RATES):
        is_exact, told = endure_other(name, kind, rate, lines)
        is_good &= is_exact
        print(f"{name:8} {kind:9} {rate:.1%} window 1 {'one at a time':11}", told, flush=True)
    settings = product(FIRMWARES, (*KINDS, "all"), RATES, (1, 3), (True, False))
    for firmware, kind, rate, window, advanced in settings:
        is_exact, told = endure(firmware, kind, rate, window, advanced, lines)
        is_good &= is_exact
        name = f"{firmware:8} {kind:9} {rate:.1%} window {window} {'ADVANCED_OK' if advanced else 'plain ok':11}"
        print(name, told, flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES))
