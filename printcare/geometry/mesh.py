"""A triangle mesh: watertight or refused, scaled to a volume, cut into layers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from printcare.domain.checks import Finding, error
from printcare.geometry.curve import enclosed_mm2, thinned
from printcare.geometry.region import Array, Flat

Triangles = NDArray[np.float32]
Words = NDArray[np.uint64]
SMALLEST_MM2 = 1e-3  # of a section's loop; a smaller one is a crumb no nozzle can lay
OFF_CORNER = math.sqrt(2) * 1e-7  # of a layer: no corner, written in few digits, lies exactly on a level
COUNTED = 0.3  # of a grid step along the outline: how far an area counted on the grid may be out
SECTIONS_AGREE = 0.08  # of the volume: how far the sum of sections may be from it, layers being coarse
REMEDY = "Repair the mesh where it was drawn, and export it again."
_ODD = tuple(np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_SHIFT = np.uint64(31)


def is_watertight(corners: Triangles) -> bool:
    """Whether every edge is run through as often one way as the other: closed, and turned the same way everywhere.

    The edges as a bag equal the reversed edges as a bag when the sums of a 64-bit hash agree; a chance agreement has
    odds of 2⁻⁶⁴. No edge is sorted, so a million triangles take a moment.
    """
    bits = (corners + np.float32(0)).view(np.uint32).astype(np.uint64)  # −0 is 0
    points = _mixed((bits[..., 0] * _ODD[0]) ^ (bits[..., 1] * _ODD[1]) ^ (bits[..., 2] * _ODD[2]))
    onward = total = np.uint64(0)
    with np.errstate(over="ignore"):
        for first, second in ((0, 1), (1, 2), (2, 0)):
            one, other = points[:, first], points[:, second]
            onward = onward + np.sum(_mixed(one * _ODD[1] + other))
            total = total + np.sum(_mixed(other * _ODD[1] + one))
    return bool(onward == total)


def _mixed(words: Words) -> Words:
    words = (words ^ (words >> _SHIFT)) * _ODD[2]
    return words ^ (words >> _SHIFT)


def enclosed_volume(corners: Triangles) -> float:
    """Return the volume a closed mesh encloses, in its own unit cubed; negative when it is inside out."""
    a, b, c = (corners[:, corner].astype(np.float64).T for corner in range(3))
    return float(
        np.sum(
            a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])
        )
        / 6
    )


def sections(
    corners: Triangles, volume_mm3: float, layer_mm: float
) -> tuple[tuple[Flat, ...], float] | tuple[Finding, ...]:
    """Return the mesh scaled uniformly to a volume as layers from its lowest point up, and the layer height.

    The layers are whole: their height is the wished one as nearly as the mesh's own height allows. The sections stand
    around the middle of the mesh's box.
    """
    if not is_watertight(corners):
        told = "The mesh is not watertight, or its triangles are turned both ways; it encloses no volume."
        return (error("E_MESH_OPEN", told, REMEDY, "mesh"),)
    own = enclosed_volume(corners)
    if own <= 0:
        return (error("E_MESH_INSIDE_OUT", "The mesh is inside out, or encloses nothing.", REMEDY, "mesh"),)
    scale = (volume_mm3 / own) ** (1 / 3)
    low, high = corners.min(axis=(0, 1)).astype(np.float64), corners.max(axis=(0, 1)).astype(np.float64)
    height_mm = float(high[2] - low[2]) * scale
    layers = max(1, round(height_mm / layer_mm))
    middle = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    levels = (np.arange(layers) + 0.5 + OFF_CORNER) * float(high[2] - low[2]) / layers + low[2]
    found = [_loops(cut, scale, middle) for cut in _cuts(corners, levels)]
    if any(loops is None for loops in found):
        told = "A section of the mesh is no set of closed lines: triangles share more than an edge."
        return (error("E_MESH_SECTION", told, REMEDY, "mesh"),)
    flats = tuple(Flat(tuple(loops or ())) for loops in found)
    held = sum(flat.area_mm2 for flat in flats) * height_mm / layers
    if not all(map(_is_plain, flats)) or abs(held / volume_mm3 - 1) > SECTIONS_AGREE:
        told = f"The mesh's {layers} sections hold {held:.2f} mm³ of {volume_mm3:.2f} mm³: its parts overlap, or it is "
        told += "too fine for the layers."
        return (error("E_MESH_SECTIONS", told, "Join overlapping parts, or use lower layers.", "mesh"),)
    return flats, height_mm / layers


def _is_plain(flat: Flat) -> bool:
    """Whether a section's loops lie beside or in one another: then inside by even–odd is what they enclose."""
    if len(flat.loops) < 2:
        return bool(flat.loops)
    inside_mm2 = float(np.count_nonzero(flat.field.values > 0)) * flat.field.step_mm**2
    return abs(inside_mm2 - flat.area_mm2) <= COUNTED * flat.outline_mm * flat.field.step_mm


def _cuts(corners: Triangles, levels: Array) -> list[Array]:
    """Return for each level its lines through triangles, (m, 2, 2), the solid to their left."""
    heights = corners[:, :, 2]
    low, high = heights.min(axis=1), heights.max(axis=1)
    first, after = np.searchsorted(levels, low), np.searchsorted(levels, high)
    which = np.flatnonzero(after > first)
    counts = (after - first)[which]
    triangle = np.repeat(which, counts)
    level = np.repeat(first[which], counts) + np.arange(len(triangle)) - np.repeat(np.cumsum(counts) - counts, counts)
    cut = corners[triangle].astype(np.float64)
    height = levels[level]
    above = cut[:, :, 2] > height[:, None]
    after_above = np.roll(above, -1, axis=1)
    rows = np.arange(len(cut))
    ends = [
        _crossing(cut, np.argmax(edges, axis=1), height, rows)
        for edges in (above & ~after_above, ~above & after_above)  # down through the level, and up
    ]
    order = np.argsort(level, kind="stable")
    lines = np.stack(ends, axis=1)[order]
    return np.split(lines, np.cumsum(np.bincount(level, minlength=len(levels)))[:-1])


def _crossing(cut: Array, edge: NDArray[np.intp], height: Array, rows: NDArray[np.intp]) -> Array:
    """Return where an edge meets its level; reckoned from its lower end, so that both triangles find the same place."""
    one, other = cut[rows, edge], cut[rows, (edge + 1) % 3]
    swap = (one[:, 2] > other[:, 2])[:, None]
    low, high = np.where(swap, other, one), np.where(swap, one, other)
    share = (height - low[:, 2]) / (high[:, 2] - low[:, 2])
    return np.asarray(low[:, :2] + (high - low)[:, :2] * share[:, None])


def _loops(lines: Array, scale: float, middle: Array) -> list[Array] | None:
    """Return one level's lines as closed curves in mm; None where they do not close."""
    onward = dict(zip(map(tuple, lines[:, 0].tolist()), map(tuple, lines[:, 1].tolist()), strict=True))
    if len(onward) != len(lines):
        return None
    loops = []
    while onward:
        start, here = onward.popitem()
        points = [start, here]
        while here != start:
            following = onward.pop(here, None)
            if following is None:
                return None
            here = following
            points.append(here)
        loop = thinned((np.array(points) - middle[:2]) * scale)
        if len(loop) > 3 and abs(enclosed_mm2(loop)) > SMALLEST_MM2:
            loops.append(loop)
    return loops


def widest_mm(flats: tuple[Flat, ...]) -> float:
    """Return the diameter of the circle around the middle that holds every section."""
    return 2 * max(float(np.hypot(*loop.T).max()) for flat in flats for loop in flat.loops)
