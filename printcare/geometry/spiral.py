"""Archimedean spiral: one bead per layer without start or stop (process.md §8.2)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from printcare.geometry.bead import XY_DIGITS
from printcare.geometry.reach import Reach

Array = NDArray[np.float64]
CHORD_MM = 0.02  # a chord leaves its arc by no more than this, a thirtieth of a bead
SHORTEST_MM = 0.15  # shorter segments starve the link at print speed (devices.md §3)
GRID_PER_TURN = 96
MICROMETRE_SLACK = 0.998  # rounding XY may lengthen an arc
ARC_SHARE = 0.6  # of the chord's tolerance an arc of a spiral aims at
WIDEST_RAD = 0.75 * math.pi  # of one arc of a spiral
INNER_RAD, INNER_STEP_RAD = 2.5, 1.0  # near its middle a spiral bends faster than the estimate says


def spiral_length_mm(pitch_mm: float, radius_mm: float) -> float:
    """Return the length from the centre out to a radius: p/4π·[θ√(1+θ²) + asinh θ]."""
    angle = 2 * math.pi * radius_mm / pitch_mm
    return pitch_mm / (4 * math.pi) * (angle * math.hypot(1, angle) + math.asinh(angle))


def spiral_points(pitch_mm: float, radius_mm: float, longest_mm: float) -> Array:
    """Return points from the centre out to the radius, shape (n, 2), mm.

    Segments keep the chord within CHORD_MM, are at most `longest_mm` long, and differ little from neighbour to
    neighbour.
    """
    angle, growth = _turns(pitch_mm, radius_mm)
    step = np.clip(np.sqrt(8 * CHORD_MM * growth * angle), min(SHORTEST_MM, longest_mm), longest_mm)
    return _places(growth, _chosen(angle, growth * np.hypot(1.0, angle) / step))


def spiral_arcs(pitch_mm: float, radius_mm: float, reach: Reach) -> tuple[Array, Array]:
    """Return ends of arcs from the centre out to the radius, (n, 2) as written, and the arcs' centres, (n − 1, 2).

    Each arc runs through three points of the spiral, its ends and its middle, and leaves it by at most CHORD_MM; it
    turns the widest the spiral's own change of curvature allows, or as far as the motion in flight allows.
    """
    angle, growth = _turns(pitch_mm, radius_mm)
    along = growth * np.hypot(1.0, angle)
    # the third derivative of the spiral against its circle: an arc of angle a leaves it by about growth·a³/100
    widest = np.minimum((100 * ARC_SHARE * CHORD_MM / growth) ** (1 / 3), WIDEST_RAD)
    step = along * np.where(angle < INNER_RAD, INNER_STEP_RAD, widest)
    longest_mm = MICROMETRE_SLACK * (reach.arc_mm or reach.straight_mm)
    pieces = np.maximum(np.ceil(step / reach.cut_mm), 1.0)
    step = np.where(
        (step <= longest_mm) & (step <= pieces * reach.piece_mm),
        step,
        np.where(step > longest_mm, longest_mm, MICROMETRE_SLACK * reach.piece_mm),
    )
    turns = _chosen(angle, along / step)
    ends = np.round(_places(growth, turns), XY_DIGITS) + 0.0
    middles = _places(growth, (turns[:-1] + turns[1:]) / 2)
    return ends, np.round(_centres(ends[:-1], middles, ends[1:]), XY_DIGITS) + 0.0


def _centres(begin: Array, middle: Array, end: Array) -> Array:
    """Return the centres of circles through three points each."""
    a, b = middle - begin, end - begin
    twice = 2 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    aa, bb = np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b)
    offset = np.column_stack((b[:, 1] * aa - a[:, 1] * bb, a[:, 0] * bb - b[:, 0] * aa)) / twice[:, None]
    return np.asarray(begin + offset, dtype=np.float64)


def _turns(pitch_mm: float, radius_mm: float) -> tuple[Array, float]:
    """Return a fine grid of the spiral's angle, and how far it grows in a radian."""
    end = 2 * math.pi * radius_mm / pitch_mm
    angle = np.linspace(0.0, end, max(16, math.ceil(end / (2 * math.pi) * GRID_PER_TURN)) + 1)
    return angle, pitch_mm / (2 * math.pi)


def _chosen(angle: Array, density: Array) -> Array:
    """Return angles spaced by a density of steps per radian."""
    count = np.concatenate(([0.0], np.cumsum(np.diff(angle) * (density[:-1] + density[1:]) / 2)))
    steps = math.ceil(count[-1])
    return np.asarray(np.interp(np.arange(steps + 1) * (count[-1] / steps), count, angle), dtype=np.float64)


def _places(growth: float, angle: Array) -> Array:
    return np.column_stack((growth * angle * np.cos(angle), growth * angle * np.sin(angle)))
