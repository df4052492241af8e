"""The worklist: orders as the record holds them, read again from the message as it came, with recipe and lot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import error
from printcare.domain.formulation import InkLot, LotStatus
from printcare.domain.prescription import Prescription
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.fhir import read_fhir
from printcare.formats.prescription_json import read_prescription_json
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.ink.materials import recorded_lot
from printcare.workflow.order.receive import order_state
from printcare.workflow.recipe.approvals import effective_recipe

LISTED = ("status", "patient", "product_code", "ordered_dose_mg", "doses_per_day", "duration_days", "authored_on")


def orders(records: Store, account: Account) -> list[dict[str, Any]]:
    """Return the orders on record, in the order they came: number, status, pseudonym and what is ordered."""
    allowed(records, account, "order.show")
    rows = records.all("prescription")
    return [{"id": key, **{name: state[name] for name in LISTED}} for key, state in rows.items()]


def order_of(records: Store, order_id: str, pseudonym_key: bytes) -> Prescription:
    """Return an order, read again from its kept message and compared with what the record says was read then.

    Raises Refused for an unknown number, PrintcareError ORDER_ERASED where the message is gone, and
    ORDER_READ_DIFFERENTLY where this program or another site key reads it otherwise than when it came: then nobody
    knows which reading was verified.
    """
    state = records.get("prescription", order_id)
    if state is None:
        told = f"There is no order {order_id} on record."
        raise Refused((error("E_ORDER_UNKNOWN", told, "See `printcare order list`.", "order"),))
    sha256 = state["received_sha256"]
    data, message = records.kept("received_message", sha256), records.get("received_message", sha256)
    if data is None or message is None:
        told = f"The message of the order {order_id} was erased."
        raise PrintcareError("ORDER_ERASED", told, "Have the order sent again.")
    if state["source"] == "json":
        result = read_prescription_json(data, pseudonym_key)
    else:
        result = read_fhir(data, pseudonym_key, site_release=message.get("release", "R4"))
    order = result.prescription
    if order is None or order.id != order_id or not _says_the_same(order_state(order, state["status"]), state):
        told = f"The kept message of {order_id} is read otherwise now than when it came."
        remedy = "Have the order sent again, or use the version of the program and the site key it came with."
        raise PrintcareError("ORDER_READ_DIFFERENTLY", told, remedy)
    return order


def _says_the_same(now: Mapping[str, object], then: Mapping[str, object]) -> bool:
    """Compare two readings; what an older program did not know must be empty, or it would have changed the order."""
    return all(value == then[name] if name in then else value in (None, "", []) for name, value in now.items())


def recipe_for(records: Store, recipes: Iterable[MasterRecipe], order: Prescription) -> MasterRecipe:
    """Return the one approved recipe of exactly the ordered drugs; raises Refused for none or several."""
    ordered = {each.product_code.casefold() for each in order.components} or {order.product_code.casefold()}
    fitting = [recipe for recipe in recipes if {part.product.inn.casefold() for part in recipe.parts} == ordered]
    approved = [recipe for recipe in fitting if not effective_recipe(records, recipe)]
    if len(approved) == 1:
        return approved[0]
    if approved:
        told = f"Several approved recipes make {order.product_code}: {', '.join(recipe.id for recipe in approved)}."
        raise Refused((error("E_RECIPE_AMBIGUOUS", told, "Name the recipe.", "recipe"),))
    objections = tuple(finding for recipe in fitting for finding in effective_recipe(records, recipe))
    told = f"No recipe makes {order.product_code}."
    raise Refused(objections or (error("E_RECIPE_NONE", told, "Write and approve one.", "recipe"),))


def lot_of(records: Store, ink_id: str, lot_id: str | None) -> InkLot:
    """Return a lot of the record by id, else the only released one of the ink; raises Refused for none or several."""
    if lot_id is not None:
        lot = recorded_lot(records, lot_id)
        if lot is None:
            told = f"The lot {lot_id} is not on record."
            raise Refused((error("E_LOT_UNKNOWN", told, "Name a received lot, or the file of one.", "lot"),))
        return lot
    lots = [recorded_lot(records, key) for key in records.all("ink_lot", status=LotStatus.RELEASED.value)]
    usable = [lot for lot in lots if lot is not None and lot.ink_id == ink_id]
    if len(usable) == 1:
        return usable[0]
    told = f"{len(usable)} released lots of the ink {ink_id} are on record."
    raise Refused((error("E_LOT_CHOICE", told, "Name the lot, or the file of one.", "lot"),))
