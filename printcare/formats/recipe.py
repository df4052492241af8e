"""A recipe file becomes a MasterRecipe, or a list of everything that is wrong with its form.

Reading judges the file by itself: keys, units, ranges, references. Whether it can be printed at all is
`recipe_sense.make_sense`, which needs printers and geometry and runs in `recipe check`, at submission and approval, not
at every load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any  # tomllib's own value type is Any

from printcare.domain.canonical import digest
from printcare.domain.checks import Finding
from printcare.domain.finishing import HAZARD_CLASSES, WEIGHING, BeyondUse
from printcare.domain.numbers import plain
from printcare.domain.recipe import MasterRecipe, Part, Product
from printcare.formats.find import data_file
from printcare.formats.recipe_process import (
    read_design_space,
    read_ink,
    read_limits,
    read_nozzle,
    read_parameters,
    read_unit_range,
)
from printcare.formats.recipe_quality import (
    read_acceptance,
    read_allocation,
    read_attribute,
    read_beyond_use,
    read_cleaning,
    read_evidence,
    read_finishing,
    read_handling,
    read_plan,
)
from printcare.formats.recipe_shape import read_shape
from printcare.formats.tables import Table, parse, refuse

SCHEMA = 2
PLATFORMS = "recipes/platforms"
UNSTORED = BeyondUse("", (Decimal(0), Decimal(0)), Decimal(0), "")  # stands in where none could be read


def load_recipe(id_or_path: str) -> MasterRecipe:
    """Return a recipe by id (`cyclophosphamide-sse`) or path; raises PrintcareError or FileProblems."""
    name, data = data_file("recipes", id_or_path)
    if id_or_path in (name, name.removesuffix(".toml")):
        return read_recipe(data, name)
    from printcare.formats.platform import parent_beside  # a file of the site's own, and so may its platform be

    return read_recipe(data, name, parent_beside(Path(id_or_path).parent))


def shipped_platform(platform_id: str) -> bytes:
    """Return a shipped platform's file; raises PrintcareError DATA_UNKNOWN."""
    return data_file(PLATFORMS, platform_id)[1]


def read_recipe(data: bytes, name: str, parent: Callable[[str], bytes] = shipped_platform) -> MasterRecipe:
    """Return the recipe a file holds; all problems of form are reported at once.

    A child of a platform is completed by it; `parent` returns a platform's file by its id, and the digest covers both.
    """
    problems: list[Finding] = []
    values, bound, platform = parse(data, name), None, ""
    if "platform" in values:
        from printcare.formats.platform import complete  # most recipes have no parent

        values, bound, platform = complete(values, parent, problems)
    recipe = read_values(values, problems)
    refuse(problems, name)
    return replace(recipe, digest=digest(exact(bound or values)), platform=platform)


def read_values(values: Mapping[str, Any], problems: list[Finding]) -> MasterRecipe:
    """Return the recipe that parsed values make, without its digest; problems are added to the list."""
    root = Table(values, "", problems)
    if root.integer("schema", least=1) != SCHEMA:
        root.object("schema", "F_SCHEMA", f"is not {SCHEMA}", "Write the file in the present schema.")
    root.one_of("kind", ("recipe",))
    attributes = tuple(read_attribute(table) for table in root.tables("attribute"))
    known = tuple(attribute.id for attribute in attributes)
    further = tuple(_part(table, known) for table in root.tables("part")) if root.has("part") else ()
    first = _of_one_drug(root, 0, known)
    hazard_class = root.one_of("hazard_class", HAZARD_CLASSES)
    allocation = read_allocation(root.table("allocation"))
    weighing, after_each = _weighing(root.table("weighing"))
    inks = (first.ink, *(part.ink for part in further))
    beyond_use = read_beyond_use(root, tuple(ink.water_activity for ink in inks))
    label = beyond_use[0] if beyond_use else UNSTORED
    recipe = MasterRecipe(
        id=root.text("id"),
        version=root.integer("version", least=1),
        title=root.text("title"),
        demonstration=root.boolean("demonstration"),
        author=root.text("author"),
        product=first.product,
        ink=first.ink,
        nozzle=first.nozzle,
        shape=read_shape(root.table("shape"), bool(further)),
        parameters=first.parameters,
        unit_range=first.unit_range,
        limits=first.limits,
        allocation=allocation,
        hold_max_min=root.decimal("hold_max_min", above=Decimal(0)),
        weighing=weighing,
        weighs_after_each_ink=after_each,
        research_only=root.boolean("research_only"),
        finishing=read_finishing(root),
        hazard_class=hazard_class,
        handling=read_handling(root.table("handling"), hazard_class),
        room_class=root.text("room_class"),
        beyond_use_days=label.days,
        storage=label.storage,
        beyond_use=beyond_use,
        cleaning=read_cleaning(root.table("cleaning"), hazard_class),
        printer_classes=root.texts("printer_classes"),
        attributes=attributes,
        acceptance=read_acceptance(root.table("acceptance")),
        quality_plan=read_plan(root, allocation),
        evidence=tuple(read_evidence(table) for table in root.tables("evidence")),
        digest="",
        design_space=read_design_space(root.table("design_space")) if root.has("design_space") else None,
        further=further,
    )
    root.close()
    _belongs_together(recipe, root)
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


