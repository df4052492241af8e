"""A cylinder solved for a volume: whole layers, within the recipe's diameter and height."""

from __future__ import annotations

import math
from dataclasses import dataclass

from printcare.domain.checks import Finding, error
from printcare.domain.recipe import Nozzle, Range, Shape
from printcare.geometry.bead import equivalent_width_mm, gapless_pitch_mm

WHERE = "shape"


@dataclass(frozen=True, slots=True)
class SolvedForm:
    """A form that holds exactly `volume_mm3` in whole layers; the dose decides the bead, this decides the path."""

    kind: str
    volume_mm3: float
    diameter_mm: float
    layers: int
    layer_mm: float
    pitch_mm: float
    bore_mm: float
    bead_width_ratio: tuple[float, float]  # allowed, over the bore

    @property
    def height_mm(self) -> float:
        """Return the height, a whole number of layers."""
        return self.layers * self.layer_mm

    @property
    def width_mm(self) -> float:
        """Return the bead width the pitch is made for."""
        return equivalent_width_mm(self.pitch_mm * self.layer_mm, self.layer_mm)

    @property
    def envelope_mm(self) -> float:
        """Return the diameter nothing of the unit exceeds: a spiral's outer end stands half a bead proud."""
        return self.diameter_mm + self.width_mm


def solve(volume_mm3: float, shape: Shape, layer: Range, nozzle: Nozzle) -> SolvedForm | tuple[Finding, ...]:
    """Return the cylinder of that volume whose height over diameter is nearest the recipe's, or why there is none.

    The layer height is the recipe's target; the number of layers is chosen among all that keep diameter and height
    in their limits.
    """
    if (shape.kind, shape.path) != ("cylinder", "spiral"):
        return (
            error(
                "E_GEOMETRY_KIND",
                f"The recipe asks for a {shape.kind} by {shape.path}; only a cylinder by spiral is made.",
                "Use a recipe with a cylinder and a spiral path.",
                WHERE,
            ),
        )
    if not (math.isfinite(volume_mm3) and volume_mm3 > 0):
        return (
            error(
                "E_GEOMETRY_VOLUME", f"A unit of {volume_mm3} mm³ is none.", "Check dose and strength.", "volume_mm3"
            ),
        )
    form = _nearest(volume_mm3, shape, layer, nozzle)
    if form is None:
        return (_no_layers(volume_mm3, shape, float(layer.target)),)
    return (_bead_finding(form),) if form.pitch_mm <= 0 or form.width_mm < form.layer_mm else form


def _nearest(volume_mm3: float, shape: Shape, layer: Range, nozzle: Nozzle) -> SolvedForm | None:
    layer_mm, bore_mm = float(layer.target), float(nozzle.bore_mm)
    low, high = (float(limit) for limit in shape.bead_width_ratio)
    pitch_mm = gapless_pitch_mm(bore_mm * (low + high) / 2, layer_mm)
    least, most = (limit / layer.target for limit in shape.height_mm)
    best, distance = None, math.inf
    for layers in range(max(1, math.ceil(least)), math.floor(most) + 1):
        height_mm = layers * layer_mm
        diameter_mm = math.sqrt(4 * volume_mm3 / (math.pi * height_mm))
        if not float(shape.diameter_mm[0]) <= diameter_mm <= float(shape.diameter_mm[1]):
            continue
        away = abs(height_mm / diameter_mm - float(shape.height_to_diameter))
        if away < distance:
            best, distance = layers, away
    if best is None:
        return None
    diameter_mm = math.sqrt(4 * volume_mm3 / (math.pi * best * layer_mm))
    return SolvedForm(shape.kind, volume_mm3, diameter_mm, best, layer_mm, pitch_mm, bore_mm, (low, high))


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
