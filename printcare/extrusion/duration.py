"""How long a path takes: trapezoids joined at the speeds junction deviation allows, as Marlin plans them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
STRAIGHT = 0.999999  # cosine beyond which a corner counts as none, as the firmware has it


def trapezoid_s(
    distance_mm: float, cruise_mm_s: float, accel_mm_s2: float, entry_mm_s: float, exit_mm_s: float
) -> float:
    """Return the seconds of one move that enters, cruises where there is room, and leaves at the given speeds."""
    one = np.ones(1)
    return float(_trapezoids_s(distance_mm * one, cruise_mm_s * one, accel_mm_s2, entry_mm_s * one, exit_mm_s * one)[0])


def _trapezoids_s(length: Array, cruise: Array, accel: float, entry: Array, leave: Array) -> Array:
    reach = np.sqrt(np.maximum(accel * length + (entry**2 + leave**2) / 2, 0.0))
    peak = np.maximum(np.minimum(cruise, reach), np.maximum(entry, leave))
    ramps = (2 * peak**2 - entry**2 - leave**2) / (2 * accel)
    rest = np.maximum(length - ramps, 0.0)
    return np.asarray((2 * peak - entry - leave) / accel + rest / peak, dtype=np.float64)


def junction_speed_mm_s(inner_angle_deg: float, accel_mm_s2: float, deviation_mm: float) -> float:
    """Return the speed a corner may be taken at: √(a·δ·s/(1−s)), s the sine of half the inner angle."""
    half_sine = math.sin(math.radians(inner_angle_deg) / 2)
    return math.sqrt(accel_mm_s2 * deviation_mm * half_sine / (1 - half_sine))


def _junctions_squared(unit: Array, accel: float, deviation: float) -> Array:
    cosine = -np.einsum("ij,ij->i", unit[:-1], unit[1:])  # of the inner angle
    half_sine = np.sqrt(np.clip((1 - cosine) / 2, 0.0, 1.0))
    squared = np.full(len(cosine), np.inf)
    bent = cosine > -STRAIGHT
    squared[bent] = accel * deviation * half_sine[bent] / (1 - half_sine[bent])
    return squared


def segment_times_s(moves_mm: Array, feed_mm_s: Array, accel_mm_s2: float, deviation_mm: float) -> Array:
    """Return the seconds of every move of a path that starts and ends at rest, shape (n,).

    `moves_mm` (n, k) are displacements (x, y, z, and E where a move is the plunger's alone), `feed_mm_s` (n,) the
    commanded speeds.
    Both passes of the planner, u(i) ≤ u(i+1) + 2·a·L(i) with u = v², are running minima, so that no loop over moves
    is needed.
    """
    length = np.sqrt(np.einsum("ij,ij->i", moves_mm, moves_mm))
    times = np.zeros(len(length))
    real = length > 0
    if not real.any():
        return times
    length, cruise = length[real], feed_mm_s[real]
    unit = moves_mm[real] / length[:, None]
    limit = np.zeros(len(length) + 1)  # v² at the n+1 ends of moves, at rest outside
    slower = np.minimum(cruise[:-1], cruise[1:]) ** 2
    limit[1:-1] = np.minimum(_junctions_squared(unit, accel_mm_s2, deviation_mm), slower)
    gained = np.concatenate(([0.0], np.cumsum(2 * accel_mm_s2 * length)))
    backward = np.minimum.accumulate((limit + gained)[::-1])[::-1] - gained
    squared = np.minimum.accumulate(backward - gained) + gained
    speed = np.sqrt(np.maximum(squared, 0.0))
    times[real] = _trapezoids_s(length, cruise, accel_mm_s2, speed[:-1], speed[1:])
    return times
