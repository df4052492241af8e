"""The shapes a unit can have, with what each needs to be solved for a dose, and the vessels that are filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# Every kind of shape, with the proportions it needs and the paths that fill it.
SHAPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cylinder": ((), ("spiral", "concentric", "rectilinear", "honeycomb", "gyroid")),
    "caplet": (("width_to_length",), ("concentric", "rectilinear", "honeycomb", "gyroid")),
    "oblong": (("width_to_length",), ("concentric", "rectilinear", "honeycomb", "gyroid")),
    "ring": (("hole_to_diameter",), ("concentric", "rectilinear")),
    "torus": (("hole_to_diameter",), ("concentric", "rectilinear")),
    "dome": ((), ("spiral", "concentric", "rectilinear")),
    "biconvex": (("band_to_height",), ("spiral", "concentric", "rectilinear")),
    "capsule": (("width_to_length",), ("concentric", "rectilinear")),
    "film": (("width_to_length",), ("concentric", "rectilinear")),
    "heart": ((), ("concentric", "rectilinear")),
    "star": ((), ("concentric", "rectilinear")),
    "hollow": (("hole_to_diameter",), ("concentric",)),
    "fill": (("vessel",), ("spiral", "concentric", "rectilinear", "dot")),
}
LATTICES = frozenset({"honeycomb", "gyroid"})  # these need a cell
MARKS = ("text", "braille")
ARRANGEMENTS = ("single", "layers", "core-shell", "side-by-side")


@dataclass(frozen=True, slots=True)
class Vessel:
    """What a fill goes into: a capsule body, a blister cavity, a mould or a vial, round inside."""

    name: str  # a shell's part number, or the vessel's own name
    inner_mm: Decimal
    depth_mm: Decimal
    fill_share: Decimal  # of the depth, at most
    softens_above_c: Decimal | None = None
    bottom_mm: tuple[tuple[Decimal, Decimal], ...] = ()  # height and inner diameter from the lowest up; straight above


@dataclass(frozen=True, slots=True)
class Shape:
    """The dosage form's shape and the limits it keeps over the dose range."""

    kind: str  # of SHAPES
    path: str
    diameter_mm: tuple[Decimal, Decimal]  # of the circle that holds the form; a caplet's length, a film's diagonal
    height_mm: tuple[Decimal, Decimal]
    height_to_diameter: Decimal  # aimed at; whole layers decide
    bead_width_ratio: tuple[Decimal, Decimal]  # width over bore, process.md §8.2
    width_to_length: Decimal | None = None
    hole_to_diameter: Decimal | None = None
    band_to_height: Decimal | None = None
    cell_mm: Decimal | None = None  # of a lattice
    vessel: Vessel | None = None
    arrangement: str = "single"  # of ARRANGEMENTS; how the parts of a unit lie to one another
    mark: str = ""  # raised on the top, such as 12.5
    mark_as: str = ""  # of MARKS
