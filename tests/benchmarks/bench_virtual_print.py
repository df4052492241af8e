"""A 20-minute print of 30 units in virtual time, real host against the emulated bench: `python bench_virtual_print.py`.

Target (issue 6): 2 s. All three devices run: numbered lines with the profile's window, pressure at 20 Hz, temperatures
every second, and three weighings after each unit.
"""

from __future__ import annotations

import cProfile
import math
import pstats
import sys
import time
from dataclasses import replace

from printcare.devices.balance import Balance
from printcare.devices.exchange import exchange
from printcare.devices.pressure import PressureSensor
from printcare.devices.printer import Printer, handshake
from printcare.domain.machine import Box, FirmwareProfile
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.formats.profile import load_profile

UNITS, UNIT_S, FLOW_MM3_S, SEGMENT_S = 30, 35.5, 2.0, 0.05  # 20 lines a second: 0.5 mm at 10 mm/s
LIMIT_S = 2.0


def large_tray() -> FirmwareProfile:
    """Return the demonstration printer with room for thirty units and the ink for them."""
    profile = load_profile("marlin-syringe")
    tray = replace(profile.tray, rows=5, columns=6, pitch_mm=24.0, first_x_mm=30.0, first_y_mm=50.0, keep_outs=())
    tool = replace(profile.tool, capacity_mm3=20000.0)
    return replace(profile, tray=tray, tool=tool, build=Box(0, 0, 0, 200, 200, 200))


def unit_lines(profile: FirmwareProfile, unit: int) -> list[str]:
    """Return one unit as a spiral of short segments, E absolute."""
    x, y = profile.tray.centre(unit)
    count, area = round(UNIT_S / SEGMENT_S), profile.tool.feedstock_area_mm2
    lines = ["G0 Z30 F1200", f"G0 X{x + 4:.3f} Y{y:.3f} F4800", "G0 Z0.4", "G92 E0"]
    for index in range(1, count + 1):
        turn, e_mm = 2 * math.pi * 14 * index / count, UNIT_S * FLOW_MM3_S / area * index / count
        feed = f" F{10 * 60}" if index == 1 else ""
        lines.append(f"G1 X{x + 4 * math.cos(turn):.3f} Y{y + 4 * math.sin(turn):.3f} E{e_mm:.5f}{feed}")
    return [*lines, "M400", "G0 Z30 F1200", "M400", "M114"]


class Desk:
    """The host's three devices, pumped together."""

    def __init__(self, profile: FirmwareProfile, ports: VirtualPorts) -> None:
        self.ports = ports
        self.printer, self.balance, self.pressure = Printer(ports, profile), Balance(ports), PressureSensor(ports)
        self.devices = {each.source: each for each in (self.printer, self.balance, self.pressure)}

    def until(self, is_done) -> None:
        """Let the devices talk until something is reached."""
        if not exchange(self.ports, self.devices, is_done, 600, lambda _: None):
            raise SystemExit("the print was not through in its time")

    def weigh(self) -> None:
        """Weigh once, at rest."""
        self.balance.weigh(self.ports.now(), stable=True)
        self.until(lambda: self.balance.is_free)


def produce(desk: Desk, profile: FirmwareProfile) -> None:
    for unit in range(UNITS):
        desk.printer.queue(unit_lines(profile, unit))
        desk.until(lambda: desk.printer.idle)
        for _ in range(3):
            desk.weigh()


def main() -> None:
    profile = large_tray()
    bench = Bench(profile)
    desk = Desk(profile, VirtualPorts(bench))
    handshake(desk.ports, desk.printer)
    bench.printer.modal.allow_cold = True
    desk.pressure.open(desk.ports.now())
    desk.printer.queue(["M155 S1", "G28"])
    desk.until(lambda: desk.printer.idle)
    cpu_s = time.process_time()
    began_s, virtual_s, lines = time.perf_counter(), bench.now_s, desk.printer.count.lines
    if "--profile" in sys.argv:
        profiler = cProfile.Profile()
        profiler.runcall(produce, desk, profile)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    else:
        produce(desk, profile)
    cpu_s = time.process_time() - cpu_s
    wall_s, lines = time.perf_counter() - began_s, desk.printer.count.lines - lines
    if desk.printer.ended or len(bench.truth()["masses_mg"]) != UNITS:
        raise SystemExit(f"the print ended early: {desk.printer.ended}")
    print(
        f"{(bench.now_s - virtual_s) / 60:.1f} virtual minutes, {UNITS} units, {lines} lines in {wall_s:.2f} s, "
        f"CPU {cpu_s:.2f} s "
        f"({wall_s / lines * 1e6:.0f} µs a line); target {LIMIT_S:.0f} s for 20 minutes"
    )


if __name__ == "__main__":
    main()
