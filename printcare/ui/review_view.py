"""A printed batch as the review page shows it: the same content the batch record puts on paper."""

from __future__ import annotations

from typing import Any  # an event's content is parsed JSON

from printcare.domain.batch import BatchState
from printcare.domain.policy import Policy
from printcare.domain.prescription import Prescription
from printcare.domain.release import ReleaseDecision
from printcare.domain.uniformity import Verdict
from printcare.ui.figures import local
from printcare.ui.messages import document_tongue, said
from printcare.ui.models import Fact, Interruption, Objection, ReviewView, TrailEntry, UnitRow, objections
from printcare.ui.unit_look import LOOKS
from printcare.ui.words import tr
from printcare.workflow.batch.plan import PlannedBatch
from printcare.workflow.batch.recover import INTERRUPTED, ends_of, left_behind
from printcare.workflow.entry import Store
from printcare.workflow.order.verify import Calculations
from printcare.workflow.paper.batch_content import batch_content
from printcare.workflow.record.audit_review import is_critical, trail_of, unreviewed


def review_view(
    records: Store,
    planned: PlannedBatch,
    order: Prescription,
    calculated: Calculations,
    decision: ReleaseDecision,
    policy: Policy,
) -> ReviewView:
    """Return what a releaser must see before signing, exceptions first."""
    content = batch_content(records, planned, order, calculated, decision, policy, document_tongue())
    is_releasable = policy.allows_release and content.decision.outcome == BatchState.QUARANTINED.value
    return ReviewView(
        batch_id=planned.id,
        product=f"{content.product} {content.strength}",
        status=content.decision.outcome,
        units=tuple(
            UnitRow(unit.index, unit.position, unit.state, unit.use, unit.mass_mg, unit.deviation_pct, unit.reason)
            for unit in content.units
        ),
        target_mg=float(content.gate.target_mg),
        low_mg=float(content.gate.accepted_low_mg),
        high_mg=float(content.gate.accepted_high_mg),
        figures=tuple(fact for verdict in content.verdicts for fact in _figures(verdict)),
        reconciliation="; ".join(said(fact.value) for fact in content.reconciliation),
        findings=objections(decision.findings),
        alarms=tuple(
            Objection(
                alarm.alarm, "warning", f"{said(alarm.seen)}. {said(alarm.cause)}", said(alarm.action), alarm.unit
            )
            for alarm in content.alarms
        ),
        deviations=tuple(f"{line.number} · {line.what} · {line.status}" for line in content.deviations),
        signatures=tuple(
            Fact(signed.name, _meaning(signed.meaning), tr(signed.role), signed.signed_at[:16].replace("T", " "))
            for signed in content.signatures
        ),
        may_be=decision.may_be,
        trail=_trail(records, planned.id) if is_releasable else (),
        release_stops=objections(unreviewed(records, planned.id)) if is_releasable else (),
        interruption=interruption_of(records, planned.id),
    )


def interruption_of(records: Store, batch_id: str) -> Interruption | None:
    """Return what is known of a batch whose job ended without a word, or None of any other."""
    state = records.get("batch", batch_id) or {}
    if (state.get("status"), state.get("outcome")) != (BatchState.QUARANTINED.value, INTERRUPTED):
        return None
    left = left_behind(records, batch_id)
    return Interruption(
        told=state["reason"],
        tray=tuple(f"{position} {tr(LOOKS[unit].word)}" for position, unit in left.units),
        cartridges=tuple(f"{name} {tr(status)}" for name, status in left.cartridges),
        deviation=next(iter(ends_of(records, batch_id)), ""),
    )


def _trail(records: Store, batch_id: str) -> tuple[TrailEntry, ...]:
    """Return the critical events of a batch, in order, as they stand in the record."""
    return tuple(
        TrailEntry(content["seq"], _event(content)) for content in trail_of(records, batch_id) if is_critical(content)
    )


def _event(content: dict[str, Any]) -> Objection:
    at = str(content["ts_utc"])[:19].replace("T", " ")
    why = str(content.get("reason_text") or content.get("reason_code") or "")
    became = (content.get("new") or {}).items()
    told = ", ".join(f"{name} {value}" for name, value in became if value not in ("", None))
    return Objection(
        f"{content['seq']} · {content['action']} · {content['outcome']}",
        "warning",
        f"{at} UTC · {content['actor_id']}, {content['actor_role']}",
        " · ".join(each for each in (why, told) if each),
    )


def _figures(verdict: Verdict) -> tuple[Fact, ...]:
    named = {
        "mean_mg": (tr("Mean mass"), "mg"),
        "largest_pct": (tr("Largest deviation from the mean"), "%"),
        "mean_pct": (tr("Mean content, from mass"), tr("% of label")),
        "sd_pct": (tr("Standard deviation"), "%"),
    }
    facts = [
        Fact(named[key][0], local(value), named[key][1], f"n = {verdict.count}")
        for key, value in verdict.figures.items()
        if key in named
    ]
    if "M" in verdict.figures:
        facts.append(Fact(tr("Acceptance value"), verdict.result, "", f"{verdict.limit} · {verdict.outcome}"))
    return tuple(facts)


def _meaning(told: str) -> str:
    """Return what a signature says of what, as `recipe: approved`, in the language of the window."""
    of, _, meaning = told.rpartition(": ")
    return tr("{}: {}").format(said(of), said(meaning)) if of else said(meaning)
