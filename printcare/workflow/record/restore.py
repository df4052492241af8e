"""The restore ceremony: what a copy holds, what was lost since, and an epoch two people sign (records.md §15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import MOVES, BatchState
from printcare.domain.checks import error
from printcare.domain.people import Role, second_person
from printcare.errors import PrintcareError
from printcare.records import audit
from printcare.records.accounts import Account
from printcare.records.signatures import sign_statement
from printcare.records.store import Store, Transaction
from printcare.verify import Note, open_note
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.mode import open_batches

RESTORE = "record.restore"
FORMAT = "printcare-audit-1"
SOUND = ("OK", "UNANCHORED", "TRUNCATED")  # a copy made earlier is shorter than the anchors, and else agrees


@dataclass(frozen=True, slots=True)
class Restored:
    """What a copy holds, the highest outside anchor, and what lies between them."""

    origin: str
    size: int
    root: str
    anchor_size: int
    anchor_root: str
    batches: tuple[str, ...]

    @property
    def lost(self) -> str | None:
        """The numbers of the events that are surely gone, as "first-last", or None."""
        return f"{self.size + 1}-{self.anchor_size}" if self.anchor_size > self.size else None


def inspect(records: Store, anchors: Sequence[str]) -> Restored:
    """Return what this copy holds and has lost, by whole checkpoints collected from paper, sink and stations.

    Raises Refused where the copy does not verify, or agrees with an anchor not at all: then it is the wrong copy.
    """
    notes = [_note(anchor) for anchor in anchors]
    if not notes:
        told = "No outside memory was given."
        remedy = "Collect the highest checkpoint from batch records, the sink and the other stations."
        raise Refused((error("E_NO_ANCHOR", told, remedy, "anchor"),))
    result = audit.verify(records.url, anchors)
    codes = {problem["code"] for problem in result["problems"]}
    if not codes <= {"TRUNCATED"} or result["verdict"] not in SOUND or _is_cut_inside(result):
        told = f"The copy does not verify: {result['verdict']}."
        raise Refused((error("E_COPY_UNSOUND", told, "Restore another copy.", "copy"),))
    highest = max(notes, key=lambda note: note.size)
    size, root = records.head()
    return Restored(records.origin(), size, root, highest.size, highest.root.hex(), open_batches(records))


def restore(
    records: Store,
    quality: Account,
    password: str,
    administrator: Account,
    second_password: str,
    anchors: Sequence[str],
    reason: str,
) -> Restored:
    """Begin a new epoch on a restored copy; open batches go to quarantine, each with a deviation.

    Quality and an administrator, two people, sign what was restored and what was lost. Raises Refused.
    """
    actor = allowed(records, quality, RESTORE)
    stops = [stop for stop in (second_person(quality.id, administrator.id),) if stop is not None]
    if not reason.strip():
        stops.append(error("E_REASON_MISSING", "A restore bears a reason.", "State it.", "reason"))
    if stops:
        refuse(records, actor, RESTORE, "record", records.site(), tuple(stops))
        raise Refused(tuple(stops))
    found = inspect(records, anchors)
    epoch = int(found.origin.rpartition("-")[2]) + 1
    origin = f"{found.origin.rpartition('-')[0]}-{epoch}"
    statement = {
        "epoch": epoch,
        "origin": origin,
        "old_origin": found.origin,
        "size": found.size,
        "root": found.root,
        "anchor_size": found.anchor_size,
        "anchor_root": found.anchor_root,
        "lost": found.lost,
        "reason": reason,
    }
    meaning = "restored the record, and stand for what is said of its loss"
    pairs = ((quality, password, Role.QUALITY), (administrator, second_password, Role.ADMINISTRATOR))
    try:
        signed = [sign_statement(records, each.login, secret, role, meaning, statement) for each, secret, role in pairs]
    except PrintcareError as fault:
        raise Refused((error(fault.code, fault.message, fault.remedy, "signature"),)) from fault
    signatures = [{**each.payload(), "value": each.value} for each in signed]
    with records.transaction(actor) as tx:
        if tx.size != found.size:
            told = "The copy was written to while it was being signed for."
            raise PrintcareError("SIGNED_STATE_CHANGED", told, "Keep every station off it, then begin again.")
        new = {"origin": origin, "epoch": epoch, "format": FORMAT, "restored": statement, "signatures": signatures}
        tx.begin_epoch(new, reason)
        for batch_id in found.batches:
            _set_aside(tx, batch_id, epoch)
    return found


def _set_aside(tx: Transaction, batch_id: str, epoch: int) -> None:
    state: dict[str, Any] = tx.get("batch", batch_id) or {}
    what = "The record was restored from a copy; what was done to this batch since may be missing."
    deviation = {"batch_id": batch_id, "status": "open", "what": what, "opened_by": "restore"}
    tx.record("deviation.opened", "deviation", f"{batch_id}/R{epoch}", deviation)
    if BatchState.QUARANTINED in MOVES[BatchState(state["status"])]:
        tx.record("batch.quarantined", "batch", batch_id, state | {"status": BatchState.QUARANTINED.value})


def _note(text: str) -> Note:
    try:
        return open_note(text)
    except (ValueError, TypeError) as fault:
        told = "A restore quotes whole checkpoints; this is none."
        remedy = "Scan the code of the batch record, or name the file of the sink."
        raise Refused((error("ANCHOR_UNREADABLE", told, remedy, "anchor"),)) from fault


def _is_cut_inside(result: dict[str, Any]) -> bool:
    """Whether something of the copy itself is missing, and not only of what came after it."""
    return any(not problem["where"].startswith("anchor ") for problem in result["problems"])
