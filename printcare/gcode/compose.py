"""From a recipe and volumes to toolpaths and a program, the one way every caller takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from printcare.domain.checks import Finding
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe, Part
from printcare.extrusion.lag import advance_mm3
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.program import Header, Program
from printcare.gcode.writer import write, write_parts, write_zones
from printcare.geometry.form import SolvedForm, solve
from printcare.geometry.layout import Toolpath, lay_out, lay_out_zones
from printcare.geometry.places import free_positions

PACES_MOST = 6  # a speed that has not settled by then stands at a limit, where the gate judges it


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """Paths and the program written from them; the paths are kept for corrected units.

    One path for most programs, one for each part of a unit, or one for each zone of the tray. `findings` are warnings.
    """

    toolpaths: tuple[Toolpath, ...]
    program: Program
    findings: tuple[Finding, ...] = ()

    @property
    def toolpath(self) -> Toolpath:
        """Return the first path, the only one of most programs."""
        return self.toolpaths[0]

    @property
    def positions(self) -> tuple[int, ...]:
        """Return the tray position (0-based) of every unit in order; the inks of a unit share theirs."""
        if len(self.program.tools) > 1:
            return self.toolpath.positions
        return tuple(position for path in self.toolpaths for position in path.positions)


def compose(
    recipe: MasterRecipe, profile: FirmwareProfile, volume_mm3: float, units: int, header: Header
) -> Composed | tuple[Finding, ...]:
    """Return path and program of `units` units of `volume_mm3` each, or every reason why there is none."""
    form = solve(volume_mm3, recipe.shape, recipe.parameters.layer_height_mm, recipe.nozzle)
    if not isinstance(form, SolvedForm):
        return form
    path = _laid(form, units, profile, recipe.parts[0])
    if not isinstance(path, Toolpath):
        return path
    return Composed((path,), write(path, profile, header), warnings_of(path))


def compose_parts(
    recipe: MasterRecipe, profile: FirmwareProfile, volumes_mm3: Sequence[float], units: int, header: Header
) -> Composed | tuple[Finding, ...]:
    """Return a path for each part of a unit of several inks, in the order they are printed, and their program."""
    from printcare.geometry.parts import solve_parts

    forms = tuple(solve_parts(volumes_mm3, recipe.shape, recipe.parts))
    positions = free_positions(
        profile.tray, max((f.envelope_mm for f in forms if isinstance(f, SolvedForm)), default=0)
    )
    paths: list[Toolpath] = []
    for form, part in zip(forms, recipe.parts, strict=False):
        if not isinstance(form, SolvedForm):
            return tuple(finding for finding in forms if isinstance(finding, Finding))
        path = _laid(form, units, profile, part, positions)
        if not isinstance(path, Toolpath):
            return path
        paths.append(path)
    program = write_parts(tuple(paths), profile, header, tuple(part.tool for part in recipe.parts))
    return Composed(tuple(paths), program, _every_warning(paths))


def compose_zones(
    recipe: MasterRecipe, profile: FirmwareProfile, zones: Sequence[tuple[float, int]], header: Header
) -> Composed | tuple[Finding, ...]:
    """Return paths and program of several strengths: each zone so many units of a volume, on positions in a row."""
    solved: list[tuple[SolvedForm, int, float]] = []
    for volume_mm3, units in zones:
        form = solve(volume_mm3, recipe.shape, recipe.parameters.layer_height_mm, recipe.nozzle)
        if not isinstance(form, SolvedForm):
            return form
        solved.append((form, units, compensation_mm3(recipe.parts[0], profile, form)))
    # The tool stores what the print pressure asks for, whichever zone it prints.
    stored = max(stored for _, _, stored in solved)
    found = lay_out_zones(
        [(form, units, stored) for form, units, _ in solved], profile, recipe.parameters, recipe.nozzle
    )
    paths: list[Toolpath] = []
    for zone in found:
        if not isinstance(zone, Toolpath):
            return tuple(finding for finding in found if isinstance(finding, Finding))
        fitted = _fitted(zone, profile, recipe.parts[0], PACES_MOST)
        if not isinstance(fitted, Toolpath):
            return fitted
        paths.append(fitted)
    return Composed(tuple(paths), write_zones(paths, profile, header), _every_warning(paths))


def _laid(
    form: SolvedForm,
    units: int,
    profile: FirmwareProfile,
    part: Part,
    positions: tuple[int, ...] | None = None,
) -> Toolpath | tuple[Finding, ...]:
    """Return a part's path at a speed its head was calibrated for, or every reason why there is none."""
    stored = compensation_mm3(part, profile, form)
    path = lay_out(form, units, profile, part.parameters, part.nozzle, stored, positions)
    return _fitted(path, profile, part, PACES_MOST) if isinstance(path, Toolpath) else path


def _fitted(path: Toolpath, profile: FirmwareProfile, part: Part, paces: int) -> Toolpath | tuple[Finding, ...]:
    """Return a path on its own positions at a speed its head was calibrated for, with its prime and its relief."""
    if profile.tools[part.tool].flow_mm3_s is not None:
        from printcare.gcode.pace import paced

        fitted = paced(path, part, profile)
        if isinstance(fitted, Finding):
            return (fitted,)
        if fitted is not part and paces:  # at another speed steps have another length, and the bead another section
            stored = compensation_mm3(fitted, profile, path.form)
            laid = lay_out(path.form, path.units, profile, fitted.parameters, fitted.nozzle, stored, path.positions)
            return _fitted(laid, profile, fitted, paces - 1) if isinstance(laid, Toolpath) else laid
    return _relieved(_primed(_on_bed(path, part), part, profile), part, profile)


def _on_bed(path: Toolpath, part: Part) -> Toolpath:
    """Return the path with the heat of the bed it is laid on, where the recipe wants one."""
    bed = part.parameters.bed_c
    return path if bed is None else replace(path, bed_c=float(bed.target))


def _primed(path: Toolpath, part: Part, profile: FirmwareProfile) -> Toolpath:
    """Return the path with the slower speed its prime begins at; a regulator's pressure does not follow the feed."""
    detectors = part.limits.detectors
    if detectors is None or profile.tools[part.tool].kind == "pneumatic":
        return path
    return replace(path, prime_slow_mm3_s=float(detectors.prime_flows_mm3_s[0]))


def _relieved(path: Toolpath, part: Part, profile: FirmwareProfile) -> Toolpath:
    """Return the path with what is taken back after its prime; equal layers by one bead take back what they store."""
    if not path.form.regions:
        return path
    from printcare.gcode.relief import relief_mm3

    return replace(path, relief_mm3=relief_mm3(path, part, profile))


def warnings_of(path: Toolpath) -> tuple[Finding, ...]:
    """Return what a path cannot do well; a round cylinder by spiral has nothing to say, and is not looked at."""
    if not path.form.regions:
        return ()
    from printcare.geometry.remarks import remarks

    return remarks(path)


def _every_warning(paths: Sequence[Toolpath]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(finding for path in paths for finding in warnings_of(path)))


def compensation_mm3(part: Part, profile: FirmwareProfile, form: SolvedForm) -> float:
    """Return what the tool stores at print pressure, C·P: pressed in at each start, taken back at each end."""
    flow_mm3_s = form.pitch_mm * form.layer_mm * float(part.parameters.print_speed_mm_s.target)
    temperature_c = float(part.parameters.cartridge_c.target)
    pressure_kpa = predicted_pressure_kpa(part.ink, part.nozzle, flow_mm3_s, temperature_c)
    return advance_mm3(profile.tools[part.tool].compliance_mm3_kpa, pressure_kpa)
