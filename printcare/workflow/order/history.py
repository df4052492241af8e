"""What the record knows of a patient before an order: the last weight, the last verified dose, and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding
from printcare.domain.ledger import LedgerLine
from printcare.domain.numbers import WEIGHT_UNITS_KG, as_decimal, read_quantity
from printcare.domain.prescription import Measurement, Prescription
from printcare.records.store import Store

CANCELLED = "cancelled"
SUPERSEDED, REFUSED = "superseded", "refused"


@dataclass(frozen=True, slots=True)
class History:
    """What was before; None where nothing is known. `doses_per_day` belongs to `dose_mg`.

    `lines` are the ledger of this drug, `continues` the earlier orders that this one goes on from.
    """

    weight_kg: Decimal | None
    dose_mg: Decimal | None
    doses_per_day: int | None
    lines: tuple[LedgerLine, ...]
    continues: tuple[str, ...]


def history_of(records: Store, order: Prescription) -> History:
    """Return what the record and, where that is silent, the order itself say of before."""
    earlier = {
        key: state
        for key, state in records.all("prescription").items()
        if state.get("patient") == order.patient.pseudonym and key != order.id
    }
    of_drug = {key: state for key, state in earlier.items() if order.product_code in _drugs(state)}
    verified = {key: _of_drug(records.get("verified_dose", key), order.product_code) for key in of_drug}
    doses = {key: state for key, state in verified.items() if state is not None}
    last = next(reversed(doses), None)
    printed_mg = None if last is None else doses[last].get("printed_dose_mg")
    return History(
        weight_kg=_last_weight_kg(earlier, order) or _kilograms(order.previous_weight),
        dose_mg=order.previous_dose_mg if printed_mg is None else Decimal(printed_mg),
        doses_per_day=None if last is None or printed_mg is None else int(of_drug[last]["doses_per_day"]),
        lines=tuple(
            _line(key, state, of_drug[key]) for key, state in doses.items() if _counts(records, key, of_drug[key])
        ),
        continues=(order.prior_prescription,) if order.prior_prescription else (),
    )


def _drugs(order: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a recorded order is for: its product, and each drug of a unit of several."""
    return (order["product_code"], *(each["product_code"] for each in order.get("components") or ()))


def _of_drug(dose: Mapping[str, Any] | None, drug: str) -> Mapping[str, Any] | None:
    """Return one drug's share of a verified dose; of an order of one drug that is all of it."""
    shares = None if dose is None else dose.get("components")
    if not shares:
        return dose
    return next((each for each in shares if each["drug"] == drug), None)


def _counts(records: Store, order_id: str, state: Mapping[str, Any]) -> bool:
    """Whether an earlier order counts as given: one replaced or refused before anything was printed for it was not."""
    if state["status"] not in (SUPERSEDED, REFUSED):
        return True
    return any(batch["status"] != CANCELLED for batch in records.all("batch", prescription=order_id).values())


def _line(order_id: str, dose: Mapping[str, Any], order: Mapping[str, Any]) -> LedgerLine:
    total = dose.get("course_mg")
    # Before the ledger was kept, every order was one of equal doses.
    doses = order["doses_per_day"] * order["duration_days"]
    total_mg = Decimal(dose["printed_dose_mg"]) * doses if total is None else Decimal(total)
    return LedgerLine(order_id, total_mg, _optional(dose.get("weight_kg")), _optional(dose.get("bsa_m2")))


def _optional(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _last_weight_kg(earlier: Mapping[str, Mapping[str, Any]], order: Prescription) -> Decimal | None:
    """Return the latest earlier weight; the order's own measurement, sent before too, is not an earlier one."""
    own = None if order.weight is None else order.weight.measured_on
    weighed = [
        Measurement(weight["value"], weight["unit"], date.fromisoformat(weight["measured_on"]))
        for state in earlier.values()
        if (weight := state.get("weight")) is not None and weight["measured_on"] is not None
    ]
    before = [
        each
        for each in weighed
        if each != order.weight and each.measured_on is not None and (own is None or each.measured_on <= own)
    ]
    latest = max(before, key=lambda each: each.measured_on or date.min, default=None)
    return _kilograms(latest)


def _kilograms(weight: Measurement | None) -> Decimal | None:
    if weight is None:
        return None
    exact = read_quantity(weight.value, weight.unit, WEIGHT_UNITS_KG, "previous.weight")
    return None if isinstance(exact, Finding) else as_decimal(exact)
