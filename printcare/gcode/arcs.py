"""Arcs of the XY plane, G2 and G3: what they are, how far they reach, and as chords; part of the independent reader."""

from __future__ import annotations

import math

import numpy as np

from printcare.gcode.bulk import Floats, Ints
from printcare.gcode.moves import ARC, Arcs, Moves

LEAST_STEP_RAD = math.radians(5)
SAGITTA_MM = 0.02  # a chord may leave its arc by that much where it is judged
MISMATCH_MM = 0.05  # between the radii at both ends; beyond, nobody can say where the firmware goes
FULL_TURN = 2 * math.pi
# Right angles from 0, the axis an arc is farthest along there, and which way.
QUARTERS = ((0, 0, 1), (1, 1, 1), (2, 0, -1), (-1, 1, -1))
TINY_RAD = 1e-9


def bend(line: Floats, row: Ints, start: Floats, end: Floats, offset: Floats, turn: Ints) -> Arcs | None:
    """Return arcs for what they are; None where one of them is none.

    `start`, `end` (n, 3), `offset` (n, 2) the centre from the start, `turn` (n,) 1 for G3 and −1 for G2. An arc that
    ends where it begins is a full circle, as the firmware has it.
    """
    out = -offset
    back = end[:, :2] - start[:, :2] - offset
    radius = np.hypot(out[:, 0], out[:, 1])
    mismatch = np.abs(np.hypot(back[:, 0], back[:, 1]) - radius)
    if not ((radius > 0) & (mismatch <= MISMATCH_MM)).all():
        return None
    begin = np.arctan2(out[:, 1], out[:, 0])
    sweep: Floats = (turn * (np.arctan2(back[:, 1], back[:, 0]) - begin)) % FULL_TURN
    is_full = (sweep <= TINY_RAD) | (sweep >= FULL_TURN - TINY_RAD)
    sweep = np.where(is_full, FULL_TURN, sweep)
    length = np.hypot(radius * sweep, end[:, 2] - start[:, 2])
    centre = start[:, :2] + offset
    return Arcs(line.astype(np.int64), row, centre, radius, begin, turn * sweep, length, mismatch, is_full)


def joined(pieces: list[Arcs]) -> Arcs:
    """Return arcs read piece by piece as one."""
    if not pieces:
        none, rows = np.empty(0), np.empty(0, dtype=np.int64)
        return Arcs(rows, rows, np.empty((0, 2)), none, none, none, none, none, np.empty(0, dtype=bool))
    return Arcs(*(np.concatenate([getattr(piece, column) for piece in pieces]) for column in Arcs.__slots__))


def corners(moves: Moves, arcs: Arcs) -> tuple[Floats, Floats]:
    """Return the least and the most place on each way, (n, 3): of an arc also where it passes a quarter."""
    low, high = np.minimum(moves.start_mm, moves.end_mm), np.maximum(moves.start_mm, moves.end_mm)
    direction, swept = np.sign(arcs.sweep_rad), np.abs(arcs.sweep_rad)
    for quarter, axis, way in QUARTERS:
        angle = (quarter * math.pi / 2 - arcs.begin_rad) * direction
        angle += FULL_TURN * (angle < 0)  # quarters and begin lie within half a turn of 0, their difference within one
        passed = angle <= swept
        rows = arcs.row[passed]
        side, farther = (high, np.maximum) if way > 0 else (low, np.minimum)
        side[rows, axis] = farther(side[rows, axis], (arcs.centre_mm[:, axis] + way * arcs.radius_mm)[passed])
    return low, high


def chords(moves: Moves, arcs: Arcs, rows: Ints, sagitta_mm: float = SAGITTA_MM) -> tuple[Ints, Floats, Floats]:
    """Return chosen moves as straight ways, every arc among them as short chords that leave it by so much at most.

    Returns the place in `rows` each way belongs to (m,), its start and its end, (m, 3).
    """
    start, end = moves.start_mm[rows], moves.end_mm[rows]
    bent = np.flatnonzero(moves.flags[rows] & ARC)
    if not len(bent):
        return np.arange(len(rows)), start, end
    which = np.zeros(len(rows), dtype=np.int64)
    which[bent] = np.searchsorted(arcs.row, rows[bent])
    widest = np.maximum(2 * np.arccos(1 - np.minimum(sagitta_mm / arcs.radius_mm, 1.0)), LEAST_STEP_RAD)
    pieces = np.ones(len(rows), dtype=np.int64)
    pieces[bent] = np.ceil(np.abs(arcs.sweep_rad) / widest)[which[bent]]
    owner = np.repeat(np.arange(len(rows)), pieces)
    number = np.arange(len(owner)) - (np.cumsum(pieces) - pieces)[owner] + 1
    inner = np.flatnonzero(number < pieces[owner])
    share, arc = (number / pieces[owner])[inner], which[owner[inner]]
    angle = arcs.begin_rad[arc] + arcs.sweep_rad[arc] * share
    ends = end[owner]
    ends[inner, 0] = arcs.centre_mm[arc, 0] + arcs.radius_mm[arc] * np.cos(angle)
    ends[inner, 1] = arcs.centre_mm[arc, 1] + arcs.radius_mm[arc] * np.sin(angle)
    ends[inner, 2] = start[owner[inner], 2] + (end - start)[owner[inner], 2] * share
    starts = start[owner]
    starts[inner + 1] = ends[inner]
    return owner, starts, ends


def centre_offset(start: list[float], target: list[float], radius_mm: float, turn: int) -> tuple[float, float] | None:
    """Return the centre from the start of an arc given by R, negative for the longer way round; None where none is."""
    dx, dy = target[0] - start[0], target[1] - start[1]
    chord = math.hypot(dx, dy)
    if chord == 0 or chord > 2 * abs(radius_mm):
        return None
    side = turn * math.copysign(math.sqrt(radius_mm**2 - chord**2 / 4), radius_mm) / chord
    return dx / 2 - side * dy, dy / 2 + side * dx
