"""What a path cannot do well, said aloud: overhangs without support, and strips narrower than whole beads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printcare.domain.checks import Finding, warning
from printcare.geometry.contour import nearness
from printcare.geometry.form import WHERE, SolvedForm
from printcare.geometry.layout import Toolpath
from printcare.geometry.region import Flat, Region, Rounded
from printcare.geometry.strand import Array

STEEP_DEG = 45.0  # from upright; beyond it less than half of a layer's bead lies on the layer below
EVEN_DEG = 0.1  # a roof drawn at 45° is at 45°
OPEN_SHARE = 0.01  # of a layer's area; a film's, which whole beads fill, comes out at 0
LOOKED_AT = 4  # layers of a form whose layers differ
ARC_CHORDS = 6


def remarks(path: Toolpath) -> tuple[Finding, ...]:
    """Return warnings of a laid form; the dose is exact whatever they say."""
    return (*_overhangs(path.form), *_strips(path))


def _overhangs(form: SolvedForm) -> Iterator[Finding]:
    steep = []
    for layer, (below, above) in enumerate(pairwise(form.regions), start=1):
        if above is below or above == below:
            continue
        angle_deg = math.degrees(math.atan2(_growth_mm(below, above), form.layer_mm))
        if angle_deg > STEEP_DEG + EVEN_DEG:
            steep.append((angle_deg, layer))
    if steep:
        angle_deg, layer = max(steep)
        first, last = form.top_of(steep[0][1] - 1), form.top_of(steep[-1][1])
        told = f"{len(steep)} of {form.layers} layers between {first:g} and {last:g} mm lean out more than "
        told += (
            f"{STEEP_DEG:g}° from upright, at most {angle_deg:.0f}° below {form.top_of(layer):g} mm; nothing supports "
        )
        told += "them."
        yield warning("W_OVERHANG", told, "Use an ink that holds itself, or another shape, and look at a unit.", WHERE)


def _growth_mm(below: Region, above: Region) -> float:
    """Return how far a layer reaches beyond the one below it."""
    if isinstance(below, Rounded) and isinstance(above, Rounded):
        return max(above.outer_mm - below.outer_mm, below.inner_mm - above.inner_mm)
    if isinstance(below, Flat) and isinstance(above, Flat):
        field = below.field
        corners = np.concatenate(above.loops)
        rows, columns = field.values.shape
        row = np.clip(np.round((corners[:, 1] - field.y0_mm) / field.step_mm), 0, rows - 1).astype(int)
        column = np.clip(np.round((corners[:, 0] - field.x0_mm) / field.step_mm), 0, columns - 1).astype(int)
        return max(0.0, -float(field.values[row, column].min()) - field.step_mm)
    return 0.0


def _strips(path: Toolpath) -> Iterator[Finding]:
    form = path.form
    flats = [(layer, region) for layer, region in enumerate(form.regions) if isinstance(region, Flat)]
    distinct = list({id(region): (layer, region) for layer, region in reversed(flats)}.values())[::-1]
    if form.is_lattice or not distinct:
        return
    chosen = distinct[:: math.ceil(len(distinct) / LOOKED_AT)]
    shares = [(_open_share(path, layer, region), layer) for layer, region in chosen]
    share, layer = max(shares)
    if share > OPEN_SHARE:
        told = f"About {share * 100:.0f} % of the layer at {form.top_of(layer):g} mm stay open, and as much is covered "
        told += "twice: strips there are narrower than whole beads."
        remedy = "Look at the picture; use a finer nozzle or a rounder outline where the surface matters."
        yield warning("W_NARROW_STRIP", told, remedy, WHERE)


def _open_share(path: Toolpath, layer: int, region: Flat) -> float:
    """Return which share of a layer lies farther from every bead than half the spacing its beads have on average."""
    lines = _chords(path, path.form.top_of(layer))
    if not len(lines):
        return 0.0
    laid_mm = float(np.hypot(*(lines[:, 1] - lines[:, 0]).T).sum())
    field = region.field
    inside = field.values > 0
    away_mm = nearness(field, lines)
    half_mm = region.area_mm2 / laid_mm / 2 + field.step_mm / 4
    return float(np.count_nonzero(inside & (away_mm > half_mm)) / np.count_nonzero(inside))


def _chords(path: Toolpath, z_mm: float) -> Array:
    """Return what a unit lays at a height as straight lines, (m, 2, 2); an arc as a few."""
    lays: NDArray[np.bool_] = (path.volume_mm3 > 0) & (path.points_mm[1:, 2] == z_mm)
    begin, end = path.points_mm[:-1, :2][lays], path.points_mm[1:, :2][lays]
    if path.arc_turn is None or path.arc_centre_mm is None:
        return np.stack((begin, end), axis=1)
    turn = path.arc_turn[lays]
    centre = np.where(turn[:, None] == 0, 0.0, path.arc_centre_mm[lays])
    one, other = (begin - centre) @ (1, 1j), (end - centre) @ (1, 1j)
    sweep = np.where(turn == 0, 0.0, np.angle(other / np.where(one == 0, 1, one)) * turn % (2 * np.pi) * turn)
    share = np.linspace(0, 1, ARC_CHORDS + 1)
    curved = one[:, None] * np.exp(1j * sweep[:, None] * share) + (centre @ (1, 1j))[:, None]
    even = (begin @ (1, 1j))[:, None] * (1 - share) + (end @ (1, 1j))[:, None] * share
    places = np.where(turn[:, None] == 0, even, curved)
    corners = np.stack((places.real, places.imag), axis=-1)
    return np.stack((corners[:, :-1], corners[:, 1:]), axis=2).reshape(-1, 2, 2)
