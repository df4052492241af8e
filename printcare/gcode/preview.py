"""What a file lays down, as the independent reader found it: unit by unit, layer by layer, with bead widths."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from printcare.domain.machine import FirmwareProfile
from printcare.gcode.arcs import chords
from printcare.gcode.bulk import Floats
from printcare.gcode.check import CheckReport
from printcare.gcode.spans import E_TINY_MM

Z_DIGITS = 3
SHOWN_MM = 0.005  # by which a drawn arc may leave the true one: nobody sees its corners
ROUND_LOSS = 1 - math.pi / 4


@dataclass(frozen=True, slots=True, eq=False)
class LayerView:
    """The beads of one layer in order: start_mm, end_mm (n, 2) on the tray, width_mm (n,)."""

    z_mm: float
    height_mm: float
    start_mm: Floats
    end_mm: Floats
    width_mm: Floats


@dataclass(frozen=True, slots=True, eq=False)
class UnitView:
    """One unit's layers from the tray up, of several inks one part's."""

    index: int  # 1-based
    volume_mm3: float
    layers: tuple[LayerView, ...]
    part: int = 1


def preview(report: CheckReport, profile: FirmwareProfile) -> tuple[UnitView, ...]:
    """Return every unit of a file as its layers; empty where the file lays nothing down.

    An ink's lowest layer is as high as it stands above the inks of its unit that were laid before.
    """
    moves = report.back.moves
    lays = (moves.e_mm > E_TINY_MM) & (moves.length_mm > 0)
    views: list[UnitView] = []
    heights_below: set[float] = set()
    for unit in report.units:
        if not views or unit.index != views[-1].index:
            heights_below = set()
        area = profile.feed_area_mm2(min(unit.tool, len(profile.tools) - 1))
        first, after = np.searchsorted(moves.line, [unit.first_line, unit.last_line + 1]).tolist()
        rows = np.flatnonzero(lays[first:after]) + first
        heights = np.round(moves.end_mm[rows, 2], Z_DIGITS)
        levels, starts = np.unique(heights, return_index=True)
        under = [height for height in heights_below if len(levels) and height < levels[0]]
        below = max(under, default=profile.build.min_z_mm)
        heights_below |= set(levels.tolist())
        layers = []
        for z_mm in levels[np.argsort(starts)].tolist():
            mine = rows[heights == z_mm]
            height_mm = max(z_mm - below, 10.0**-Z_DIGITS)
            section = moves.e_mm[mine] * area / moves.length_mm[mine]
            rises = (moves.start_mm[mine, :2] == moves.end_mm[mine, :2]).all(axis=1)
            # What a rising nozzle pushes spreads to a disc of that section, a vessel's own.
            width = np.where(rises, np.sqrt(4 / math.pi * section), section / height_mm + height_mm * ROUND_LOSS)
            owner, start, end = chords(moves, report.back.arcs, mine, SHOWN_MM)
            layers.append(LayerView(z_mm, height_mm, start[:, :2], end[:, :2], width[owner]))
            below = z_mm
        views.append(UnitView(unit.index, unit.volume_mm3, tuple(layers), unit.part))
    return tuple(views)
