"""The gate's rules on motion: build volume, keep-outs, speeds, motion in flight, and travel over finished units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.gcode.arcs import chords
from printcare.gcode.bulk import Floats, Ints
from printcare.gcode.facts import Facts, Mask, at_lines, extents
from printcare.gcode.rules_state import REWRITE, TINY_MM
from printcare.gcode.spans import Span

SPEED_SLACK = 1.001  # a feed is written in whole mm/min
HORIZON_SLACK = 1.02
LIFT_MM = 5.0  # clear of the unit before it is weighed (process.md §4.2)


@dataclass(frozen=True, slots=True, eq=False)
class Nozzle:
    """One nozzle on some moves, (k,): which, how far it is from the working one, the corners of its ways, (k, 3)."""

    rows: Ints
    shift_mm: Floats | None
    low_mm: Floats
    high_mm: Floats

    def below(self, z_mm: float, left_out: Mask | None = None) -> Nozzle:
        """Return the nozzle on those of its moves that come below a height, without those of a mask of its moves."""
        mine = self.low_mm[:, 2] < z_mm
        chosen = np.flatnonzero(mine if left_out is None else mine & ~left_out)
        shift = None if self.shift_mm is None else self.shift_mm[chosen]
        low, high = (corner.T.take(chosen, axis=1).T for corner in (self.low_mm, self.high_mm))
        return Nozzle(self.rows[chosen], shift, low, high)


def _build(facts: Facts) -> list[Finding]:
    """Return moves beyond what the carriage reaches, whichever tool it carries there."""
    box, moves = facts.profile.build, facts.moves
    least = np.array([box.min_x_mm, box.min_y_mm, box.min_z_mm]) - TINY_MM
    most = np.array([box.max_x_mm, box.max_y_mm, box.max_z_mm]) + TINY_MM
    outside = np.zeros(len(moves), dtype=bool)
    for nozzle in _nozzles(facts, only=0):
        low, high = nozzle.low_mm, nozzle.high_mm
        if len(low) and not ((low.min(axis=0) >= least).all() and (high.max(axis=0) <= most).all()):
            outside[nozzle.rows] |= ((low < least) | (high > most)).any(axis=1)
    return at_lines(
        "E_GATE_BUILD", moves.line[outside], "leaves the build volume; the firmware would clip it.", REWRITE
    )


def _nozzles(facts: Facts, only: int | None = None) -> list[Nozzle]:
    """Return the working nozzle and every one that rests beside it, each on the moves where it does.

    `only` names the one resting nozzle wanted; that of the first tool tells where the carriage itself is.
    """
    moves, tools = facts.moves, facts.profile.tools
    placed = [Nozzle(np.arange(len(moves)), None, facts.low_mm, facts.high_mm)]
    if len(tools) == 1:
        return placed
    offsets = np.array([tool.offset_mm for tool in tools])
    mine = np.minimum(moves.tool, len(tools) - 1)
    low, high = facts.low_mm.T, facts.high_mm.T  # an axis lies in one piece
    for number in range(len(tools)) if only is None else (only,):
        rows = np.flatnonzero(moves.tool != number)
        if len(rows):
            shift = (offsets[number] - offsets).T.take(mine[rows], axis=1)
            at_low, at_high = low.take(rows, axis=1) + shift, high.take(rows, axis=1) + shift
            placed.append(Nozzle(rows, shift.T, at_low.T, at_high.T))
    return placed


def _keep_outs(facts: Facts) -> list[Finding]:
    lines = facts.moves.line
    hit = np.zeros(len(lines), dtype=bool)
    for nozzle in _nozzles(facts):
        for box in facts.profile.tray.keep_outs:
            low = np.array([box.min_x_mm, box.min_y_mm, box.min_z_mm])
            high = np.array([box.max_x_mm, box.max_y_mm, box.max_z_mm])
            hit[_crossing(facts, nozzle, low, high)] = True
    return at_lines("E_GATE_KEEP_OUT", lines[hit], "enters a space the tool must never enter.", REWRITE)


def _crossing(facts: Facts, nozzle: Nozzle, low: Floats, high: Floats, since: int = 0) -> Ints:
    """Return which of a nozzle's moves from `since` on pass through a box: by its sides, arcs by their chords."""
    later = slice(int(nozzle.rows.searchsorted(since)), None)
    near = ((nozzle.low_mm[later].T < high[:, None]) & (nozzle.high_mm[later].T > low[:, None])).all(axis=0)
    chosen = nozzle.rows[later][near]
    if not len(chosen):
        return chosen
    owner, start, end = chords(facts.moves, facts.back.arcs, chosen)
    begin = start if nozzle.shift_mm is None else start + nozzle.shift_mm[later][near][owner]
    step = end - start
    step = np.where(np.abs(step) < TINY_MM, TINY_MM, step)
    one, two = (low - begin) / step, (high - begin) / step
    enter = np.maximum(np.minimum(one, two).max(axis=1), 0.0)
    leave = np.minimum(np.maximum(one, two).min(axis=1), 1.0)
    return np.unique(chosen[owner[enter < leave]])


