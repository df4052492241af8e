"""From ink lots to batches, units and orders, by the columns the record is searched by: no row is read in vain."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple  # a state is parsed JSON

from sqlalchemy import func, select

from printcare.records.schema import TABLES
from printcare.records.store import Store

CHUNK = 500  # of values in one IN list; SQLite takes 32,766, older ones 999


class BatchRow(NamedTuple):
    """One batch as a recall needs it."""

    id: str
    status: str
    prescription: str
    lot: str
    cartridge: str


class UnitRow(NamedTuple):
    """One unit as a recall needs it."""

    id: str
    batch_id: str
    status: str
    use: str


def batches_by(records: Store, member: str, values: Sequence[str]) -> list[BatchRow]:
    """Return the batches whose `member` (lot, cartridge, status or key) is one of the values, first planned first."""
    rows = TABLES["batch"]
    wanted = (rows.c.key, rows.c.status, rows.c.prescription, rows.c.lot, rows.c.cartridge)
    found: list[BatchRow] = []
    with records.reading() as connection:
        for some in _chunks(values):
            query = select(*wanted).where(rows.c[member].in_(some)).order_by(rows.c.first_event_seq)
            found += [BatchRow(*(value or "" for value in row)) for row in connection.execute(query)]
    return found


def units_of_batches(records: Store, batch_ids: Sequence[str]) -> list[UnitRow]:
    """Return every unit of these batches, batch by batch in the order of their keys."""
    rows = TABLES["unit"]
    wanted = (rows.c.key, rows.c.batch_id, rows.c.status, func.coalesce(rows.c.use, ""))
    found: list[UnitRow] = []
    with records.reading() as connection:
        for some in _chunks(batch_ids):
            found += map(UnitRow._make, connection.execute(select(*wanted).where(rows.c.batch_id.in_(some))).all())
    found.sort()
    return found


def states_of(records: Store, table: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the states of these rows of a bound table, in as few statements as the database takes them."""
    rows = TABLES[table]
    found: dict[str, dict[str, Any]] = {}
    with records.reading() as connection:
        for some in _chunks(keys):
            query = select(rows.c.key, rows.c.state).where(rows.c.key.in_(some))
            found |= {key: json.loads(state) for key, state in connection.execute(query)}
    return found


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
