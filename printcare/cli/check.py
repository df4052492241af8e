"""`printcare check`: the independent reader's verdict on any G-code file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from printcare.domain.checks import Finding
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.recipe import MasterRecipe
    from printcare.gcode.check import CheckReport

DONE, REFUSED = 0, 1
PICTURES = (".svg", ".png")
UNITS_MOST = 1_000_000
VOLUME_DIGITS = 6


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("check", help="let the independent reader judge a G-code file")
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--profile", required=True, metavar="ID", help="id or path of a firmware profile")
    parser.add_argument("--recipe", metavar="ID", help="judge by this recipe too")
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "--dose-mg",
        metavar="X",
        action="append",
        help="dose of one unit, at the lot's strength or the nominal one; of several drugs one each",
    )
    parser.add_argument(
        "--lot", metavar="ID", action="append", help="ink lot whose effective strength the dose is judged by"
    )
    target.add_argument("--volume-mm3", metavar="V", help="volume of one unit")
    target.add_argument(
        "--zone", metavar="DOSE:UNITS", action="append", help="so many units of a dose, once for each strength in order"
    )
    parser.add_argument("--units", metavar="N", help="how many units the file must hold")
    parser.add_argument("--picture", metavar="FILE", type=Path, help="draw the first unit to this .svg or .png file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Judge the file and return the exit code: 0 when nothing blocks."""
    from printcare.formats.profile import load_profile
    from printcare.formats.recipe import load_recipe
    from printcare.gcode.check import check

    if (arguments.dose_mg or arguments.zone) and arguments.recipe is None:
        name = "--zone" if arguments.zone else "--dose-mg"
        raise PrintcareError("USAGE", f"{name} needs --recipe.", "Name the recipe, or give --volume-mm3.")
    if arguments.zone and (arguments.units is not None or len(arguments.lot or ()) > 1):
        told = "--zone states its units itself, of one lot."
        raise PrintcareError("USAGE", told, "Leave --units out, and name one --lot at most.")
    if arguments.lot and not (arguments.dose_mg or arguments.zone):
        raise PrintcareError("USAGE", "--lot needs --dose-mg or --zone.", "State the dose the lot is judged by.")
    if arguments.picture is not None and arguments.picture.suffix.lower() not in PICTURES:
        raise PrintcareError("USAGE", f"{arguments.picture} is neither .svg nor .png.", "Draw an .svg or a .png file.")
    profile = load_profile(arguments.profile)
    recipe = load_recipe(arguments.recipe) if arguments.recipe is not None else None
    text = _text(arguments.file)
    target, findings = _target(arguments, recipe, profile)
    units, more = _units(arguments.units)
    if arguments.zone and isinstance(target, list):
        units = len(target)
    report = check(text, profile, recipe, target, units)
    if arguments.picture is not None:
        _draw(report, profile, arguments.picture, arguments.file.name)
    return _told(report, (*findings, *more), is_json=arguments.json)


def _draw(report: CheckReport, profile: FirmwareProfile, path: Path, name: str) -> None:
    """Draw the first unit as it was read back, PNG or SVG by the name; a file that lays nothing leaves no picture."""
    from printcare.cli.gcode import keep
    from printcare.formats.picture import drawing, picture
    from printcare.gcode.preview import preview

    views = preview(report, profile)
    if not views:
        return
    title = f"{name}: unit 1 of {views[-1].index}, {views[0].volume_mm3:.2f} mm³"
    if path.suffix.lower() == ".png":
        from printcare.formats.raster import png

        keep(path, png(drawing(views[0], title)))
    else:
        keep(path, picture(views[0], title).encode("ascii", errors="xmlcharrefreplace"))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise PrintcareError(
            "FILE_UNREADABLE", f"{path} cannot be read: {fault.strerror}.", "Check the path and the permissions."
        ) from fault
    return data.decode("utf-8", errors="backslashreplace")  # in a comment it harms nothing, elsewhere it is malformed


def _target(
    arguments: argparse.Namespace, recipe: MasterRecipe | None, profile: FirmwareProfile
) -> tuple[float | list[float] | None, tuple[Finding, ...]]:
    from printcare.cli.gcode_parts import targets
    from printcare.domain.numbers import read_positive

    if arguments.volume_mm3 is not None:
        volume = read_positive(arguments.volume_mm3, "volume_mm3")
        return (None, (volume,)) if isinstance(volume, Finding) else (float(volume), ())
    if arguments.zone and recipe is not None:
        return _zone_targets(arguments, recipe, profile)
    if arguments.dose_mg is None or recipe is None:
        return None, ()
    lots: list[str | None] = list(arguments.lot or [None] * len(recipe.parts))
    doses_mg, _, volumes, findings = targets(recipe, arguments.dose_mg, lots)
    if not all(dose_mg > 0 for dose_mg in doses_mg):
        return None, findings
    return (volumes if recipe.further else volumes[0]), findings


def _zone_targets(
    arguments: argparse.Namespace, recipe: MasterRecipe, profile: FirmwareProfile
) -> tuple[list[float] | None, tuple[Finding, ...]]:
    """Return one target for each unit, zone after zone, and what speaks against the zones."""
    from printcare.cli.gcode import strength_of, target_volume_mm3
    from printcare.cli.gcode_zones import zones_of
    from printcare.domain.checks import blocking

    zones, findings = zones_of(arguments.zone, recipe, profile)
    ink = strength_of(arguments.lot[0] if arguments.lot else None, recipe)
    findings += blocking(ink.findings)
    if findings:
        return None, findings
    return [target_volume_mm3(dose_mg, recipe, ink) for dose_mg, units in zones for _ in range(units)], ()


def _units(text: str | None) -> tuple[int | None, tuple[Finding, ...]]:
    from printcare.domain.numbers import read_count

    if text is None:
        return None, ()
    units = read_count(text, 1, UNITS_MOST, "E_UNITS_RANGE", "units")
    return (None, (units,)) if isinstance(units, Finding) else (units, ())


def _told(report: CheckReport, asked: tuple[Finding, ...], *, is_json: bool) -> int:
    """Show the verdict; an objection to what was asked counts as one to the file."""
    findings = (*asked, *report.findings)
    is_ok = report.ok and not asked
    units = [
        {
            "index": unit.index,
            "part": unit.part,
            "volume_mm3": round(unit.volume_mm3, VOLUME_DIGITS),
            "first_line": unit.first_line,
            "last_line": unit.last_line,
        }
        for unit in report.units
    ]
    total = round(report.total_volume_mm3, VOLUME_DIGITS)
    if is_json:
        verdict = {"status": "ok" if is_ok else "refused", "ok": is_ok, "findings": [f.as_dict() for f in findings]}
        print(json.dumps({**verdict, "units": units, "total_volume_mm3": total, "bounds": report.bounds}))
        return DONE if is_ok else REFUSED
    print("ok" if is_ok else "refused")
    count = len({unit.index for unit in report.units})
    print(f"{count} unit{'s' * (count != 1)}, {total} mm³")
    for finding in findings:
        print(f"{finding.code}: {finding.reason} {finding.remedy}")
    return DONE if is_ok else REFUSED