def _feeds(facts: Facts) -> list[Finding]:
    moves = facts.moves
    acts = (moves.length_mm > 0) | facts.on_spot
    return at_lines("E_GATE_NO_FEED", moves.line[acts & (moves.feed_mm_s <= 0)], "moves at no stated speed.", REWRITE)


def _speeds(facts: Facts) -> list[Finding]:
    moves, limits = facts.moves, facts.profile.motion
    path = np.where(moves.length_mm > 0, moves.length_mm, np.abs(moves.e_mm))
    pace = moves.feed_mm_s / np.where(path > 0, path, np.inf)  # moves per second
    step = np.abs(moves.end_mm - moves.start_mm)
    ground = np.hypot(step[:, 0], step[:, 1])
    ground[facts.back.arcs.row] = facts.back.arcs.length_mm
    across = ground * pace > limits.max_feed_xy_mm_s * SPEED_SLACK
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
    every = np.ones(len(facts.moves), dtype=np.int64)
    every[arcs.row] = np.maximum(1, np.ceil(arcs.length_mm / facts.profile.arc_segment_mm[1] - TINY_MM))
    pieces = every[facts.lays]
    which = np.repeat(np.arange(len(lines)), pieces)
    until = np.concatenate(([0.0], np.cumsum((times / pieces)[which])))
    last_piece = np.cumsum(pieces)
    begin = np.arange(len(which))
    next_piece = np.minimum(begin + link.planner_blocks, len(which) - 1)
    last_line = np.minimum(which[next_piece] + link.command_queue - 1, len(lines) - 1)
    return until[last_piece[last_line]] - until[begin], lines[which]


def _low_travel(facts: Facts) -> list[Finding]:
    """Return moves through a unit that stands finished, and units left without a clear lift.

    Beads of other units need no look: a unit's extrusion lies nearest to its own position, so no two share a place.
    Inks of one unit lie in one another's way by design.
    """
    findings: list[Finding] = []
    moves, spans = facts.moves, facts.tray_units
    extents = _whole_units(facts, spans)
    top = max((high[2] for _, _, high in extents), default=0.0)
    working, *resting = _nozzles(facts)
    nozzles = [working.below(top, left_out=facts.lays), *(nozzle.below(top) for nozzle in resting)]
    for span, (done, low, high) in zip(spans, extents, strict=True):
        for nozzle in nozzles if span.after_move > done else ():
            hit = _crossing(facts, nozzle, low, high, done)
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
    low, high = extents(facts, facts.pushes, spans)
    low[:, 2] = facts.profile.build.min_z_mm
    pushing = np.flatnonzero(facts.pushes)
    done = pushing[np.searchsorted(pushing, [span.after_move for span in spans]) - 1] + 1
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
