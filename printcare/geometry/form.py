"""A form solved for a volume: whole layers, within the recipe's diameter and height."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from printcare.domain.checks import Finding, error
from printcare.domain.recipe import LATTICES, SHAPES, Nozzle, Range, Shape, Vessel
from printcare.domain.vessels import CLEARANCE_MM, NEEDLE_WALL_MM
from printcare.geometry.bead import XY_DIGITS, equivalent_width_mm, gapless_pitch_mm

if TYPE_CHECKING:
    from printcare.geometry.region import Array, Region

WHERE = "shape"
HALVINGS = 48  # of the diameter's range; far below a micrometre


@dataclass(frozen=True, slots=True)
class SolvedForm:
    """A form that holds exactly `volume_mm3` in whole layers; the dose decides the bead, this decides the path."""

    kind: str
    volume_mm3: float
    diameter_mm: float  # of the circle that holds it
    layers: int
    layer_mm: float
    pitch_mm: float
    bore_mm: float
    bead_width_ratio: tuple[float, float]  # allowed, over the bore
    path: str = "spiral"
    regions: tuple[Region, ...] = ()  # of every layer from the tray up; none for a cylinder by spiral
    cell_mm: float = 0.0  # of a lattice
    rim_mm: float = 0.0  # height of the vessel it stands in
    base_mm: float = 0.0  # height it begins at, upon another part
    shares: tuple[float, ...] = ()  # of the volume in each layer, where that is not its region's own
    mark: tuple[Array, ...] = ()  # lines of a mark, one layer upon the top
    mark_mm3: float = 0.0  # the mark's own part of the volume
    rise_mm: tuple[float, float] | None = None  # of a dot: the nozzle's height when it begins and when it ends

    @property
    def height_mm(self) -> float:
        """Return the height, a whole number of layers."""
        return self.layers * self.layer_mm

    @property
    def top_mm(self) -> float:
        """Return how high above the tray it ends, its mark included."""
        if self.rise_mm is not None:
            return self.rise_mm[1]
        return self.base_mm + self.height_mm + (self.layer_mm if self.mark else 0.0)

    def top_of(self, layer: int) -> float:
        """Return the nozzle's height above the tray in a layer (0-based), as it is written."""
        return round(self.base_mm + (layer + 1) * self.layer_mm, XY_DIGITS)

    @property
    def width_mm(self) -> float:
        """Return the bead width the pitch is made for."""
        return equivalent_width_mm(self.pitch_mm * self.layer_mm, self.layer_mm)

    @property
    def envelope_mm(self) -> float:
        """Return the diameter nothing of the unit exceeds: a spiral's outer end stands half a bead proud."""
        return self.diameter_mm + self.width_mm

    @property
    def is_lattice(self) -> bool:
        """Whether the fill leaves cells open."""
        return self.path in LATTICES


def solve(volume_mm3: float, shape: Shape, layer: Range, nozzle: Nozzle) -> SolvedForm | tuple[Finding, ...]:
    """Return the form of that volume whose height over diameter is nearest the recipe's, or why there is none.

    The layer height is the recipe's target; the number of layers is chosen among all that keep diameter and height
    in their limits. A fill has its vessel's diameter, so there the layer gives way within its proven range.
    """
    if shape.kind not in SHAPES or shape.path not in SHAPES[shape.kind][1]:
        known = ", ".join(SHAPES.get(shape.kind, ((), ()))[1]) or "a known kind of shape"
        told = f"The recipe asks for a {shape.kind} by {shape.path}, which is not made."
        return (error("E_GEOMETRY_KIND", told, f"Use {known}.", WHERE),)
    if not (math.isfinite(volume_mm3) and volume_mm3 > 0):
        told = f"A unit of {volume_mm3} mm³ is none."
        return (error("E_GEOMETRY_VOLUME", told, "Check dose and strength.", "volume_mm3"),)
    if shape.mark:
        from printcare.geometry.mark import solve_marked

        return solve_marked(volume_mm3, shape, layer, nozzle)
    if shape.vessel is not None and shape.path == "dot":
        from printcare.geometry.dot import solve_dot

        return solve_dot(volume_mm3, shape, shape.vessel, layer, nozzle)
    if shape.vessel is not None:
        return _filled(volume_mm3, shape, shape.vessel, layer, nozzle)
    form = _nearest(volume_mm3, shape, layer, nozzle)
    if form is None:
        return (_no_layers(volume_mm3, shape, float(layer.target)),)
    return (_bead_finding(form),) if form.pitch_mm <= 0 or form.width_mm < form.layer_mm else form


def _nearest(volume_mm3: float, shape: Shape, layer: Range, nozzle: Nozzle) -> SolvedForm | None:
    layer_mm, bore_mm = float(layer.target), float(nozzle.bore_mm)
    low, high = (float(limit) for limit in shape.bead_width_ratio)
    pitch_mm = gapless_pitch_mm(bore_mm * (low + high) / 2, layer_mm)
    least, most = (limit / layer.target for limit in shape.height_mm)
    best: tuple[float, int, float] | None = None
    for layers in range(max(1, math.ceil(least)), math.floor(most) + 1):
        diameter_mm = _diameter_mm(volume_mm3, shape, layers, layer_mm, pitch_mm)
        if diameter_mm is None:
            continue
        away = abs(layers * layer_mm / diameter_mm - float(shape.height_to_diameter))
        if best is None or away < best[0]:
            best = away, layers, diameter_mm
    if best is None:
        return None
    _, layers, diameter_mm = best
    return SolvedForm(
        shape.kind,
        volume_mm3,
        diameter_mm,
        layers,
        layer_mm,
        pitch_mm,
        bore_mm,
        (low, high),
        shape.path,
        _regions(shape, diameter_mm, layers, layer_mm),
        float(shape.cell_mm or 0),
    )


