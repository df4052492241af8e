"""A day of virtual time on the bench without a fault, its memory looked at: `python endurance_bench.py [HOURS]`.

The print of `bench_virtual_print` again and again on one bench by one host: after each the tray is emptied and the
cartridge filled up. Ends with 1 when a line had to be sent again, when a unit weighs more than SCATTER otherwise than
the median of all (but for the first, which is the prime), or when memory grew by more than GROWTH_MB after the first
hour.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from pathlib import Path

from bench_virtual_print import UNITS, Desk, large_tray, produce

from printcare.devices.printer import handshake
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts

HOURS = 24.0
SCATTER = 0.08  # the ink's own unevenness, uncorrected: four to five standard deviations
GROWTH_MB = 2.0


def resident_mb() -> float:
    """Return what this process holds now; the most it ever held where the system does not tell."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def emptied(bench: Bench) -> list[float]:
    """Take every unit off the tray and fill the cartridge up; return the units' masses in mg."""
    masses_mg = [bench.deposits.take(position, 1.0) for position in bench.deposits.order]
    bench.ink.initial_mm3 = bench.ink.pushed_mm3 + bench.heads[0].tool.capacity_mm3
    return masses_mg


def main(hours: float) -> int:
    profile = large_tray()
    bench = Bench(profile)
    desk = Desk(profile, VirtualPorts(bench))
    handshake(desk.ports, desk.printer)
    bench.printer.modal.allow_cold = True
    desk.pressure.open(desk.ports.now())
    desk.printer.queue(["M155 S1", "G28"])
    desk.until(lambda: desk.printer.idle)
    masses_mg, held_mb, rounds = [], [], 0
    while bench.now_s < 3600 * hours:
        produce(desk, profile)
        masses_mg += emptied(bench)
        rounds += 1
        if bench.now_s >= 3600 * (1 + len(held_mb)):
            held_mb.append(resident_mb())
            print(f"{bench.now_s / 3600:5.1f} h {held_mb[-1]:7.1f} MB {time.process_time():6.0f} s CPU", flush=True)
    middle_mg = statistics.median(masses_mg)
    worst = max(abs(mass_mg / middle_mg - 1) for mass_mg in masses_mg[1:])
    grown_mb = held_mb[-1] - held_mb[0] if held_mb else 0.0
    count = desk.printer.count
    is_good = len(masses_mg) == rounds * UNITS and worst <= SCATTER and grown_mb <= GROWTH_MB
    is_good &= not (desk.printer.ended or desk.pressure.is_lost or count.resends or bench.noted)
    print(
        f"{'good' if is_good else 'WRONG'}: {bench.now_s / 3600:.1f} virtual hours, {rounds} prints, "
        f"{len(masses_mg)} units of {middle_mg:.2f} mg within {worst:.1%}, {count.lines} lines, {count.resends} sent "
        f"again, {len(bench.noted)} faults, memory grew {grown_mb:.1f} MB since the first hour, "
        f"CPU {time.process_time():.0f} s, load {os.getloadavg()[0]:.1f}"
    )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else HOURS))
