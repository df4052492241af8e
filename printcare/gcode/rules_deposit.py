"""The gate's rules on what is laid down: volume, units and their places, beads, layers, pressure."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from printcare.domain.checks import Finding, error, warning
from printcare.domain.recipe import MasterRecipe
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.bulk import Floats, Ints
from printcare.gcode.facts import E_DIGIT_MM, Facts, at_lines
from printcare.gcode.spans import Span

TOLERANCE = 1e-4  # of the target, or one digit of E (process.md §8.3)
HALF_STEP_SHARE = 0.005
Z_DIGITS = 3
ROUND_LOSS = 1 - math.pi / 4
MG_PER_G = 1000.0
NEW_FILE = "Do not print this file; write it again."


def _something(facts: Facts) -> list[Finding]:
    if facts.units:
        return []
    return [error("E_GATE_EMPTY", "The file deposits nothing.", "Write the file again; it may have been cut short.")]


def _count(facts: Facts) -> list[Finding]:
    found = len(facts.units)
    findings = []
    if facts.wanted_units is not None and found != facts.wanted_units:
        told = f"The file holds {found} units, {facts.wanted_units} are asked for."
        findings.append(error("E_GATE_UNITS", told, NEW_FILE))
    if any(span.kind == "whole" for span in facts.spans):
        told = "No part of the file stands on a tray position of its own; it is judged as one unit."
        findings.append(warning("W_GATE_NO_UNITS", told, "Check that one unit is meant."))
    return findings


def _places(facts: Facts) -> list[Finding]:
    findings = []
    for index, span in enumerate(facts.tray_units, facts.first_position):
        if span.position != index:
            told = f"Line {span.first_line}: unit {index + 1} stands on tray position {span.position + 1}."
            findings.append(error("E_GATE_POSITION", told, NEW_FILE, f"line {span.first_line}"))
        part = slice(span.first_move, span.after_move)
        points = facts.moves.end_mm[part][facts.lays[part]]
        if len(points) and np.ptp(points[:, :2], axis=0).max() > facts.profile.tray.unit_space_mm:
            told = f"Line {span.first_line}: unit {index + 1} is wider than its place on the tray."
            findings.append(error("E_GATE_UNIT_SPACE", told, NEW_FILE, f"line {span.first_line}"))
    for span in facts.spans:
        if span.kind == "stray":
            told = (
                f"Lines {span.first_line} to {span.last_line} extrude outside any one unit and outside the purge place."
            )
            findings.append(error("E_GATE_OUTSIDE_UNIT", told, NEW_FILE, f"line {span.first_line}"))
    return findings


def _volumes(facts: Facts) -> list[Finding]:
    targets = facts.targets_mm3
    if targets is None:
        return []
    if not all(math.isfinite(target) and target > 0 for target in targets):
        return [error("E_GATE_TARGET", "The target volume is not a positive number.", "State the dose.")]
    if len(targets) == 1:
        targets *= len(facts.units)
    if len(targets) != len(facts.units):
        told = f"{len(targets)} target volumes are given for {len(facts.units)} units."
        return [error("E_GATE_TARGETS", told, "Give one target, or one for each unit.")]
    findings = []
    for index, (volume, target) in enumerate(zip(facts.volumes_mm3, targets, strict=True), 1):
        if not abs(volume - target) <= max(TOLERANCE * target, facts.digit_mm3):
            off_pct = (volume / target - 1) * 100
            told = f"Unit {index} holds {volume:.4f} mm³, expected {target:.4f} mm³ ({off_pct:+.4f} %)."
            findings.append(error("E_GATE_VOLUME", told, NEW_FILE, f"line {facts.units[index - 1].first_line}"))
    return findings


def _balanced(facts: Facts) -> list[Finding]:
    """Return units that do not take back what they pressed in: their bead would not carry their volume."""
    findings = []
    for index, span in enumerate(facts.tray_units, 1):
        part = slice(span.first_move, span.after_move)
        net = float(facts.moves.e_mm[part][facts.on_spot[part]].sum())
        if abs(net) > 2.5 * E_DIGIT_MM:
            told = f"Unit {index} presses {net * facts.area_mm2:+.4f} mm³ in without taking it back."
            findings.append(error("E_GATE_COMPENSATION", told, NEW_FILE, f"line {span.first_line}"))
    return findings


def _on_spot(facts: Facts) -> list[Finding]:
    """Return strokes on the spot beyond what the tool can store: a blob of ink, or air drawn in (process.md §1.4)."""
    tool = facts.profile.tool
    limit = tool.compliance_mm3_kpa * tool.max_pressure_kpa
    primes = np.zeros(len(facts.moves), dtype=bool)
    for span in facts.spans:
        primes[span.first_move : span.after_move] |= span.kind == "prime"
    moved = np.abs(facts.moves.e_mm) * facts.area_mm2
    wrong = facts.on_spot & (moved > limit) & ~(primes & facts.pushes)
    reason = f"moves more than {limit:g} mm³ on the spot."
    return at_lines("E_GATE_BLOB", facts.moves.line[wrong], reason, NEW_FILE)


def _capacity(facts: Facts) -> list[Finding]:
    needed = float(facts.moves.e_mm.sum()) * facts.area_mm2
    if needed <= facts.profile.tool.capacity_mm3:
        return []
    told = f"The file needs {needed:.0f} mm³, the tool holds {facts.profile.tool.capacity_mm3:.0f} mm³."
    return [error("E_GATE_CAPACITY", told, "Print fewer units.")]


def _of_recipe(facts: Facts) -> list[Finding]:
    """Return what only a recipe can object to."""
    if facts.recipe is None:
        return []
    recipe = facts.recipe
    findings = [*_fit(facts, recipe), *_prime(facts, recipe), *_masses(facts, recipe)]
    for span in facts.units:
        findings += _beads(facts, recipe, span)
    return findings


def _fit(facts: Facts, recipe: MasterRecipe) -> list[Finding]:
    findings = []
    profile = facts.profile
    if profile.printer_class not in recipe.printer_classes:
        told = f"Recipe {recipe.id} is not qualified for printers of class {profile.printer_class}."
        findings.append(error("E_GATE_PRINTER_CLASS", told, "Use a printer the recipe names."))
    ink = recipe.ink
    smallest = float(recipe.unit_range.dose_mg[0] / ink.nominal_strength_mg_per_g * 1000 / ink.density_mg_mm3)
    if profile.tool.step_volume_mm3 / 2 > HALF_STEP_SHARE * smallest:
        told = f"Half a motor step is {profile.tool.step_volume_mm3 / 2 / smallest * 100:.2f} % of the smallest unit."
        findings.append(error("E_GATE_STEP", told, "Use a narrower syringe; at most 0.5 % is dose-exact."))
    return findings


def _prime(facts: Facts, recipe: MasterRecipe) -> list[Finding]:
    moves, limit = facts.moves, recipe.parameters.prime_mm3.proven[1]
    primes = [span for span in facts.spans if span.kind == "prime"]
    spent = sum(
        float(moves.e_mm[s.first_move : s.after_move][facts.pushes[s.first_move : s.after_move]].sum()) for s in primes
    )
    if spent * facts.area_mm2 <= float(limit) + facts.digit_mm3:
        return []
    told = f"The file primes {spent * facts.area_mm2:.1f} mm³; at most {limit} mm³ are proven."
    return [error("E_GATE_PRIME", told, NEW_FILE, f"line {primes[0].first_line}")]


def _masses(facts: Facts, recipe: MasterRecipe) -> list[Finding]:
    low, high = (float(limit) * MG_PER_G for limit in recipe.unit_range.wet_mass_g)
    correction = [float(limit) for limit in recipe.parameters.unit_multiplier.proven]
    findings = []
    for index, volume in enumerate(facts.volumes_mm3, 1):
        mass = volume * float(recipe.ink.density_mg_mm3)
        if not low * correction[0] <= mass <= high * correction[1]:
            told = f"Unit {index} would weigh {mass:.1f} mg; the recipe is validated from {low:g} to {high:g} mg."
            findings.append(error("E_GATE_UNIT_MASS", told, NEW_FILE, f"line {facts.units[index - 1].first_line}"))
    return findings


def _beads(facts: Facts, recipe: MasterRecipe, span: Span) -> list[Finding]:
    part = slice(span.first_move, span.after_move)
    lays = facts.lays[part]
    moves = facts.moves
    lines, length, pushed = moves.line[part][lays], moves.length_mm[part][lays], moves.e_mm[part][lays] * facts.area_mm2
    if not len(lines):
        return []
    heights = np.round(moves.end_mm[part][lays, 2], Z_DIGITS)
    levels, level = np.unique(heights, return_inverse=True)
    layer = np.diff(levels, prepend=facts.profile.build.min_z_mm)[level]
    low, high = (float(limit) for limit in recipe.parameters.layer_height_mm.proven)
    slack = 2 * 10.0**-Z_DIGITS
    climbs = np.abs(moves.start_mm[part][lays, 2] - moves.end_mm[part][lays, 2]) > slack
    wrong = (layer < low - slack) | (layer > high + slack) | climbs
    reason = f"lays a layer outside the proven {low:g} to {high:g} mm, or while rising."
    return [
        *at_lines("E_GATE_LAYER", lines[wrong], reason, NEW_FILE),
        *_widths(facts, recipe, lines, pushed / length, layer, facts.digit_mm3 / length),
        *_pressure(facts, recipe, lines, pushed, length / np.maximum(moves.feed_mm_s[part][lays], 1e-9)),
    ]


def _widths(
    facts: Facts, recipe: MasterRecipe, lines: Ints, area: Floats, layer: Floats, digit_mm2: Floats
) -> list[Finding]:
    bore = float(recipe.nozzle.bore_mm)
    low, high = (float(limit) * bore for limit in recipe.shape.bead_width_ratio)
    safe = np.maximum(layer, 10.0**-Z_DIGITS)
    narrow = (area + digit_mm2) / safe + safe * ROUND_LOSS < low
    wide = (area - digit_mm2) / safe + safe * ROUND_LOSS > high
    reason = f"lays a bead outside {low:.3f} to {high:.3f} mm of width."
    return at_lines("E_GATE_BEAD", lines[narrow | wide], reason, NEW_FILE)


def _pressure(facts: Facts, recipe: MasterRecipe, lines: Ints, pushed: Floats, seconds: Floats) -> list[Finding]:
    flow = (pushed - facts.digit_mm3) / np.maximum(seconds, 1e-9)
    worst = int(np.argmax(flow))
    most = max(float(flow[worst]), 0.0)
    temperature = float(recipe.parameters.cartridge_c.proven[0])  # the coldest ink the recipe lets flow
    needed = predicted_pressure_kpa(recipe.ink, recipe.nozzle, most, temperature)
    limit = min(float(recipe.limits.pressure_max_kpa), facts.profile.tool.max_pressure_kpa)
    reason = f"a flow of {most:.2f} mm³/s needs {needed:.0f} kPa at {temperature:g} °C, the limit is {limit:g} kPa."
    return at_lines(
        "E_GATE_PRESSURE", lines[worst : worst + 1] if needed > limit else lines[:0], reason, "Print slower."
    )


DEPOSIT_RULES: tuple[Callable[[Facts], list[Finding]], ...] = (
    _something,
    _count,
    _places,
    _volumes,
    _balanced,
    _on_spot,
    _capacity,
    _of_recipe,
)
