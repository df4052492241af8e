"""One transaction on the record: events numbered under the write lock, each with the state it leaves."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any  # a state is parsed JSON; its members are typed by whoever reads them

from sqlalchemy import Connection, bindparam, insert, select, update

from printcare.domain.canonical import canonical_bytes, digest
from printcare.domain.events import DONE, OUTCOMES, REFUSED, AuditEvent
from printcare.domain.people import SYSTEM, Actor
from printcare.errors import PrintcareError
from printcare.records import merkle
from printcare.records.schema import BOUND, EVENT, HEAD, KEPT_BY_COMMITMENT, KEPT_BY_DIGEST, NODE, TABLES, searched

State = Mapping[str, object]
PRESENT_MODE = "present"  # the one row of the table of modes; until it is there, the mode the process was started with
CLOCK_TOLERANCE = timedelta(seconds=2)  # records.md §8.11

_INSERT_EVENT = insert(EVENT)
_INSERT_NODES = insert(NODE)
_UPDATE_HEAD = (
    update(HEAD)
    .where(HEAD.c.epoch == bindparam("of_epoch"))
    .values(
        epoch=bindparam("new_epoch"),
        origin=bindparam("new_origin"),
        size=bindparam("new_size"),
        frontier=bindparam("new_frontier"),
        last_at=bindparam("new_last_at"),
    )
)
# Statements are built once: building and hashing one costs more than running it.
_FIND = {
    name: select(rows.c.state, rows.c.version, rows.c.first_event_seq).where(rows.c.key == bindparam("of_key"))
    for name, rows in TABLES.items()
}
_ADD = {name: insert(rows) for name, rows in TABLES.items()}
_CHANGE = {name: update(rows).where(rows.c.key == bindparam("of_key")) for name, rows in TABLES.items()}


@dataclass(frozen=True, slots=True)
class RecordContext:
    """Where and with what this process records; `site` may be None where the record exists already.

    `clock` returns an aware time (its zone gives the recorded offset); `monotonic_ns` counts within one `boot_id`.
    """

    site: str | None
    workstation: str
    app_version: str
    boot_id: str
    clock: Callable[[], datetime]
    monotonic_ns: Callable[[], int]
    mode: str
    clock_status: str = "unknown"
    config_hash: str | None = None
    anchor_sink: Path | None = None  # where checkpoints go outside, after every release


@dataclass(slots=True)
class Head:
    """The end of the log as it was read under the lock."""

    epoch: int
    site: str
    origin: str
    size: int
    frontier: list[bytes]
    last_at: str


@dataclass(frozen=True, slots=True)
class _Row:
    state: dict[str, Any]
    version: int
    first: int


class Transaction:
    """What one command records. Made by `Store.transaction`; unusable once that has ended."""

    def __init__(self, connection: Connection, context: RecordContext, actor: Actor, head: Head) -> None:
        self.connection = connection  # for the unbound tables of this room only (credentials, wrapped keys)
        self.actor = actor
        self.actions: set[str] = set()
        self.size_before = head.size
        self._epoch_before = head.epoch
        self._context = context
        self._head = head
        self._nodes: list[dict[str, object]] = []
        self._mode: str | None = None

    @property
    def size(self) -> int:
        """The number of events, this transaction's included."""
        return self._head.size

    def record(
        self,
        action: str,
        object_type: str,
        object_id: str,
        new: State | None = None,
        *,
        outcome: str = DONE,
        reason_code: str | None = None,
        reason_text: str | None = None,
        as_actor: Actor | None = None,
    ) -> int:
        """Append one event, write the state it leaves if its object is a bound row, and return its number.

        `new` is the whole new state of the object. A refused command is recorded with outcome "refused" and its
        `reason_code`, and leaves the state alone. Raises PrintcareError CANONICAL_VALUE or EVENT_INCOMPLETE.
        """
        return self._append(action, object_type, object_id, new, outcome, reason_code, reason_text, as_actor, {})

    def block(
        self,
        key: str,
        readings: bytes,
        *,
        batch_id: str,
        unit_id: str | None,
        sensor: str,
        first_at: str,
        last_at: str,
        count: int,
        encoding: str = "jsonl",
    ) -> int:
        """Append one block of readings, bound to history by its SHA-256, and return its event's number."""
        state = {
            "batch_id": batch_id, "unit_id": unit_id, "sensor": sensor, "first_at": first_at, "last_at": last_at,
            "count": count, "encoding": encoding, "sha256": sha256(readings).hexdigest(),
        }  # fmt: skip
        kept = {"bytes": readings}
        return self._append("readings.kept", "reading_block", key, state, DONE, None, None, None, kept)

    def keep(self, table: str, key: str, value: bytes, state: State, *, action: str) -> str:
        """Keep bytes that hold personal data; the event holds only their commitment, which is returned (§8.10)."""
        if table not in KEPT_BY_COMMITMENT:
            raise _incomplete(f"{table} keeps no personal data", "Keep it as a person or a received message.")
        secret = secrets.token_bytes(32)
        commitment = hmac.new(secret, value, sha256).hexdigest()
        kept = {"value": value, "secret": secret}
        self._append(action, table, key, {**state, "commitment": commitment}, DONE, None, None, None, kept)
        return commitment

    def erase(self, table: str, key: str, reason: str) -> int:
        """Destroy the bytes and the key they were committed under; event and tree stay valid (§8.10)."""
        if table not in KEPT_BY_COMMITMENT:
            raise _incomplete(f"{table} keeps no personal data", "Name a person or a received message.")
        state = {**(self.get(table, key) or {}), "erased": True}
        kept = {"value": None, "secret": None}
        return self._append(f"{table}.erased", table, key, state, DONE, None, reason, None, kept)

    def begin_epoch(self, new: State, reason: str) -> int:
        """Begin the next epoch with its first event; `new` names its origin and bears two signatures (§8.7)."""
        self._head.epoch += 1
        self._head.origin = str(new["origin"])
        return self.record("epoch.begun", "site", self._head.site, new, reason_text=reason)

    def sign(self, key: str, state: State) -> int:
        """Append one electronic signature, already made by the signer's own key, and return its event's number."""
        return self.record("signature.made", "signature", key, state, reason_text=str(state["meaning"]))

    def get(self, table: str, key: str) -> dict[str, Any] | None:
        """Return the state of a bound row as it stands inside this transaction, or None."""
        row = self._row(table, key)
        return None if row is None else row.state

    def finish(self) -> None:
        """Write the nodes and the head; the store calls it before it commits."""
        if self._nodes:
            self.connection.execute(_INSERT_NODES, self._nodes)
        head = self._head
        if head.size > self.size_before:
            values = {"new_size": head.size, "new_frontier": b"".join(head.frontier), "new_last_at": head.last_at}
            values |= {"new_epoch": head.epoch, "new_origin": head.origin}
            self.connection.execute(_UPDATE_HEAD, {"of_epoch": self._epoch_before, **values})

    def _append(
        self,
        action: str,
        object_type: str,
        object_id: str,
        new: State | None,
        outcome: str,
        reason_code: str | None,
        reason_text: str | None,
        as_actor: Actor | None,
        kept: Mapping[str, object],
    ) -> int:
        _check(action, object_type, object_id, new, outcome, reason_code, is_kept=bool(kept))
        now = self._now()
        is_bound = object_type in BOUND
        row = self._row(object_type, object_id) if is_bound else None
        changes = is_bound and new is not None and outcome == DONE
        actor = as_actor or self.actor
        version = (row.version if row else 0) + 1 if changes else row.version if row else None
        event = self._event(now, actor, version)
        event |= {"action": action, "object_type": object_type, "object_id": object_id}
        event |= {"old": row.state if row else None, "new": new, "outcome": outcome}
        event |= {"reason_code": reason_code, "reason_text": reason_text}
        seq = self._write_event(AuditEvent(**event))
        if changes and new is not None:
            self._write_row(object_type, object_id, new, seq, row, kept)
        return seq

    def _event(self, now: datetime, actor: Actor, version: int | None) -> dict[str, Any]:
        context = self._context
        return {
            "seq": self._head.size + 1,
            "epoch": self._head.epoch,
            "site": self._head.site,
            "workstation": context.workstation,
            "boot_id": context.boot_id,
            "monotonic_ns": str(context.monotonic_ns()),
            "ts_utc": utc_text(now),
            "utc_offset": offset_text(now),
            "clock_status": context.clock_status,
            "actor_id": actor.id,
            "actor_role": str(actor.role),
            "session": actor.session,
            "mode": self._present_mode(),
            "object_version": version,
            "app_version": context.app_version,
            "config_hash": context.config_hash,
        }

    def _present_mode(self) -> str:
        """Return the mode this transaction began in: the record says it, not the process."""
        if self._mode is None:
            row = self._row("mode", PRESENT_MODE)
            self._mode = self._context.mode if row is None else str(row.state["status"])
        return self._mode

    def _write_event(self, event: AuditEvent) -> int:
        payload = canonical_bytes(event.as_dict())
        leaf = merkle.leaf_hash(payload)
        head = self._head
        head.frontier, completed = merkle.append(head.size, head.frontier, leaf)
        head.size, head.last_at = event.seq, event.ts_utc
        self._nodes += [{"level": level, "place": place, "hash": value} for level, place, value in completed]
        self.actions.add(event.action)
        columns = {"seq": event.seq, "epoch": event.epoch, "payload": payload, "leaf_hash": leaf}
        columns |= {"ts_utc": event.ts_utc, "actor_id": event.actor_id, "action": event.action}
        columns |= {"object_type": event.object_type, "object_id": event.object_id, "outcome": event.outcome}
        self.connection.execute(_INSERT_EVENT, columns)
        return event.seq

    def _write_row(
        self, table: str, key: str, new: State, seq: int, row: _Row | None, kept: Mapping[str, object]
    ) -> None:
        version, first = (row.version + 1, row.first) if row else (1, seq)
        values: dict[str, object] = {
            "state": canonical_bytes(new).decode(),
            "version": version,
            "last_event_seq": seq,
            "row_hash": row_hash(table, key, new, version, first, seq),
            **searched(table, new),
            **kept,
        }
        if row is None:
            self.connection.execute(_ADD[table], {"key": key, "first_event_seq": first, **values})
        else:
            self.connection.execute(_CHANGE[table], {"of_key": key, **values})

    def _row(self, table: str, key: str) -> _Row | None:
        found = self.connection.execute(_FIND[table], {"of_key": key}).one_or_none()
        return None if found is None else _Row(json.loads(found[0]), found[1], found[2])

    def _now(self) -> datetime:
        now = self._context.clock()
        if self._head.last_at and utc_text(now) < self._head.last_at:
            self._note_clock_step(now)
        return now

    def _note_clock_step(self, now: datetime) -> None:
        before = self._head.last_at
        if datetime.fromisoformat(before) - now <= CLOCK_TOLERANCE:
            return
        event = self._event(now, SYSTEM, None)
        event |= {"action": "clock.stepped_back", "object_type": "clock", "object_id": self._context.workstation}
        event |= {"old": {"ts_utc": before}, "new": {"ts_utc": utc_text(now)}, "outcome": DONE}
        event |= {"reason_code": "CLOCK_REGRESSION", "reason_text": None}
        self._write_event(AuditEvent(**event))


