"""A recipe file becomes a MasterRecipe, or a list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any  # tomllib's own value type is Any

from printcare.domain.canonical import digest
from printcare.domain.checks import Finding
from printcare.domain.numbers import plain
from printcare.domain.recipe import (
    LATTICES,
    SHAPES,
    Allocation,
    InkRequirement,
    InProcessLimits,
    MasterRecipe,
    Nozzle,
    ProcessParameters,
    Product,
    QualityTest,
    Range,
    Shape,
    UnitRange,
    Vessel,
)
from printcare.domain.vessels import shell
from printcare.errors import PrintcareError
from printcare.formats.find import data_file
from printcare.formats.tables import Table, parse, refuse

UNITS = {
    "cartridge_c": "degC",
    "soak_min": "min",
    "print_speed_mm_s": "mm/s",
    "layer_height_mm": "mm",
    "prime_mm3": "mm3",
    "prime_pressure_fraction": "1",
    "dwell_s": "s",
    "unit_multiplier": "1",
}


def load_recipe(id_or_path: str) -> MasterRecipe:
    """Return a recipe by id (`cyclophosphamide-sse`) or path; raises PrintcareError or FileProblems."""
    name, data = data_file("recipes", id_or_path)
    return read_recipe(data, name)


def read_recipe(data: bytes, name: str) -> MasterRecipe:
    """Return the recipe a file holds; all problems are reported at once, sense checks included."""
    problems: list[Finding] = []
    values = parse(data, name)
    root = Table(values, "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("recipe",))
    finishing, evidence = root.table("finishing"), root.table("evidence")
    recipe = MasterRecipe(
        id=root.text("id"),
        version=root.integer("version", least=1),
        title=root.text("title"),
        demonstration=root.boolean("demonstration"),
        author=root.text("author"),
        product=_product(root.table("product")),
        ink=_ink(root.table("ink")),
        nozzle=_nozzle(root.table("nozzle")),
        shape=_shape(root.table("shape")),
        parameters=_parameters(root.table("parameters")),
        unit_range=_unit_range(root.table("range")),
        limits=_limits(root.table("limits")),
        allocation=_allocation(root.table("allocation")),
        hold_max_min=finishing.decimal("hold_max_min", above=Decimal(0)),
        finishing=finishing.text("condition"),
        hazard_class=finishing.text("hazard_class"),
        room_class=finishing.text("room_class"),
        beyond_use_days=finishing.decimal("beyond_use_days", above=Decimal(0)),
        storage=finishing.text("storage"),
        printer_classes=finishing.texts("printer_classes"),
        quality_plan=tuple(_test(table) for table in root.tables("quality")),
        evidence=evidence.texts("references"),
        digest=digest(exact(values)),
    )
    for table in (finishing, evidence, root):
        table.close()
    if not problems:
        _make_sense(recipe, root)
    refuse(problems, name)
    return recipe


def exact(value: Any) -> Any:
    """Return parsed TOML with every number as a plain decimal text: what an approval's digest is taken of.

    5, 5.0 and 5.00 are one number, so rewriting a file without changing a value keeps its approval.
    """
    if isinstance(value, Mapping):
        return {key: exact(member) for key, member in value.items()}
    if isinstance(value, list):
        return [exact(member) for member in value]
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _product(table: Table) -> Product:
    product = Product(
        inn=table.text("inn"),
        tall_man=table.text("tall_man"),
        dosage_form=table.text("dosage_form"),
        route=table.text("route"),
        strength_form=table.text("strength_form"),
        give=table.text("give"),
    )
    if product.tall_man.lower() != product.inn.lower():
        table.object("tall_man", "F_TALL_MAN", f"does not spell {product.inn}", "Use the same letters as the INN.")
    table.close()
    return product


def _ink(table: Table) -> InkRequirement:
    zero = Decimal(0)
    ink = InkRequirement(
        ink_id=table.text("id"),
        form=table.text("form"),
        nominal_strength_mg_per_g=table.decimal("nominal_strength_mg_per_g", above=zero),
        strength_basis=table.one_of("strength_basis", ("as_printed", "dried")),
        density_mg_mm3=table.decimal("density_mg_mm3", above=zero),
        corrects_assay=table.boolean("corrects_assay"),
        consistency_pa_sn=table.decimal("consistency_pa_sn", above=zero),
        flow_index=table.decimal("flow_index", above=zero),
        yield_stress_pa=table.decimal("yield_stress_pa"),
        reference_c=table.decimal("reference_c"),
        activation_kj_mol=table.decimal("activation_kj_mol"),
        degrades_above_c=table.decimal("degrades_above_c"),
        water_activity=table.one_of("water_activity", ("aqueous", "aqueous-preserved", "non-aqueous")),
    )
    table.close()
    return ink


def _nozzle(table: Table) -> Nozzle:
    nozzle = Nozzle(
        part_number=table.text("part_number"),
        gauge=table.text("gauge"),
        bore_mm=table.decimal("bore_mm", above=Decimal(0)),
        length_mm=table.decimal("length_mm", above=Decimal(0)),
    )
    table.close()
    return nozzle


def _shape(table: Table) -> Shape:
    kind = table.one_of("kind", tuple(SHAPES))
    needed, paths = SHAPES.get(kind, ((), ()))
    path = table.one_of("path", paths or tuple(path for _, known in SHAPES.values() for path in known))
    proportions = {key: _proportion(table, key) for key in needed if key != "vessel"}
    if path in LATTICES:
        proportions["cell_mm"] = table.decimal("cell_mm", above=Decimal(0))
    vessel = _vessel(table) if "vessel" in needed else None
    sizes = (Decimal(0), Decimal(0)) if vessel else None
    shape = Shape(
        kind=kind,
        path=path,
        diameter_mm=sizes or table.interval("diameter_mm"),
        height_mm=sizes or table.interval("height_mm"),
        height_to_diameter=Decimal(1) if vessel else table.decimal("height_to_diameter", above=Decimal(0)),
        bead_width_ratio=table.interval("bead_width_ratio"),
        vessel=vessel,
        arrangement="single",
        **proportions,
    )
    table.close()
    return shape


def _proportion(table: Table, key: str) -> Decimal:
    share = table.decimal(key, above=Decimal(0))
    if share > 1 or (share == 1 and key != "width_to_length"):
        table.object(key, "F_KEY_RANGE", f"is {share}", "Use a number above 0 and below 1.")
    return share


def _vessel(table: Table) -> Vessel:
    """Return a capsule body by `shell`, its part number, or a round cavity by name and measures."""
    if table.has("shell"):
        part_number = table.text("shell")
        known = shell(part_number)
        if known is not None:
            return known
        table.object("shell", "F_SHELL", f"{part_number!r} is not known", "Measure it, and state it as a vessel.")
        return Vessel(part_number, Decimal(1), Decimal(1), Decimal(1))
    inside = table.table("vessel")
    vessel = Vessel(
        name=inside.text("name"),
        inner_mm=inside.decimal("inner_mm", above=Decimal(0)),
        depth_mm=inside.decimal("depth_mm", above=Decimal(0)),
        fill_share=_proportion(inside, "fill_share"),
    )
    inside.close()
    return vessel


def _parameters(table: Table) -> ProcessParameters:
    parameters = ProcessParameters(**{name: _range(table.table(name), unit) for name, unit in UNITS.items()})
    table.close()
    return parameters


def _range(table: Table, unit: str) -> Range:
    """Return a parameter's ranges in the recipe's own unit; another unit of the same dimension is converted."""
    stated = table.text("unit")
    values: tuple[Decimal, ...] = (table.decimal("target"), *table.interval("normal"), *table.interval("proven"))
    table.close()
    if stated and stated != unit:
        values = _converted(values, stated, unit, table)
    target, normal, proven = values[0], (values[1], values[2]), (values[3], values[4])
    if not normal[0] <= target <= normal[1]:
        table.object("target", "F_RANGE_NOR", f"{target} lies outside the NOR", "Put the target inside the NOR.")
    if not (proven[0] <= normal[0] and normal[1] <= proven[1]):
        table.object("normal", "F_RANGE_PAR", "reaches outside the PAR", "Narrow the NOR or prove a wider range.")
    return Range(unit, target, normal, proven)


def _converted(values: tuple[Decimal, ...], stated: str, unit: str, table: Table) -> tuple[Decimal, ...]:
    from printcare.units import convert  # pint is slow to load, and the shipped recipes state the units we reckon in

    try:
        return tuple(convert(value, stated, unit) for value in values)
    except PrintcareError as fault:
        table.object("unit", "F_UNIT", f"is {stated!r}: {fault.message}", f"Use {unit}, or another unit of that kind.")
        return values


def _unit_range(table: Table) -> UnitRange:
    limits = UnitRange(
        dose_mg=table.interval("dose_mg"),
        wet_mass_g=table.interval("wet_mass_g"),
        max_units_per_dose=table.integer("max_units_per_dose", least=1),
    )
    table.close()
    return limits


def _limits(table: Table) -> InProcessLimits:
    zero = Decimal(0)
    limits = InProcessLimits(
        mass_pct=table.decimal("mass_pct", above=zero),
        u_assay_pct=table.decimal("u_assay_pct"),
        u_homogeneity_pct=table.decimal("u_homogeneity_pct"),
        pressure_max_kpa=table.decimal("pressure_max_kpa", above=zero),
        pressure_min_kpa=table.decimal("pressure_min_kpa"),
        pressure_slope_kpa_s=table.decimal("pressure_slope_kpa_s", above=zero),
        pressure_window_pct=table.decimal("pressure_window_pct", above=zero),
        temperature_max_s=table.decimal("temperature_max_s", above=zero),
        settle_max_s=table.decimal("settle_max_s", above=zero),
        rejects_consecutive=table.integer("rejects_consecutive", least=1),
        rejects_total=table.integer("rejects_total", least=1),
    )
    table.close()
    return limits


def _allocation(table: Table) -> Allocation:
    allocation = Allocation(table.integer("retain"), table.integer("test"), table.integer("spare"))
    table.close()
    return allocation


def _test(table: Table) -> QualityTest:
    test = QualityTest(
        name=table.text("name"),
        method=table.text("method", default=""),
        limit=table.text("limit", default=""),
        omitted_because=table.text("omitted_because", default=""),
    )
    if not test.method and not test.omitted_because:
        table.object(
            "omitted_because", "F_TEST_UNJUSTIFIED", "is empty and there is no method", "Name a method or justify."
        )
    table.close()
    return test


def _make_sense(recipe: MasterRecipe, root: Table) -> None:
    """Report what is well formed and still cannot be right (quality.md §8)."""
    if recipe.parameters.cartridge_c.proven[1] > recipe.ink.degrades_above_c:
        root.object(
            "parameters.cartridge_c.proven",
            "F_ABOVE_DEGRADATION",
            f"reaches above {recipe.ink.degrades_above_c} degC, where the ink degrades",
            "Lower the upper PAR limit.",
        )
    if recipe.parameters.layer_height_mm.proven[1] >= recipe.nozzle.bore_mm:
        root.object(
            "parameters.layer_height_mm.proven",
            "F_LAYER_ABOVE_BORE",
            "reaches the nozzle bore; a bead must be pressed on the layer below",
            "Keep the layer below the bore.",
        )
    if recipe.limits.pressure_min_kpa >= recipe.limits.pressure_max_kpa:
        root.object(
            "limits.pressure_min_kpa", "F_RANGE_ORDER", "is not below pressure_max_kpa", "Correct one of the two."
        )
