"""A formulation's file becomes a PharmaInk, or a list of everything that is wrong with it."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.canonical import digest
from printcare.domain.checks import Finding
from printcare.domain.formulation import Excipient, PharmaInk
from printcare.domain.legal import LegalRoute
from printcare.formats.find import data_file, ids
from printcare.formats.recipe import exact
from printcare.formats.tables import Table, parse, refuse

FOLDER = "recipes/inks"
WATER_ACTIVITY = ("aqueous", "aqueous-preserved", "non-aqueous", "solid")
_ZERO = Decimal(0)


def load_formulation(id_or_path: str) -> PharmaInk:
    """Return a formulation by id or path; raises PrintcareError or FileProblems."""
    name, data = data_file(FOLDER, id_or_path)
    return read_formulation(data, name)


def load_formulations() -> tuple[PharmaInk, ...]:
    """Return every shipped formulation."""
    return tuple(load_formulation(ink_id) for ink_id in ids(FOLDER))


def read_formulation(data: bytes, name: str) -> PharmaInk:
    """Return the formulation a file holds; all problems are reported at once with their key paths."""
    problems: list[Finding] = []
    values = parse(data, name)
    root = Table(values, "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("ink_formulation",))
    drug = root.table("drug")
    ink = PharmaInk(
        id=root.text("id"),
        version=root.integer("version", least=1),
        title=root.text("title"),
        demonstration=root.boolean("demonstration"),
        author=root.text("author"),
        inn=drug.text("inn"),
        form=drug.text("form"),
        expressed_as=drug.text("expressed_as"),
        factor=drug.decimal("factor", above=_ZERO),
        drug_mg_per_g=drug.decimal("mg_per_g", above=_ZERO),
        strength_mg_per_g=root.decimal("strength_mg_per_g", above=_ZERO),
        strength_basis=root.one_of("strength_basis", ("as_printed", "dried")),
        nominal_lod_pct=_percent(root, "nominal_lod_pct"),
        excipients=tuple(_excipient(table) for table in root.tables("excipient")),
        storage=root.text("storage"),
        storage_c=root.interval("storage_c"),
        shelf_life_days=root.integer("shelf_life_days", least=1),
        in_use_h=root.decimal("in_use_h", above=_ZERO),
        warm_max_h=root.decimal("warm_max_h", above=_ZERO),
        water_activity=root.one_of("water_activity", WATER_ACTIVITY),
        hazard_class=root.text("hazard_class", default=""),
        legal=tuple(_route(table) for table in root.tables("legal")),
        digest=digest(exact(values)),
    )
    drug.close()
    root.close()
    if not problems:
        problems += ink.objections()
    refuse(problems, name)
    return ink


def _percent(root: Table, key: str) -> Decimal:
    value = root.decimal(key)
    if not 0 <= value < 100:
        root.object(key, "F_KEY_RANGE", f"is {value}", "Use 0 up to but not including 100.")
    return value


def _excipient(table: Table) -> Excipient:
    excipient = Excipient(table.text("name"), table.decimal("mg_per_g", above=_ZERO), table.text("function"))
    table.close()
    return excipient


def _route(table: Table) -> LegalRoute:
    route = LegalRoute(
        table.text("jurisdiction"), table.text("route"), table.text("basis"), table.boolean("needs_justification")
    )
    table.close()
    return route
