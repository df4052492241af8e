"""What the gate's rules look at: the moves read back, which of them push, and the units they make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe, Part
from printcare.gcode.arcs import corners
from printcare.gcode.bulk import Floats, Ints
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
    targets_mm3: tuple[float, ...] | None  # one for each unit segment, one for each part, or one for all
    wanted_units: int | None
    first_position: int  # 0-based tray position of the first unit
    last_part: int | None  # where a single unit is judged up to a part
    areas_mm2: tuple[float, ...]  # of each tool's feedstock: E times this is volume
    pushed_mm3: Floats  # of every move
    low_mm: Floats  # the least and the most place on every way, (n, 3)
    high_mm: Floats
    spans: tuple[Span, ...]
    numbers: tuple[tuple[int, int], ...]  # of the units: unit and part, 1-based; part 0 where the tool is nobody's
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
        """Return the spans judged as units, of several inks one for each."""
        return tuple(span for span in self.spans if span.kind in ("unit", "whole"))

    @property
    def tray_units(self) -> tuple[Span, ...]:
        """Return the units that stand on tray positions."""
        return tuple(span for span in self.spans if span.kind == "unit")

    @property
    def count(self) -> int:
        """Return how many units there are, several inks counted once."""
        return self.numbers[-1][0] if self.numbers else 0

    @property
    def parts(self) -> tuple[int, ...]:
        """Return the parts every unit has to have, in order; of a recipe, else what the file shows."""
        if self.last_part is not None:
            return tuple(range(1, self.last_part + 1))
        if self.recipe is not None:
            return tuple(range(1, len(self.recipe.parts) + 1))
        return tuple(sorted({part for _, part in self.numbers}))

    def part_of(self, span: Span) -> Part | None:
        """Return what the recipe says of a span's ink; None without a recipe, and for a tool it does not use."""
        parts = self.recipe.parts if self.recipe is not None else ()
        return next((part for part in parts if part.tool == span.tool), None)

    def digit_mm3(self, tool: int) -> float:
        """Return the volume of one digit of a tool's E."""
        return E_DIGIT_MM * self.areas_mm2[min(tool, len(self.areas_mm2) - 1)]

    def name(self, number: int) -> str:
        """Return how unit segment `number` (0-based) is called: unit 3, or unit 3 part 2."""
        unit, part = self.numbers[number]
        unit += self.first_position
        return f"Unit {unit} part {part}" if len(self.parts) > 1 else f"Unit {unit}"

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
    last_part: int | None = None,
) -> Facts:
    """Return the facts of a file, read back by the independent reader."""
    back = read(text, profile.dialect)
    moves = back.moves
    low, high = corners(moves, back.arcs)
    found = spans(back, profile, low, high)
    areas = tuple(profile.feed_area_mm2(tool) for tool in range(len(profile.tools)))
    pushes = moves.e_mm > E_TINY_MM
    still = moves.length_mm == 0
    pushed = moves.e_mm * np.array(areas)[np.minimum(moves.tool, len(areas) - 1)]
    judged = [span for span in found if span.kind in ("unit", "whole")]
    volumes = tuple(
        float(moves.e_mm[span.first_move : span.after_move].sum()) * areas[min(span.tool, len(areas) - 1)]
        for span in judged
    )
    on_spot = still & (np.abs(moves.e_mm) > E_TINY_MM)
    return Facts(
        back,
        profile,
        recipe,
        _targets(target_volume_mm3),
        units,
        first_position,
        last_part,
        areas,
        pushed,
        low,
        high,
        found,
        _numbers(judged, recipe, len(areas)),
        pushes,
        pushes & ~still,
        on_spot,
        volumes,
    )


def _numbers(units: list[Span], recipe: MasterRecipe | None, tools: int) -> tuple[tuple[int, int], ...]:
    """Return unit and part of every unit segment: a new unit wherever the position is another."""
    order = [part.tool for part in recipe.parts] if recipe is not None else None
    if order is None:
        order = sorted({span.tool for span in units if span.tool < tools})
    numbers: list[tuple[int, int]] = []
    unit = 0
    before: Span | None = None
    for span in units:
        unit += before is None or span.position != before.position
        numbers.append((unit, order.index(span.tool) + 1 if span.tool in order else 0))
        before = span
    return tuple(numbers)


def _targets(target_volume_mm3: float | Sequence[float] | None) -> tuple[float, ...] | None:
    if target_volume_mm3 is None:
        return None
    if isinstance(target_volume_mm3, int | float):
        return (float(target_volume_mm3),)
    return tuple(float(volume) for volume in target_volume_mm3)


def extents(facts: Facts, mask: Mask, spans: Sequence[Span]) -> tuple[Floats, Floats]:
    """Return the least and the most place on each span's ways under a mask, (spans, 3); infinite where it has none."""
    edges = np.array([edge for span in spans for edge in (span.first_move, span.after_move)], dtype=np.int64)
    low, high = np.empty((len(spans), 3)), np.empty((len(spans), 3))
    for axis in range(3) if spans else ():  # pairs of (first, after); every second stretch lies between two spans
        least = np.append(np.where(mask, facts.low_mm[:, axis], np.inf), np.inf)
        most = np.append(np.where(mask, facts.high_mm[:, axis], -np.inf), -np.inf)
        low[:, axis], high[:, axis] = np.minimum.reduceat(least, edges)[::2], np.maximum.reduceat(most, edges)[::2]
    return low, high


def at_lines(code: str, lines: Ints, reason: str, remedy: str) -> list[Finding]:
    """Return one finding for all lines that share a fault, naming the first; none where there are no lines."""
    if not len(lines):
        return []
    first = int(lines[0])
    more = len(np.unique(lines)) - 1
    told = f"Line {first}: {reason}" + (f" ({more} more lines likewise)" if more else "")
    return [error(code, told, remedy, f"line {first}")]
