"""A site's table of excipients becomes SiteExcipients, or a list of everything that is wrong with it."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.canonical import digest
from printcare.domain.checks import Finding
from printcare.domain.substances import ExcipientLimit, SiteExcipients
from printcare.formats.find import data_file
from printcare.formats.recipe import exact
from printcare.formats.tables import Table, parse, refuse

FOLDER = "recipes/site"
EVERY_AGE = (Decimal(0), Decimal(200))
_ZERO = Decimal(0)


def load_excipients(id_or_path: str = "excipients") -> SiteExcipients:
    """Return the site's table by id or path; raises PrintcareError or FileProblems."""
    name, data = data_file(FOLDER, id_or_path)
    return read_site_table(data, name)


def read_site_table(data: bytes, name: str) -> SiteExcipients:
    """Return the table a file holds; all problems are reported at once with their key paths."""
    problems: list[Finding] = []
    values = parse(data, name)
    root = Table(values, "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("site_table",))
    table = SiteExcipients(
        id=root.text("id"),
        version=root.integer("version", least=1),
        demonstration=root.boolean("demonstration"),
        limits=tuple(_limit(each) for each in root.tables("limit")),
        composition_mg_per_g=dict(_ink(each) for each in root.tables("ink")),
        digest=digest(exact(values)),
    )
    root.close()
    refuse(problems, name)
    return table


def _limit(table: Table) -> ExcipientLimit:
    from_years = table.decimal("from_years") if table.has("from_years") else EVERY_AGE[0]
    below_years = table.decimal("below_years") if table.has("below_years") else EVERY_AGE[1]
    if not 0 <= from_years < below_years:
        table.object("from_years", "F_RANGE_ORDER", f"{from_years} is not below {below_years}", "Correct the ages.")
    limit = ExcipientLimit(
        name=table.text("name"),
        also=table.texts("also") if table.has("also") else (),
        mg_per_kg_day=_amount(table, "mg_per_kg_day"),
        from_years=from_years,
        below_years=below_years,
        source=table.text("source"),
    )
    table.close()
    return limit


def _ink(table: Table) -> tuple[str, dict[str, Decimal]]:
    ink_id, amounts = table.text("id"), {}
    for each in table.tables("excipient"):
        amounts[each.text("name")] = _amount(each, "mg_per_g")
        each.close()
    table.close()
    return ink_id, amounts


def _amount(table: Table, key: str) -> Decimal:
    amount = table.decimal(key)
    if amount < _ZERO:
        table.object(key, "F_KEY_RANGE", f"is {amount}", "Use 0 or more.")
    return amount
