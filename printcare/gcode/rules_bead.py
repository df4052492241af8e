"""The gate's rules on the bead itself: layers, widths, and the pressure the ink would need."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from printcare.domain.checks import Finding
from printcare.domain.recipe import MasterRecipe, Part
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.bulk import Bools, Floats, Ints
from printcare.gcode.facts import Facts, at_lines
from printcare.gcode.spans import Span

Z_DIGITS = 3
ROUND_LOSS = 1 - math.pi / 4
TINY_S = 1e-9
SECTION_DIGITS = 1.5  # of E, by which a bead's volume may differ: both its ends are rounded
FEW_SHARE = 0.1  # of a layer's beads that may be wrong; with more of them the layer has no section of its own
NEW_FILE = "Do not print this file; write it again."


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """The beads of one unit's ink, each (n,): line, length, volume, time, layer height, climb, and which layer."""

    line: Ints
    length_mm: Floats
    pushed_mm3: Floats
    seconds: Floats
    layer_mm: Floats
    climbs_mm: Floats
    level: Ints  # the number of its layer among this ink's own


def laid(facts: Facts, span: Span, below: set[float]) -> Laid | None:
    """Return the beads of a span; None where it lays none. `below` are the heights of the unit so far, added to.

    A layer's height is what separates it from the layer under it: its own ink's, or for the lowest the unit's so far.
    """
    part = slice(span.first_move, span.after_move)
    rows = np.flatnonzero(facts.lays[part]) + span.first_move
    if not len(rows):
        return None
    moves = facts.moves
    z = moves.end_mm[rows, 2]
    heights = np.round(z, Z_DIGITS)
    levels, level = np.unique(heights, return_inverse=True)
    under = max((height for height in below if height < levels[0]), default=facts.profile.build.min_z_mm)
    below |= set(levels.tolist())
    length = moves.length_mm[rows]
    return Laid(
        moves.line[rows],
        length,
        facts.pushed_mm3[rows],
        length / np.maximum(moves.feed_mm_s[rows], TINY_S),
        np.diff(levels, prepend=under)[level],
        np.abs(moves.start_mm[rows, 2] - z),
        level,
    )


def beads(facts: Facts, recipe: MasterRecipe, gentle: set[int]) -> list[Finding]:
    """Return every objection a recipe has to the beads of a file, unit by unit; `gentle` tools `needs_little`."""
    findings: list[Finding] = []
    below: set[float] = set()
    unit = 0
    for (number, _), span in zip(facts.numbers, facts.units, strict=True):
        if number != unit:
            unit, below = number, set()
        part = facts.part_of(span)
        found = laid(facts, span, below)
        if part is not None and found is not None:
            findings += [*_layers(part, found), *_widths(facts, recipe, part, found)]
            findings += _sections(facts, part, found)
            findings += [] if part.tool in gentle else _pressure(facts, part, found)
    return findings


def pressures_kpa(facts: Facts) -> tuple[tuple[float, float], ...]:
    """Return for each part of the recipe the least and the most pressure its beads need, at its own temperature."""
    if facts.recipe is None:
        return ()
    pressures = []
    moves = facts.moves
    for part in facts.recipe.parts:
        mine = facts.lays & (moves.tool == part.tool) & (moves.feed_mm_s > 0)
        flow = facts.pushed_mm3[mine] * moves.feed_mm_s[mine] / moves.length_mm[mine]
        celsius = float(part.parameters.cartridge_c.target)
        ends = (float(flow.min()), float(flow.max())) if len(flow) else (0.0, 0.0)
        least, most = (predicted_pressure_kpa(part.ink, part.nozzle, end, celsius) if end else 0.0 for end in ends)
        pressures.append((least, most))
    return tuple(pressures)


def _layers(part: Part, found: Laid) -> list[Finding]:
    low, high = (float(limit) for limit in part.parameters.layer_height_mm.proven)
    slack = 2 * 10.0**-Z_DIGITS
    wrong = (found.layer_mm < low - slack) | (found.layer_mm > high + slack) | (found.climbs_mm > slack)
    reason = f"lays a layer outside the proven {low:g} to {high:g} mm, or while rising."
    return at_lines("E_GATE_LAYER", found.line[wrong], reason, NEW_FILE)


