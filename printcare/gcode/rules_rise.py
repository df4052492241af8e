"""The gate's rules on a dot: pushed while the nozzle rises in the middle of its vessel, never below the level."""

from __future__ import annotations

import math

import numpy as np

from printcare.domain.checks import Finding
from printcare.domain.recipe import MasterRecipe, Part, Vessel
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.bulk import Bools, Floats, Ints
from printcare.gcode.facts import Facts, at_lines

PLACE_MM = 0.002  # two roundings of a coordinate
MOST_BORES = 2.0  # above the level; farther away a strand coils instead of sinking in
CORRECTED = 0.1  # of the level: a corrected unit keeps its path, and its level moves with its volume
HEIGHTS = 2001
FLOW_SLACK = 1.002  # Z is written to a micrometre, and the feed to a few digits
NEW_FILE = "Do not print this file; write it again."


def rises(facts: Facts, recipe: MasterRecipe, vessel: Vessel) -> list[Finding]:
    """Return every objection a recipe of dots has to the units of a file."""
    findings: list[Finding] = []
    for span in facts.units:
        part = facts.part_of(span)
        rows = np.flatnonzero(facts.lays[span.first_move : span.after_move]) + span.first_move
        if part is None or not len(rows):
            continue
        start, end = facts.moves.start_mm[rows], facts.moves.end_mm[rows]
        line, pushed = facts.moves.line[rows], facts.pushed_mm3[rows]
        centre = facts.profile.tray.centre(span.position) if span.position >= 0 else start[0, :2]
        corners = np.concatenate((facts.low_mm[rows, :2], facts.high_mm[rows, :2]), axis=1)
        off = np.abs(corners - np.tile(centre, 2)).max(axis=1) > PLACE_MM
        sinks = end[:, 2] <= start[:, 2]
        reason = "does not push a dot straight up in the middle of its vessel."
        findings += at_lines("E_GATE_RISE", line[off | sinks], reason, NEW_FILE)
        findings += _levels(part, vessel, line, start[:, 2], end[:, 2], pushed)
        seconds = (end[:, 2] - start[:, 2]) / np.maximum(facts.moves.feed_mm_s[rows], 1e-9)
        findings += _flows(facts, recipe, part, line, pushed, seconds)
    return findings


def _levels(part: Part, vessel: Vessel, line: Ints, low: Floats, high: Floats, pushed: Floats) -> list[Finding]:
    """Return strokes that dip into the ink, hang too far above it, or end above what the vessel may be filled to."""
    until = np.cumsum(pushed)
    heights, held = _table(vessel)
    level_after, level_before = np.interp(until, held, heights), np.interp(until - pushed, held, heights)
    slack = CORRECTED * level_after + PLACE_MM
    immersed = high < level_after - slack
    far = low - level_before > MOST_BORES * float(part.nozzle.bore_mm) + slack
    full = level_after > float(vessel.depth_mm * vessel.fill_share) * (1 + CORRECTED)
    return [
        *at_lines("E_GATE_RISE", line[immersed], "pushes below the level of what it has filled in.", NEW_FILE),
        *at_lines("E_GATE_RISE", line[far], f"pushes more than {MOST_BORES:g} bores above the level.", NEW_FILE),
        *at_lines("E_GATE_RISE", line[full], f"fills {vessel.name} higher than it may be filled.", NEW_FILE),
    ]


def _table(vessel: Vessel) -> tuple[Floats, Floats]:
    """Return heights from the bottom up and what the vessel holds to each, by its areas summed."""
    heights = np.linspace(0.0, float(vessel.depth_mm), HEIGHTS)
    corners = vessel.bottom_mm or ((vessel.depth_mm * 0, vessel.inner_mm),)
    widths = np.interp(heights, [float(z) for z, _ in corners], [float(width) for _, width in corners])
    above = heights > float(corners[-1][0])
    areas = math.pi / 4 * np.where(above, float(vessel.inner_mm), widths) ** 2
    slices = (areas[1:] + areas[:-1]) / 2 * np.diff(heights)
    return heights, np.concatenate(([0.0], np.cumsum(slices)))


def _flows(
    facts: Facts, recipe: MasterRecipe, part: Part, line: Ints, pushed: Floats, seconds: Floats
) -> list[Finding]:
    """Return strokes that flow otherwise than the recipe's own beads at their proven speeds, or need too much."""
    bore, parameters, digit = float(part.nozzle.bore_mm), part.parameters, facts.digit_mm3(part.tool)
    low, high = (float(limit) * bore for limit in recipe.shape.bead_width_ratio)
    layers = [float(limit) for limit in parameters.layer_height_mm.proven]
    speeds = [float(limit) for limit in parameters.print_speed_mm_s.proven]
    ends = [(width - layer * (1 - math.pi / 4)) * layer for width in (low, high) for layer in layers]
    least, most = min(ends) * speeds[0] / FLOW_SLACK, max(ends) * speeds[1] * FLOW_SLACK
    safe = np.maximum(seconds, 1e-9)
    wrong: Bools = ((pushed + digit) / safe < least) | ((pushed - digit) / safe > most)
    findings = at_lines(
        "E_GATE_RISE", line[wrong], f"flows outside {least:.2f} to {most:.2f} mm³/s, the recipe's own.", NEW_FILE
    )
    flow = float(((pushed - digit) / safe).max())
    celsius = float(parameters.cartridge_c.proven[0])  # the coldest ink the recipe lets flow
    needed = predicted_pressure_kpa(part.ink, part.nozzle, max(flow, 0.0), celsius)
    limit = min(float(part.limits.pressure_max_kpa), facts.profile.tools[part.tool].max_pressure_kpa)
    reason = f"a flow of {flow:.2f} mm³/s needs {needed:.0f} kPa at {celsius:g} °C, the limit is {limit:g} kPa."
    return [*findings, *at_lines("E_GATE_PRESSURE", line[:1] if needed > limit else line[:0], reason, "Print slower.")]
