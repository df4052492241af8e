"""Layers upon one another: beads in order, lifts in place, and hops where two beads do not meet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from printcare.geometry.arc import Bead, bent, straight
from printcare.geometry.fill import chains
from printcare.geometry.form import SolvedForm
from printcare.geometry.reach import Reach
from printcare.geometry.strand import Array, Strand, Turns

# A mesh's sections are corners, not curves, and to look for circles in them takes longer than all the rest.
CORNERED = frozenset({"mesh", "film", "star"})
WORTH_ARCS = 0.4  # of the steps; with fewer the same way without arcs may be the shorter text
BARE, UNTURNED = np.full((1, 2), np.nan), np.zeros(1, dtype=np.int8)  # a step without ink has no arc


@dataclass(slots=True)
class _Way:
    """The nozzle's way so far: stretches of points, and of the steps to them what a strand says."""

    parts: list[Array] = field(default_factory=list)
    carries: list[NDArray[np.bool_]] = field(default_factory=list)
    layers: list[NDArray[np.int64]] = field(default_factory=list)
    centres: list[Array] = field(default_factory=list)
    turns: list[Turns] = field(default_factory=list)

    def lift(self, z_mm: float, layer: int) -> None:
        """Append a step that changes the height alone."""
        x_mm, y_mm, _ = self.parts[-1][-1]
        self._add(np.array([[x_mm, y_mm, z_mm]]), layer, np.zeros(1, dtype=bool), BARE, UNTURNED)

    def lay(self, bead: Bead, layer: int, z_mm: float) -> None:
        """Append a bead, and before it a bare step to its begin unless the nozzle stands there."""
        stands = bool(self.parts) and bool((bead.points[0] == self.parts[-1][-1, :2]).all())
        points = bead.points[1:] if stands else bead.points
        carries = np.ones(len(points), dtype=bool)
        centres, turns = bead.centres, bead.turns
        if not stands:
            carries[0] = False
            centres, turns = np.concatenate((BARE, centres)), np.concatenate((UNTURNED, turns))
        placed = np.column_stack((points, np.full(len(points), z_mm)))
        self._add(placed, layer, carries, centres, turns)

    def _add(self, points: Array, layer: int, carries: NDArray[np.bool_], centres: Array, turns: Turns) -> None:
        self.parts.append(points)
        self.carries.append(carries)
        self.layers.append(np.full(len(points), layer, dtype=np.int64))
        self.centres.append(centres)
        self.turns.append(turns)

    def strand(self) -> Strand:
        """Return the way as one; the step to its first point is none."""
        centres, turns = np.concatenate(self.centres)[1:], np.concatenate(self.turns)[1:]
        return Strand(
            np.concatenate(self.parts),
            np.concatenate(self.carries)[1:],
            np.concatenate(self.layers)[1:],
            *((centres, turns) if turns.any() else (None, None)),
        )


def stacked(form: SolvedForm, reach: Reach) -> Strand:
    """Return the nozzle's way through a form.

    Equal layers by turns run to and fro, so that the nozzle lifts in place. A step without ink changes z alone or xy
    alone.
    """
    if reach.arc_mm is None or form.kind in CORNERED:
        return _stacked(form, reach, has_arcs=False)
    bent_one = _stacked(form, reach, has_arcs=True)
    if bent_one.turns is not None and np.count_nonzero(bent_one.turns) > WORTH_ARCS * len(bent_one.turns):
        return bent_one
    plain = _stacked(form, reach, has_arcs=False)  # straight lines among arcs have to be shorter
    return min(bent_one, plain, key=lambda strand: len(strand.points))


def _stacked(form: SolvedForm, reach: Reach, *, has_arcs: bool) -> Strand:
    way = _Way()
    made: dict[object, list[Bead]] = {}
    for layer, region in enumerate(form.regions):
        key = (region, layer % 2 if form.path == "rectilinear" else layer if form.path == "gyroid" else 0)
        if key not in made:
            made[key] = _beads(form, layer, reach, has_arcs=has_arcs)
        beads = [bead.reversed() for bead in reversed(made[key])] if layer % 2 else made[key]
        z_mm = form.top_of(layer)
        if way.parts and beads:
            way.lift(z_mm, layer)
        for bead in beads:
            way.lay(bead, layer, z_mm)
    return way.strand()


def _beads(form: SolvedForm, layer: int, reach: Reach, *, has_arcs: bool) -> list[Bead]:
    height_mm = (layer + 0.5) * form.layer_mm
    found = chains(form.regions[layer], form.path, form.pitch_mm, layer, height_mm, form.cell_mm)
    beads = [bent(chain, reach) if has_arcs else straight(chain, reach.straight_mm) for chain in found]
    return [bead for bead in beads if len(bead.points) > 1]


def marked(form: SolvedForm, reach: Reach) -> Strand:
    """Return the way of a form's mark, one layer upon its top."""
    way = _Way()
    for line in form.mark:
        way.lay(straight(line, reach.piece_mm or reach.straight_mm), form.layers, form.top_of(form.layers))
    return way.strand()
