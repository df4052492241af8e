"""Draw every form by every path into docs/pictures/forms, each read back from its own file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from printcare.domain.recipe import LATTICES, SHAPES, MasterRecipe, Shape
from printcare.domain.vessels import shell
from printcare.formats.picture import picture
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose
from printcare.gcode.preview import preview
from printcare.gcode.program import Header

VOLUME_MM3 = 300.0
FOLDER = Path(__file__).parents[2] / "docs" / "pictures" / "forms"
PROPORTIONS = {
    "width_to_length": Decimal("0.45"),
    "hole_to_diameter": Decimal("0.35"),
    "band_to_height": Decimal("0.5"),
}


def shaped(recipe: MasterRecipe, kind: str, path: str) -> MasterRecipe:
    needed = SHAPES[kind][0]
    more = {key: PROPORTIONS[key] for key in needed if key in PROPORTIONS}
    if path in LATTICES:
        more["cell_mm"] = Decimal(4)
    vessel = shell("A-0") if "vessel" in needed else None
    least, aim = ("0.4", "0.02") if kind == "film" else ("2", "0.4")
    limits = (Decimal("0.9"), Decimal("1.4"))
    sizes = (Decimal(5), Decimal(24)), (Decimal(least), Decimal(8))
    shape = Shape(kind, path, *sizes, Decimal(aim), limits, vessel=vessel, **more)
    return replace(recipe, shape=shape, nozzle=replace(recipe.nozzle, length_mm=Decimal(25)))


def main() -> None:
    profile = load_profile("marlin-syringe")
    profile = replace(profile, tray=replace(profile.tray, unit_space_mm=25.0))
    header = Header("pictures", "nominal", "", for_patients=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind, (_, paths) in SHAPES.items():
        for path in paths:
            composed = compose(shaped(load_recipe("cyclophosphamide-sse"), kind, path), profile, VOLUME_MM3, 1, header)
            if not isinstance(composed, Composed):
                raise SystemExit(f"{kind} by {path}: {composed}")
            report = check(composed.program, profile, None, VOLUME_MM3, 1)
            drawn = picture(preview(report, profile)[0], f"{kind}, {path}, {report.total_volume_mm3:.2f} mm3")
            (FOLDER / f"{kind}-{path}.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
