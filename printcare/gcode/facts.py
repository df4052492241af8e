"""What the gate's rules look at: the moves read back, which of them push, and the units they make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe
from printcare.gcode.bulk import Ints
from printcare.gcode.moves import Moves, ReadBack
from printcare.gcode.reader import read
from printcare.gcode.spans import E_TINY_MM, Span, spans

E_DIGIT_MM = 1e-5  # the last digit of E the project's files carry
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """One file against one profile, perhaps a recipe and a target; masks are over the moves, (n,) bool."""

    back: ReadBack
    profile: FirmwareProfile
    recipe: MasterRecipe | None
    targets_mm3: tuple[float, ...] | None  # one for each unit, or one for all
    wanted_units: int | None
    first_position: int  # 0-based tray position of the first unit
    area_mm2: float  # of the feedstock: E times this is volume
    spans: tuple[Span, ...]
    pushes: Mask
    lays: Mask  # pushes while the tool travels: a bead
    on_spot: Mask  # E moves alone, either way
    volumes_mm3: tuple[float, ...]  # of the units

    @property
    def moves(self) -> Moves:
        """Return the moves read back."""
        return self.back.moves

    @property
    def units(self) -> tuple[Span, ...]:
        """Return the spans judged as units."""
        return tuple(span for span in self.spans if span.kind in ("unit", "whole"))

    @property
    def tray_units(self) -> tuple[Span, ...]:
        """Return the units that stand on tray positions."""
        return tuple(span for span in self.spans if span.kind == "unit")

    @property
    def digit_mm3(self) -> float:
        """Return the volume of one digit of E."""
        return E_DIGIT_MM * self.area_mm2

    @property
    def first_push_line(self) -> float:
        """Return the first line that pushes ink, infinite where none does."""
        lines = self.moves.line[self.pushes]
        return int(lines[0]) if len(lines) else math.inf


def gather(
    text: str,
    profile: FirmwareProfile,
    recipe: MasterRecipe | None,
    target_volume_mm3: float | Sequence[float] | None,
    units: int | None,
    first_position: int = 0,
) -> Facts:
    """Return the facts of a file, read back by the independent reader."""
    back = read(text, profile.dialect)
    moves = back.moves
    found = spans(back, profile)
    area = 1.0 if profile.volumetric_e else profile.tool.feedstock_area_mm2
    pushes = moves.e_mm > E_TINY_MM
    still = moves.length_mm == 0
    volumes = tuple(
        float(moves.e_mm[span.first_move : span.after_move].sum()) * area
        for span in found
        if span.kind in ("unit", "whole")
    )
    on_spot = still & (np.abs(moves.e_mm) > E_TINY_MM)
    targets = _targets(target_volume_mm3)
    return Facts(
        back, profile, recipe, targets, units, first_position, area, found, pushes, pushes & ~still, on_spot, volumes
    )


def _targets(target_volume_mm3: float | Sequence[float] | None) -> tuple[float, ...] | None:
    if target_volume_mm3 is None:
        return None
    if isinstance(target_volume_mm3, int | float):
        return (float(target_volume_mm3),)
    return tuple(float(volume) for volume in target_volume_mm3)


def at_lines(code: str, lines: Ints, reason: str, remedy: str) -> list[Finding]:
    """Return one finding for all lines that share a fault, naming the first; none where there are no lines."""
    if not len(lines):
        return []
    first = int(lines[0])
    more = len(np.unique(lines)) - 1
    told = f"Line {first}: {reason}" + (f" ({more} more lines likewise)" if more else "")
    return [error(code, told, remedy, f"line {first}")]
