"""A lot made in house as its form asks for it: every ingredient with lot and mass, weighed and checked by two."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.formulation import PharmaInk
from printcare.domain.preparation import Preparation, WeighedIngredient
from printcare.ui.figures import exact
from printcare.ui.forms import Asked, Given, Grid, GridRow, text
from printcare.ui.offers import State
from printcare.ui.typed import Reading
from printcare.ui.words import tr
from printcare.workflow.entry import Account, Store, authenticate
from printcare.workflow.ink.formulations import ink_from
from printcare.workflow.ink.preparation import record_preparation

ROW = "{}.ingredients"  # by its place in the formulation; the core's objections point at the ingredients
CELLS = (("lot", ""), ("expires_on", "2027-12-31"), ("weighed_g", "g"))  # with what stands there until it is typed


def asked(records: Store, _state: State) -> tuple[Asked, ...]:
    """Return the fields of the whole lot."""
    now = records.context.clock()
    return (
        text("lot", tr("Number of the lot")),
        text("planned_g", tr("Planned in all, g")),
        text("limit_pct", tr("A mass may lie off its plan by, %")),
        text("balance", tr("Balance")),
        text("weighed_at", tr("Weighed, UTC; a time behind it, as 09:30"), f"{now:%Y-%m-%d}"),
        text("equipment", tr("Mixer, vessel, other equipment")),
        text("yield_g", tr("Yield, weighed, g")),
        text("yield_low", tr("Yield at least, %")),
        text("yield_high", tr("Yield at most, %")),
        text("deviations", tr("Deviations, if any")),
    )


def weighings(_records: Store, state: State) -> tuple[Grid, ...]:
    """Return the table of what is weighed in, one line an ingredient of the formulation."""
    rows = tuple(
        GridRow(
            ROW.format(place),
            f"{name}, {exact(mg_per_g)} mg/g",
            tuple(Asked(cell, hint) for cell, hint in CELLS),
        )
        for place, (name, mg_per_g) in enumerate(ink_from(state["content"]).composition(), start=1)
    )
    heads = (tr("Ingredient"), tr("Lot"), tr("Expires"), tr("Weighed"))
    return (Grid("ingredients", tr("What was weighed in"), heads, rows, is_stacked=True),)


def prepared(records: Store, account: Account, given: Given) -> str:
    """Keep the preparation, signed by who weighed and who checked; raises Refused, recorded, with every objection."""
    state = records.get("ink_formulation", given.key) or {}
    read, other = Reading(given.fields), given.signers[1]
    made = _read(read, ink_from(state["content"]), account.login, other.login)
    read.close()
    second = authenticate(records, other.login, other.password)
    record_preparation(records, account, given.password, second, other.password, made)
    return tr("The preparation of lot {} is on record, signed by both; its lot can be received.").format(made.lot_id)


def _read(read: Reading, ink: PharmaInk, weighed_by: str, checked_by: str) -> Preparation:
    planned_g, limit_pct, at = read.decimal("planned_g"), read.decimal("limit_pct"), read.moment("weighed_at")
    ingredients = []
    for place, (name, mg_per_g) in enumerate(ink.composition(), start=1):
        row = ROW.format(place)
        ingredients.append(
            WeighedIngredient(
                name=name,
                lot=read.required(f"{row}.lot", row),
                expires_on=read.day(f"{row}.expires_on", row).isoformat(),
                planned_g=planned_g * mg_per_g / Decimal(1000),
                limit_pct=limit_pct,
                weighed_g=read.decimal(f"{row}.weighed_g", row),
                balance=read.text("balance"),
                weighed_by=weighed_by,
                checked_by=checked_by,
                weighed_at=at,
            )
        )
    return Preparation(
        lot_id=read.required("lot"),
        ink_id=ink.id,
        formulation_version=ink.version,
        ingredients=tuple(ingredients),
        equipment=_each(read.required("balance"), *read.text("equipment").replace(";", ",").split(",")),
        deviations=_each(read.text("deviations")),
        yield_g=read.decimal("yield_g"),
        yield_limits_pct=(read.decimal("yield_low"), read.decimal("yield_high")),
    )


def _each(*texts: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in texts if each.strip())
