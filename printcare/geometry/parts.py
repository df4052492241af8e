"""A unit of several inks: how much room each part has, and in which order parts can be printed at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.domain.recipe import LATTICES, Part, Shape
from printcare.domain.vessels import CLEARANCE_MM, NEEDLE_WALL_MM
from printcare.geometry.bead import gapless_pitch_mm
from printcare.geometry.curve import enclosed_mm2, stadium
from printcare.geometry.form import HALVINGS, WHERE, SolvedForm
from printcare.geometry.forms import SAME_LAYERS, regions
from printcare.geometry.region import Array, Flat, Region, Rounded

FLOOR_LAYERS = 2  # of the part that holds another
ROUND_KINDS = frozenset({"cylinder", "caplet", "oblong"})


@dataclass(frozen=True, slots=True)
class _Room:
    """What a part is solved in: its volume, its own process, and the shape it shares."""

    volume_mm3: float
    part: Part
    shape: Shape

    @property
    def bore_mm(self) -> float:
        return float(self.part.nozzle.bore_mm)

    @property
    def layer_mm(self) -> float:
        return float(self.part.parameters.layer_height_mm.target)

    @property
    def keep_off_mm(self) -> float:
        """Return how far the needle's axis stays from what stands beside it."""
        return self.bore_mm / 2 + NEEDLE_WALL_MM + CLEARANCE_MM

    def layers_in(self, height_mm: float) -> tuple[int, float] | None:
        """Return whole layers of a height and what each measures; None where that is outside the proven range."""
        layers = max(1, round(height_mm / self.layer_mm))
        layer_mm = height_mm / layers
        return (layers, layer_mm) if self.part.parameters.layer_height_mm.is_proven(round(layer_mm, 6)) else None

    def pitch_mm(self, layer_mm: float) -> float:
        low, high = (float(limit) for limit in self.shape.bead_width_ratio)
        return gapless_pitch_mm(self.bore_mm * (low + high) / 2, layer_mm)

    def form(self, diameter_mm: float, layers: tuple[int, float], path: str) -> SolvedForm:
        """Return the part as layers of that size; where they lie, the arrangement says."""
        low, high = (float(limit) for limit in self.shape.bead_width_ratio)
        count, layer_mm = layers
        pitch_mm = self.pitch_mm(layer_mm)
        kind = self.shape.kind
        return SolvedForm(
            kind, self.volume_mm3, diameter_mm, count, layer_mm, pitch_mm, self.bore_mm, (low, high), path
        )


Found = tuple[SolvedForm, ...] | None


def solve_parts(
    volumes_mm3: Sequence[float], shape: Shape, parts: Sequence[Part]
) -> tuple[SolvedForm, ...] | tuple[Finding, ...]:
    """Return one form for each part, in the order they are printed, each of its own volume, or why there are none.

    layers: each part upon the one before, of one outline; a part's layer gives way within its proven range.
    core-shell: the first part is a cup of floor and wall, the second fills it like a vessel. A core printed first would
    stand in the needle's way while the shell is laid around it; a cup has room inside, and what flows in takes its
    shape. The cup stays open, since nothing may be printed on a unit's first part after its second was weighed.
    side-by-side: the outline is divided across its length; the second part's needle keeps off the first, and its ink
    flows to it.
    """
    rooms = [_Room(volume, part, shape) for volume, part in zip(volumes_mm3, parts, strict=True)]
    findings = _objections(rooms, shape)
    if findings:
        return findings
    make = ARRANGED[shape.arrangement]
    found = [
        (abs(_height_mm(forms) / diameter_mm - float(shape.height_to_diameter)), forms)
        for diameter_mm in _diameters_mm(rooms, shape)
        if (forms := make(rooms, shape, diameter_mm)) is not None and _keeps_limits(forms, shape)
    ]
    if not found:
        total_mm3 = sum(volumes_mm3)
        told = (
            f"No whole layers of {len(parts)} parts, {total_mm3:.3f} mm³ together, keep the recipe's diameter, height "
        )
        told += "and proven layers."
        return (error("E_GEOMETRY_PARTS", told, "Split the dose, or use inks of other strengths.", WHERE),)
    return min(found, key=lambda pair: pair[0])[1]


