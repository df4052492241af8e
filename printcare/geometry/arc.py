"""Beads of straight lines and arcs: arcs found in curves, cut to length, rounded as they will be written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from printcare.geometry.bead import XY_DIGITS
from printcare.geometry.curve import cut, thinned
from printcare.geometry.reach import Reach
from printcare.geometry.spiral import CHORD_MM
from printcare.geometry.strand import Array, Turns

LEAST_STEPS = 4  # of a curve that are worth an arc
STRAIGHT_MM = 500.0  # radius beyond which an arc is written as what it looks like
WIDEST_RAD = 0.75 * math.pi  # of one arc: nearer to a full turn its centre is ill placed by three rounded points
SHORTEST_RAD = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Bead:
    """One bead: points (n, 2) as written, and of each step to the next its arc's centre (NaN where straight)."""

    points: Array
    centres: Array
    turns: Turns

    def reversed(self) -> Bead:
        """Return the same bead laid the other way."""
        return Bead(self.points[::-1], self.centres[::-1], -self.turns[::-1])


def straight(chain: Array, longest_mm: float) -> Bead:
    """Return a bead of straight steps: thinned, cut to length and rounded, no two points in one place."""
    points = np.round(cut(thinned(chain), longest_mm), XY_DIGITS) + 0.0
    distinct = np.concatenate(([True], (np.diff(points, axis=0) != 0).any(axis=1)))
    points = points[distinct]
    steps = max(len(points) - 1, 0)
    return Bead(points, np.full((steps, 2), np.nan), np.zeros(steps, dtype=np.int8))


def bent(chain: Array, reach: Reach) -> Bead:
    """Return a bead with arcs wherever a stretch of the curve lies on a circle, else as `straight` has it.

    An arc leaves the curve's corners and the middles between them by at most CHORD_MM.
    """
    pieces: list[Bead] = []
    begun = 0
    for at in _bends(chain):
        last = _on_circle(chain, at) if at >= begun else None
        if last is None:
            continue
        if at > begun:
            pieces.append(straight(chain[begun : at + 1], reach.piece_mm))
        pieces.append(_arcs(chain[at : last + 1], reach))
        begun = last
    if begun < len(chain) - 1:
        pieces.append(straight(chain[begun:], reach.piece_mm))
    return _joined([piece for piece in pieces if len(piece.points) > 1])


def _joined(pieces: list[Bead]) -> Bead:
    if not pieces:
        return Bead(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, dtype=np.int8))
    points = [pieces[0].points, *(piece.points[1:] for piece in pieces[1:])]
    centres = [piece.centres for piece in pieces]
    return Bead(np.concatenate(points), np.concatenate(centres), np.concatenate([p.turns for p in pieces]))


def _bends(chain: Array) -> list[int]:
    """Return the corners from which the next few lie about on a circle: a coarse look at all of them at once."""
    if len(chain) <= LEAST_STEPS:
        return []
    half = LEAST_STEPS // 2
    first, middle, last = chain[:-LEAST_STEPS], chain[half:-half], chain[LEAST_STEPS:]
    a, b = middle - first, last - first
    twice = 2 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        aa, bb = np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b)
        centre = np.column_stack((b[:, 1] * aa - a[:, 1] * bb, a[:, 0] * bb - b[:, 0] * aa)) / twice[:, None]
        radius = np.hypot(centre[:, 0], centre[:, 1])
        away = [np.hypot(*(chain[k : k - LEAST_STEPS] - first - centre).T) - radius for k in range(1, LEAST_STEPS)]
        near = np.max(np.abs(away), axis=0) <= CHORD_MM
    return np.flatnonzero(near & (radius < STRAIGHT_MM)).tolist()


def _on_circle(chain: Array, first: int) -> int | None:
    """Return the last corner up to which a curve from `first` on lies on one circle; None where no arc is worth it."""
    good = None
    step, most = LEAST_STEPS, len(chain) - 1 - first
    fits = partial(_fits, chain, first)
    while step <= most and fits(step):
        good, step = step, min(2 * step, most) if step < most else most + 1
    if good is None:
        return None
    low, high = good, min(step, most + 1)
    while high - low > 1:  # between the last that fits and the first that does not
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return first + low


def _fits(chain: Array, first: int, steps: int) -> bool:
    stretch = chain[first : first + steps + 1]
    found = _circle(stretch)
    if found is None:
        return False
    centre, radius = found
    middles = (stretch[:-1] + stretch[1:]) / 2
    away = np.hypot(*(stretch - centre).T) - radius
    off = np.hypot(*(middles - centre).T) - radius
    if np.abs(away).max() > CHORD_MM / 2 or np.abs(off).max() > 1.5 * CHORD_MM:
        return False
    from_centre = stretch - centre
    turn = np.arctan2(
        from_centre[:-1, 0] * from_centre[1:, 1] - from_centre[:-1, 1] * from_centre[1:, 0],
        np.einsum("ij,ij->i", from_centre[:-1], from_centre[1:]),
    )
    return bool(((turn > 0).all() or (turn < 0).all()) and SHORTEST_RAD < abs(turn.sum()) <= 2 * math.pi + 1e-9)


def _circle(stretch: Array) -> tuple[Array, float] | None:
    """Return centre and radius of the circle through three places of a stretch, its first among them."""
    third = (len(stretch) - 1) / 3
    is_loop = bool(np.allclose(stretch[0], stretch[-1]))
    one, other = (round(third), round(2 * third)) if is_loop else ((len(stretch) - 1) // 2, len(stretch) - 1)
    a, b = stretch[one] - stretch[0], stretch[other] - stretch[0]
    twice = 2 * float(a[0] * b[1] - a[1] * b[0])
    if abs(twice) < 1e-9:
        return None
    aa, bb = float(a @ a), float(b @ b)
    centre = np.array([(b[1] * aa - a[1] * bb) / twice, (a[0] * bb - b[0] * aa) / twice])
    radius = float(np.hypot(*centre))
    return (centre + stretch[0], radius) if radius < STRAIGHT_MM else None


def _arcs(stretch: Array, reach: Reach) -> Bead:
    """Return a stretch on one circle as arcs of equal angle, as few as the motion in flight allows."""
    found = _circle(stretch)
    if found is None:  # `_on_circle` found it before
        return straight(stretch, reach.piece_mm)
    centre, radius = np.asarray(np.round(found[0], XY_DIGITS) + 0.0), found[1]
    turned = np.unwrap(np.arctan2(*(stretch - centre).T[::-1]))
    sweep = float(turned[-1] - turned[0])
    pieces = reach.pieces(abs(sweep) * radius, math.ceil(abs(sweep) / WIDEST_RAD - 1e-9))
    angle = turned[0] + sweep * np.arange(1, pieces) / pieces
    inner = centre + radius * np.column_stack((np.cos(angle), np.sin(angle)))
    points = np.asarray(np.round(np.concatenate((stretch[:1], inner, stretch[-1:])), XY_DIGITS) + 0.0, dtype=np.float64)
    if (np.diff(points, axis=0) == 0).all(axis=1).any():
        return straight(stretch, reach.piece_mm)
    return Bead(points, np.tile(centre, (pieces, 1)), np.full(pieces, 1 if sweep > 0 else -1, dtype=np.int8))
