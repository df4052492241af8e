"""`printcare gcode`: dose-exact G-code, already checked, marked NOT FOR PATIENTS."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from printcare.cli.gcode_mesh import add_options
from printcare.cli.gcode_zones import add_options as add_zones
from printcare.domain.checks import Finding, Severity, blocking, error, warning
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.recipe import MasterRecipe
    from printcare.gcode.check import CheckReport
    from printcare.gcode.compose import Composed

DONE, REFUSED = 0, 1
SHOWN_MG = Decimal("0.0001")
VOLUME_DIGITS = 6


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("gcode", help="write dose-exact G-code, checked and marked NOT FOR PATIENTS")
    parser.add_argument("--recipe", metavar="ID", help="id or path of a recipe")
    parser.add_argument(
        "--dose-mg", metavar="X", action="append", help="dose of one unit, such as 12.5; of several drugs one each"
    )
    parser.add_argument("--units", metavar="N", help="how many units")
    parser.add_argument("--profile", required=True, metavar="ID", help="id or path of a firmware profile")
    parser.add_argument(
        "--lot", metavar="ID", action="append", help="id or path of an ink lot; without it the nominal strength is used"
    )
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="where the G-code goes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_options(parser)
    add_zones(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the file and return the exit code; nothing is written when anything objects."""
    if str(arguments.output) in ("-", "."):
        raise PrintcareError("USAGE", "-o names no file.", "Name the file the G-code goes to; /dev/stdout is one.")
    if arguments.zone:
        from printcare.cli.gcode_zones import run_zones

        return run_zones(arguments)
    if _is_mesh(arguments):
        from printcare.cli.gcode_mesh import run_mesh

        return run_mesh(arguments)
    from printcare.formats.profile import load_profile
    from printcare.formats.recipe import load_recipe

    recipe, profile = load_recipe(arguments.recipe), load_profile(arguments.profile)
    lots: list[str | None] = list(arguments.lot or [None] * len(recipe.parts))
    fit_drugs(recipe, arguments.dose_mg, lots)
    if recipe.further:
        from printcare.cli.gcode_parts import run_parts

        return run_parts(arguments, recipe, profile, lots)
    dose_mg, findings = dose_of(arguments.dose_mg[0], recipe)
    units, more = units_of(arguments.units, profile)
    ink = strength_of(lots[0], recipe)
    findings += (*more, *blocking(ink.findings))
    if findings:
        return refused(findings, is_json=arguments.json)
    volume_mm3 = target_volume_mm3(dose_mg, recipe, ink)
    outcome = _compose(recipe, profile, dose_mg, volume_mm3, units, ink)
    if isinstance(outcome, tuple):
        return refused(outcome, is_json=arguments.json)
    report = _judge(outcome, recipe, profile, volume_mm3, units)
    if not report.ok:
        return refused(report.findings, is_json=arguments.json)
    keep(arguments.output, outcome.program.text.encode("ascii"))
    return told(outcome, report, profile, recipe, ink, ink.findings, is_json=arguments.json)


def fit_drugs(recipe: MasterRecipe, doses: Sequence[str], lots: Sequence[str | None]) -> None:
    """Raise PrintcareError USAGE unless every drug of the unit has its dose and its lot, or none names a lot."""
    drugs = len(recipe.parts)
    if not len(doses) == len(lots) == drugs:
        told_of = (
            f"A unit of {recipe.id} holds {drugs} drug{'s' * (drugs > 1)}: as many doses, and as many lots or none."
        )
        raise PrintcareError("USAGE", told_of, "Give --dose-mg, and --lot where one is named, for each in print order.")


def _is_mesh(arguments: argparse.Namespace) -> bool:
    """Return whether a mesh is asked for; raises PrintcareError unless exactly one of the two ways is stated whole."""
    of_recipe = {"--recipe": arguments.recipe, "--dose-mg": arguments.dose_mg, "--units": arguments.units}
    of_mesh = {"--mesh": arguments.mesh, "--volume-mm3": arguments.volume_mm3}
    wanted, other = (of_mesh, of_recipe) if arguments.mesh is not None else (of_recipe, of_mesh)
    missing = [name for name, text in wanted.items() if text is None]
    extra = [name for name, text in other.items() if text is not None]
    if missing or extra:
        lacks, refuses = f"needs {', '.join(missing)}", f"does not take {', '.join(extra)}"
        told_of = " and ".join([lacks] * bool(missing) + [refuses] * bool(extra))
        remedy = "Give --recipe, --dose-mg and --units, or --mesh and --volume-mm3."
        raise PrintcareError("USAGE", f"This way of writing a file {told_of}.", remedy)
    return arguments.mesh is not None


