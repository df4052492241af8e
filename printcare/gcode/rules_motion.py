"""The gate's rules on motion: build volume, keep-outs, speeds, motion in flight, and travel over finished units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.gcode.bulk import Floats
from printcare.gcode.facts import Facts, Mask, at_lines
from printcare.gcode.rules_state import REWRITE
from printcare.gcode.spans import Span

TINY_MM = 1e-6
SPEED_SLACK = 1.001  # a feed is written in whole mm/min
HORIZON_SLACK = 1.02
LIFT_MM = 5.0  # clear of the unit before it is weighed (process.md §4.2)


def _build(facts: Facts) -> list[Finding]:
    box, moves = facts.profile.build, facts.moves
    low = np.array([box.min_x_mm, box.min_y_mm, box.min_z_mm]) - TINY_MM
    high = np.array([box.max_x_mm, box.max_y_mm, box.max_z_mm]) + TINY_MM
    if not len(moves) or ((moves.end_mm.min(axis=0) >= low).all() and (moves.end_mm.max(axis=0) <= high).all()):
        return []
    outside = ((moves.end_mm < low) | (moves.end_mm > high)).any(axis=1)
    return at_lines(
        "E_GATE_BUILD", moves.line[outside], "leaves the build volume; the firmware would clip it.", REWRITE
    )


def _keep_outs(facts: Facts) -> list[Finding]:
    moves = facts.moves
    hit = np.zeros(len(moves), dtype=bool)
    for box in facts.profile.tray.keep_outs:
        low = np.array([box.min_x_mm, box.min_y_mm, box.min_z_mm])
        high = np.array([box.max_x_mm, box.max_y_mm, box.max_z_mm])
        hit |= _crosses(moves.start_mm, moves.end_mm, low, high)
    return at_lines("E_GATE_KEEP_OUT", moves.line[hit], "enters a space the tool must never enter.", REWRITE)


def _crosses(start: Floats, end: Floats, low: Floats, high: Floats) -> Mask:
    """Return which straight moves touch the inside of a box (slab method), (n,) bool."""
    near = (np.minimum(start, end) < high).all(axis=1) & (np.maximum(start, end) > low).all(axis=1)
    hit = np.zeros(len(start), dtype=bool)
    chosen = np.flatnonzero(near)
    if len(chosen):
        begin, step = start[chosen], end[chosen] - start[chosen]
        step = np.where(np.abs(step) < TINY_MM, TINY_MM, step)
        one, two = (low - begin) / step, (high - begin) / step
        enter = np.maximum(np.minimum(one, two).max(axis=1), 0.0)
        leave = np.minimum(np.maximum(one, two).min(axis=1), 1.0)
        hit[chosen] = enter < leave
    return hit


def _feeds(facts: Facts) -> list[Finding]:
    moves = facts.moves
    acts = (moves.length_mm > 0) | facts.on_spot
    return at_lines("E_GATE_NO_FEED", moves.line[acts & (moves.feed_mm_s <= 0)], "moves at no stated speed.", REWRITE)


def _speeds(facts: Facts) -> list[Finding]:
    moves, limits = facts.moves, facts.profile.motion
    path = np.where(moves.length_mm > 0, moves.length_mm, np.abs(moves.e_mm))
    pace = moves.feed_mm_s / np.where(path > 0, path, np.inf)  # moves per second
    step = np.abs(moves.end_mm - moves.start_mm)
    across = np.hypot(step[:, 0], step[:, 1]) * pace > limits.max_feed_xy_mm_s * SPEED_SLACK
    up = step[:, 2] * pace > limits.max_feed_z_mm_s * SPEED_SLACK
    ink = np.abs(moves.e_mm) * pace > facts.profile.tool.max_feed_mm_s * SPEED_SLACK
    return [
        *at_lines("E_GATE_SPEED_XY", moves.line[across], f"faster than {limits.max_feed_xy_mm_s:g} mm/s.", REWRITE),
        *at_lines("E_GATE_SPEED_Z", moves.line[up], f"lifts faster than {limits.max_feed_z_mm_s:g} mm/s.", REWRITE),
        *at_lines(
            "E_GATE_SPEED_E",
            moves.line[ink],
            f"drives E faster than {facts.profile.tool.max_feed_mm_s:g} mm/s.",
            REWRITE,
        ),
    ]


def _print_speed(facts: Facts) -> list[Finding]:
    if facts.recipe is None:
        return []
    proven = facts.recipe.parameters.print_speed_mm_s.proven
    feed = facts.moves.feed_mm_s
    wrong = facts.lays & ((feed < float(proven[0]) / SPEED_SLACK) | (feed > float(proven[1]) * SPEED_SLACK))
    reason = f"prints outside the proven {proven[0]} to {proven[1]} mm/s."
    return at_lines("E_GATE_PRINT_SPEED", facts.moves.line[wrong], reason, "Print at the recipe's speed.")


def _horizon(facts: Facts) -> list[Finding]:
    """Return beads so long that a full planner and queue hold more motion than a stop may take (process.md §3.4)."""
    if not facts.lays.any():
        return []
    link = facts.profile.link
    times = facts.moves.length_mm[facts.lays] / np.maximum(facts.moves.feed_mm_s[facts.lays], TINY_MM)
    lines = facts.moves.line[facts.lays]
    blocks = link.planner_blocks + link.command_queue
    total = np.concatenate(([0.0], np.cumsum(times)))
    width = min(blocks, len(times))
    held = total[width:] - total[: len(total) - width]
    long = lines[: len(held)][held > link.max_horizon_s * HORIZON_SLACK]
    reason = f"{blocks} lines from here hold more than {link.max_horizon_s:g} s of motion."
    return at_lines("E_GATE_HORIZON", long, reason, "Write shorter segments.")


def _low_travel(facts: Facts) -> list[Finding]:
    """Return moves through a unit that stands finished, and units left without a clear lift.

    Beads of other units need no look: a unit's extrusion lies nearest to its own position, so no two share a place.
    """
    findings: list[Finding] = []
    moves, units = facts.moves, facts.tray_units
    extents = [_extent(facts, span) for span in units]
    reach = np.minimum(moves.start_mm[:, 2], moves.end_mm[:, 2])
    low_travel = np.flatnonzero(~facts.lays & (reach < max((high[2] for _, high in extents), default=0.0)))
    for span, (low, high) in zip(units, extents, strict=True):
        done = int(np.flatnonzero(facts.pushes[span.first_move : span.after_move])[-1]) + span.first_move + 1
        later = low_travel[low_travel >= done]
        hit = _crosses(moves.start_mm[later], moves.end_mm[later], low, high)
        reason = f"crosses the finished unit at lines {span.first_line} to {span.last_line}."
        findings += at_lines("E_GATE_LOW_TRAVEL", moves.line[later[hit]], reason, "Travel above every finished unit.")
        if moves.end_mm[span.after_move - 1, 2] < high[2] + LIFT_MM - TINY_MM:
            where = f"line {span.last_line}"
            told = f"Line {span.last_line}: the unit ends less than {LIFT_MM:g} mm above itself."
            findings.append(error("E_GATE_LIFT", told, "Lift and park at the end of a unit.", where))
    return findings


def _extent(facts: Facts, span: Span) -> tuple[Floats, Floats]:
    """Return the low and high corner of what a unit's beads occupy; the nozzle's path, from the tray up."""
    part = slice(span.first_move, span.after_move)
    lays = facts.pushes[part]
    points = np.concatenate((facts.moves.start_mm[part][lays], facts.moves.end_mm[part][lays]))
    low = points.min(axis=0)
    return np.array([low[0], low[1], facts.profile.build.min_z_mm]), points.max(axis=0)


MOTION_RULES: tuple[Callable[[Facts], list[Finding]], ...] = (
    _build,
    _keep_outs,
    _feeds,
    _speeds,
    _print_speed,
    _horizon,
    _low_travel,
)
