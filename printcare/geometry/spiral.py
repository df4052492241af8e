"""Archimedean spiral: one bead per layer without start or stop (process.md §8.2)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CHORD_MM = 0.02  # a chord leaves its arc by no more than this, a thirtieth of a bead
SHORTEST_MM = 0.15  # shorter segments starve the link at print speed (devices.md §3)
GRID_PER_TURN = 96


def spiral_length_mm(pitch_mm: float, radius_mm: float) -> float:
    """Return the length from the centre out to a radius: p/4π·[θ√(1+θ²) + asinh θ]."""
    angle = 2 * math.pi * radius_mm / pitch_mm
    return pitch_mm / (4 * math.pi) * (angle * math.hypot(1, angle) + math.asinh(angle))


def spiral_points(pitch_mm: float, radius_mm: float, longest_mm: float) -> Array:
    """Return points from the centre out to the radius, shape (n, 2), mm.

    Segments keep the chord within CHORD_MM, are at most `longest_mm` long, and differ little from neighbour to
    neighbour.
    """
    end = 2 * math.pi * radius_mm / pitch_mm
    angle = np.linspace(0.0, end, max(16, math.ceil(end / (2 * math.pi) * GRID_PER_TURN)) + 1)
    growth = pitch_mm / (2 * math.pi)
    radius = growth * angle
    step = np.clip(np.sqrt(8 * CHORD_MM * radius), min(SHORTEST_MM, longest_mm), longest_mm)
    density = growth * np.hypot(1.0, angle) / step  # segments per radian
    count = np.concatenate(([0.0], np.cumsum(np.diff(angle) * (density[:-1] + density[1:]) / 2)))
    segments = math.ceil(count[-1])
    chosen = np.interp(np.arange(segments + 1) * (count[-1] / segments), count, angle)
    radius = growth * chosen
    return np.column_stack((radius * np.cos(chosen), radius * np.sin(chosen)))
