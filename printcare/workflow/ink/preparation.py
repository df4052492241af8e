"""The record of an ink made in house: kept once, signed by the one who weighed and the one who checked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.formulation import InkLot
from printcare.domain.people import Role
from printcare.domain.preparation import Preparation, WeighedIngredient
from printcare.records.accounts import Account
from printcare.records.signatures import counting, sign
from printcare.records.store import Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.ink.formulations import formulation_of
from printcare.workflow.states import state_of

PREPARED, CHECKED = "prepared the ink", "checked the preparation of the ink"


def record_preparation(
    records: Store,
    operator: Account,
    password: str,
    second: Account,
    second_password: str,
    made: Preparation,
) -> None:
    """Keep and sign the preparation of a lot; raises Refused, recorded, with everything that is wrong with it.

    The two who sign are the two who weighed and checked, and nobody else stands in the record of any weighing.
    """
    command = "ink_lot.prepare"
    actor = allowed(records, operator, command)
    checker = allowed(records, second, "ink_lot.check")
    same = people.second_person(operator.id, second.id)
    findings: list[Finding] = [] if same is None else [same]
    state = state_of(made) | {"ink_lot": made.lot_id, "prepared_by": operator.id, "checked_by": second.id}
    kept = records.get("ink_preparation", made.lot_id)
    if kept not in (None, state):  # the same record may be signed again where a password failed
        told = f"The preparation of lot {made.lot_id} is on record already."
        findings.append(error("E_PREPARATION_KEPT", told, "A lot is prepared once; give this one its number.", "lot"))
    if not made.people <= {operator.login, second.login}:
        others = ", ".join(sorted(made.people - {operator.login, second.login}))
        told = f"{others} weighed or checked, and signs nothing here."
        findings.append(error("E_PREPARATION_SIGNERS", told, "Those who weighed and checked sign.", "ingredients"))
    ink = formulation_of(records, made.ink_id, made.formulation_version)
    findings += ink if isinstance(ink, tuple) else made.objections(ink)
    stop_where(records, actor, command, "ink_preparation", made.lot_id, tuple(findings))
    if kept is None:
        with records.transaction(actor) as tx:
            tx.record("ink_lot.prepared", "ink_preparation", made.lot_id, state)
    own = ("ink_preparation", made.lot_id)
    sign(records, operator.login, password, Role.OPERATOR, PREPARED, *own)
    sign(records, second.login, second_password, checker.role, CHECKED, *own)


def preparation_stops(records: Store, lot: InkLot) -> tuple[Finding, ...]:
    """Return why a lot made in house has no complete preparation, signed by both."""
    state = records.get("ink_preparation", lot.id)
    if state is None:
        told = f"No preparation of lot {lot.id} is on record."
        return (error("E_PREPARATION_MISSING", told, "Record and sign it with the person who checked.", "lot"),)
    findings = []
    signed = {
        (each.meaning, each.account) for each in counting(records, "ink_preparation", lot.id) if each.covers(state)
    }
    if not {(PREPARED, state["prepared_by"]), (CHECKED, state["checked_by"])} <= signed:
        told = f"The preparation of lot {lot.id} does not bear both signatures."
        findings.append(error("E_PREPARATION_UNSIGNED", told, "Have both sign it.", "lot"))
    if (state["ink_id"], state["formulation_version"]) != (lot.ink_id, lot.formulation_version):
        told = f"Lot {lot.id} was prepared as {state['ink_id']} version {state['formulation_version']}."
        findings.append(error("E_PREPARATION_FORMULATION", told, "Correct the lot's file.", "lot"))
    if Decimal(state["yield_g"]) != lot.mass_g:
        told = f"Lot {lot.id} of {lot.mass_g} g was prepared with a yield of {state['yield_g']} g."
        findings.append(error("E_LOT_RECONCILIATION", told, "Correct the mass.", "lot"))
    return tuple(findings)


def preparers(records: Store, lot_id: str) -> frozenset[str]:
    """Return the accounts of the two who prepared a lot."""
    state = records.get("ink_preparation", lot_id) or {}
    return frozenset(str(state[name]) for name in ("prepared_by", "checked_by") if name in state)


def lots_with_ingredient(records: Store, ingredient_lot: str) -> tuple[str, ...]:
    """Return the lots into which an ingredient of that lot was weighed."""
    rows = records.all("ink_preparation")
    return tuple(key for key, row in rows.items() if any(each["lot"] == ingredient_lot for each in row["ingredients"]))


def preparation_of(records: Store, lot_id: str) -> Preparation | None:
    """Return the recorded preparation of a lot, or None."""
    state = records.get("ink_preparation", lot_id)
    if state is None:
        return None
    low, high = state["yield_limits_pct"]
    return Preparation(
        lot_id=state["lot_id"],
        ink_id=state["ink_id"],
        formulation_version=state["formulation_version"],
        ingredients=tuple(
            WeighedIngredient(
                **{**each, **{name: Decimal(each[name]) for name in ("planned_g", "limit_pct", "weighed_g")}}
                | {"weighed_at": datetime.fromisoformat(each["weighed_at"])}
            )
            for each in state["ingredients"]
        ),
        equipment=tuple(state["equipment"]),
        deviations=tuple(state["deviations"]),
        yield_g=Decimal(state["yield_g"]),
        yield_limits_pct=(Decimal(low), Decimal(high)),
    )
