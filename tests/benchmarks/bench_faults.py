"""The fault matrix on virtual time: `python bench_faults.py [seeds] [hours] [drive …]`. Simulated, not measured.

Each fault of the emulator's table × early, middle, late × SSE plunger, pneumatic and FDM. Prints the table, and writes
it into docs/control.md when it ran for every drive: detected or harmless, cause named, delay, ink lost;
then as many hours of fault-free virtual printing as asked for, shared by the drives.
"""

from __future__ import annotations

import math
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fault_matrix import DRIVES, MOMENTS, Answer, job_of, kinds_of, run, run_free

DOCUMENT = Path(__file__).parents[2] / "docs" / "control.md"
MARKS = ("<!-- fault matrix: written by make bench-faults -->", "<!-- end of the fault matrix -->")
# p95 of the slope and of the 2 s window in process.md §3.2, simulated there too, on a plunger of its own.
REFERENCE_P95_S = {
    "clog": "0.6, 2.0",
    "partial-clog": "0.8, 2.6",
    "empty": "0.6, 2.3",
    "plunger-parted": "0.6, 2.3",
    "wrong-nozzle": "0.7, 2.2",
    "ink-cold": "never, 52",
}
HEAD = "| drive | fault | runs | detected | harmless | missed | cause named | delay s, median (p95) | lost mg, median |"


def cell(work: tuple[str, str, str, int]) -> Answer:
    """Run one cell; a function of its own for the pool."""
    return run(*work)


def row(drive: str, fault: str, answers: Sequence[Answer]) -> str:
    """Return one line of the table."""
    limit_pct = float(job_of(drive).first.limits.mass_pct)
    wrong = [one for one in answers if not one.is_harmless(limit_pct)]
    found = [one for one in answers if one.is_detected and one not in wrong]
    delays = sorted(one.delay_s for one in found if one.delay_s is not None)
    named = f"{sum(one.is_named for one in found)}/{len(found)}" if found else "-"
    told, lost = "-", "-"
    if delays:
        p95 = delays[math.ceil(0.95 * (len(delays) - 1))]
        told = f"{statistics.median(delays):.1f} ({p95:.1f})"
        lost = f"{statistics.median(one.lost_mg for one in found):.0f}"
        if drive == "syringe" and fault in REFERENCE_P95_S:
            told += f"; reference p95 {REFERENCE_P95_S[fault]}"
    harmless = len(answers) - len(found) - len(wrong)
    names = (DRIVES[drive].name, fault, len(answers), len(found), harmless, len(wrong), named, told, lost)
    return f"| {' | '.join(map(str, names))} |"


def rows(pool, drives: Sequence[str], seeds: int) -> Iterator[str]:
    """Yield the table, line by line, as the cells are done."""
    for drive in drives:
        for kind in kinds_of(drive):
            work = [(drive, kind.name, moment, seed) for moment in MOMENTS for seed in range(1, seeds + 1)]
            yield row(drive, kind.name, [one for one in pool.map(cell, work, chunksize=3) if one.has_struck])


def fault_free(pool, drives: Sequence[str], hours: float) -> str:
    """Return how many alarms fault-free printing raised, and in how many virtual hours."""
    batches, printed_h, alarms, seed = 0, 0.0, [], 100
    while printed_h < hours:
        work = [(drive, seed + each) for drive in drives for each in range(4)]
        for virtual_s, told in pool.starmap(run_free, work):
            batches, printed_h = batches + 1, printed_h + virtual_s / 3600
            alarms += told
        seed += 4
    listed = "; ".join(sorted(set(alarms))) or "none"
    return f"Fault-free: {printed_h:.1f} h of virtual printing in {batches} batches, {len(alarms)} alarms: {listed}."


def publish(lines: Sequence[str]) -> None:
    """Write the table between its marks."""
    before, _, rest = DOCUMENT.read_text("utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    DOCUMENT.write_text("\n".join((before + MARKS[0], *lines, MARKS[1])) + after, "utf-8")


def main() -> None:
    """Print the table, and write it down when it is whole."""
    words = [*sys.argv[1:], "20", "24"][: max(2, len(sys.argv) - 1)]
    seeds, hours = int(words[0]), float(words[1])
    drives = sys.argv[3:] or list(DRIVES)
    run_on = f"{date.today():%Y-%m-%d}, seeds 1 to {seeds} at each of {len(MOMENTS)} moments"
    lines = [f"Simulated on {run_on}, virtual time.", "", HEAD]
    lines.append("|" + "---|" * (HEAD.count("|") - 1))
    print("\n".join(lines))
    with Pool(min(2, os.cpu_count() or 1)) as pool:
        for line in rows(pool, drives, seeds):
            lines.append(line)
            print(line, flush=True)
        lines += ["", fault_free(pool, drives, hours)]
        print(lines[-1])
    if len(drives) == len(DRIVES):
        publish(lines)


if __name__ == "__main__":
    main()
