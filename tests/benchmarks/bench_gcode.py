"""Time from dose to checked G-code, warm; run by `make bench`, never part of a timed assertion."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.check import check, check_unit
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header
from printcare.gcode.reader import read
from printcare.gcode.writer import write_unit

VOLUME_MM3 = 235.6  # 10 × 3 mm


def median_s(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    recipe, profile = load_recipe("cyclophosphamide-sse"), load_profile("marlin-syringe")
    tray = replace(
        profile.tray, rows=10, columns=10, pitch_mm=15.0, first_x_mm=30.0, first_y_mm=30.0, unit_space_mm=15.0
    )
    plate = replace(profile, tray=replace(tray, keep_outs=()), tool=replace(profile.tool, capacity_mm3=1e6))
    header = Header("bench", "nominal", "0", for_patients=False)

    def made(units: int) -> Composed:
        outcome = compose(recipe, plate, VOLUME_MM3, units, header)
        if not isinstance(outcome, Composed):
            raise SystemExit(str(outcome))
        return outcome

    for units, runs in ((1, 30), (100, 3)):
        both = median_s(lambda n=units: check(made(n).program, plate, recipe, VOLUME_MM3, n), runs)
        print(f"{units:4} units, dose to checked G-code: {both * 1000:8.1f} ms")
    one = made(3)
    corrected = write_unit(one.toolpath, plate, one.program, 2, 1.01)
    rewrite = median_s(lambda: write_unit(one.toolpath, plate, one.program, 2, 1.01), 20)
    again = median_s(lambda: check_unit(corrected, 2, plate, recipe, VOLUME_MM3 * 1.01), 20)
    print(f"corrected unit: re-written and hashed {rewrite * 1000:.1f} ms, checked {again * 1000:.1f} ms")
    text = made(100).program.text
    lines = text.count("\n")
    print(f"reading our own file: {lines / median_s(lambda: read(text), 3) / 1e6:.2f} million lines/s")
    anybody = text.replace(" E", " F1080 E").replace("\nG0 ", "\nG0  ")
    print(f"reading anybody's:    {lines / median_s(lambda: read(anybody), 3) / 1e6:.2f} million lines/s")


if __name__ == "__main__":
    main()
