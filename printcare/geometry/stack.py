"""Layers upon one another: beads in order, lifts in place, and hops where two beads do not meet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from printcare.geometry.bead import XY_DIGITS
from printcare.geometry.curve import cut, thinned
from printcare.geometry.fill import chains
from printcare.geometry.form import SolvedForm
from printcare.geometry.region import Array


@dataclass(slots=True)
class _Strand:
    """The nozzle's way so far: stretches of points, the layer of each, and which steps carry ink."""

    parts: list[Array] = field(default_factory=list)
    carries: list[NDArray[np.bool_]] = field(default_factory=list)
    layers: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, points: Array, layer: int, *, has_ink: bool) -> None:
        """Append points; the step to the first of them is bare, the steps between them carry ink or not."""
        carries = np.full(len(points), has_ink)
        carries[0] = False
        self.parts.append(points)
        self.carries.append(carries)
        self.layers.append(np.full(len(points), layer, dtype=np.int64))


def stacked(form: SolvedForm, longest_mm: float) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return points (n, 3), and of each step to the next its length with ink and its layer, (n − 1,).

    Equal layers by turns run to and fro, so that the nozzle lifts in place. A step without ink changes z alone or xy
    alone.
    """
    strand = _Strand()
    made: dict[object, list[Array]] = {}
    for layer, region in enumerate(form.regions):
        key = (region, layer % 2 if form.path == "rectilinear" else layer if form.path == "gyroid" else 0)
        if key not in made:
            found = chains(region, form.path, form.pitch_mm, layer, (layer + 0.5) * form.layer_mm, form.cell_mm)
            made[key] = [_even(chain, longest_mm) for chain in found]
        beads = [bead for bead in made[key] if len(bead) > 1]
        beads = [bead[::-1] for bead in reversed(beads)] if layer % 2 else beads
        _lay(strand, beads, layer, round((layer + 1) * form.layer_mm, XY_DIGITS))
    points = np.concatenate(strand.parts)
    carries = np.concatenate(strand.carries)[1:]
    step = np.diff(points[:, :2], axis=0)
    laid_mm = np.where(carries, np.hypot(step[:, 0], step[:, 1]), 0.0)
    return points, laid_mm, np.concatenate(strand.layers)[1:]


def _even(chain: Array, longest_mm: float) -> Array:
    """Return a bead thinned, cut to length and rounded as it will be written, no two points in one place."""
    points = np.round(cut(thinned(chain), longest_mm), XY_DIGITS) + 0.0
    distinct = np.concatenate(([True], (np.diff(points, axis=0) != 0).any(axis=1)))
    return points[distinct]


def _lay(strand: _Strand, beads: list[Array], layer: int, z_mm: float) -> None:
    for bead in beads:
        if strand.parts:
            x_mm, y_mm, height_mm = strand.parts[-1][-1]
            if height_mm != z_mm:
                strand.add(np.array([[x_mm, y_mm, z_mm]]), layer, has_ink=False)
            if (bead[0] == (x_mm, y_mm)).all():
                _continue(strand, bead, layer, z_mm)
                continue
        strand.add(np.column_stack((bead, np.full(len(bead), z_mm))), layer, has_ink=True)


def _continue(strand: _Strand, bead: Array, layer: int, z_mm: float) -> None:
    """Append a bead that begins where the nozzle stands: that place is not said twice."""
    rest = bead[1:]
    strand.add(np.column_stack((rest, np.full(len(rest), z_mm))), layer, has_ink=True)
    strand.carries[-1][0] = True
