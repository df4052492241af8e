"""Time of one core from dose to checked G-code, warm; run by `make bench`, never part of a timed assertion."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from subprocess import PIPE

import numpy as np

from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe
from printcare.formats.find import data_file
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.formats.stl import FACET, read_stl
from printcare.gcode.check import check, check_unit
from printcare.gcode.compose import Composed, compose
from printcare.gcode.compose_mesh import EngineeringProcess, compose_mesh
from printcare.gcode.program import Header, digest_of
from printcare.gcode.writer import write_parts, write_unit

VOLUME_MM3 = 235.6  # 10 × 3 mm
BALL_RINGS = 500  # a million triangles


def core_s() -> float:
    """Return the seconds of a core this process and its children have had; who else waits for one is not counted."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def median_s(work: Callable[[], object], runs: int) -> float:
    work()  # the first time is nobody's: caches are cold
    times = []
    for _ in range(runs):
        begun = core_s()
        work()
        times.append(core_s() - begun)
    return statistics.median(times)


def main() -> None:
    print(f"seconds of a core; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, which share caches and clock")
    recipe, profile = load_recipe("cyclophosphamide-sse"), load_profile("marlin-syringe")
    tray = replace(
        profile.tray, rows=10, columns=10, pitch_mm=15.0, first_x_mm=30.0, first_y_mm=30.0, unit_space_mm=15.0
    )
    plate = replace(profile, tray=replace(tray, keep_outs=()), tool=replace(profile.tool, capacity_mm3=1e6))
    header = Header("bench", "nominal", "0", for_patients=False)

    def made(units: int, on: FirmwareProfile) -> Composed:
        outcome = compose(recipe, on, VOLUME_MM3, units, header)
        if not isinstance(outcome, Composed):
            raise SystemExit(str(outcome))
        return outcome

    bent, straight = plate, replace(plate, has_arcs=False)
    for name, plate, units, runs, target_ms in (
        ("arcs", bent, 1, 40, 5.0),
        ("straight", straight, 1, 40, 5.0),
        ("arcs", bent, 100, 5, 200.0),
        ("straight", straight, 100, 5, 400.0),
    ):
        both = median_s(lambda n=units, on=plate: check(made(n, on).program, on, recipe, VOLUME_MM3, n), runs)
        lines = len(made(units, plate).program.lines)
        told(f"{units} units of 10 × 3 mm, {name}, {lines} lines, dose to checked, warm", both * 1000, "ms", target_ms)
    parts(recipe, header)
    plate = straight
    batch = made(100, plate)

    def corrected() -> None:
        changed = write_unit(batch.toolpath, plate, batch.program, 2, 1.01)
        digest_of(changed.unit(2).lines)
        check_unit(changed, 2, plate, recipe, VOLUME_MM3 * 1.01)

    told("a corrected unit of a hundred, written, hashed and checked again", median_s(corrected, 20) * 1000, "ms", 5.0)
    text = batch.program.text
    lines = text.count("\n")
    told("checking our own file", lines / median_s(lambda: check(text, plate), 3) / 1e6, "million lines/s", 1.0)
    anybody = text.replace(" E", " F1080 E").replace("\nG0 ", "\nG0  ")
    arcs = made(100, bent).program.text
    rate = arcs.count("\n") / median_s(lambda: check(arcs, bent), 3) / 1e6
    told("checking our own file with arcs", rate, "million lines/s", 1.0)
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
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        wide = Path(folder) / "plate.toml"
        wide.write_text(hundred_places(), "utf-8")
        for units, profile_id, target_ms in ((1, "marlin-syringe", 180.0), (100, str(wide), 600.0)):
            tail = [str(units), "--profile", profile_id, "-o", str(Path(folder) / "a.gcode"), "--json"]
            whole = median_s(lambda t=tail: subprocess.run([*words, *t], check=True, stdout=PIPE, env=compiled), 9)
            told(f"the whole command for {units} units, start-up included", whole * 1000, "ms", target_ms)
    # numpy's own threads wait busily while they start; the command starts without them, and what it is held against too
    alone = compiled | {"OPENBLAS_NUM_THREADS": "1"}
    bare = median_s(lambda: subprocess.run([sys.executable, "-c", "import numpy"], check=True, env=alone), 9)
    print(f"  of either, a bare Python with numpy on one thread: {bare * 1000:.0f} ms")
    print("ratios to slicers: make bench-slicers")


def parts(recipe: MasterRecipe, header: Header) -> None:
    """Time one corrected ink of a unit of two."""
    two = load_profile("marlin-two-syringes")
    fitted = replace(recipe, printer_classes=(two.printer_class,))
    path = compose(fitted, two, VOLUME_MM3, 6, header).toolpath
    program = write_parts((path, path), two, header)

    def corrected() -> None:
        changed = write_unit(path, two, program, 3, 1.01, 2)
        digest_of(changed.unit(3, 2).lines)
        check_unit(changed, 3, two, None, VOLUME_MM3 * 1.01, 2)

    told("a corrected ink of a unit of two, of 6 units, likewise", median_s(corrected, 20) * 1000, "ms", 5.0)


def hundred_places() -> str:
    """Return the shipped profile with a tray of a hundred positions and a cartridge that fills them."""
    text = data_file("firmware_profiles", "marlin-syringe")[1].decode("utf-8")
    for old, new in (
        ("rows = 3", "rows = 10"),
        ("columns = 4", "columns = 10"),
        ("pitch_mm = 25.0", "pitch_mm = 15.0"),
        ("[60.0, 60.0]", "[30.0, 30.0]"),
        ("unit_space_mm = 22.0", "unit_space_mm = 15.0"),
        ("capacity_mm3 = 10000.0", "capacity_mm3 = 1000000.0"),
        ("[[150.0, 0.0, 0.0, 200.0, 40.0, 25.0]]", "[]"),
    ):
        text = text.replace(old, new)
    return text


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
