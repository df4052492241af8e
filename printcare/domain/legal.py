"""On what legal ground a batch is made: the routes a formulation has in each jurisdiction, and the need for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from printcare.domain.checks import Finding, error

RISK_LEVELS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class LegalRoute:
    """One route by which a jurisdiction lets this ink's product be made, with its legal basis. Data, not advice."""

    jurisdiction: str
    route: str
    basis: str
    needs_justification: bool


@dataclass(frozen=True, slots=True)
class Justification:
    """Why the batch is needed (CM/Res(2016)1; records.md §11, route and justification)."""

    no_licensed_product: str
    added_value: str
    risk_level: str  # of RISK_LEVELS
    dossier: str

    def unstated(self) -> tuple[str, ...]:
        """Return the names of what is empty or not in its list."""
        empty = [field.name for field in fields(self) if not str(getattr(self, field.name)).strip()]
        if self.risk_level not in RISK_LEVELS and "risk_level" not in empty:
            empty.append("risk_level")
        return tuple(empty)


@dataclass(frozen=True, slots=True)
class LegalGround:
    """The route and the justification of one batch."""

    jurisdiction: str
    route: str
    justification: Justification | None


def ground_objections(ground: LegalGround | None, routes: Iterable[LegalRoute]) -> tuple[Finding, ...]:
    """Return why a batch may not be made on this ground; without a ground there is no batch."""
    listed = tuple(routes)
    if ground is None:
        remedy = "State route and justification with the batch, or set the site's default for the product."
        return (error("E_LEGAL_GROUND_MISSING", "No legal route is stated for this batch.", remedy, "legal"),)
    found = [each for each in listed if (each.jurisdiction, each.route) == (ground.jurisdiction, ground.route)]
    if not found:
        known = "; ".join(f"{each.jurisdiction}: {each.route}" for each in listed) or "none"
        told = f"The formulation has no route “{ground.route}” in {ground.jurisdiction}."
        return (error("E_LEGAL_ROUTE", told, f"Use one of: {known}.", "legal"),)
    if not found[0].needs_justification:
        return ()
    missing = ("justification",) if ground.justification is None else ground.justification.unstated()
    if not missing:
        return ()
    told = f"The route “{ground.route}” needs a justification; missing: {', '.join(missing)}."
    return (error("E_JUSTIFICATION_MISSING", told, "State it with the batch or in the site's default.", "legal"),)
