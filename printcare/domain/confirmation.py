"""Do the confirmatory batches of a site carry a supplier's recipe: enough of them, where, by whom (quality.md §9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding, error

BATCHES_PER_LEVEL = 3  # for a new recipe; a site may justify fewer, and never none
SEVERAL = 2  # operators, cartridges and days
NEAR = Decimal("0.1")  # of the dose range: so near an end a batch counts for it
LEVELS = ("low", "middle", "high")


@dataclass(frozen=True, slots=True)
class ConfirmatoryBatch:
    """One batch as the record holds it."""

    id: str
    dose_mg: Decimal
    operator: str
    cartridge: str
    day: str  # on which it was planned


@dataclass(frozen=True, slots=True)
class LaboratoryReport:
    """The content of one batch, by a qualified laboratory; the report is named by its SHA-256."""

    batch: str
    laboratory: str
    sha256: str


def level_of(dose_mg: Decimal, range_mg: tuple[Decimal, Decimal]) -> str:
    """Return which of LEVELS a dose stands for in a validated range."""
    low, high = range_mg
    near = (high - low) * NEAR
    return "low" if dose_mg <= low + near else "high" if dose_mg >= high - near else "middle"


def unconfirmed(
    batches: Sequence[ConfirmatoryBatch],
    range_mg: tuple[Decimal, Decimal],
    reports: Iterable[LaboratoryReport],
    justification: str,
) -> tuple[Finding, ...]:
    """Return what the batches lack; `justification` is why fewer than three a level are enough, or empty."""
    findings = []
    needed = 1 if justification.strip() else BATCHES_PER_LEVEL
    levels = {batch.id: level_of(batch.dose_mg, range_mg) for batch in batches}
    analysed = {levels[report.batch] for report in reports if report.batch in levels}
    for level in LEVELS:
        made = sum(each == level for each in levels.values())
        if made < needed:
            told = f"{made} batch(es) at the {level} of the dose range; {needed} are needed."
            findings.append(error("E_CONFIRMATION_BATCHES", told, "Print them, or justify fewer.", level))
        elif level not in analysed:
            told = f"No laboratory reported the content of a batch at the {level} of the dose range."
            findings.append(error("E_CONFIRMATION_CONTENT", told, "Have one analysed by a laboratory.", level))
    for what in ("operator", "cartridge", "day"):
        seen = {getattr(batch, what) for batch in batches}
        if len(seen) < SEVERAL:
            told = f"All batches were made with one {what}; at least {SEVERAL} are needed."
            findings.append(error("E_CONFIRMATION_SPREAD", told, "Spread the batches.", what))
    return tuple(findings)