def row_hash(table: str, key: str, state: State, version: int, first: int, last: int) -> str:
    """Return the hash that binds one row to its place and its events (records.md §8.4)."""
    return digest({"table": table, "key": key, "state": state, "version": version, "first": first, "last": last})


def utc_text(moment: datetime) -> str:
    """Return a moment as recorded: UTC, milliseconds, Z. Raises PrintcareError CLOCK_NAIVE without a zone."""
    if moment.tzinfo is None:
        raise PrintcareError("CLOCK_NAIVE", "The clock gave a time without a zone.", "Give the record an aware clock.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def offset_text(moment: datetime) -> str:
    """Return the moment's offset from UTC as the record writes it, such as +01:00."""
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def _check(
    action: str,
    object_type: str,
    object_id: str,
    new: State | None,
    outcome: str,
    reason_code: str | None,
    *,
    is_kept: bool,
) -> None:
    if not (action and object_type and object_id):
        raise _incomplete("it names no action or no object", "Name the action, the object's type and its identifier.")
    if outcome not in OUTCOMES:
        raise _incomplete(f"its outcome is {outcome!r}", "Say done or refused.")
    if outcome == REFUSED and not reason_code:
        raise _incomplete("it was refused and does not say by which rule", "Give the refusing rule as reason_code.")
    if object_type in (*KEPT_BY_DIGEST, *KEPT_BY_COMMITMENT) and new is not None and outcome == DONE and not is_kept:
        raise _incomplete(f"{object_type} keeps bytes that were not given", "Use block() or keep().")
    if new is None or object_type not in BOUND:
        return
    for member, value in searched(object_type, new).items():
        if not (value is None or isinstance(value, str)):
            raise _incomplete(f"{object_type}.{member} is {type(value).__name__}, no text", "Give it as a string.")


def _incomplete(what: str, remedy: str) -> PrintcareError:
    return PrintcareError("EVENT_INCOMPLETE", f"An event cannot be recorded: {what}.", remedy)
