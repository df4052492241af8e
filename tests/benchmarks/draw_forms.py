"""Draw every form by every path into docs/pictures/forms, each read back from its own file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import ARRANGEMENTS, LATTICES, SHAPES, MasterRecipe, Shape
from printcare.domain.vessels import shell
from printcare.formats.picture import picture
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.formats.stl import read_stl
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose, compose_parts, compose_zones
from printcare.gcode.compose_mesh import EngineeringProcess, compose_mesh
from printcare.gcode.preview import preview
from printcare.gcode.program import Header

VOLUME_MM3 = 300.0
DOT_MM3 = 20.0  # dots are for small doses
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
    shape = replace(Shape(kind, path, *sizes, Decimal(aim), limits), vessel=vessel, **more)  # type: ignore[arg-type]
    return replace(recipe, shape=shape, nozzle=replace(recipe.nozzle, length_mm=Decimal(25)))


def extras(recipe: MasterRecipe) -> dict[str, MasterRecipe]:
    """Return forms with a mark, each under the name of its picture."""
    wide = replace(recipe.shape, diameter_mm=(Decimal(6), Decimal(22)), height_to_diameter=Decimal("0.12"))
    text = replace(recipe, shape=replace(wide, mark="12.5", mark_as="text"))
    braille = replace(recipe, shape=replace(wide, mark="C", mark_as="braille"))
    return {"cylinder-mark-text": text, "cylinder-mark-braille": braille}


def parts(recipe: MasterRecipe, arrangement: str) -> MasterRecipe:
    """Return a recipe of two inks in an arrangement."""
    layer = recipe.parameters.layer_height_mm
    parameters = replace(recipe.parameters, layer_height_mm=replace(layer, proven=(Decimal("0.3"), Decimal("0.5"))))
    shape = replace(recipe.shape, path="concentric", arrangement=arrangement)
    recipe = replace(recipe, parameters=parameters, shape=shape)
    return replace(recipe, further=(replace(recipe.parts[0], tool=1),))


def drawn(composed: Composed, profile: FirmwareProfile, name: str, volumes_mm3: float | tuple[float, ...]) -> None:
    """Draw a program from its own file, each part of its unit by itself."""
    report = check(composed.program, profile, None, volumes_mm3)
    shown = preview(report, profile)
    for number, (part, unit) in enumerate(zip(shown, report.units, strict=True), start=1):
        which = f"-{number}" if len(shown) > 1 else ""
        kind = "part" if shown[-1].part > 1 else "unit"
        title = f"{name.replace('-', ', ', 1)}{which.replace('-', f', {kind} ')}, {unit.volume_mm3:.2f} mm3"
        (FOLDER / f"{name}{which}.svg").write_text(picture(part, title), encoding="utf-8")


def main() -> None:
    profile = load_profile("marlin-syringe")
    profile = replace(profile, tray=replace(profile.tray, unit_space_mm=25.0))
    header = Header("pictures", "nominal", "", for_patients=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind, (_, paths) in SHAPES.items():
        for path in paths:
            wanted = shaped(load_recipe("cyclophosphamide-sse"), kind, path)
            volume_mm3 = DOT_MM3 if path == "dot" else VOLUME_MM3
            composed = compose(wanted, profile, volume_mm3, 1, header)
            if not isinstance(composed, Composed):
                raise SystemExit(f"{kind} by {path}: {composed}")
            drawn(composed, profile, f"{kind}-{path}", volume_mm3)
    recipe = load_recipe("cyclophosphamide-sse")
    for name, marked in extras(recipe).items():
        composed = compose(marked, profile, VOLUME_MM3, 1, header)
        if not isinstance(composed, Composed):
            raise SystemExit(f"{name}: {composed}")
        drawn(composed, profile, name, VOLUME_MM3)
    mesh = read_stl((Path(__file__).parents[1] / "data" / "ball.stl").read_bytes(), "ball.stl")
    for path in ("concentric", "rectilinear"):
        process = EngineeringProcess(Decimal("0.603"), Decimal("0.4"), Decimal(18), Decimal(38), path)
        composed = compose_mesh(mesh, VOLUME_MM3, profile, process, header)
        if not isinstance(composed, Composed):
            raise SystemExit(f"mesh by {path}: {composed}")
        drawn(composed, profile, f"mesh-{path}", VOLUME_MM3)
    zones_mm3 = (120.0, 240.0, 480.0)
    composed = compose_zones(recipe, profile, [(volume_mm3, 1) for volume_mm3 in zones_mm3], header)
    if not isinstance(composed, Composed):
        raise SystemExit(f"zones: {composed}")
    drawn(composed, profile, "zones-of-one-tray", zones_mm3)
    two_tools = load_profile("marlin-two-syringes")
    for arrangement in ARRANGEMENTS[1:]:
        volumes_mm3 = (250.0, 120.0)
        composed = compose_parts(parts(recipe, arrangement), two_tools, volumes_mm3, 1, header)
        if not isinstance(composed, Composed):
            raise SystemExit(f"{arrangement}: {composed}")
        drawn(composed, two_tools, f"parts-{arrangement}", volumes_mm3)


if __name__ == "__main__":
    main()
