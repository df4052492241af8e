"""Where each order of a record stands, in the words of the worklist, and which page is the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import BatchState
from printcare.formats.find import ids
from printcare.formats.recipe import load_recipe
from printcare.ui.models import OrderCard
from printcare.ui.words import phrase
from printcare.workflow.batch.recover import INTERRUPTED
from printcare.workflow.entry import Account, Store
from printcare.workflow.order.history import REFUSED, SUPERSEDED
from printcare.workflow.order.verify import TO_VERIFY, VERIFIED
from printcare.workflow.order.worklist import orders

S = BatchState
# State of the latest batch -> the word on the card, and the page that goes on from there.
OF_BATCH: Mapping[BatchState, tuple[str, str]] = {
    S.PLANNED: (phrase("ready"), "plan"),
    S.VERIFIED: (phrase("ready"), "plan"),
    S.PREPARED: (phrase("ready"), "prepare"),
    S.PRINTING: (phrase("printing"), "run"),
    S.HELD: (phrase("printing"), "run"),
    S.FINISHING: (phrase("to finish"), "finish"),
    S.QUARANTINED: (phrase("to release"), "review"),
    S.RELEASED: (phrase("released"), "review"),
    S.PARTLY_RELEASED: (phrase("released"), "review"),
    S.REHEARSED: (phrase("rehearsed"), "review"),
    S.REJECTED: (phrase("rejected"), "review"),
    S.RECALLED: (phrase("recalled"), "review"),
    S.RETURNED: (phrase("returned"), "review"),
}
TO_PLAN = "to-plan"
OF_ORDER: Mapping[str, str] = {TO_VERIFY: phrase("to verify"), VERIFIED: phrase("to plan")}
DONE = frozenset({"released", "rehearsed", "rejected", "recalled", "returned", SUPERSEDED, REFUSED})


def cards(records: Store, account: Account) -> tuple[OrderCard, ...]:
    """Return the orders of a record as cards: what was interrupted first, what is done last."""
    names = _tall_man()
    found = [_card(records, row, names) for row in orders(records, account)]
    return tuple(sorted(found, key=lambda card: (card.status in DONE, card.status != INTERRUPTED)))


def stage(records: Store, order_id: str) -> str:
    """Return the page an order stands at, or that a batch of it is to be planned."""
    state = _batch(records, order_id)
    if state is not None:
        return OF_BATCH[BatchState(state["status"])][1]
    status = (records.get("prescription", order_id) or {}).get("status")
    return TO_PLAN if status == VERIFIED else "prescription"


def _card(records: Store, row: Mapping[str, Any], names: Mapping[str, str]) -> OrderCard:
    state = _batch(records, row["id"])
    status = OF_ORDER.get(row["status"], row["status"]) if state is None else _word(state)
    product = names.get(str(row["product_code"]).casefold(), str(row["product_code"]))
    return OrderCard(
        id=row["id"],
        product=product,
        patient=row["patient"],
        dose_mg=row["ordered_dose_mg"],
        doses_per_day=int(row["doses_per_day"] or 0),
        days=int(row["duration_days"] or 0),
        status=status,
        written_on=str(row["authored_on"])[:10],
    )


def _word(state: Mapping[str, Any]) -> str:
    """Return the word for a batch; one whose job ended without a word waits for somebody to say so."""
    status = BatchState(state["status"])
    is_interrupted = (status, state.get("outcome")) == (BatchState.QUARANTINED, INTERRUPTED)
    return INTERRUPTED if is_interrupted else OF_BATCH[status][0]


def _batch(records: Store, order_id: str) -> Mapping[str, Any] | None:
    """Return the latest batch of an order that still counts; a cancelled one leaves the order where it was."""
    found = [
        state
        for state in records.all("batch", prescription=order_id).values()
        if BatchState(state["status"]) in OF_BATCH
    ]
    return found[-1] if found else None


def _tall_man() -> dict[str, str]:
    """Return the names that look alike, written so that they do not, by the plain name."""
    parts = (part for each in ids("recipes") for part in load_recipe(each).parts)
    return {part.product.inn.casefold(): part.product.tall_man for part in parts}