def _objections(rooms: list[_Room], shape: Shape) -> tuple[Finding, ...]:
    told = ""
    if shape.arrangement not in ARRANGED:
        told = f"Parts arranged {shape.arrangement} are not made."
    elif not all(math.isfinite(room.volume_mm3) and room.volume_mm3 > 0 for room in rooms):
        told = "A part without a volume is none."
    elif shape.kind not in SAME_LAYERS or shape.path in LATTICES:
        told = f"A {shape.kind} by {shape.path} has no parts; all layers must be solid and alike."
    elif shape.arrangement != "layers" and len(rooms) != 2:
        told = f"{len(rooms)} parts cannot lie {shape.arrangement}; two can."
    elif shape.arrangement == "core-shell" and shape.kind not in ROUND_KINDS:
        told = f"A {shape.kind} has no core."
    elif shape.arrangement == "side-by-side" and (shape.path == "spiral" or shape.kind == "ring"):
        told = f"A half of a {shape.kind} cannot be filled by {shape.path}."
    return (error("E_GEOMETRY_PARTS", told, "Use another shape, path or arrangement.", WHERE),) if told else ()


def _height_mm(forms: tuple[SolvedForm, ...]) -> float:
    return max(form.top_mm for form in forms)


def _keeps_limits(forms: tuple[SolvedForm, ...], shape: Shape) -> bool:
    low, high = shape.height_mm
    if not float(low) - 1e-9 <= _height_mm(forms) <= float(high) + 1e-9:
        return False
    return all(form.pitch_mm > 0 and form.width_mm >= form.layer_mm for form in forms)


def _diameters_mm(rooms: list[_Room], shape: Shape) -> Iterator[float]:
    """Yield the diameters at which the first part's layers, or the whole unit's, come out even."""
    low, high = (float(limit) for limit in shape.diameter_mm)
    unit_mm2 = _area_mm2(shape, 1.0)
    each = rooms if shape.arrangement == "layers" else [replace(rooms[0], volume_mm3=sum(r.volume_mm3 for r in rooms))]
    for room in each:
        for layers in range(1, math.floor(float(shape.height_mm[1]) / room.layer_mm + 1e-9) + 1):
            diameter_mm = math.sqrt(room.volume_mm3 / (layers * room.layer_mm * unit_mm2))
            if low <= diameter_mm <= high:
                yield diameter_mm


def _area_mm2(shape: Shape, diameter_mm: float) -> float:
    return regions(shape, diameter_mm, 1, 1.0)[0].area_mm2


def _layers(rooms: list[_Room], shape: Shape, diameter_mm: float) -> Found:
    area_mm2, base_mm = _area_mm2(shape, diameter_mm), 0.0
    forms: list[SolvedForm] = []
    for room in rooms:
        layers = room.layers_in(room.volume_mm3 / area_mm2)
        if layers is None:
            return None
        form = room.form(diameter_mm, layers, shape.path)
        each = regions(shape, diameter_mm, *layers)
        forms.append(replace(form, regions=each, base_mm=base_mm))
        base_mm = forms[-1].top_mm
    return tuple(forms)


