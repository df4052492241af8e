"""The shape of a recipe file: kind, path, sizes, and the vessel of a fill."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from printcare.domain.recipe import ARRANGEMENTS, LATTICES, SHAPES, Shape, Vessel
from printcare.domain.shape import MARKS
from printcare.domain.vessels import shell
from printcare.formats.tables import Table


def read_shape(table: Table, has_parts: bool) -> Shape:
    """Return the shape; only a unit of several parts says how they lie to one another."""
    kind = table.one_of("kind", tuple(SHAPES))
    needed, paths = SHAPES.get(kind, ((), ()))
    path = table.one_of("path", paths or tuple(path for _, known in SHAPES.values() for path in known))
    proportions = {key: _proportion(table, key) for key in needed if key != "vessel"}
    if path in LATTICES:
        proportions["cell_mm"] = table.decimal("cell_mm", above=Decimal(0))
    vessel = _vessel(table) if "vessel" in needed else None
    sizes = (Decimal(0), Decimal(0)) if vessel else None
    mark, mark_as = _mark(table)
    shape = Shape(
        kind=kind,
        path=path,
        diameter_mm=sizes or table.interval("diameter_mm"),
        height_mm=sizes or table.interval("height_mm"),
        height_to_diameter=Decimal(1) if vessel else table.decimal("height_to_diameter", above=Decimal(0)),
        bead_width_ratio=table.interval("bead_width_ratio"),
        vessel=vessel,
        arrangement=table.one_of("arrangement", ARRANGEMENTS[1:]) if has_parts else ARRANGEMENTS[0],
        mark=mark,
        mark_as=mark_as,
        **proportions,
    )
    table.close()
    return shape


def _bottom(inside: Table) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return a cone's or a stepped bottom's heights and diameters, from the lowest up; most bottoms are flat."""
    if not inside.has("bottom"):
        return ()
    rows = []
    for row in inside.tables("bottom"):
        rows.append((row.decimal("height_mm"), row.decimal("inner_mm", above=Decimal(0))))
        row.close()
    if not rows or rows[0][0] != 0 or any(after[0] < before[0] for before, after in pairwise(rows)):
        told = "does not begin at height 0, or goes down"
        inside.object("bottom", "F_KEY_RANGE", told, "State heights from the lowest up, the first of them 0.")
    return tuple(rows)


def _mark(table: Table) -> tuple[str, str]:
    """Return a raised mark, such as the dose, and whether it is text or Braille; most shapes have none."""
    if not table.has("mark"):
        return "", ""
    return table.text("mark"), table.one_of("mark_as", MARKS)


def _proportion(table: Table, key: str) -> Decimal:
    share = table.decimal(key, above=Decimal(0))
    if share > 1 or (share == 1 and key != "width_to_length"):
        table.object(key, "F_KEY_RANGE", f"is {share}", "Use a number above 0 and below 1.")
    return share


def _vessel(table: Table) -> Vessel:
    """Return a capsule body by `shell`, its part number, or a round cavity by name and measures."""
    if table.has("shell") or not table.has("vessel"):
        part_number = table.text("shell")
        known = shell(part_number)
        if known is not None:
            return known
        if part_number:
            table.object("shell", "F_SHELL", f"{part_number!r} is not known", "Measure it, and state it as a vessel.")
        return Vessel(part_number, Decimal(1), Decimal(1), Decimal(1))
    inside = table.table("vessel")
    vessel = Vessel(
        name=inside.text("name"),
        inner_mm=inside.decimal("inner_mm", above=Decimal(0)),
        depth_mm=inside.decimal("depth_mm", above=Decimal(0)),
        fill_share=_proportion(inside, "fill_share"),
        bottom_mm=_bottom(inside),
        softens_above_c=inside.decimal("softens_above_c") if inside.has("softens_above_c") else None,
    )
    inside.close()
    return vessel
