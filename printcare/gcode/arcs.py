"""Arcs of the XY plane, G2 and G3, as short chords; part of the independent reader."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from printcare.gcode.bulk import Bools, Floats, Ints

LEAST_STEP_RAD = math.radians(5)
SAGITTA_MM = 0.02  # a chord may leave its arc by that much
MISMATCH_MM = 0.05  # between the radii at both ends; beyond, nobody can say where the firmware goes
FULL_TURN = 2 * math.pi
TINY_RAD = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Chords:
    """Arcs as chords in order: which arc each belongs to, its end; and of every arc what it is, (arcs,).

    arc (m,) int   end_mm (m, 3)   length_mm (arcs,) of the whole arc   pieces (arcs,) int
    radius_mm, mismatch_mm (arcs,)   is_full (arcs,) bool
    """

    arc: Ints
    end_mm: Floats
    length_mm: Floats
    pieces: Ints
    radius_mm: Floats
    mismatch_mm: Floats
    is_full: Bools


def chords(start: Floats, end: Floats, offset: Floats, turn: Ints) -> Chords | None:
    """Return arcs as chords; None where one of them is no arc.

    `start`, `end` (n, 3), `offset` (n, 2) the centre from the start, `turn` (n,) 1 for G3 and −1 for G2. An arc that
    ends where it begins is a full circle, as the firmware has it.
    """
    centre = start[:, :2] + offset
    out, back = start[:, :2] - centre, end[:, :2] - centre
    radius = np.hypot(out[:, 0], out[:, 1])
    mismatch = np.abs(np.hypot(back[:, 0], back[:, 1]) - radius)
    if not ((radius > 0) & (mismatch <= MISMATCH_MM)).all():
        return None
    begin = np.arctan2(out[:, 1], out[:, 0])
    sweep = (turn * (np.arctan2(back[:, 1], back[:, 0]) - begin)) % FULL_TURN
    is_full = (sweep <= TINY_RAD) | (sweep >= FULL_TURN - TINY_RAD)
    sweep = np.where(is_full, FULL_TURN, sweep)
    widest = 2 * np.arccos(1 - np.minimum(SAGITTA_MM / radius, 1.0))
    pieces = np.ceil(sweep / np.maximum(widest, LEAST_STEP_RAD)).astype(np.int64)
    arc = np.repeat(np.arange(len(pieces)), pieces)
    first = np.cumsum(pieces) - pieces
    number = np.arange(len(arc)) - first[arc] + 1
    share = number / pieces[arc]
    angle = begin[arc] + (turn * sweep)[arc] * share
    places = np.empty((len(arc), 3))
    places[:, 0] = centre[arc, 0] + radius[arc] * np.cos(angle)
    places[:, 1] = centre[arc, 1] + radius[arc] * np.sin(angle)
    places[:, 2] = start[arc, 2] + (end[:, 2] - start[:, 2])[arc] * share
    places[number == pieces[arc]] = end
    length = np.hypot(radius * sweep, end[:, 2] - start[:, 2])
    return Chords(arc, places, length, pieces, radius, mismatch, is_full)


def centre_offset(start: list[float], target: list[float], radius_mm: float, turn: int) -> tuple[float, float] | None:
    """Return the centre from the start of an arc given by R, negative for the longer way round; None where none is."""
    dx, dy = target[0] - start[0], target[1] - start[1]
    chord = math.hypot(dx, dy)
    if chord == 0 or chord > 2 * abs(radius_mm):
        return None
    side = turn * math.copysign(math.sqrt(radius_mm**2 - chord**2 / 4), radius_mm) / chord
    return dx / 2 - side * dy, dy / 2 + side * dx
