"""The gate's rules on motion: build volume, keep-outs, speeds, motion in flight, and travel over finished units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.gcode.bulk import Floats, Ints
from printcare.gcode.facts import Facts, Mask, at_lines
from printcare.gcode.moves import ARC
from printcare.gcode.rules_state import REWRITE, TINY_MM
from printcare.gcode.spans import Span

SPEED_SLACK = 1.001  # a feed is written in whole mm/min
HORIZON_SLACK = 1.02
LIFT_MM = 5.0  # clear of the unit before it is weighed (process.md §4.2)


def _build(facts: Facts) -> list[Finding]:
    """Return moves beyond what the carriage reaches, whichever tool it carries there."""
    box, moves = facts.profile.build, facts.moves
    low = np.array([box.min_x_mm, box.min_y_mm, box.min_z_mm]) - TINY_MM
    high = np.array([box.max_x_mm, box.max_y_mm, box.max_z_mm]) + TINY_MM
    outside = np.zeros(len(moves), dtype=bool)
    for _, end, mine in _nozzles(facts, only=0):
        within = end if mine is None else end[mine]
        if len(within) and not ((within.min(axis=0) >= low).all() and (within.max(axis=0) <= high).all()):
            beyond = ((end < low) | (end > high)).any(axis=1)
            outside |= beyond if mine is None else beyond & mine
    return at_lines(
        "E_GATE_BUILD", moves.line[outside], "leaves the build volume; the firmware would clip it.", REWRITE
    )


def _nozzles(facts: Facts, only: int | None = None) -> list[tuple[Floats, Floats, Mask | None]]:
    """Return where nozzles begin and end each move: the working one, then those that rest beside it, masked.

    `only` names the one resting nozzle wanted; that of the first tool tells where the carriage itself is.
    """
    moves, tools = facts.moves, facts.profile.tools
    placed: list[tuple[Floats, Floats, Mask | None]] = [(moves.start_mm, moves.end_mm, None)]
    if len(tools) == 1:
        return placed
    offsets = np.array([tool.offset_mm for tool in tools])
    mine = offsets[np.minimum(moves.tool, len(tools) - 1)]
    for number, offset in enumerate(offsets):
        rests = (moves.tool != number) & (only is None or only == number)
        if rests.any():
            placed.append((moves.start_mm - mine + offset, moves.end_mm - mine + offset, rests))
    return placed


def _keep_outs(facts: Facts) -> list[Finding]:
    moves = facts.moves
    hit = np.zeros(len(moves), dtype=bool)
    for start, end, rests in _nozzles(facts):
        for box in facts.profile.tray.keep_outs:
            low = np.array([box.min_x_mm, box.min_y_mm, box.min_z_mm])
            high = np.array([box.max_x_mm, box.max_y_mm, box.max_z_mm])
            crosses = _crosses(start, end, low, high)
            hit |= crosses if rests is None else crosses & rests
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
    drives = np.array([tool.max_feed_mm_s for tool in facts.profile.tools])
    ink = np.abs(moves.e_mm) * pace > drives[np.minimum(moves.tool, len(drives) - 1)] * SPEED_SLACK
    return [
        *at_lines("E_GATE_SPEED_XY", moves.line[across], f"faster than {limits.max_feed_xy_mm_s:g} mm/s.", REWRITE),
        *at_lines("E_GATE_SPEED_Z", moves.line[up], f"lifts faster than {limits.max_feed_z_mm_s:g} mm/s.", REWRITE),
        *at_lines(
            "E_GATE_SPEED_E",
            moves.line[ink],
            f"drives E faster than {' and '.join(f'{drive:g}' for drive in drives)} mm/s.",
            REWRITE,
        ),
    ]


def _print_speed(facts: Facts) -> list[Finding]:
    if facts.recipe is None or facts.recipe.shape.path == "dot":  # a dot's flow is judged where its rise is
        return []
    findings: list[Finding] = []
    feed, many = facts.moves.feed_mm_s, len(facts.profile.tools) > 1
    for part in facts.recipe.parts:
        proven = part.parameters.print_speed_mm_s.proven
        wrong = facts.lays & ((feed < float(proven[0]) / SPEED_SLACK) | (feed > float(proven[1]) * SPEED_SLACK))
        if many:
            wrong &= facts.moves.tool == part.tool
        reason = f"prints outside the proven {proven[0]} to {proven[1]} mm/s."
        findings += at_lines("E_GATE_PRINT_SPEED", facts.moves.line[wrong], reason, "Print at the recipe's speed.")
    return findings


def _horizon(facts: Facts) -> list[Finding]:
    """Return beads so long that a full planner and queue hold more motion than a stop may take (process.md §3.4).

    The planner holds pieces, of which a straight line is one and an arc as many as the firmware cuts it into; behind it
    the queue holds whole lines, the first of them the one being cut.
    """
    if not facts.lays.any():
        return []
    link = facts.profile.link
    times = facts.moves.length_mm[facts.lays] / np.maximum(facts.moves.feed_mm_s[facts.lays], TINY_MM)
    lines = facts.moves.line[facts.lays]
    blocks = link.planner_blocks + link.command_queue
    if facts.back.arcs.line.size:
        held, lines = _held_with_arcs(facts, times, lines)
    else:
        total = np.concatenate(([0.0], np.cumsum(times)))
        width = min(blocks, len(times))
        held = total[width:] - total[: len(total) - width]
    long = lines[: len(held)][held > link.max_horizon_s * HORIZON_SLACK]
    reason = f"{blocks} moves from here hold more than {link.max_horizon_s:g} s of motion."
    return at_lines("E_GATE_HORIZON", long, reason, "Write shorter segments.")


def _held_with_arcs(facts: Facts, times: Floats, lines: Ints) -> tuple[Floats, Ints]:
    """Return the seconds in flight behind each piece, and the piece's line."""
    link, arcs = facts.profile.link, facts.back.arcs
    own, first = np.unique(lines, return_index=True)
    line_s = np.add.reduceat(times, first)
    pieces = np.ones(len(own), dtype=np.int64)
    bent = facts.moves.flags[facts.lays][first] & ARC != 0
    length = arcs.length_mm[np.searchsorted(arcs.line, own[bent])]
    pieces[bent] = np.maximum(1, np.ceil(length / facts.profile.arc_segment_mm[1] - TINY_MM)).astype(np.int64)
    which = np.repeat(np.arange(len(own)), pieces)
    until = np.concatenate(([0.0], np.cumsum((line_s / pieces)[which])))
    last_piece = np.cumsum(pieces)
    begin = np.arange(len(which))
    next_piece = np.minimum(begin + link.planner_blocks, len(which) - 1)
    last_line = np.minimum(which[next_piece] + link.command_queue - 1, len(own) - 1)
    return until[last_piece[last_line]] - until[begin], own[which]


