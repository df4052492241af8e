"""`printcare gcode --mesh`: a mesh in its own shape, scaled to a volume, for engineering use."""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from printcare.domain.checks import Finding, blocking, error, warning
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.domain.machine import FirmwareProfile
    from printcare.gcode.compose_mesh import EngineeringProcess

# By tool: nozzle bore, layer height and speed where none is stated.
USUAL = {"filament": ("0.4", "0.2", "20")}
USUAL_INK = ("0.603", "0.4", "18")
PATHS = ("concentric", "rectilinear")
DEPOSIT_MOST_MM3 = 100_000.0
UNREADABLE = ("FILE_NOT_STL", "FILE_NOT_MESH")  # the mesh is refused; nothing of ours failed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only a mesh needs."""
    mesh = parser.add_argument_group("a mesh instead of a recipe")
    mesh.add_argument("--mesh", metavar="STL", type=Path, help="STL, 3MF or OBJ, watertight")
    mesh.add_argument("--volume-mm3", metavar="V", help="its volume as printed; the mesh is scaled uniformly")
    mesh.add_argument("--path", choices=PATHS, default="concentric", help="how its layers are filled")
    for name, what in (
        ("nozzle-mm", "bore of the nozzle"),
        ("layer-mm", "wished layer height"),
        ("speed-mm-s", "print speed"),
        ("temperature-c", "of the tool; the profile's lowest without"),
    ):
        mesh.add_argument(f"--{name}", metavar="X", help=what)


def run_mesh(arguments: argparse.Namespace) -> int:
    """Write the file and return the exit code; nothing is written when anything objects."""
    from printcare.cli.gcode import keep, refused, told
    from printcare.domain.numbers import read_positive
    from printcare.formats.mesh_file import read_mesh
    from printcare.formats.profile import load_profile
    from printcare.gcode.check import check
    from printcare.gcode.compose_mesh import compose_mesh
    from printcare.gcode.program import Header

    profile = load_profile(arguments.profile)
    process, findings = _process(arguments, profile)
    volume = read_positive(arguments.volume_mm3, "volume_mm3")
    if isinstance(volume, Finding):
        findings += (volume,)
    elif volume > DEPOSIT_MOST_MM3:
        findings += (error("E_MESH_VOLUME", f"{float(volume):g} mm³ is no unit.", "Check the volume.", "volume_mm3"),)
    if process is None or isinstance(volume, Finding) or blocking(findings):
        return refused(blocking(findings), is_json=arguments.json)
    volume_mm3 = float(volume)
    try:
        mesh = read_mesh(_bytes(arguments.mesh), arguments.mesh.name)
    except PrintcareError as fault:
        if fault.code not in UNREADABLE:
            raise
        return refused((error(fault.code, fault.message, fault.remedy, "mesh"),), is_json=arguments.json)
    header = Header(f"none, mesh {arguments.mesh.name}", "any, by volume", "", for_patients=False)
    outcome = compose_mesh(mesh.corners, volume_mm3, profile, process, header)
    if isinstance(outcome, tuple):
        return refused(outcome, is_json=arguments.json)
    report = check(outcome.program, profile, None, volume_mm3, 1)
    if not report.ok:
        return refused(report.findings, is_json=arguments.json)
    keep(arguments.output, outcome.program.text.encode("ascii"))
    return told(outcome, report, profile, None, None, (*findings, *mesh.remarks), is_json=arguments.json)


def _process(
    arguments: argparse.Namespace, profile: FirmwareProfile
) -> tuple[EngineeringProcess | None, tuple[Finding, ...]]:
    from printcare.domain.numbers import as_decimal, plain, read_positive
    from printcare.gcode.compose_mesh import EngineeringProcess

    nozzle, layer, speed = USUAL.get(profile.tool.kind, USUAL_INK)
    lowest = plain(Decimal(str(profile.tool.min_extrude_c)))
    texts = {
        "nozzle_mm": arguments.nozzle_mm or nozzle,
        "layer_mm": arguments.layer_mm or layer,
        "speed_mm_s": arguments.speed_mm_s or speed,
        "temperature_c": arguments.temperature_c or lowest,
    }
    numbers: dict[str, Decimal] = {}
    findings: list[Finding] = []
    for key, text in texts.items():
        number = read_positive(text, key)
        if isinstance(number, Finding):
            findings.append(number)
        else:
            numbers[key] = as_decimal(number)
    if findings:
        return None, tuple(findings)
    shown = ", ".join(f"{key} {plain(number)}" for key, number in numbers.items())
    reason = f"No recipe stands behind a mesh; it was made with {shown}."
    process = EngineeringProcess(
        numbers["nozzle_mm"], numbers["layer_mm"], numbers["speed_mm_s"], numbers["temperature_c"], arguments.path
    )
    return process, (warning("W_MESH_PROCESS", reason, "State what the ink needs.", "mesh"),)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise PrintcareError(
            "FILE_UNREADABLE", f"{path} cannot be read: {fault.strerror}.", "Check the path and the permissions."
        ) from fault
