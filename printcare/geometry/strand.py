"""The nozzle's whole way through a unit, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printcare.geometry.bead import XY_DIGITS
from printcare.geometry.form import SolvedForm
from printcare.geometry.reach import Reach
from printcare.geometry.spiral import spiral_arcs, spiral_points

Array = NDArray[np.float64]
Turns = NDArray[np.int8]  # of each step: 0 straight, 1 an arc against the clock, −1 with it


@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """Points (n, 3) as written and, of each step to the next, what it is, (n − 1,).

    Whether it carries ink, its layer, its arc's centre (n − 1, 2), NaN where it is straight, and which way that turns.
    `centres` and `turns` are None where there is no arc at all.
    """

    points: Array
    carries: NDArray[np.bool_]
    layer: NDArray[np.int64]
    centres: Array | None
    turns: Turns | None

    @property
    def laid_mm(self) -> Array:
        """Return every step's length with ink, 0 where it has none."""
        return np.asarray(np.where(self.carries, lengths_mm(self.points, self.centres, self.turns), 0.0))


def lengths_mm(points: Array, centres: Array | None, turns: Turns | None) -> Array:
    """Return every step's length, (n − 1,): the chord, or the radius at its start times the angle, as firmware has it.

    A whole turn is not among the steps: an arc ends elsewhere than it begins.
    """
    step = np.diff(points, axis=0)
    length = np.asarray(np.sqrt(np.einsum("ij,ij->i", step, step)), dtype=np.float64)
    if centres is None or turns is None:
        return length
    is_arc = turns != 0
    begin, end = points[:-1, :2][is_arc] - centres[is_arc], points[1:, :2][is_arc] - centres[is_arc]
    angle = np.arctan2(begin[:, 0] * end[:, 1] - begin[:, 1] * end[:, 0], np.einsum("ij,ij->i", begin, end))
    sweep = angle * turns[is_arc] % (2 * np.pi)
    length[is_arc] = np.hypot(begin[:, 0], begin[:, 1]) * sweep
    return length


def spirals(form: SolvedForm, reach: Reach) -> Strand:
    """Return a cylinder's way: in, then out half a turn further, lifted in place between layers.

    Two spirals are computed and replayed. Turning every second pair by 180° evens out the seam without moving any lift.
    """
    if reach.arc_mm is None:
        ends = np.round(spiral_points(form.pitch_mm, form.diameter_mm / 2, reach.straight_mm), XY_DIGITS)
        middles = None
    else:
        ends, middles = spiral_arcs(form.pitch_mm, form.diameter_mm / 2, reach)
    layers, steps = np.arange(form.layers), len(ends) - 1
    turned = np.where((layers + 1) // 2 % 2 == 0, 1.0, -1.0)
    inward, outward = ends[::-1], ends
    flat = [(outward if layer % 2 else inward) * turned[layer] + 0.0 for layer in range(form.layers)]
    heights = np.array([form.top_of(layer) for layer in range(form.layers)])
    points = np.column_stack((np.concatenate(flat), np.repeat(heights, steps + 1)))
    layer = np.repeat(layers, steps + 1)[1:].astype(np.int64)
    carries = np.ones(len(layer), dtype=bool)
    carries[steps :: steps + 1] = False
    if middles is None:
        return Strand(points, carries, layer, None, None)
    centres = np.full((len(layer), 2), np.nan)
    turns = np.zeros(len(layer), dtype=np.int8)
    for number in range(form.layers):
        part = slice(number * (steps + 1), number * (steps + 1) + steps)
        centres[part] = (middles if number % 2 else middles[::-1]) * turned[number] + 0.0
        turns[part] = 1 if number % 2 else -1
    return Strand(points, carries, layer, centres, turns)


def joined(strands: list[Strand]) -> Strand:
    """Return strands one after another; the steps between them are bare, and lift before they go over."""
    has_arcs = any(strand.centres is not None for strand in strands)
    points: list[Array] = []
    carries: list[NDArray[np.bool_]] = []
    layer: list[NDArray[np.int64]] = []
    centres: list[Array] = []
    turns: list[Turns] = []
    for strand in strands:
        if points:
            here, there = points[-1][-1], strand.points[0]
            above = np.array([[here[0], here[1], there[2]]])
            bare = 1 + int((above[0] != there).any())
            points.append(above if bare == 2 else np.empty((0, 3)))
            carries.append(np.zeros(bare, dtype=bool))
            layer.append(np.full(bare, strand.layer[0]))
            centres.append(np.full((bare, 2), np.nan))
            turns.append(np.zeros(bare, dtype=np.int8))
        points.append(strand.points)
        carries.append(strand.carries)
        layer.append(strand.layer)
        steps = len(strand.carries)
        centres.append(np.full((steps, 2), np.nan) if strand.centres is None else strand.centres)
        turns.append(np.zeros(steps, dtype=np.int8) if strand.turns is None else strand.turns)
    every = np.concatenate(points), np.concatenate(carries), np.concatenate(layer)
    return Strand(*every, *((np.concatenate(centres), np.concatenate(turns)) if has_arcs else (None, None)))
