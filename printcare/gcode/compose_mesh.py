"""From a mesh and a volume to a toolpath and program: for engineering, since a mesh has no recipe."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import Nozzle, ProcessParameters, Range
from printcare.gcode.compose import Composed, warnings_of
from printcare.gcode.program import Header
from printcare.gcode.writer import write
from printcare.geometry.bead import gapless_pitch_mm
from printcare.geometry.form import SolvedForm
from printcare.geometry.layout import Toolpath, lay_out
from printcare.geometry.mesh import Triangles, sections, widest_mm


@dataclass(frozen=True, slots=True)
class EngineeringProcess:
    """What a recipe would say, where there is none; nothing of it is validated."""

    nozzle_mm: Decimal
    layer_mm: Decimal
    speed_mm_s: Decimal
    temperature_c: Decimal
    path: str = "concentric"  # or rectilinear
    prime_mm3: Decimal = Decimal(120)
    bead_width_ratio: tuple[Decimal, Decimal] = (Decimal("0.9"), Decimal("1.4"))


def compose_mesh(
    corners: Triangles, volume_mm3: float, profile: FirmwareProfile, process: EngineeringProcess, header: Header
) -> Composed | tuple[Finding, ...]:
    """Return path and program of one unit in the mesh's shape, scaled uniformly by the cube root of V/V₀.

    Nothing is pressed in at the start to build pressure: what ink it is, nobody has said.
    """
    low, high = (float(limit) for limit in process.bead_width_ratio)
    bore_mm = float(process.nozzle_mm)
    found = sections(corners, volume_mm3, float(process.layer_mm))
    if isinstance(found[0], Finding):
        return tuple(finding for finding in found if isinstance(finding, Finding))
    flats, layer_mm = found
    pitch_mm = gapless_pitch_mm(bore_mm * (low + high) / 2, layer_mm)
    form = SolvedForm(
        "mesh",
        volume_mm3,
        widest_mm(flats),
        len(flats),
        layer_mm,
        pitch_mm,
        bore_mm,
        (low, high),
        process.path,
        flats,
    )
    nozzle = Nozzle("engineering", "", process.nozzle_mm, Decimal(0))
    path = lay_out(form, 1, profile, _parameters(process), nozzle, 0.0)
    return Composed((path,), write(path, profile, header), warnings_of(path)) if isinstance(path, Toolpath) else path


def _parameters(process: EngineeringProcess) -> ProcessParameters:
    def fixed(unit: str, number: Decimal) -> Range:
        return Range(unit, number, (number, number), (number, number))

    one, zero = Decimal(1), Decimal(0)
    return ProcessParameters(
        cartridge_c=fixed("degC", process.temperature_c),
        soak_min=fixed("min", zero),
        print_speed_mm_s=fixed("mm/s", process.speed_mm_s),
        layer_height_mm=fixed("mm", process.layer_mm),
        prime_mm3=fixed("mm3", process.prime_mm3),
        prime_pressure_fraction=fixed("1", one),
        dwell_s=fixed("s", zero),
        unit_multiplier=fixed("1", one),
    )
