"""The bead: width, height and area of one extruded line, as a stadium (process.md §8.2)."""

from __future__ import annotations

import math

XY_DIGITS = 3  # of every coordinate written, mm
ROUND_LOSS = 1 - math.pi / 4  # what the two round sides lack against a rectangle, in squares of the height


def bead_area_mm2(width_mm: float, height_mm: float) -> float:
    """Return the section h·(w − h) + π·h²/4 of a bead at least as wide as high."""
    return height_mm * (width_mm - height_mm) + math.pi * height_mm**2 / 4


def equivalent_width_mm(area_mm2: float, height_mm: float) -> float:
    """Return the width a bead of that section has at that height, w = A/h + h·(1 − π/4)."""
    return area_mm2 / height_mm + height_mm * ROUND_LOSS


def gapless_pitch_mm(width_mm: float, height_mm: float) -> float:
    """Return the line spacing at which beads fill the plane, s = A/h."""
    return width_mm - height_mm * ROUND_LOSS
