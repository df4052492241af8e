"""`printcare gcode` for units of several drugs: a dose each, every drug's own mass told."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from printcare.domain.checks import Finding, blocking

if TYPE_CHECKING:
    from printcare.cli.gcode import InkStrength
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.recipe import MasterRecipe
    from printcare.gcode.check import CheckReport
    from printcare.gcode.compose import Composed

DONE = 0


def run_parts(
    arguments: argparse.Namespace, recipe: MasterRecipe, profile: FirmwareProfile, lots: Sequence[str | None]
) -> int:
    """Write the file and return the exit code; nothing is written when anything objects."""
    from printcare.cli.gcode import keep, refused, units_of
    from printcare.domain.numbers import plain
    from printcare.gcode.check import check
    from printcare.gcode.compose import compose_parts
    from printcare.gcode.program import Header

    doses, inks, volumes, findings = targets(recipe, arguments.dose_mg, lots)
    units, more = units_of(arguments.units, profile)
    if findings or more:
        return refused((*findings, *more), is_json=arguments.json)
    basis = "; ".join(ink.basis for ink in inks)
    told_doses = " + ".join(plain(dose_mg) for dose_mg in doses)
    header = Header(f"{recipe.id} version {recipe.version}", basis, told_doses, for_patients=False)
    made = compose_parts(recipe, profile, volumes, units, header)
    if isinstance(made, tuple):
        return refused(made, is_json=arguments.json)
    report = check(made.program, profile, recipe, volumes, units)
    if not report.ok:
        return refused(report.findings, is_json=arguments.json)
    keep(arguments.output, made.program.text.encode("ascii"))
    return _told(made, report, profile, recipe, inks, is_json=arguments.json)


def targets(
    recipe: MasterRecipe, doses: Sequence[str], lots: Sequence[str | None]
) -> tuple[list[Decimal], list[InkStrength], list[float], tuple[Finding, ...]]:
    """Return dose, strength and volume of every part, in print order, and what objects to any of them.

    Raises PrintcareError USAGE unless every drug of the unit has its dose.
    """
    from printcare.cli.gcode import dose_of, fit_drugs, strength_of, target_volume_mm3

    fit_drugs(recipe, doses, lots)
    alone = [recipe.of_part(number) for number in range(1, len(recipe.parts) + 1)]
    stated = [dose_of(text, part) for text, part in zip(doses, alone, strict=True)]
    inks = [strength_of(lot, part) for lot, part in zip(lots, alone, strict=True)]
    findings = [finding for _, own in stated for finding in own]
    findings += [finding for ink in inks for finding in blocking(ink.findings)]
    doses_mg = [dose_mg for dose_mg, _ in stated]
    volumes = [target_volume_mm3(*each) for each in zip(doses_mg, alone, inks, strict=True)]
    return doses_mg, inks, volumes, tuple(findings)


def _told(
    made: Composed,
    report: CheckReport,
    profile: FirmwareProfile,
    recipe: MasterRecipe,
    inks: Sequence[InkStrength],
    *,
    is_json: bool,
) -> int:
    """Show what the file holds; `volume_mm3` and `mass_mg` of a unit are all of it, `parts` tells each drug."""
    from printcare.cli.gcode import VOLUME_DIGITS
    from printcare.gcode.check import duration_s

    rows = _rows(report, recipe, inks)
    findings = (*report.findings, *made.findings, *(finding for ink in inks for finding in ink.findings))
    if is_json:
        summary = {
            "status": "ok",
            "units": rows,
            "total_volume_mm3": round(report.total_volume_mm3, VOLUME_DIGITS),
            "feedstock_diameter_mm": round(made.program.feedstock_diameter_mm, VOLUME_DIGITS),
            "duration_s": round(duration_s(report, profile), 1),
            "needed_mm3": [round(volume, VOLUME_DIGITS) for volume in report.needed_mm3],
            "digest": made.program.digest,
            "lines": len(made.program.lines),
            "findings": [finding.as_dict() for finding in findings],
        }
        print(json.dumps(summary))
        return DONE
    print(f"NOT FOR PATIENTS. {'; '.join(ink.basis for ink in inks)}")
    for row in rows:
        held = ", ".join(f"{each['drug']} {each['dose_mg']} mg" for each in row["parts"])
        print(f"unit {row['index']}: {held}, lines {row['first_line']}–{row['last_line']}")
    print(f"SHA-256 {made.program.digest}")
    return DONE


def _rows(report: CheckReport, recipe: MasterRecipe, inks: Sequence[InkStrength]) -> list[dict[str, Any]]:
    from printcare.cli.gcode import SHOWN_MG, VOLUME_DIGITS

    rows: dict[int, dict[str, Any]] = {}
    for found in report.units:
        ink, part = inks[found.part - 1], recipe.parts[found.part - 1]
        mass_mg = Decimal(repr(found.volume_mm3)) * part.ink.density_mg_mm3
        own = {
            "part": found.part,
            "drug": part.product.inn,
            "tool": found.tool,
            "volume_mm3": round(found.volume_mm3, VOLUME_DIGITS),
            "mass_mg": str(mass_mg.quantize(SHOWN_MG)),
            "dose_mg": str((mass_mg * ink.mg_per_g / 1000).quantize(SHOWN_MG)),
            "first_line": found.first_line,
            "last_line": found.last_line,
        }
        row = rows.setdefault(found.index, {"index": found.index, "first_line": found.first_line, "parts": []})
        row["parts"].append(own)
        row["last_line"] = found.last_line
    for row in rows.values():
        row["volume_mm3"] = round(sum(each["volume_mm3"] for each in row["parts"]), VOLUME_DIGITS)
        row["mass_mg"] = str(sum((Decimal(each["mass_mg"]) for each in row["parts"]), Decimal(0)))
    return list(rows.values())
