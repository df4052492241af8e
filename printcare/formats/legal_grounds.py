"""A site's file of legal grounds becomes the default ground of each product, or a list of its problems."""

from __future__ import annotations

from printcare.domain.checks import Finding
from printcare.domain.legal import RISK_LEVELS, Justification, LegalGround
from printcare.formats.find import data_file
from printcare.formats.tables import Table, parse, refuse

FOLDER = "recipes/site"


def load_legal_grounds(id_or_path: str = "legal-grounds") -> dict[str, LegalGround]:
    """Return the grounds by the product's INN; raises PrintcareError or FileProblems."""
    name, data = data_file(FOLDER, id_or_path)
    return read_legal_grounds(data, name)


def read_legal_grounds(data: bytes, name: str) -> dict[str, LegalGround]:
    """Return the grounds a file holds, by INN; all problems are reported at once with their key paths."""
    problems: list[Finding] = []
    root = Table(parse(data, name), "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("legal_grounds",))
    root.text("id")
    root.integer("version", least=1)
    root.boolean("demonstration")
    grounds: dict[str, LegalGround] = {}
    for table in root.tables("product"):
        inn = table.text("inn")
        if inn in grounds:
            table.object("inn", "F_KEY_CHOICE", f"{inn} stands there twice", "Give each product one default.")
        grounds[inn] = _ground(table)
        table.close()
    root.close()
    refuse(problems, name)
    return grounds


def _ground(table: Table) -> LegalGround:
    justification = None
    if table.has("justification"):
        own = table.table("justification")
        justification = Justification(
            own.text("no_licensed_product"),
            own.text("added_value"),
            own.one_of("risk_level", RISK_LEVELS),
            own.text("dossier"),
        )
        own.close()
    return LegalGround(table.text("jurisdiction"), table.text("route"), justification)
