"""From a recipe and a unit's volume to its toolpath and program, the one way every caller takes."""

from __future__ import annotations

from dataclasses import dataclass

from printcare.domain.checks import Finding
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe
from printcare.extrusion.lag import advance_mm3
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.program import Header, Program
from printcare.gcode.writer import write
from printcare.geometry.form import SolvedForm, solve
from printcare.geometry.layout import Toolpath, lay_out


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """A path and the program written from it; the path is kept for corrected units."""

    toolpath: Toolpath
    program: Program


def compose(
    recipe: MasterRecipe, profile: FirmwareProfile, volume_mm3: float, units: int, header: Header
) -> Composed | tuple[Finding, ...]:
    """Return path and program of `units` units of `volume_mm3` each, or every reason why there is none."""
    form = solve(volume_mm3, recipe.shape, recipe.parameters.layer_height_mm, recipe.nozzle)
    if not isinstance(form, SolvedForm):
        return form
    stored = compensation_mm3(recipe, profile, form)
    path = lay_out(form, units, profile, recipe.parameters, recipe.nozzle, stored)
    if not isinstance(path, Toolpath):
        return path
    return Composed(path, write(path, profile, header))


def compensation_mm3(recipe: MasterRecipe, profile: FirmwareProfile, form: SolvedForm) -> float:
    """Return what the tool stores at print pressure, C·P: pressed in at each start, taken back at each end."""
    flow_mm3_s = form.pitch_mm * form.layer_mm * float(recipe.parameters.print_speed_mm_s.target)
    temperature_c = float(recipe.parameters.cartridge_c.target)
    pressure_kpa = predicted_pressure_kpa(recipe.ink, recipe.nozzle, flow_mm3_s, temperature_c)
    return advance_mm3(profile.tool.compliance_mm3_kpa, pressure_kpa)