@dataclass(frozen=True, slots=True)
class InkStrength:
    """How many mg of the ordered form a gram of ink carries as printed, where that is from, and what to say of it."""

    mg_per_g: Decimal
    basis: str
    findings: tuple[Finding, ...]


def strength_of(lot_id: str | None, recipe: MasterRecipe) -> InkStrength:
    """Return a lot's effective strength, or the ink's nominal one where no lot is named."""
    from printcare.domain.numbers import plain

    nominal = recipe.ink.nominal_strength_mg_per_g
    if lot_id is None:
        told = f"No lot is given: the nominal {nominal} mg/g is used, no assay corrected."
        findings = (warning("W_NOMINAL_STRENGTH", told, "Only `printcare print` makes units for patients.", "lot"),)
        return InkStrength(nominal, f"nominal strength {plain(nominal)} mg/g", findings)
    from printcare.domain.numbers import as_decimal
    from printcare.domain.ordered_case import ink_entry
    from printcare.domain.recipe import recipe_fits
    from printcare.domain.strength import effective_strength
    from printcare.formats.ink_lot import load_ink_lot

    lot, _ = load_ink_lot(lot_id)
    fits = recipe_fits(recipe, lot)
    ordered, corrects = recipe.product.strength_form, recipe.ink.corrects_assay
    strength = effective_strength(ink_entry(lot), ordered, assay_correction=corrects)
    if isinstance(strength, Finding):
        return InkStrength(nominal, f"lot {lot.id}", (*fits, strength))
    # An expired lot may be drawn with, never printed from: `printcare print` refuses what is a warning here.
    aged = tuple(replace(finding, severity=Severity.WARNING) for finding in lot.objections(date.today()))
    mg_per_g = as_decimal(strength.mg_per_g)
    return InkStrength(mg_per_g, f"lot {lot.id}, {plain(mg_per_g)} mg/g", (*fits, *aged, *strength.flags))


def dose_of(text: str, recipe: MasterRecipe) -> tuple[Decimal, tuple[Finding, ...]]:
    """Return the dose a text states and every objection of the recipe's validated range."""
    from printcare.domain.numbers import as_decimal, read_positive

    number = read_positive(text, "dose_mg")
    if isinstance(number, Finding):
        return Decimal(0), (number,)
    dose_mg = as_decimal(number)
    low, high = recipe.unit_range.dose_mg
    told = f"{text} mg; recipe {recipe.id} is validated from {low} to {high} mg per unit."
    if dose_mg > high:
        return dose_mg, (error("E_DOSE_ABOVE_RECIPE", told, "Split the dose into more units.", "dose_mg"),)
    if dose_mg < low:
        return dose_mg, (error("E_DOSE_BELOW_RECIPE", told, "Use a recipe with a weaker ink.", "dose_mg"),)
    return dose_mg, ()


def target_volume_mm3(dose_mg: Decimal, recipe: MasterRecipe, ink: InkStrength) -> float:
    """Return the volume of one unit, m = dose/w and V = m/ρ (process.md §8.1)."""
    from printcare.domain.recipe import unit_volume_mm3

    return unit_volume_mm3(dose_mg / ink.mg_per_g * 1000, recipe.ink)


def refused(findings: tuple[Finding, ...], *, is_json: bool) -> int:
    """Show why nothing was made, and return the exit code of a refusal."""
    if is_json:
        print(json.dumps({"status": "refused", "findings": [finding.as_dict() for finding in findings]}))
    for finding in () if is_json else findings:
        print(f"{finding.code}: {finding.reason}\nWhat to do: {finding.remedy}", file=sys.stderr)
    return REFUSED


def units_of(text: str, profile: FirmwareProfile) -> tuple[int, tuple[Finding, ...]]:
    """Return how many units a text asks for, and why the tray cannot hold them."""
    from printcare.domain.numbers import read_count

    units = read_count(text, 1, profile.tray.size, "E_UNITS_RANGE", "units")
    return (0, (units,)) if isinstance(units, Finding) else (units, ())


