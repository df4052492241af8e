"""What is read of the log itself: its end, its nodes, and its events by what they are searched by."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any  # an event's content is parsed JSON

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from printcare.domain.events import REFUSED
from printcare.errors import PrintcareError
from printcare.records.schema import EVENT, HEAD, IS_REFUSED, NODE
from printcare.records.writing import Head


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as stored: its number, its exact bytes, and their content."""

    seq: int
    payload: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The event's fields by name."""
        content: dict[str, Any] = json.loads(self.payload)
        return content


_MANY = 1000  # an index that leaves as many is as good as another
_LEAF = select(EVENT.c.leaf_hash).where(EVENT.c.seq == bindparam("of_seq"))
_INNER = select(NODE.c.hash).where(NODE.c.level == bindparam("of_level"), NODE.c.place == bindparam("of_place"))
_LATEST_HEAD = select(HEAD).order_by(HEAD.c.epoch.desc()).limit(1)
_LOCKED_HEAD = _LATEST_HEAD.with_for_update()  # records.md §14.2; SQLite's lock is that of the whole file


def read_head(connection: Connection, *, is_locking: bool = False) -> Head:
    """Return the end of the log, locked against other writers on demand. Raises PrintcareError NO_RECORD."""
    row = connection.execute(_LOCKED_HEAD if is_locking else _LATEST_HEAD).one_or_none()
    if row is None:
        raise PrintcareError("NO_RECORD", "The record has lost its head.", "Run `printcare audit verify`.")
    frontier = [row.frontier[place : place + 32] for place in range(0, len(row.frontier), 32)]
    return Head(row.epoch, row.site, row.origin, row.size, frontier, row.last_at)


def fetch_from(connection: Connection) -> Callable[[int, int], bytes]:
    """Return what reads one node of the tree for the proofs of `merkle`."""

    def fetch(level: int, place: int) -> bytes:
        if level == 0:
            return bytes(connection.execute(_LEAF, {"of_seq": place + 1}).scalar_one())
        return bytes(connection.execute(_INNER, {"of_level": level, "of_place": place}).scalar_one())

    return fetch


def found_events(
    connection: Connection,
    wanted: Mapping[str, str | None],
    since: str | None,
    after: int,
    limit: int,
) -> list[StoredEvent]:
    """Return events in order, a page of them: `wanted` are columns and what they must say."""
    start = after if since is None else max(after, _before(connection, since))
    asked = {name: value for name, value in wanted.items() if value is not None}
    narrowest = _narrowest(connection, asked, start)
    query = select(EVENT.c.seq, EVENT.c.payload).where(EVENT.c.seq > start).order_by(EVENT.c.seq).limit(limit)
    for name, value in asked.items():
        # A column within an expression is no index's: the planner knows no numbers, and took the actor of everything.
        query = query.where(_says(name, value) if name == narrowest else func.coalesce(EVENT.c[name], "") == value)
    return [StoredEvent(seq, payload) for seq, payload in connection.execute(query)]


def _narrowest(connection: Connection, asked: Mapping[str, str], start: int) -> str | None:
    """Return the column whose index leaves the fewest events to look at, counted as far as it matters."""
    indexed = [name for name, value in asked.items() if name != "outcome" or value == REFUSED]
    if len(indexed) < 2:
        return next(iter(indexed), None)

    def count(name: str) -> int:
        some = select(EVENT.c.seq).where(EVENT.c.seq > start, _says(name, asked[name])).limit(_MANY).subquery()
        return connection.execute(select(func.count()).select_from(some)).scalar_one()

    return min(indexed, key=count)


def _says(name: str, value: str) -> ColumnElement[bool]:
    # In the words of the index of what was refused, so that only that is looked at.
    return IS_REFUSED if (name, value) == ("outcome", REFUSED) else EVENT.c[name] == value


def _before(connection: Connection, since: str) -> int:
    """Return the number before the first event from a time on; that of the last event where there is none."""
    query = select(EVENT.c.seq).where(EVENT.c.ts_utc >= since).order_by(EVENT.c.ts_utc, EVENT.c.seq).limit(1)
    found = connection.execute(query).scalar()
    return read_head(connection).size if found is None else int(found) - 1
