"""Finish, review and decide: units allocated and counted, figures assessed, the decision signed by another person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.batch import MOVES, BatchState, Unit, UnitState, Use, allocate, move
from printcare.domain.checks import Finding, error
from printcare.domain.events import Signature
from printcare.domain.people import Role
from printcare.domain.policy import Policy
from printcare.domain.release import ReleaseDecision, assess, draw_sample
from printcare.errors import PrintcareError
from printcare.records.accounts import Account
from printcare.records.signatures import sign, signatures_of
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.batch.judged import drugs_of, ink_stops, rejects_max_of
from printcare.workflow.batch.laboratory import laboratory_stops
from printcare.workflow.batch.plan import PlannedBatch, unit_key, units_of
from printcare.workflow.batch.produce import policy_of
from printcare.workflow.paper.label_book import label_stops, quarantine_label_stops
from printcare.workflow.quality.complaints import report_stops
from printcare.workflow.record.audit_review import unreviewed
from printcare.workflow.site.training import not_trained
from printcare.workflow.site.waste import waste_stops
from printcare.workflow.states import as_state, state_of

FINISHING = (
    "drying condition recorded",
    "every unit looked at, rejected units removed by position and scanned to waste",
    "units packed and counted",
)
MEANINGS = {"released": "released", "rehearsed": "rehearsed, not for patients", "rejected": "rejected"}


def draw(records: Store, account: Account, planned: PlannedBatch, seed: int) -> tuple[int, ...]:
    """Draw the sample before the print and record it with its seed."""
    actor = allowed(records, account, "batch.plan")
    order = draw_sample(planned.recipe.units_total, seed)
    with records.transaction(actor) as tx:
        tx.record("sample.drawn", "job", planned.id, {"seed": seed, "order": list(order)})
    return order


def finish(records: Store, operator: Account, planned: PlannedBatch, password: str) -> None:
    """Finish a batch this process has planned."""
    finish_recorded(records, operator, planned.id, password)


def finish_recorded(records: Store, operator: Account, batch_id: str, password: str) -> None:
    """Record the finishing steps, allocate the accepted units, and put the batch where it waits for its review."""
    actor = allowed(records, operator, "batch.prepare")
    batch = _batch(records, batch_id)
    rows = units_of(records, batch_id)
    accepted = [row["index"] for row in rows if row["status"] == UnitState.ACCEPTED.value]
    uses = allocate(accepted, batch["units_for_patient"], batch["allocation"]["retain"], batch["allocation"]["test"])
    with records.transaction(actor) as tx:
        for step in FINISHING:
            tx.record("finishing.step", "job", batch_id, {"step": step, "condition": batch["finishing"]})
        for row in rows:
            if row["index"] in uses:
                key = unit_key(batch_id, row["index"])
                tx.record("unit.allocated", "unit", key, row | {"use": uses[row["index"]].value})
        state = tx.get("batch", batch_id) or {}
        status = move(BatchState(state["status"]), BatchState.QUARANTINED).value
        tx.record("batch.finished", "batch", batch_id, state | {"status": status})
    sign(records, operator.login, password, Role.OPERATOR, "printed and finished", "batch", batch_id)


def review(records: Store, planned: PlannedBatch, drawn: tuple[int, ...], policy: Policy) -> ReleaseDecision:
    """Return what the figures allow for a printed batch this process has planned."""
    return _assess(records, planned.id, drawn, policy)


def review_recorded(records: Store, batch_id: str) -> ReleaseDecision:
    """Return what the figures allow for any printed batch, from the record alone."""
    drawn = records.events(object_id=batch_id, object_type="job", action="sample.drawn")
    order = tuple(drawn[-1].content["new"]["order"]) if drawn else ()
    return _assess(records, batch_id, order, policy_of(_batch(records, batch_id)))


def _assess(records: Store, batch_id: str, drawn: tuple[int, ...], policy: Policy) -> ReleaseDecision:
    state = _batch(records, batch_id)
    drugs, rows = drugs_of(records, batch_id, state), units_of(records, batch_id)
    units = [_unit(row, len(drugs)) for row in rows]
    deviations = records.all("deviation", batch_id=batch_id, status="open")
    return assess(
        units,
        state["units"],
        drawn,
        drugs,
        policy,
        len(deviations),
        is_simulated=bool(state["simulated"]),
        is_complete=state["outcome"] == "completed",
        rejects_max=rejects_max_of(records, state, policy),
        further=(
            *laboratory_stops(records, batch_id),
            *ink_stops(records, batch_id, state, rows),
            *(_still_to_do(records, batch_id, state) if state["allows_release"] else ()),
            *report_stops(records, batch_id),
        ),
    )


def _still_to_do(records: Store, batch_id: str, state: dict[str, Any]) -> tuple[Finding, ...]:
    """Return what waits for a person before a batch may reach a patient: its labels, and its waste."""
    recipe = (records.get("recipe_version", state["recipe"]) or {}).get("content") or {}
    return (
        *label_stops(records, batch_id),
        *quarantine_label_stops(records, batch_id),
        *waste_stops(records, batch_id, recipe.get("hazard_class", "")),
    )


def decide(
    records: Store, releaser: Account, password: str, planned: PlannedBatch, decision: ReleaseDecision, wanted: str
) -> Signature:
    """Sign the decision on a batch this process has planned."""
    return decide_recorded(records, releaser, password, planned.id, decision, wanted)


def decide_recorded(
    records: Store, releaser: Account, password: str, batch_id: str, decision: ReleaseDecision, wanted: str
) -> Signature:
    """Sign the decision and move the batch; raises Refused, recorded, for what the figures or the duties forbid.

    The operator of a batch never decides on it, and no setting changes that (records.md A15). A release stands on the
    signed review of the batch's trail (D12.6); what is rehearsed or rejected reaches nobody, and waits for none.
    """
    command = {"released": "batch.release", "rehearsed": "batch.rehearse", "rejected": "batch.reject"}[wanted]
    actor = allowed(records, releaser, command)
    not_trained(records, actor, releaser, command, "batch", batch_id)
    state = _batch(records, batch_id)
    objections = [people.release_by(releaser.id, _operators(records, batch_id, state))]
    # What the caller was shown may be old, or another's: the record alone says what may be signed now.
    stands = review_recorded(records, batch_id)
    if wanted not in stands.may_be or wanted not in decision.may_be:
        may_be = [each for each in stands.may_be if each in decision.may_be]
        told = f"The batch cannot be {wanted}; it may be {' or '.join(may_be) or 'nothing of what was shown'}."
        objections += [error("E_DECISION", told, "See the findings of the review."), *stands.findings]
    if BatchState(wanted) not in MOVES[BatchState(state["status"])]:
        told = f"The batch is {state['status']}, and no decision is due."
        objections.append(error("E_BATCH_STATE", told, "Decide on a batch in quarantine."))
    if wanted == "released":
        objections += unreviewed(records, batch_id)
    stops = tuple(objection for objection in objections if objection is not None)
    if stops:
        refuse(records, actor, command, "batch", batch_id, stops)
        raise Refused(stops)
    review_state = state_of(stands) | {"acceptance_value": as_state(stands.acceptance_value)}
    decided = (command, state | {"status": wanted, "review": review_state})
    # One transaction: a batch that is released bears the signature, or it is not released.
    signed = sign(
        records, releaser.login, password, Role.RELEASER, MEANINGS[wanted], "batch", batch_id, becoming=(decided,)
    )
    if wanted == "released" and records.context.anchor_sink is not None:
        from printcare.workflow.record.anchoring import deliver, site_sink  # certificates cost a start-up 0.1 s

        if (sink := site_sink(records)) is not None:
            deliver(records, sink)  # away, it is delivered later; the release stands
    return signed


def _operators(records: Store, batch_id: str, state: dict[str, Any]) -> frozenset[str]:
    """Return everybody who had a hand in the print: who started it, and who signed as its operator."""
    signed = signatures_of(records, "batch", batch_id)
    return frozenset({str(state["operator"])} | {each.account for each in signed if each.role == Role.OPERATOR})


def _batch(records: Store, batch_id: str) -> dict[str, Any]:
    state = records.get("batch", batch_id)
    if state is None:
        raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.")
    return state


def _unit(row: dict[str, Any], parts: int) -> Unit:
    further = row.get("parts", {})
    masses = [row.get("mass_mg"), *(further.get(str(part), {}).get("mass_mg") for part in range(2, parts + 1))]
    first_mg, *further_mg = [None if mass is None else Decimal(mass) for mass in masses]
    return Unit(
        index=int(row["index"]),
        position=str(row["position"]),
        state=UnitState(str(row["status"])),
        use=Use(str(row.get("use", ""))),
        mass_mg=first_mg,
        reason=str(row.get("reason") or ""),
        further_mg=tuple(further_mg),
    )
