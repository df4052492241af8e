"""The review of the audit trail before release: critical entries first, by somebody who had no hand in it (D12.6-8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any  # an event's content is parsed JSON

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.events import DONE, REFUSED, Signature
from printcare.domain.people import Role
from printcare.records.accounts import Account
from printcare.records.signatures import counting, sign
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse

REVIEW, READ = "audit.review", "record.read"
MEANING = "audit trail reviewed"
MOST_EVENTS = 1_000_000
# What a reviewer looks at first, by the beginning of its name; whatever was refused belongs to it too.   D12.7
CRITICAL = (
    "alarm.", "deviation.", "batch.held", "batch.resumed", "batch.quarantined", "batch.recovered", "batch.simulated",
    "unit.corrected", "clock.", "mode.", "site.configured", "account.roles_changed", "account.unlocked", "epoch.",
    "person.erased", "received_message.erased", "investigation.", "laboratory.", "label.", "job.noted",
)  # fmt: skip


def is_critical(content: dict[str, Any]) -> bool:
    """Say whether an event is one a reviewer looks at first."""
    if content["action"] == REVIEW:
        return False  # of the review itself nobody is to review anything
    return content["outcome"] == REFUSED or str(content["action"]).startswith(CRITICAL)


def search(records: Store, account: Account, **wanted: Any) -> list[dict[str, Any]]:
    """Return events, filtered as `Store.events` does, for who may read the record."""
    allowed(records, account, READ)
    return [event.content for event in records.events(**wanted)]


def trail_of(records: Store, batch_id: str) -> list[dict[str, Any]]:
    """Return every event of a batch, of its units and of what belongs to it, in order."""
    ids = {("batch", batch_id), ("job", batch_id), ("job_lease", batch_id)}
    for table in ("unit", "alarm", "deviation", "laboratory_result", "investigation", "document"):
        ids |= {(table, key) for key in records.all(table, batch_id=batch_id)}
    found = [
        event
        for table, key in sorted(ids)
        for event in records.events(object_id=key, object_type=table, limit=MOST_EVENTS)
    ]
    return [event.content for event in sorted(found, key=lambda event: event.seq)]


def critical_entries(records: Store, account: Account, batch_id: str) -> list[dict[str, Any]]:
    """Return the critical events of a batch, for who reviews them."""
    allowed(records, account, REVIEW)
    return [content for content in trail_of(records, batch_id) if is_critical(content)]


def sign_review(
    records: Store, account: Account, password: str, batch_id: str, seen: Sequence[int], note: str
) -> Signature:
    """Sign that the critical entries of a batch, by their numbers, were looked at; any later change asks for another.

    Raises Refused, recorded, for an entry that was not looked at, and for a person who had a hand in the batch.
    """
    actor = allowed(records, account, REVIEW)
    trail = trail_of(records, batch_id)
    missing = {content["seq"] for content in trail if is_critical(content)} - set(seen)
    hands = {
        content["actor_id"] for content in trail if content["outcome"] == DONE and content["actor_role"] != "system"
    }
    stops = [stop for stop in (people.audit_review_by(account.id, sorted(hands)),) if stop is not None]
    if not trail:
        stops.append(error("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.", "batch"))
    if missing:
        told = f"{len(missing)} critical entries were not looked at, the first is {min(missing)}."
        stops.append(error("E_REVIEW_INCOMPLETE", told, "Look at each of them, then sign.", "seen"))
    if not note.strip():
        stops.append(error("E_REASON_MISSING", "A review says what was found.", "State it.", "note"))
    if stops:
        refuse(records, actor, REVIEW, "batch", batch_id, tuple(stops))
        raise Refused(tuple(stops))
    with records.transaction(actor) as tx:
        told_of = {"critical": sorted(set(seen)), "note": note}
        tx.record("audit.reviewed", "audit_review", batch_id, told_of, reason_text=note)
    return sign(records, account.login, password, Role.QUALITY, MEANING, "batch", batch_id)


def unreviewed(records: Store, batch_id: str) -> tuple[Finding, ...]:
    """Return why a batch is not to be released yet: nobody of quality signed the review of its trail as it stands."""
    state = records.get("batch", batch_id)
    signed = counting(records, "batch", batch_id)
    reviews = [each for each in signed if (each.meaning, each.role) == (MEANING, Role.QUALITY)]
    if state is not None and any(each.covers(state) for each in reviews) and not _since(records, batch_id):
        return ()
    told = "Nobody reviewed the audit trail of this batch as it stands."
    remedy = "Have quality review it: `printcare audit review`."
    return (error("E_TRAIL_UNREVIEWED", told, remedy, "batch"),)


def _since(records: Store, batch_id: str) -> bool:
    """Whether anything critical happened after the last review."""
    last = records.events(object_id=batch_id, object_type="audit_review", limit=MOST_EVENTS)[-1].seq
    return any(content["seq"] > last for content in trail_of(records, batch_id) if is_critical(content))
