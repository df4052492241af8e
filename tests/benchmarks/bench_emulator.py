"""How fast the emulated bench runs: a 20-minute print, lines per second at the printer, and an hour without a line.

`--day` prints units of the three drives without a pause for 24 virtual hours each, fault-free, and says what an hour
costs; without it an hour each.
"""

from __future__ import annotations

import cProfile
import math
import pstats
import sys
import time
from functools import reduce
from operator import xor

from printcare.emulator.bench import Bench
from printcare.formats.profile import load_profile

UNITS, UNIT_MM3, FLOW_MM3_S = 10, 200.0, 2.0
SEGMENT_S = 0.05  # 20 lines a second
LIMIT_S = 2.0


class Sender:
    """Sends numbered lines one by one and waits for their oks in virtual time."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.number = bench, 0
        bench.advance(2.0)
        bench.receive("printer", b"M110 N0\n")
        bench.advance(2.1)

    def say(self, text: str) -> None:
        """Send one line and wait for its ok."""
        self.number += 1
        line = b"N%d %s" % (self.number, text.encode())
        self.bench.receive("printer", b"%s*%d\n" % (line, reduce(xor, line)))
        while True:
            said = self.bench.advance(self.bench.now_s + 60.0, stop_at_output=True)
            if any(source == "printer" and data.startswith(b"ok") for source, data in said):
                return


def print_units(sender: Sender) -> None:
    bench = sender.bench
    area, tray = bench.profile.tool.feedstock_area_mm2, bench.profile.tray
    for unit in range(UNITS):
        x, y = tray.centre(unit)
        for text in ("G0 Z30 F1200", f"G0 X{x + 4:.3f} Y{y:.3f} F4800", "G0 Z0.4", "G92 E0"):
            sender.say(text)
        seconds = UNIT_MM3 / FLOW_MM3_S
        count = round(seconds / SEGMENT_S)
        feed = 2 * math.pi * 4 * 20 / seconds * 60
        for i in range(1, count + 1):
            turn = 2 * math.pi * 20 * i / count
            e = UNIT_MM3 / area * i / count
            sender.say(f"G1 X{x + 4 * math.cos(turn):.3f} Y{y + 4 * math.sin(turn):.3f} E{e:.5f} F{feed:.1f}")
        for text in ("M400", "G0 Z30 F1200", "G4 S15"):
            sender.say(text)


def main() -> None:
    bench = Bench(load_profile("marlin-syringe"))
    sender = Sender(bench)
    bench.printer.modal.allow_cold = True
    bench.receive("pressure", b"R 20\n")
    sender.say("M155 S1")
    sender.say("G28")
    profiler = cProfile.Profile() if "--profile" in sys.argv else None
    start_s, virtual_s, lines = time.perf_counter(), bench.now_s, sender.number
    if profiler:
        profiler.runcall(print_units, sender)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
    else:
        print_units(sender)
    wall_s = time.perf_counter() - start_s
    lines = sender.number - lines
    print(
        f"emulator: {(bench.now_s - virtual_s) / 60:.1f} virtual minutes, {lines} lines in {wall_s:.2f} s wall "
        f"({wall_s / lines * 1e6:.0f} us a line, {lines / wall_s:.0f} lines/s); aim {LIMIT_S:.0f} s for 20 minutes"
    )


def long_print(profile_id: str, hours: float) -> None:
    """Print ring after ring of ten seconds, with readings of all instruments, and say what an hour costs."""
    profile = load_profile(profile_id)
    bench = Bench(profile)
    sender = Sender(bench)
    bench.printer.modal.allow_cold = True
    area = profile.tool.feedstock_area_mm2
    bench.receive("pressure", b"R 10\n")
    bench.receive("balance", b"SIR\r\n")
    for text in ("M155 S1", "G28", "M83"):
        sender.say(text)
    began_s, virtual_s, unit = time.process_time(), bench.now_s, 0
    while bench.now_s - virtual_s < hours * 3600:
        bench.ink.initial_mm3 = bench.ink.pushed_mm3 + profile.tool.capacity_mm3  # a full cartridge each time
        x, y = profile.tray.centre(unit % profile.tray.size)
        sender.say(f"G0 X{x + 4:.3f} Y{y:.3f} Z0.4 F4800")
        for side in range(20):
            sender.say(f"G1 X{x + 4 * (-1) ** side:.3f} E{FLOW_MM3_S * 0.8 / area:.5f} F600")
        for text in ("M400", "G0 Z30 F1200", "G4 S10"):
            sender.say(text)
        unit += 1
    spent_s = (time.process_time() - began_s) / ((bench.now_s - virtual_s) / 3600)
    print(
        f"{profile_id}: {unit} units in {hours:g} virtual hours, "
        f"{spent_s:.1f} s of CPU an hour, {spent_s * 24:.0f} a day"
    )


if __name__ == "__main__":
    main()
    for each in ("marlin-syringe", "marlin-pneumatic", "marlin-filament"):
        long_print(each, 24.0 if "--day" in sys.argv else 1.0)