def _low_travel(facts: Facts) -> list[Finding]:
    """Return moves through a unit that stands finished, and units left without a clear lift.

    Beads of other units need no look: a unit's extrusion lies nearest to its own position, so no two share a place.
    Inks of one unit lie in one another's way by design.
    """
    findings: list[Finding] = []
    moves, spans = facts.moves, facts.tray_units
    extents = _whole_units(facts, spans)
    top = max((high[2] for _, _, high in extents), default=0.0)
    ways = [
        (
            start,
            end,
            np.flatnonzero((~facts.lays if rests is None else rests) & (np.minimum(start[:, 2], end[:, 2]) < top)),
        )
        for start, end, rests in _nozzles(facts)
    ]
    for span, (done, low, high) in zip(spans, extents, strict=True):
        for start, end, chosen in ways if span.after_move > done else ():
            later = chosen[np.searchsorted(chosen, done) :]
            hit = later[_crosses(start[later], end[later], low, high)]
            reason = f"crosses the finished unit at lines {span.first_line} to {span.last_line}."
            findings += at_lines("E_GATE_LOW_TRAVEL", moves.line[hit], reason, "Travel above every finished unit.")
        if moves.end_mm[span.after_move - 1, 2] < high[2] + LIFT_MM - TINY_MM:
            where = f"line {span.last_line}"
            told = f"Line {span.last_line}: the unit ends less than {LIFT_MM:g} mm above itself."
            findings.append(error("E_GATE_LIFT", told, "Lift and park at the end of a unit.", where))
    return findings


def _whole_units(facts: Facts, spans: tuple[Span, ...]) -> list[tuple[int, Floats, Floats]]:
    """Return for each span the move after its unit's last push, and the corners of the unit, all inks together.

    The corners are those of the nozzle's path, from the tray up.
    """
    if not spans:
        return []
    moves, pushing = facts.moves, np.flatnonzero(facts.pushes)
    edges = np.searchsorted(pushing, [edge for span in spans for edge in (span.first_move, span.after_move)])
    start, end = moves.start_mm[pushing], moves.end_mm[pushing]
    low, high = np.empty((len(spans), 3)), np.empty((len(spans), 3))
    for axis in range(3):  # a reduction over (first, after) pairs; every second one lies between two units
        both = np.minimum(start[:, axis], end[:, axis]), np.maximum(start[:, axis], end[:, axis])
        low[:, axis] = np.minimum.reduceat(np.append(both[0], np.inf), edges)[::2]
        high[:, axis] = np.maximum.reduceat(np.append(both[1], -np.inf), edges)[::2]
    low[:, 2] = facts.profile.build.min_z_mm
    done = pushing[edges[1::2] - 1] + 1
    numbers = np.array([unit for unit, _ in facts.numbers])
    firsts = np.flatnonzero(np.diff(numbers, prepend=0))  # spans of one unit follow one another
    counts = np.diff(np.append(firsts, len(spans)))
    low, high = np.minimum.reduceat(low, firsts), np.maximum.reduceat(high, firsts)
    unit_of = np.repeat(np.arange(len(firsts)), counts)
    last_push = np.maximum.reduceat(done, firsts)
    return [(int(last_push[unit]), low[unit], high[unit]) for unit in unit_of.tolist()]


def _idle(facts: Facts) -> list[Finding]:
    """Return lines that repeat the bead before them: E is where it was, so the line was doubled on the way."""
    moves = facts.moves
    idle = (moves.length_mm == 0) & (moves.e_mm == 0)
    idle[1:] &= facts.lays[:-1] & (moves.line[1:] == moves.line[:-1] + 1)
    if len(idle):
        idle[0] = False
    return at_lines("E_GATE_DOUBLED", moves.line[idle], "repeats the line before it.", REWRITE)


MOTION_RULES: tuple[Callable[[Facts], list[Finding]], ...] = (
    _build,
    _keep_outs,
    _feeds,
    _speeds,
    _print_speed,
    _horizon,
    _low_travel,
    _idle,
)