def _widths(facts: Facts, recipe: MasterRecipe, part: Part, found: Laid) -> list[Finding]:
    bore = float(part.nozzle.bore_mm)
    low, high = (float(limit) * bore for limit in recipe.shape.bead_width_ratio)
    area, digit_mm2 = found.pushed_mm3 / found.length_mm, facts.digit_mm3(part.tool) / found.length_mm
    safe = np.maximum(found.layer_mm, 10.0**-Z_DIGITS)
    narrow = (area + digit_mm2) / safe + safe * ROUND_LOSS < low
    wide = (area - digit_mm2) / safe + safe * ROUND_LOSS > high
    reason = f"lays a bead outside {low:.3f} to {high:.3f} mm of width."
    return at_lines("E_GATE_BEAD", found.line[narrow | wide], reason, NEW_FILE)


def _sections(facts: Facts, part: Part, found: Laid) -> list[Finding]:
    """Return beads of another section than nearly all the others of their layer.

    E is absolute, so a line lost on the way leaves the dose whole and lays it on a short cut that is too thick. Files
    whose layers are made of several widths have no section of their own, and are not judged by it.
    """
    digit = SECTION_DIGITS * facts.digit_mm3(part.tool)
    count = np.bincount(found.level)
    common = np.bincount(found.level, found.pushed_mm3) / np.bincount(found.level, found.length_mm)
    if not _strays(found, common, digit).any():
        return []
    section = found.pushed_mm3 / found.length_mm
    common = np.array([np.median(section[found.level == level]) for level in range(len(count))])
    strays = _strays(found, common, digit)
    few = np.bincount(found.level, strays) <= FEW_SHARE * count
    wrong = strays & few[found.level]
    reason = "lays a bead of another section than the others of its layer; a line before it may be lost."
    return at_lines("E_GATE_BEAD", found.line[wrong], reason, NEW_FILE)


def _strays(found: Laid, section_mm2: Floats, digit_mm3: float) -> Bools:
    return np.abs(found.pushed_mm3 - section_mm2[found.level] * found.length_mm) > digit_mm3


def needs_little(facts: Facts, part: Part) -> bool:
    """Whether even a tool's fastest push, bead or prime, stays within the limit at the coldest the recipe proves.

    Asked once for a file: what a flow needs is a root to be found, and units by the hundred flow alike.
    """
    moves = facts.moves
    mine = facts.lays if len(facts.areas_mm2) == 1 else facts.lays & (moves.tool == part.tool)
    flows = facts.pushed_mm3[mine] * moves.feed_mm_s[mine] / moves.length_mm[mine]
    fastest = max(float(flows.max(initial=0.0)), prime_flow(facts, part)[0])
    return _needed_kpa(part, fastest) <= limit_kpa(facts, part)


def prime_flow(facts: Facts, part: Part) -> tuple[float, int]:
    """Return the fastest flow a part's tool is primed at, and its line; zeros where it is not primed."""
    moves = facts.moves
    primes = np.zeros(len(moves), dtype=bool)
    for span in facts.spans:
        if span.kind == "prime" and span.tool == part.tool:
            primes[span.first_move : span.after_move] = True
    rows = np.flatnonzero(primes & facts.pushes & facts.on_spot)
    if not len(rows):
        return 0.0, 0
    row = rows[int(np.argmax(moves.feed_mm_s[rows]))]
    area_mm2 = facts.areas_mm2[min(part.tool, len(facts.areas_mm2) - 1)]
    return float(moves.feed_mm_s[row]) * area_mm2, int(moves.line[row])


def limit_kpa(facts: Facts, part: Part) -> float:
    """Return the most a part's ink may be pressed with, by recipe and tool."""
    tool = facts.profile.tools[min(part.tool, len(facts.profile.tools) - 1)]
    return min(float(part.limits.pressure_max_kpa), tool.max_pressure_kpa)


def _needed_kpa(part: Part, flow_mm3_s: float) -> float:
    coldest_c = float(part.parameters.cartridge_c.proven[0])  # the coldest ink the recipe lets flow
    return predicted_pressure_kpa(part.ink, part.nozzle, flow_mm3_s, coldest_c)


def _pressure(facts: Facts, part: Part, found: Laid) -> list[Finding]:
    flow = (found.pushed_mm3 - facts.digit_mm3(part.tool)) / np.maximum(found.seconds, TINY_S)
    worst = int(np.argmax(flow))
    most = max(float(flow[worst]), 0.0)
    temperature = float(part.parameters.cartridge_c.proven[0])
    needed, limit = _needed_kpa(part, most), limit_kpa(facts, part)
    reason = f"a flow of {most:.2f} mm³/s needs {needed:.0f} kPa at {temperature:g} °C, the limit is {limit:g} kPa."
    return at_lines(
        "E_GATE_PRESSURE", found.line[worst : worst + 1] if needed > limit else found.line[:0], reason, "Print slower."
    )
