"""The slicers on this machine against the same mesh in the same run; run by `make bench-slicers`, never in a test.

Their versions are told with the figures: nothing measured here says anything about another release.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from printcare.formats.profile import load_profile
from printcare.formats.stl import FACET
from printcare.gcode.check import check

SIZES_MM = ((10.0, 3.0), (8.0, 2.4))  # diameter and height of a cylinder
FACES = 256
RUNS = 5
NOZZLE_MM, LAYER_MM, BORE_MM = 0.8, 0.5, 21.7  # the reference's `sse08` (peers.md §8)
PROFILE = "marlin-syringe"


@dataclass(frozen=True)
class Slicer:
    """One slicer: its program, how it is asked its version, and how it is asked to slice `mesh` into `out`."""

    name: str
    version: tuple[str, ...]
    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()


def slicers(definition: Path | None) -> list[Slicer]:
    """Return every slicer known here; Cura's needs its printer definition, which Debian puts in cura-engine's data."""
    common = [
        f"--nozzle-diameter={NOZZLE_MM}",
        f"--layer-height={LAYER_MM}",
        f"--first-layer-height={LAYER_MM}",
        f"--filament-diameter={BORE_MM}",
        "--perimeters=2",
        "--fill-density=100%",
        "--fill-pattern=rectilinear",
        "--skirts=0",
    ]
    found = [
        Slicer("prusa-slicer", ("--help",), ("--export-gcode", *common, "-o", "{out}", "{mesh}")),
        Slicer("slic3r", ("--version",), (*common, "-o", "{out}", "{mesh}")),
    ]
    if definition is not None:
        settings = {
            "layer_height": LAYER_MM,
            "layer_height_0": LAYER_MM,
            "line_width": NOZZLE_MM,
            "machine_nozzle_size": NOZZLE_MM,
            "material_diameter": BORE_MM,
            "wall_line_count": 2,
            "infill_sparse_density": 100,
            "adhesion_type": "none",
        }
        words = [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]
        cura = ("slice", "-j", str(definition), *words, "-o", "{out}", "-l", "{mesh}")
        search = (("CURA_ENGINE_SEARCH_PATH", f"{definition.parent}:{definition.parent.parent / 'extruders'}"),)
        found.append(Slicer("CuraEngine", ("help",), cura, search))
    return found


def cylinder(diameter_mm: float, height_mm: float) -> bytes:
    """Return a cylinder as a binary STL."""
    angle = np.linspace(0, 2 * np.pi, FACES, endpoint=False)
    rim = np.column_stack((np.cos(angle), np.sin(angle))) * diameter_mm / 2
    after = np.roll(rim, -1, axis=0)
    low, top = np.zeros((FACES, 1)), np.full((FACES, 1), height_mm)
    a, b, c, d = (np.hstack(pair) for pair in ((rim, low), (after, low), (after, top), (rim, top)))
    middle_low, middle_top = np.zeros((FACES, 3)), np.tile((0.0, 0.0, height_mm), (FACES, 1))
    sides = [(a, b, c), (a, c, d), (middle_low, b, a), (middle_top, d, c)]
    facets = np.zeros(len(sides) * FACES, FACET)
    facets["corners"] = np.concatenate([np.stack(side, axis=1) for side in sides])
    return b"\0" * 80 + len(facets).to_bytes(4, "little") + facets.tobytes()


def timed(words: list[str], variables: dict[str, str]) -> float:
    """Return the median seconds of a whole process; raises CalledProcessError where it fails."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True, env={**os.environ, **variables})
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def volume_mm3(file: Path) -> float:
    """Return what any file lays down, by our own reader, as if E were mm of a syringe of BORE_MM."""
    back = check(file.read_text("utf-8", errors="replace"), load_profile(PROFILE)).back
    return float(back.moves.e_mm[back.moves.length_mm > 0].sum()) * math.pi * BORE_MM**2 / 4


def main() -> None:
    """Print time and volume error of ours and of every slicer found, and the ratios."""
    definition = next(Path("/usr/share").glob("cura/resources/definitions/fdmprinter.def.json"), None)
    present = [slicer for slicer in slicers(definition) if shutil.which(slicer.name)]
    missing = {"prusa-slicer", "slic3r", "CuraEngine"} - {slicer.name for slicer in present}
    if missing:
        print(f"not on this machine, so not compared: {', '.join(sorted(missing))}")
    with tempfile.TemporaryDirectory() as folder:
        for diameter_mm, height_mm in SIZES_MM:
            mesh, out = Path(folder) / "unit.stl", Path(folder) / "unit.gcode"
            mesh.write_bytes(cylinder(diameter_mm, height_mm))
            wanted = math.pi * diameter_mm**2 / 4 * height_mm
            print(f"a cylinder of {diameter_mm:g} x {height_mm:g} mm, {wanted:.1f} mm³, as one mesh")
            ours = [sys.executable, "-m", "printcare", "gcode", "--mesh", str(mesh), "--volume-mm3", f"{wanted:.4f}"]
            ours += ["--profile", PROFILE, "--nozzle-mm", str(NOZZLE_MM), "--layer-mm", str(LAYER_MM), "-o", str(out)]
            own_s = timed(ours, {})
            report = check(out.read_text("ascii"), load_profile(PROFILE))
            off_pct = (report.total_volume_mm3 / wanted - 1) * 100
            print(f"  printcare: {own_s * 1000:.0f} ms, volume {off_pct:+.4f} %")
            for slicer in present:
                compared(slicer, mesh, out, wanted, own_s)


def compared(slicer: Slicer, mesh: Path, out: Path, wanted_mm3: float, own_s: float) -> None:
    """Print one slicer's figures, or that it would not slice."""
    words = [slicer.name, *(word.format(out=out, mesh=mesh) for word in slicer.words)]
    asked = subprocess.run([slicer.name, *slicer.version], capture_output=True, text=True, check=False)
    version = next(iter((asked.stdout + asked.stderr).splitlines()), "version not told")
    out.unlink(missing_ok=True)
    try:
        seconds = timed(words, dict(slicer.variables))
    except subprocess.CalledProcessError as fault:
        print(f"  {slicer.name} ({version}): would not slice: {fault.stderr.decode(errors='replace').strip()[-200:]}")
        return
    off_pct = (volume_mm3(out) / wanted_mm3 - 1) * 100
    print(
        f"  {slicer.name} ({version}): {seconds * 1000:.0f} ms, volume {off_pct:+.4f} %; "
        f"ours takes {own_s / seconds:.2f} of its time"
    )


if __name__ == "__main__":
    main()
