"""`printcare gcode --zone DOSE:UNITS`: several strengths of one ink on one tray, each in a zone of its own."""

from __future__ import annotations

import argparse
from decimal import Decimal
from typing import TYPE_CHECKING

from printcare.domain.checks import Finding, blocking, error
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.recipe import MasterRecipe

REMEDY = "Give --recipe and --zone DOSE:UNITS for each strength, such as --zone 10:3 --zone 15:2."


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only several strengths need."""
    zones = parser.add_argument_group("several strengths instead of one dose")
    zones.add_argument(
        "--zone",
        metavar="DOSE:UNITS",
        action="append",
        help="so many units of a dose in mg, on positions in a row; once for each strength, in their order",
    )


def run_zones(arguments: argparse.Namespace) -> int:
    """Write the file and return the exit code; nothing is written when anything objects.

    Every unit is judged against its own zone's volume, in the order of the tray. Raises PrintcareError USAGE.
    """
    from printcare.cli.gcode import keep, refused, strength_of, target_volume_mm3, told
    from printcare.domain.numbers import plain
    from printcare.formats.profile import load_profile
    from printcare.formats.recipe import load_recipe
    from printcare.gcode.check import check
    from printcare.gcode.compose import Composed, compose_zones
    from printcare.gcode.program import Header

    _alone(arguments)
    recipe, profile = load_recipe(arguments.recipe), load_profile(arguments.profile)
    zones, findings = zones_of(arguments.zone, recipe, profile)
    if arguments.lot and len(arguments.lot) > 1:
        raise PrintcareError("USAGE", "Zones are printed from one lot.", REMEDY)
    ink = strength_of(arguments.lot[0] if arguments.lot else None, recipe)
    findings += blocking(ink.findings)
    if findings:
        return refused(findings, is_json=arguments.json)
    volumes = [(target_volume_mm3(dose_mg, recipe, ink), units) for dose_mg, units in zones]
    doses = " / ".join(f"{units} x {plain(dose_mg)}" for dose_mg, units in zones)
    header = Header(f"{recipe.id} version {recipe.version}", ink.basis, doses, for_patients=False)
    outcome = compose_zones(recipe, profile, volumes, header)
    if not isinstance(outcome, Composed):
        return refused(outcome, is_json=arguments.json)
    targets = [volume_mm3 for volume_mm3, units in volumes for _ in range(units)]
    report = check(outcome.program, profile, recipe, targets, len(targets))
    if not report.ok:
        return refused(report.findings, is_json=arguments.json)
    keep(arguments.output, outcome.program.text.encode("ascii"))
    return told(outcome, report, profile, recipe, ink, ink.findings, is_json=arguments.json)


def _alone(arguments: argparse.Namespace) -> None:
    others = {
        "--dose-mg": arguments.dose_mg,
        "--units": arguments.units,
        "--mesh": arguments.mesh,
        "--volume-mm3": arguments.volume_mm3,
    }
    extra = [name for name, text in others.items() if text is not None]
    if extra or arguments.recipe is None:
        told_of = f"does not take {', '.join(extra)}" if extra else "needs --recipe"
        raise PrintcareError("USAGE", f"This way of writing a file {told_of}.", REMEDY)


def zones_of(
    texts: list[str], recipe: MasterRecipe, profile: FirmwareProfile
) -> tuple[list[tuple[Decimal, int]], tuple[Finding, ...]]:
    """Return dose and units of every zone, and everything that speaks against them.

    Raises PrintcareError USAGE where one is not DOSE:UNITS.
    """
    from printcare.cli.gcode import dose_of
    from printcare.domain.numbers import read_count

    zones: list[tuple[Decimal, int]] = []
    findings: list[Finding] = []
    for text in texts:
        dose, colon, count = text.partition(":")
        if not colon:
            raise PrintcareError("USAGE", f"The zone {text!r} is not DOSE:UNITS.", REMEDY)
        dose_mg, objections = dose_of(dose, recipe)
        units = read_count(count, 1, profile.tray.size, "E_UNITS_RANGE", "units")
        findings += objections
        if isinstance(units, Finding):
            findings.append(units)
        else:
            zones.append((dose_mg, units))
    doses = [dose_mg for dose_mg, _ in zones]
    if len(set(doses)) != len(doses):
        told = "Two zones hold the same dose; they would look like two strengths."
        findings.append(error("E_ZONE_TWICE", told, "Name each strength once, with all its units.", "zone"))
    if recipe.further:
        told = "A unit of several inks has no one strength to lay in zones."
        findings.append(error("E_ZONE_PARTS", told, "Print each strength as a batch of its own.", "zone"))
    return zones, tuple(findings)
