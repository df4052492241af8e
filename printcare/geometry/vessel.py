"""How high a volume stands in a vessel, flat, conical or stepped at its bottom: z = V/A(z) (process.md §8.4)."""

from __future__ import annotations

import math
from itertools import pairwise

from printcare.domain.recipe import Vessel

HALVINGS = 60


def width_mm(vessel: Vessel, height_mm: float) -> float:
    """Return the inner diameter just above a height; at a step it is the upper one."""
    for (low, narrow), (high, wide) in pairwise(_corners(vessel)):
        if low <= height_mm < high:
            return narrow + (wide - narrow) * (height_mm - low) / (high - low)
    return float(vessel.inner_mm)


def held_mm3(vessel: Vessel, height_mm: float) -> float:
    """Return what a vessel holds up to a height: frustums, and a cylinder above them."""
    total = 0.0
    corners = _corners(vessel)
    for (low, narrow), (high, wide) in pairwise(corners):
        top = min(height_mm, high)
        if top > low:
            reached = narrow + (wide - narrow) * (top - low) / (high - low)
            total += math.pi / 12 * (top - low) * (narrow**2 + narrow * reached + reached**2)
    return total + math.pi / 4 * float(vessel.inner_mm) ** 2 * max(0.0, height_mm - corners[-1][0])


def depth_of(vessel: Vessel, volume_mm3: float) -> float:
    """Return how high a volume stands."""
    if not vessel.bottom_mm:
        return volume_mm3 / (math.pi * float(vessel.inner_mm) ** 2 / 4)
    low, high = 0.0, 1.0
    while held_mm3(vessel, high) < volume_mm3:
        high *= 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if held_mm3(vessel, middle) < volume_mm3 else (low, middle)
    return high


def slices(vessel: Vessel, depth_mm: float, layers: int) -> tuple[tuple[float, ...], list[float]]:
    """Return each layer's share of the volume, none where all are alike, and its least inner diameter."""
    if not vessel.bottom_mm:
        return (), [float(vessel.inner_mm)] * layers
    heights = [depth_mm * layer / layers for layer in range(layers + 1)]
    shares = tuple(held_mm3(vessel, high) - held_mm3(vessel, low) for low, high in pairwise(heights))
    steps = [low for low, _ in _corners(vessel)]
    least = [
        min(width_mm(vessel, height) for height in (low, *(step for step in steps if low < step < high), high - 1e-9))
        for low, high in pairwise(heights)
    ]
    return shares, least


def _corners(vessel: Vessel) -> list[tuple[float, float]]:
    return [(float(height), float(width)) for height, width in vessel.bottom_mm] or [(0.0, float(vessel.inner_mm))]
