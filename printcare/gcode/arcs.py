"""Arcs of the XY plane, G2 and G3, as short chords; part of the independent reader."""

from __future__ import annotations

import math

STEP_RAD = math.radians(5)
MISMATCH_MM = 0.05  # between the radii at both ends; firmware bends the rest away unseen
FULL_TURN = 2 * math.pi


def chords(
    start: list[float], target: list[float], offsets: dict[str, float], *, is_clockwise: bool
) -> tuple[list[list[float]], float] | None:
    """Return the chords' end points and each one's share of the true length, mm; None where no such arc exists.

    `offsets` hold I and J, the centre from the start, or R, the radius, negative for the longer way round.
    """
    turn = -1.0 if is_clockwise else 1.0
    centre = _centre(start, target, offsets, turn)
    if centre is None:
        return None
    radius = math.hypot(start[0] - centre[0], start[1] - centre[1])
    if radius == 0 or abs(math.hypot(target[0] - centre[0], target[1] - centre[1]) - radius) > MISMATCH_MM:
        return None
    begin = math.atan2(start[1] - centre[1], start[0] - centre[0])
    sweep = (turn * (math.atan2(target[1] - centre[1], target[0] - centre[0]) - begin)) % FULL_TURN
    sweep = sweep if sweep > 1e-9 else FULL_TURN
    pieces = max(1, math.ceil(sweep / STEP_RAD))
    places = []
    for piece in range(1, pieces):
        angle = begin + turn * sweep * piece / pieces
        height = start[2] + (target[2] - start[2]) * piece / pieces
        places.append([centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle), height])
    return [*places, target], math.hypot(radius * sweep, target[2] - start[2]) / pieces


def _centre(
    start: list[float], target: list[float], offsets: dict[str, float], turn: float
) -> tuple[float, float] | None:
    if "R" not in offsets:
        return start[0] + offsets.get("I", 0.0), start[1] + offsets.get("J", 0.0)
    radius = offsets["R"]
    dx, dy = target[0] - start[0], target[1] - start[1]
    chord = math.hypot(dx, dy)
    if chord == 0 or chord > 2 * abs(radius):
        return None
    side = turn * math.copysign(math.sqrt(radius**2 - chord**2 / 4), radius) / chord
    return start[0] + dx / 2 - side * dy, start[1] + dy / 2 + side * dx
