"""The gate's rules on what is laid down: volumes, units, their inks and places."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from printcare.domain.checks import Finding, error, warning
from printcare.domain.machine import Tray
from printcare.domain.recipe import MasterRecipe, Part
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.facts import Facts, at_lines, extents
from printcare.gcode.rules_bead import beads, limit_kpa, needs_little, prime_flow
from printcare.gcode.rules_rise import rises
from printcare.gcode.spans import Span

TOLERANCE = 1e-4  # of the target, or one digit of E (process.md §8.3)
HALF_STEP_SHARE = 0.005
MG_PER_G = 1000.0
NEW_FILE = "Do not print this file; write it again."


def _something(facts: Facts) -> list[Finding]:
    if facts.units:
        return []
    return [error("E_GATE_EMPTY", "The file deposits nothing.", "Write the file again; it may have been cut short.")]


def _count(facts: Facts) -> list[Finding]:
    found = facts.count
    findings = []
    if facts.wanted_units is not None and found != facts.wanted_units:
        told = f"The file holds {found} units, {facts.wanted_units} are asked for."
        findings.append(error("E_GATE_UNITS", told, NEW_FILE))
    if any(span.kind == "whole" for span in facts.spans):
        told = "No part of the file stands on a tray position of its own; it is judged as one unit."
        findings.append(warning("W_GATE_NO_UNITS", told, "Check that one unit is meant."))
    return findings


def _parts(facts: Facts) -> list[Finding]:
    """Return units whose inks are not each there once, in their order."""
    wanted = list(facts.parts)
    found: dict[int, list[tuple[int, Span]]] = {}
    for (unit, part), span in zip(facts.numbers, facts.units, strict=True):
        found.setdefault(unit, []).append((part, span))
    findings: list[Finding] = []
    for unit, present in found.items():
        parts = [part for part, _ in present]
        where = f"line {present[0][1].first_line}"
        name = f"Unit {unit + facts.first_position}"
        strange = [f"T{span.tool}" for part, span in present if part == 0]
        lacking = [str(part) for part in wanted if part not in parts]
        twice = sorted({part for part in parts if parts.count(part) > 1})
        if strange:
            told = f"{name} is printed with {', '.join(strange)}, which is none of its tools."
            findings.append(error("E_GATE_TOOL", told, NEW_FILE, where))
        if lacking:
            told = f"{name} lacks part {', '.join(lacking)}."
            findings.append(error("E_GATE_PART_MISSING", told, NEW_FILE, where))
        if twice:
            told = f"{name} holds part {', '.join(map(str, twice))} more than once; each is one segment, weighed once."
            findings.append(error("E_GATE_PART_TWICE", told, NEW_FILE, where))
        if not (strange or lacking or twice) and parts != wanted:
            told = f"{name} is printed in the order {', '.join(map(str, parts))}."
            findings.append(error("E_GATE_PART_ORDER", told, NEW_FILE, where))
    return findings


def _places(facts: Facts) -> list[Finding]:
    findings = []
    tray = facts.profile.tray
    before = -1
    units = facts.numbers[: len(facts.tray_units)]  # a file judged as one whole has no place
    low, high = extents(facts, facts.lays, facts.tray_units)
    is_wide = (high - low)[:, :2].max(axis=1, initial=0.0) > tray.unit_space_mm
    for (unit, _), span, too_wide in zip(units, facts.tray_units, is_wide.tolist(), strict=True):
        index = facts.first_position + unit - 1
        skipped = span.position - index
        if span.position < before or skipped < 0 or (skipped and skipped > _left_out(tray, span.position)):
            told = f"Line {span.first_line}: unit {index + 1} stands on tray position {span.position + 1}."
            findings.append(error("E_GATE_POSITION", told, NEW_FILE, f"line {span.first_line}"))
        before = span.position
        if too_wide:
            told = f"Line {span.first_line}: unit {index + 1} is wider than its place on the tray."
            findings.append(error("E_GATE_UNIT_SPACE", told, NEW_FILE, f"line {span.first_line}"))
    for span in facts.spans:
        if span.kind == "stray":
            told = (
                f"Lines {span.first_line} to {span.last_line} extrude outside any one unit and outside the purge place."
            )
            findings.append(error("E_GATE_OUTSIDE_UNIT", told, NEW_FILE, f"line {span.first_line}"))
    return findings


def _left_out(tray: Tray, until: int) -> int:
    """Return how many positions before one may have been left out."""
    return sum(_is_kept_out(tray, position) for position in range(until))


def _is_kept_out(tray: Tray, position: int) -> bool:
    """Whether a keep-out reaches so near to a position that a unit may have to leave it out."""
    x_mm, y_mm = tray.centre(position)
    reach = tray.unit_space_mm / 2
    return any(
        box.min_x_mm - reach < x_mm < box.max_x_mm + reach and box.min_y_mm - reach < y_mm < box.max_y_mm + reach
        for box in tray.keep_outs
    )


def _volumes(facts: Facts) -> list[Finding]:
    targets = facts.targets_mm3
    if targets is None:
        return []
    if not all(math.isfinite(target) and target > 0 for target in targets):
        return [error("E_GATE_TARGET", "The target volume is not a positive number.", "State the dose.")]
    if len(targets) == 1:
        targets *= len(facts.units)
    elif len(targets) == len(facts.parts) and len(targets) != len(facts.units):
        targets = tuple(targets[part - 1] if part else math.inf for _, part in facts.numbers)
    if len(targets) != len(facts.units):
        told = f"{len(targets)} target volumes are given for {len(facts.units)} units."
        return [error("E_GATE_TARGETS", told, "Give one target, or one for each unit.")]
    findings = []
    for number, (volume, target) in enumerate(zip(facts.volumes_mm3, targets, strict=True)):
        span = facts.units[number]
        if not abs(volume - target) <= max(TOLERANCE * target, facts.digit_mm3(span.tool)):
            off_pct = (volume / target - 1) * 100
            told = f"{facts.name(number)} holds {volume:.4f} mm³, expected {target:.4f} mm³ ({off_pct:+.4f} %)."
            findings.append(error("E_GATE_VOLUME", told, NEW_FILE, f"line {span.first_line}"))
    return findings


def _balanced(facts: Facts) -> list[Finding]:
    """Return units that do not take back what they pressed in: their bead would not carry their volume."""
    findings = []
    if not facts.on_spot.any():
        return []
    for number, span in enumerate(facts.tray_units):
        part = slice(span.first_move, span.after_move)
        net = float(facts.pushed_mm3[part][facts.on_spot[part]].sum())
        if abs(net) > 2.5 * facts.digit_mm3(span.tool):
            told = f"{facts.name(number)} presses {net:+.4f} mm³ in without taking it back."
            findings.append(error("E_GATE_COMPENSATION", told, NEW_FILE, f"line {span.first_line}"))
    return findings


def _on_spot(facts: Facts) -> list[Finding]:
    """Return strokes on the spot beyond what the tool can store: a blob of ink, or air drawn in (process.md §1.4)."""
    tools = facts.profile.tools
    limits = np.array([tool.compliance_mm3_kpa * tool.max_pressure_kpa for tool in tools])
    primes = np.zeros(len(facts.moves), dtype=bool)
    for span in facts.spans:
        primes[span.first_move : span.after_move] |= span.kind == "prime"
    allowed = limits[np.minimum(facts.moves.tool, len(tools) - 1)]
    wrong = facts.on_spot & (np.abs(facts.pushed_mm3) > allowed) & ~(primes & facts.pushes)
    reason = f"moves more than {' and '.join(f'{limit:g}' for limit in limits)} mm³ on the spot."
    return at_lines("E_GATE_BLOB", facts.moves.line[wrong], reason, NEW_FILE)


def _capacity(facts: Facts) -> list[Finding]:
    findings = []
    for number, tool in enumerate(facts.profile.tools):
        needed = needed_mm3(facts, number)
        if needed > tool.capacity_mm3:
            name = f"tool T{number}" if number else "the tool"
            told = f"The file needs {needed:.0f} mm³, {name} holds {tool.capacity_mm3:.0f} mm³."
            findings.append(error("E_GATE_CAPACITY", told, "Print fewer units."))
    return findings


def needed_mm3(facts: Facts, tool: int) -> float:
    """Return what a tool gives in all, prime included."""
    mine = facts.moves.e_mm if len(facts.areas_mm2) == 1 else facts.moves.e_mm[facts.moves.tool == tool]
    return float(mine.sum()) * facts.areas_mm2[tool]


def _calibrated(facts: Facts) -> list[Finding]:
    """Return beads whose flow a tool was not calibrated at: a pneumatic head gives what its valve and pressure give."""
    findings: list[Finding] = []
    for number, tool in enumerate(facts.profile.tools):
        if tool.flow_mm3_s is None:
            continue
        low, high = tool.flow_mm3_s
        mine = facts.lays & (facts.moves.tool == number)
        seconds = facts.moves.length_mm[mine] / np.maximum(facts.moves.feed_mm_s[mine], 1e-9)
        digit, pushed = facts.digit_mm3(number), facts.pushed_mm3[mine]
        wrong = (pushed + digit < low * seconds) | (pushed - digit > high * seconds)
        reason = f"asks for a flow the head was not calibrated at: {low:g} to {high:g} mm³/s."
        findings += at_lines("E_GATE_FLOW", facts.moves.line[mine][wrong], reason, "Print at a calibrated flow.")
    return findings


def _of_recipe(facts: Facts) -> list[Finding]:
    """Return what only a recipe can object to."""
    if facts.recipe is None:
        return []
    findings = _fit(facts, facts.recipe)
    gentle = {part.tool for part in facts.recipe.parts if needs_little(facts, part)}
    for part in facts.recipe.parts:
        findings += _prime(facts, part)
        findings += [] if part.tool in gentle else _prime_flow(facts, part)
    vessel = facts.recipe.shape.vessel if facts.recipe.shape.path == "dot" else None
    laid = beads(facts, facts.recipe, gentle) if vessel is None else rises(facts, facts.recipe, vessel)
    return [*findings, *_masses(facts), *laid]


def _fit(facts: Facts, recipe: MasterRecipe) -> list[Finding]:
    findings = []
    profile = facts.profile
    if profile.printer_class not in recipe.printer_classes:
        told = f"Recipe {recipe.id} is not qualified for printers of class {profile.printer_class}."
        findings.append(error("E_GATE_PRINTER_CLASS", told, "Use a printer the recipe names."))
    for part in recipe.parts:
        if part.tool >= len(profile.tools):
            told = f"The recipe wants tool T{part.tool}, the printer has {len(profile.tools)}."
            findings.append(error("E_GATE_TOOL", told, "Use a printer with a tool for each ink."))
            continue
        step = profile.tools[part.tool].step_volume_mm3
        ink = part.ink
        smallest = float(part.unit_range.dose_mg[0] / ink.nominal_strength_mg_per_g * 1000 / ink.density_mg_mm3)
        if step / 2 > HALF_STEP_SHARE * smallest:
            told = f"Half a motor step is {step / 2 / smallest * 100:.2f} % of the smallest unit."
            findings.append(error("E_GATE_STEP", told, "Use a narrower syringe; at most 0.5 % is dose-exact."))
    return findings


def _prime(facts: Facts, part: Part) -> list[Finding]:
    limit = part.parameters.prime_mm3.proven[1]
    primes = [span for span in facts.spans if span.kind == "prime" and span.tool == part.tool]
    spent = sum(
        float(facts.pushed_mm3[s.first_move : s.after_move][facts.pushes[s.first_move : s.after_move]].sum())
        for s in primes
    )
    if spent <= float(limit) + facts.digit_mm3(part.tool):
        return []
    told = f"The file primes {spent:.1f} mm³; at most {limit} mm³ are proven."
    return [error("E_GATE_PRIME", told, NEW_FILE, f"line {primes[0].first_line}")]


def _prime_flow(facts: Facts, part: Part) -> list[Finding]:
    """Return a prime so fast that the ink, at its target temperature, needs more than the limit."""
    celsius, limit = float(part.parameters.cartridge_c.target), limit_kpa(facts, part)
    flow, line = prime_flow(facts, part)
    needed = predicted_pressure_kpa(part.ink, part.nozzle, flow, celsius)
    if not line or needed <= limit:
        return []
    told = f"Line {line}: primes at {flow:.2f} mm³/s, which needs {needed:.0f} kPa at {celsius:g} °C; the limit is "
    told += f"{limit:g} kPa."
    return [error("E_GATE_PRESSURE", told, NEW_FILE, f"line {line}")]


def _masses(facts: Facts) -> list[Finding]:
    findings = []
    for number, (span, volume) in enumerate(zip(facts.units, facts.volumes_mm3, strict=True)):
        part = facts.part_of(span)
        if part is None:
            continue
        low, high = (float(limit) * MG_PER_G for limit in part.unit_range.wet_mass_g)
        correction = [float(limit) for limit in part.parameters.unit_multiplier.proven]
        mass = volume * float(part.ink.density_mg_mm3)
        if not low * correction[0] <= mass <= high * correction[1]:
            told = (
                f"{facts.name(number)} would weigh {mass:.1f} mg; the recipe is validated from {low:g} to {high:g} mg."
            )
            findings.append(error("E_GATE_UNIT_MASS", told, NEW_FILE, f"line {span.first_line}"))
    return findings


DEPOSIT_RULES: tuple[Callable[[Facts], list[Finding]], ...] = (
    _something,
    _count,
    _parts,
    _places,
    _volumes,
    _balanced,
    _on_spot,
    _capacity,
    _calibrated,
    _of_recipe,
)