def _compose(
    recipe: MasterRecipe, profile: FirmwareProfile, dose_mg: Decimal, volume_mm3: float, units: int, ink: InkStrength
) -> Composed | tuple[Finding, ...]:
    from printcare.domain.numbers import plain
    from printcare.gcode.compose import compose
    from printcare.gcode.program import Header

    header = Header(f"{recipe.id} version {recipe.version}", ink.basis, plain(dose_mg), for_patients=False)
    return compose(recipe, profile, volume_mm3, units, header)


def _judge(
    composed: Composed, recipe: MasterRecipe, profile: FirmwareProfile, volume_mm3: float, units: int
) -> CheckReport:
    from printcare.gcode.check import check

    return check(composed.program, profile, recipe, volume_mm3, units)


def keep(path: Path, data: bytes) -> None:
    """Write the file whole or not at all, beside its place and then into it.

    What is no ordinary file, such as a terminal or a pipe, is written to at once. Raises PrintcareError where it cannot
    be written.
    """
    is_file = path.is_file() or not path.exists()
    target = path.resolve()  # a link keeps pointing at what it points at
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if is_file:
            try:
                beside.write_bytes(data)
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)
        else:
            path.write_bytes(data)
    except OSError as fault:
        raise PrintcareError(
            "FILE_UNWRITABLE", f"{path} cannot be written: {fault.strerror}.", "Check the folder and the permissions."
        ) from fault


def told(
    composed: Composed,
    report: CheckReport,
    profile: FirmwareProfile,
    recipe: MasterRecipe | None,
    ink: InkStrength | None,
    remarks: tuple[Finding, ...],
    *,
    is_json: bool,
) -> int:
    """Show what the file holds, as the independent reader found it; without recipe and ink there is no mass or dose."""
    from printcare.gcode.check import duration_s

    program = composed.program
    rows: list[dict[str, Any]] = []
    for segment, read_back in zip(program.units, report.units, strict=True):
        of_part = recipe.parts[segment.part - 1] if recipe else None
        mass_mg = Decimal(repr(read_back.volume_mm3)) * of_part.ink.density_mg_mm3 if of_part else None
        dose_mg = mass_mg * ink.mg_per_g / 1000 if mass_mg is not None and ink and segment.part == 1 else None
        rows.append(
            {
                "index": segment.index,
                "position": profile.tray.name(composed.positions[segment.index - 1]),
                "part": segment.part,
                "volume_mm3": round(read_back.volume_mm3, VOLUME_DIGITS),
                "mass_mg": None if mass_mg is None else str(mass_mg.quantize(SHOWN_MG)),
                "dose_mg": None if dose_mg is None else str(dose_mg.quantize(SHOWN_MG)),
                "first_line": segment.first_line,
                "last_line": segment.last_line,
                "compensation_mm3": round(segment.compensation_mm3, VOLUME_DIGITS),
            }
        )
    findings = (*report.findings, *composed.findings, *remarks)
    summary: dict[str, Any] = {
        "status": "ok",
        "units": rows,
        "total_volume_mm3": round(report.total_volume_mm3, VOLUME_DIGITS),
        "feedstock_diameter_mm": round(program.feedstock_diameter_mm, VOLUME_DIGITS),
        "duration_s": round(duration_s(report, profile), 1),
        "needed_mm3": [round(volume, VOLUME_DIGITS) for volume in report.needed_mm3],
        "pressure_kpa": [{"least": round(low, 1), "most": round(high, 1)} for low, high in report.pressures_kpa],
        "digest": program.digest,
        "lines": len(program.lines),
        "strength_mg_per_g": str(ink.mg_per_g) if ink else None,
        "findings": [finding.as_dict() for finding in findings],
    }
    if is_json:
        print(json.dumps(summary))
        return DONE
    print(f"NOT FOR PATIENTS. {program.header.basis}")
    for row in rows:
        lines = f"lines {row['first_line']}–{row['last_line']}"
        holds = f"{row['dose_mg']} mg, {row['mass_mg']} mg of ink" if ink else f"{row['volume_mm3']} mm³"
        print(f"unit {row['index']} on {row['position']}: {holds}, {lines}")
    print(f"{summary['duration_s']} s, {summary['total_volume_mm3']} mm³, {len(program.lines)} lines")
    for tool, volume in enumerate(summary["needed_mm3"]):
        print(f"tool T{tool} needs {volume} mm³, prime included")
    for part, pressure in enumerate(summary["pressure_kpa"], 1):
        print(f"part {part}: {pressure['least']} to {pressure['most']} kPa predicted while it is laid")
    for finding in findings:
        print(f"{finding.code}: {finding.reason}")
    print(f"SHA-256 {program.digest}")
    return DONE
