"""The file of an in-house preparation becomes its record, or a list of everything that is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.preparation import Preparation, WeighedIngredient
from printcare.formats.tables import Table, parse, refuse

_ZERO = Decimal(0)


def read_preparation(data: bytes, name: str) -> Preparation:
    """Return the preparation a file holds; all problems are reported at once with their key paths."""
    problems: list[Finding] = []
    root = Table(parse(data, name), "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("ink_preparation",))
    made = Preparation(
        lot_id=root.text("lot"),
        ink_id=root.text("ink_id"),
        formulation_version=root.integer("formulation_version", least=1),
        ingredients=tuple(_ingredient(table) for table in root.tables("ingredient")),
        equipment=root.texts("equipment"),
        deviations=root.texts("deviations"),
        yield_g=root.decimal("yield_g", above=_ZERO),
        yield_limits_pct=root.interval("yield_limits_pct"),
    )
    root.close()
    refuse(problems, name)
    return made


def _ingredient(table: Table) -> WeighedIngredient:
    ingredient = WeighedIngredient(
        name=table.text("name"),
        lot=table.text("lot"),
        expires_on=table.day("expires_on").isoformat(),
        planned_g=table.decimal("planned_g", above=_ZERO),
        limit_pct=table.decimal("limit_pct", above=_ZERO),
        weighed_g=table.decimal("weighed_g", above=_ZERO),
        balance=table.text("balance"),
        weighed_by=table.text("weighed_by"),
        checked_by=table.text("checked_by"),
        weighed_at=_moment(table, "weighed_at"),
    )
    table.close()
    return ingredient


def _moment(table: Table, key: str) -> datetime:
    """Return a time of day with its offset from UTC; one without could be any of two dozen moments."""
    text = table.text(key)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        if text:
            table.object(key, "F_KEY_TYPE", f"is {text!r}", "Write it as 2026-01-05T09:30:00+01:00.")
        return datetime(2000, 1, 1, tzinfo=UTC)
    return moment