def _part(table: Table, attributes: tuple[str, ...]) -> Part:
    part = _of_one_drug(table, table.integer("tool"), attributes)
    table.close()
    return part


def _of_one_drug(table: Table, tool: int, attributes: tuple[str, ...]) -> Part:
    """Return everything that is one drug's own; the first part states it at the top of the file."""
    ink = read_ink(table.table("ink"))
    return Part(
        tool=tool,
        product=_product(table.table("product")),
        ink=ink,
        nozzle=read_nozzle(table.table("nozzle")),
        parameters=read_parameters(table.table("parameters"), ink.drive, attributes),
        unit_range=read_unit_range(table.table("range")),
        limits=read_limits(table.table("limits"), ink.drive),
    )


def _product(table: Table) -> Product:
    product = Product(
        inn=table.text("inn"),
        tall_man=table.text("tall_man"),
        dosage_form=table.text("dosage_form"),
        route=table.text("route"),
        strength_form=table.text("strength_form"),
        give=table.text("give"),
        drug_class=table.text("drug_class", default=""),
    )
    if product.tall_man.lower() != product.inn.lower():
        table.object("tall_man", "F_TALL_MAN", f"does not spell {product.inn}", "Use the same letters as the INN.")
    table.close()
    return product


def _weighing(table: Table) -> tuple[str, bool]:
    strategy = table.one_of("strategy", WEIGHING)
    after_each = table.boolean("weigh_after_each_ink")
    table.close()
    return strategy, after_each


def _belongs_together(recipe: MasterRecipe, root: Table) -> None:
    """Report what is right by itself and contradicts another place of the file."""
    unweighed = recipe.weighing == "none" or not recipe.weighs_after_each_ink
    if unweighed and not recipe.research_only:
        told = "is false, and not every drug of every unit is weighed"
        root.object("research_only", "F_RESEARCH_ONLY", told, "Weigh after each ink, or mark it research only.")
    tools = [part.tool for part in recipe.parts]
    if len(set(tools)) != len(tools):
        root.object("part", "F_PART_TOOL", "uses one tool for two drugs", "Give every part a tool of its own.")
    if not recipe.printer_classes:
        root.object("printer_classes", "F_KEY_EMPTY", "is empty", "Name the classes it is qualified for.")
    for index, part in enumerate(recipe.parts):
        _part_agrees(part, f"part[{index - 1}]." if index else "", root)
    for key, listed in (("attribute", recipe.attributes), ("evidence", recipe.evidence)):
        names = [entry.id for entry in listed]
        if len(set(names)) != len(names):
            root.object(key, "F_ID_TWICE", "holds one id twice", "Give every one an id of its own.")
    proven = {entry.id for entry in recipe.evidence}
    for key, named in _references(recipe):
        if named and named not in proven:
            told = f"names {named!r}, which is no id of [[evidence]]"
            root.object(key, "F_EVIDENCE_UNKNOWN", told, "Add it with title and what it proves.")


def _part_agrees(part: Part, under: str, root: Table) -> None:
    parameters = part.parameters
    for name in ("cartridge_c", "nozzle_c"):
        heat = getattr(parameters, name)
        if heat is not None and heat.proven[1] > part.ink.degrades_above_c:
            told = f"reaches above {part.ink.degrades_above_c} degC, where the ink degrades"
            remedy = "Lower the upper PAR limit."
            root.object(f"{under}parameters.{name}.proven", "F_ABOVE_DEGRADATION", told, remedy)
    if parameters.layer_height_mm.proven[1] >= part.nozzle.bore_mm:
        told, remedy = "reaches the nozzle bore; a bead must be pressed on the layer below", "Keep the layer below it."
        root.object(f"{under}parameters.layer_height_mm.proven", "F_LAYER_ABOVE_BORE", told, remedy)


def _references(recipe: MasterRecipe) -> list[tuple[str, str]]:
    """Return every place that rests on a document, and its id."""
    stated = [("acceptance.mass_for_content", recipe.acceptance.mass_for_content)]
    stated += [(f"beyond_use[{index}].evidence", rule.evidence) for index, rule in enumerate(recipe.beyond_use)]
    stated += [("limits.soft_sensor.evidence", recipe.limits.soft_sensor.evidence)]
    stated += [
        (f"part[{index}].limits.soft_sensor.evidence", part.limits.soft_sensor.evidence)
        for index, part in enumerate(recipe.further)
    ]
    return stated + ([("design_space.evidence", recipe.design_space.evidence)] if recipe.design_space else [])
