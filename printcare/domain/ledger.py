"""The cumulative dose ledger: what a patient had of a drug before this order, recorded here or stated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from printcare.domain.numbers import as_decimal
from printcare.domain.prescription import GivenBefore

COURSE, LIFETIME = "course", "lifetime"
UNITS = ("mg", "mg/kg", "mg/m2")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One earlier order of the drug for the same patient: its whole amount, and the body it was calculated for."""

    order_id: str
    total_mg: Decimal
    weight_kg: Decimal | None
    bsa_m2: Decimal | None


def given_so_far(
    stated: Iterable[GivenBefore], lines: Collection[LedgerLine], continues: Collection[str]
) -> Mapping[tuple[str, str], Decimal]:
    """Return what was given by (over, unit); an absent entry means that nobody knows.

    The record holds a course from its first order on, so an order that continues none has a course of its own:
    `continues` names the orders it goes on from. What a patient had in life before this record began must be stated.
    The larger of stated and recorded counts, because a stated amount may leave out what was printed here.
    """
    said = {(each.over, each.unit): each.amount for each in stated}
    known: dict[tuple[str, str], Decimal] = {}
    of_course = [line for line in lines if line.order_id in continues]
    is_whole = {line.order_id for line in of_course} >= set(continues)
    for unit in UNITS:
        in_course = _sum(of_course, unit) if is_whole else None
        _enter(known, (COURSE, unit), said.get((COURSE, unit)), in_course, needs_statement=False)
        _enter(known, (LIFETIME, unit), said.get((LIFETIME, unit)), _sum(lines, unit), needs_statement=True)
    return known


def _enter(
    known: dict[tuple[str, str], Decimal],
    key: tuple[str, str],
    stated: Decimal | None,
    recorded: Decimal | None,
    *,
    needs_statement: bool,
) -> None:
    if stated is not None:
        known[key] = max(stated, recorded or Decimal(0))
    elif recorded is not None and not needs_statement:
        known[key] = recorded


def _sum(lines: Iterable[LedgerLine], unit: str) -> Decimal | None:
    total = Fraction(0)
    for line in lines:
        per = {"mg": Decimal(1), "mg/kg": line.weight_kg, "mg/m2": line.bsa_m2}[unit]
        if per is None:
            return None
        total += Fraction(line.total_mg) / Fraction(per)
    return as_decimal(total)