def _regions(shape: Shape, diameter_mm: float, layers: int, layer_mm: float) -> tuple[Region, ...]:
    """Return every layer's region; none for a cylinder by spiral, whose layers are all known from its diameter."""
    if (shape.kind, shape.path) == ("cylinder", "spiral"):
        return ()
    from printcare.geometry.forms import regions

    return regions(shape, diameter_mm, layers, layer_mm)


def _diameter_mm(volume_mm3: float, shape: Shape, layers: int, layer_mm: float, pitch_mm: float) -> float | None:
    """Return the diameter at which so many layers hold the volume; None where the limits leave none."""
    low, high = (float(limit) for limit in shape.diameter_mm)
    if shape.kind == "cylinder" and shape.path not in LATTICES:
        diameter_mm = math.sqrt(4 * volume_mm3 / (math.pi * layers * layer_mm))
        return diameter_mm if low <= diameter_mm <= high else None
    if (
        not _held(shape, low, layers, layer_mm, pitch_mm)
        <= volume_mm3
        <= _held(shape, high, layers, layer_mm, pitch_mm)
    ):
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _held(shape, middle, layers, layer_mm, pitch_mm) < volume_mm3:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _held(shape: Shape, diameter_mm: float, layers: int, layer_mm: float, pitch_mm: float) -> float:
    """Return what a form of that size holds, as the sum of its layers."""
    from printcare.geometry.fill import share_covered

    cell_mm = float(shape.cell_mm or 0)
    every = _regions(shape, diameter_mm, layers, layer_mm)
    held = {
        region: region.area_mm2 * share_covered(region, shape.path, pitch_mm, cell_mm)
        for region in dict.fromkeys(every)
    }
    return layer_mm * sum(held[region] for region in every)


def _filled(
    volume_mm3: float, shape: Shape, vessel: Vessel, layer: Range, nozzle: Nozzle
) -> SolvedForm | tuple[Finding, ...]:
    """Return the layers that fill a vessel; the nozzle rises with the level, z = V/A."""
    from printcare.geometry.region import Rounded
    from printcare.geometry.vessel import depth_of, slices

    inner_mm, bore_mm = float(vessel.inner_mm), float(nozzle.bore_mm)
    depth_mm = depth_of(vessel, volume_mm3)
    layers = max(1, round(depth_mm / float(layer.target)))
    layer_mm = depth_mm / layers
    off_mm = bore_mm / 2 + NEEDLE_WALL_MM + CLEARANCE_MM
    shares, narrowest_mm = slices(vessel, depth_mm, layers)
    reaches = [width_mm / 2 - off_mm for width_mm in narrowest_mm]
    reach_mm = min(reaches)
    findings = []
    if depth_mm > float(vessel.depth_mm * vessel.fill_share):
        told = f"{volume_mm3:.1f} mm³ fill {vessel.name} to {depth_mm:.2f} mm; {vessel.fill_share} of {vessel.depth_mm}"
        remedy = "Use a larger vessel, or split the dose."
        findings.append(error("E_GEOMETRY_OVERFILL", f"{told} mm are allowed.", remedy, "shape.vessel"))
    if not layer.is_proven(round(layer_mm, 6)):
        told = f"{layers} layers in {vessel.name} would be {layer_mm:.3f} mm each, outside the proven range."
        findings.append(error("E_GEOMETRY_LAYER", told, "Use a narrower vessel, or another dose.", "shape.vessel"))
    if reach_mm < bore_mm or float(nozzle.length_mm) < float(vessel.depth_mm) - layer_mm:
        told = f"A needle of {nozzle.bore_mm} x {nozzle.length_mm} mm does not reach the bottom of {vessel.name}."
        findings.append(error("E_GEOMETRY_REACH", told, "Use a longer or thinner needle.", "nozzle"))
    if findings:
        return tuple(findings)
    low, high = (float(limit) for limit in shape.bead_width_ratio)
    # The needle keeps off the wall, so its lines lie closer together than the ink they carry.
    ways_mm2 = sum(math.pi * reach**2 for reach in reaches) * layer_mm
    pitch_mm = gapless_pitch_mm(bore_mm * (low + high) / 2, layer_mm) * ways_mm2 / volume_mm3
    return SolvedForm(
        shape.kind,
        volume_mm3,
        inner_mm,
        layers,
        layer_mm,
        pitch_mm,
        bore_mm,
        (low, high),
        shape.path,
        tuple(Rounded(0.0, reach) for reach in reaches),
        0.0,
        float(vessel.depth_mm),
        shares=shares,
    )


def _no_layers(volume_mm3: float, shape: Shape, layer_mm: float) -> Finding:
    return error(
        "E_GEOMETRY_NO_LAYERS",
        f"No whole number of {layer_mm} mm layers holds {volume_mm3:.3f} mm³ with a diameter of "
        f"{shape.diameter_mm[0]} to {shape.diameter_mm[1]} mm and a height of "
        f"{shape.height_mm[0]} to {shape.height_mm[1]} mm.",
        "Split the dose into more or fewer units, or use an ink of another strength.",
        WHERE,
    )


def _bead_finding(form: SolvedForm) -> Finding:
    return error(
        "E_GEOMETRY_BEAD",
        f"A bead {form.width_mm:.3f} mm wide cannot be laid {form.layer_mm} mm high through {form.bore_mm} mm.",
        "Use a lower layer or a wider nozzle.",
        "parameters.layer_height_mm",
    )
