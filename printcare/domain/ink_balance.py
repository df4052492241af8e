"""Whether the ink that left a cartridge is found again in units, prime and purge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.numbers import plain


@dataclass(frozen=True, slots=True)
class InkFound:
    """Where one drug's ink went, mg: by the ledger, by the balance, and by volume what nobody weighs.

    `unweighed` counts printed units without a mass, each up to `target_mg`, so that they widen the limits on one side.
    """

    drug: str
    booked_mg: Decimal  # what the ledger took off the cartridge
    units_mg: Decimal  # weighed, rejected units too
    primed_mg: Decimal
    purged_mg: Decimal  # after an alarm
    unweighed: int
    target_mg: Decimal


def reconcile_ink(found: Sequence[InkFound], limit_pct: Decimal) -> tuple[Finding, ...]:
    """Return each drug whose ink does not add up within the recipe's limit, in % of what the ledger took."""
    findings = []
    for ink in found:
        least_mg = ink.units_mg + ink.primed_mg + ink.purged_mg
        most_mg = least_mg + ink.unweighed * ink.target_mg
        limit_mg = ink.booked_mg * limit_pct / 100
        if least_mg - limit_mg <= ink.booked_mg <= most_mg + limit_mg:
            continue
        told = f"{ink.drug}: the ledger took {plain(ink.booked_mg)} mg, units, prime and purge account for "
        told += f"{plain(least_mg)} mg; {plain(limit_pct)} % are allowed."
        findings.append(error("E_INK_RECONCILIATION", told, "Find the ink, or have quality judge the difference."))
    return tuple(findings)
