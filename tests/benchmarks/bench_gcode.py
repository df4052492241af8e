"""Time from dose to checked G-code, warm; run by `make bench`, never part of a timed assertion."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.formats.stl import FACET, read_stl
from printcare.gcode.check import check, check_unit
from printcare.gcode.compose import Composed, compose
from printcare.gcode.compose_mesh import EngineeringProcess, compose_mesh
from printcare.gcode.program import Header
from printcare.gcode.writer import write_unit

VOLUME_MM3 = 235.6  # 10 × 3 mm
BALL_RINGS = 500  # a million triangles
SLICERS = ("prusa-slicer", "slic3r", "CuraEngine")


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

    for units, runs, target_ms in ((1, 40, 5.0), (100, 5, 400.0)):
        both = median_s(lambda n=units: check(made(n).program, plate, recipe, VOLUME_MM3, n), runs)
        told(f"{units} units of 10 × 3 mm, dose to checked G-code, warm", both * 1000, "ms", target_ms)
    one = made(3)
    corrected = write_unit(one.toolpath, plate, one.program, 2, 1.01)
    rewrite = median_s(lambda: write_unit(one.toolpath, plate, one.program, 2, 1.01), 20)
    again = median_s(lambda: check_unit(corrected, 2, plate, recipe, VOLUME_MM3 * 1.01), 20)
    told("a corrected unit, written, hashed and checked again", (rewrite + again) * 1000, "ms", 5.0)
    text = made(100).program.text
    lines = text.count("\n")
    told("checking our own file", lines / median_s(lambda: check(text, plate), 3) / 1e6, "million lines/s", 1.0)
    anybody = text.replace(" E", " F1080 E").replace("\nG0 ", "\nG0  ")
    told("checking anybody's file", lines / median_s(lambda: check(anybody, plate), 3) / 1e6, "million lines/s", 0.3)
    data = binary_ball(BALL_RINGS)
    process = EngineeringProcess(Decimal("0.603"), Decimal("0.4"), Decimal(18), Decimal(38))

    def from_mesh() -> None:
        outcome = compose_mesh(read_stl(data, "ball"), VOLUME_MM3, plate, process, header)
        if not isinstance(outcome, Composed) or not check(outcome.program, plate, None, VOLUME_MM3, 1).ok:
            raise SystemExit(str(outcome))

    told(f"an STL of {(len(data) - 84) // 50} triangles to checked G-code", median_s(from_mesh, 3), "s", 1.5)
    words = [
        sys.executable,
        "-m",
        "printcare",
        "gcode",
        "--recipe",
        "cyclophosphamide-sse",
        "--dose-mg",
        "10",
        "--units",
    ]
    with tempfile.TemporaryDirectory() as folder:
        tail = ["--profile", "marlin-syringe", "-o", str(Path(folder) / "a.gcode"), "--json"]
        whole = median_s(lambda: subprocess.run([*words, "1", *tail], check=True, capture_output=True), 9)
    told("the whole command for one unit, start-up included", whole * 1000, "ms", 180.0)
    bare = median_s(lambda: subprocess.run([sys.executable, "-c", "import numpy"], check=True), 9)
    print(f"  of that, a bare Python with numpy: {bare * 1000:.0f} ms")
    found = [name for name in SLICERS if shutil.which(name)]
    print(f"slicers on this machine: {', '.join(found) or 'none; no ratio to a peer is measured'}")


def told(what: str, figure: float, unit: str, target: float) -> None:
    share = figure / target
    print(f"{what}: {figure:.2f} {unit}, target {target:g}, ratio {share:.2f}")


def binary_ball(rings: int) -> bytes:
    """Return a ball as a binary STL, drawn between circles of latitude."""
    around, down = np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False), np.linspace(0, np.pi, rings + 1)
    points = np.empty((rings + 1, 2 * rings, 3), np.float32)
    points[..., 0] = np.outer(np.sin(down), np.cos(around))
    points[..., 1] = np.outer(np.sin(down), np.sin(around))
    points[..., 2] = np.cos(down)[:, None]
    points[0], points[-1] = [0, 0, 1], [0, 0, -1]
    beside = np.roll(points, -1, axis=1)
    lower = np.stack([points[:-1], points[1:], beside[1:]], axis=2)[:-1].reshape(-1, 3, 3)
    upper = np.stack([points[:-1], beside[1:], beside[:-1]], axis=2)[1:].reshape(-1, 3, 3)
    facets = np.zeros(len(lower) + len(upper), FACET)
    facets["corners"] = np.concatenate([lower, upper])
    return b"\0" * 80 + len(facets).to_bytes(4, "little") + facets.tobytes()


if __name__ == "__main__":
    main()
