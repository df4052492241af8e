"""Memories of the record outside it: the sink that only grows, daily time-stamps, and what this client accepts anew."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any  # a state is parsed JSON

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from printcare.domain.checks import error
from printcare.domain.people import SYSTEM
from printcare.errors import PrintcareError
from printcare.records import audit, timestamps
from printcare.records.accounts import Account
from printcare.records.anchors import Memory, Sink
from printcare.records.keystore import Keystore
from printcare.records.store import Store
from printcare.verify import open_note
from printcare.workflow.authority import Refused, allowed, refuse

ANCHOR = "audit.anchor"
TABLE = "anchor"
TIME_STAMP = "time-stamp"
QUEUED, HELD = "queued", "held"
OVERDUE = timedelta(hours=24)
Post = Callable[[bytes], bytes]  # a time-stamp request to an authority, its answer back; raises OSError


def deliver(records: Store, sink: Sink) -> int:
    """Append every checkpoint the sink does not hold yet, and return how many; 0 and perhaps an alarm where it is away.

    Printing goes on without a sink; after a day without one quality is told, once a day.
    """
    site = records.site()
    try:
        waiting = records.checkpoints(sink.last(site))
        if waiting:
            sink.append(site, waiting, records.context.clock())
    except OSError:
        _tell_overdue(records, records.checkpoints())
        return 0
    return len(waiting)


def site_sink(records: Store) -> Sink | None:
    """Return the outside memory this station is set up with, or None."""
    directory = records.context.anchor_sink
    return None if directory is None else Sink(directory)


def unanchored_since(records: Store, sink: Sink) -> str | None:
    """Return when the oldest checkpoint was made that the sink does not hold, or None where it holds all."""
    try:
        waiting = records.checkpoints(sink.last(records.site()))
    except OSError:
        waiting = records.checkpoints()[-1:]
    return _made_at(records, waiting[0][1]).isoformat() if waiting else None


def ask_time_stamp(records: Store, account: Account) -> str:
    """Queue a time-stamp over today's head, one a day, and return its key; no network is needed."""
    actor = allowed(records, account, ANCHOR)
    key = f"{TIME_STAMP}/{records.context.clock().date().isoformat()}"
    if records.get(TABLE, key) is not None:
        return key
    made = records.checkpoint()
    if made is None:
        raise PrintcareError("STATION_KEY", "This station holds no key to sign with.", "Run on a workstation.")
    asked = timestamps.request(made.note)
    state = {
        "kind": TIME_STAMP,
        "status": QUEUED,
        "size": made.size,
        "note": made.note,
        "request": base64.b64encode(asked.der).decode(),
        "nonce": str(asked.nonce),
    }
    with records.transaction(actor) as tx:
        tx.record("anchor.queued", TABLE, key, state)
    return key


def send_time_stamps(
    records: Store, account: Account, post: Post, trusted: Sequence[Certificate]
) -> tuple[list[str], list[str]]:
    """Send every queued request, keep the tokens that verify; return what is held now, and what still waits and why."""
    actor = allowed(records, account, ANCHOR)
    held, waiting = [], []
    for key, state in records.all(TABLE, kind=TIME_STAMP, status=QUEUED).items():
        try:
            answer = post(base64.b64decode(state["request"]))
            at = timestamps.stamped_at(state["note"], int(state["nonce"]), answer, trusted)
        except (OSError, PrintcareError) as fault:
            waiting.append(f"{key}: {fault}")
            continue
        chain = [each.public_bytes(Encoding.PEM).decode() for each in trusted]
        token = {"status": HELD, "stamped_at": at, "token": base64.b64encode(answer).decode(), "roots": chain}
        with records.transaction(actor) as tx:
            tx.record("anchor.held", TABLE, key, state | token)
        held.append(key)
    return held, waiting


def stamped(records: Store, trusted: Sequence[Certificate]) -> list[dict[str, Any]]:
    """Return every time-stamp held, verified once more: its key, size and time, and the note to verify the log by."""
    found = []
    for key, state in records.all(TABLE, kind=TIME_STAMP, status=HELD).items():
        answer = base64.b64decode(state["token"])
        at = timestamps.stamped_at(state["note"], int(state["nonce"]), answer, trusted)
        found.append({"key": key, "size": state["size"], "stamped_at": at, "note": state["note"]})
    return found


def accept(
    records: Store, account: Account, memory: Memory, reason: str, keystore: Keystore | None = None
) -> str | None:
    """Let this client remember the log as it is now, after a lawful restore; return what its file remembered before.

    Raises Refused, recorded, where what it remembers contradicts the log in a way that no signed restore explains.
    """
    actor = allowed(records, account, ANCHOR)
    before = memory.note()
    mark = None if keystore is None else keystore.read(memory.key)
    result = audit.verify(records.url, [note for note in (before, mark) if note is not None])
    stops = []
    if result["verdict"] not in ("OK", "UNANCHORED"):
        told = f"The record is {result['verdict']} by what this client remembers."
        stops.append(error("E_NOT_EXPLAINED", told, "Restore the right copy: `printcare audit restore`.", "record"))
    if not reason.strip():
        stops.append(error("E_REASON_MISSING", "This is done for a stated reason.", "State it.", "reason"))
    if stops:
        refuse(records, actor, ANCHOR, "record", records.site(), tuple(stops))
        raise Refused(tuple(stops))
    with records.transaction(actor) as tx:
        told_before = None if before is None else {"origin": open_note(before).origin, "size": open_note(before).size}
        tx.record("anchor.accepted", "record", records.site(), {"remembered": told_before}, reason_text=reason)
    made = records.checkpoint()
    if made is not None:
        memory.keep(made.note)
        if keystore is not None:
            keystore.write(memory.key, made.note)
    return before


def _made_at(records: Store, note: str) -> datetime:
    last = records.events(after=open_note(note).size - 1, limit=1)[0]
    return datetime.fromisoformat(last.content["ts_utc"])


def _tell_overdue(records: Store, waiting: Sequence[tuple[int, str]]) -> None:
    """Raise the day's alarm where the sink was away for a day; what it last held, an absent sink cannot say."""
    now = records.context.clock()
    key = f"site/sink/{now.date().isoformat()}"
    if not waiting or now - _made_at(records, waiting[0][1]) < OVERDUE or records.get("alarm", key) is not None:
        return
    state = {
        "batch_id": None,
        "alarm": "A_SINK_AWAY",
        "title": "Checkpoints do not leave this site",
        "seen": "The place for anchors outside cannot be written.",
        "cause": "The share is away, full, or forbidden.",
        "consequence": "What is recorded since could be rewritten by who holds the station's key.",
        "action": "Bring the share back; releases say since when they are unanchored.",
        "priority": "warning",
        "unit": None,
    }
    with records.transaction(SYSTEM) as tx:
        tx.record("alarm.raised", "alarm", key, state)