def _core_shell(rooms: list[_Room], shape: Shape, diameter_mm: float) -> Found:
    shell, core = rooms
    outline = regions(shape, diameter_mm, 1, 1.0)[0]
    total = shell.layers_in((shell.volume_mm3 + core.volume_mm3) / outline.area_mm2)
    if not isinstance(outline, Rounded) or total is None or total[0] <= FLOOR_LAYERS:
        return None
    count, layer_mm = total
    depth_mm = (count - FLOOR_LAYERS) * layer_mm
    inside = core.layers_in(depth_mm)
    inner_mm = _radius_mm(core.volume_mm3 / depth_mm, outline.straight_mm)
    reach_mm = inner_mm - core.keep_off_mm
    if inside is None or outline.outer_mm - inner_mm < shell.pitch_mm(layer_mm) or reach_mm < core.bore_mm:
        return None
    wall = Rounded(outline.straight_mm, outline.outer_mm, inner_mm)
    way = Rounded(outline.straight_mm, reach_mm)
    cup = replace(
        shell.form(diameter_mm, total, "concentric"),
        regions=(outline,) * FLOOR_LAYERS + (wall,) * (count - FLOOR_LAYERS),
    )
    path = shape.path if outline.straight_mm == 0 else "concentric"
    filling = _kept_off(core.form(diameter_mm, inside, path), way, core.volume_mm3 / depth_mm)
    return cup, replace(filling, base_mm=FLOOR_LAYERS * layer_mm)


def _radius_mm(area_mm2: float, straight_mm: float) -> float:
    """Return the radius at which a stadium of that straight length has an area."""
    return (math.sqrt(straight_mm**2 + math.pi * area_mm2) - straight_mm) / math.pi


def _side_by_side(rooms: list[_Room], shape: Shape, diameter_mm: float) -> Found:
    first, second = rooms
    outline = regions(shape, diameter_mm, 1, 1.0)[0]
    height_mm = (first.volume_mm3 + second.volume_mm3) / outline.area_mm2
    layers, beside = first.layers_in(height_mm), second.layers_in(height_mm)
    if layers is None or beside is None:
        return None
    rim = _rim(outline)
    place_mm = _divided_at(rim, first.volume_mm3 / height_mm)
    left = _half(rim, place_mm)
    off_mm = second.keep_off_mm - second.pitch_mm(beside[1]) / 2
    right = -_half(-rim, -(place_mm + off_mm))
    if len(left) < 4 or len(right) < 4:
        return None
    one = replace(first.form(diameter_mm, layers, shape.path), regions=(Flat((left,)),) * layers[0])
    return one, _kept_off(second.form(diameter_mm, beside, shape.path), Flat((right,)), second.volume_mm3 / height_mm)


def _kept_off(form: SolvedForm, way: Region, area_mm2: float) -> SolvedForm:
    """Return a part whose needle keeps off its neighbour: its beads lie closer, and their ink flows out."""
    return replace(form, regions=(way,) * form.layers, pitch_mm=form.pitch_mm * way.area_mm2 / area_mm2)


def _rim(outline: Region) -> Array:
    if isinstance(outline, Rounded):
        return stadium(outline.straight_mm, outline.outer_mm)
    return outline.boundary(0.0)[0]


def _divided_at(rim: Array, area_mm2: float) -> float:
    """Return x up to which an outline holds an area."""
    low, high = float(rim[:, 0].min()), float(rim[:, 0].max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        half = _half(rim, middle)
        if len(half) and abs(enclosed_mm2(half)) >= area_mm2:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _half(rim: Array, place_mm: float) -> Array:
    """Return what of a closed outline lies at x up to a place, closed along the cut (Sutherland and Hodgman 1974)."""
    kept: list[tuple[float, float]] = []
    corners = rim.tolist()
    for (x, y), (after_x, after_y) in pairwise(corners):
        if x <= place_mm:
            kept.append((x, y))
        if (x <= place_mm) != (after_x <= place_mm):
            kept.append((place_mm, y + (after_y - y) * (place_mm - x) / (after_x - x)))
    return np.array([*kept, *kept[:1]], dtype=np.float64).reshape(-1, 2)


ARRANGED: dict[str, Callable[[list[_Room], Shape, float], Found]] = {
    "layers": _layers,
    "core-shell": _core_shell,
    "side-by-side": _side_by_side,
}
