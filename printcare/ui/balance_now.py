"""The balance of a planned batch on the day it is printed, as the page Prepare says it."""

from __future__ import annotations

from dataclasses import dataclass

from printcare.ui.models import Objection, objections
from printcare.workflow.batch.produce import balance_lapsed
from printcare.workflow.entry import Store
from printcare.workflow.site.equipment import balance_named


@dataclass(frozen=True, slots=True)
class BalanceNow:
    """Its name on the register, and why it may not weigh by now."""

    name: str
    found: tuple[Objection, ...]


def balance_now(records: Store, batch_id: str) -> BalanceNow | None:
    """Return whether the checks of a batch's balance stand; None where it names none."""
    state = records.get("batch", batch_id)
    if state is None or not state["balance"]:
        return None
    name = balance_named(records, state["balance"]) or state["balance"]
    return BalanceNow(name, objections(balance_lapsed(records, state)))
