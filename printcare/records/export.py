"""Writes the record as one file of canonical JSON Lines in which every byte counts.

Lines: a header; every event as its exact bytes; the bound rows; the readings; the signed checkpoints; the hash of every
line so far, 256 to a line, so that a changed byte is located; and a closing line over all of it. Personal data and
secrets stay behind: rows of persons and received messages hold commitments only.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from printcare.domain.canonical import canonical_bytes
from printcare.domain.people import Actor
from printcare.records import merkle
from printcare.records.schema import CHECKPOINT, EVENT, HEAD, TABLES
from printcare.records.store import Store
from printcare.verify import CHUNK_LINES, FORMAT

if TYPE_CHECKING:
    from hashlib import _Hash as Hash  # the standard library gives the type no public name


@dataclass(frozen=True, slots=True)
class Export:
    """What was written: how many events, under which root, and the file's own hash."""

    size: int
    root: str
    sha256: str


def export(records: Store, path: Path, actor: Actor) -> Export:
    """Write the whole record to `path`, after the event that says so and a signed head over it.

    The file appears whole or not at all.
    """
    with records.transaction(actor) as tx:
        tx.record("record.exported", "record", records.site(), new={"file": path.name})
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with records.reading() as connection, partial.open("wb") as file:
            size, root = _head(connection)
            whole = sha256()
            for line in _closed(_content(connection, size, root), whole):
                file.write(line)
                whole.update(line)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return Export(size, root, whole.hexdigest())


def _head(connection: Connection) -> tuple[int, str]:
    size, frontier = connection.execute(select(HEAD.c.size, HEAD.c.frontier)).one()
    return size, merkle.root([frontier[place : place + 32] for place in range(0, len(frontier), 32)]).hex()


def _content(connection: Connection, size: int, root: str) -> Iterator[tuple[str, bytes]]:
    head = connection.execute(select(HEAD.c.origin, HEAD.c.site, HEAD.c.epoch)).one()
    keys = connection.execute(select(TABLES["station_key"].c.state).order_by(TABLES["station_key"].c.key)).scalars()
    public = [json.loads(state)["public_key"] for state in keys]
    header = {"kind": "header", "format": FORMAT, "origin": head.origin, "site": head.site, "epoch": head.epoch}
    yield "header", canonical_bytes(header | {"size": size, "root": root, "keys": public})
    for payload in connection.execute(select(EVENT.c.payload).order_by(EVENT.c.seq)).scalars():
        yield "event", payload
    for name, table in TABLES.items():
        for row in connection.execute(select(table).order_by(table.c.first_event_seq)):
            named = {
                "kind": "row",
                "table": name,
                "key": row.key,
                "state": json.loads(row.state),
                "version": row.version,
            }
            yield (
                "row",
                canonical_bytes(named | {"first_event_seq": row.first_event_seq, "last_event_seq": row.last_event_seq}),
            )
    blocks = TABLES["reading_block"]
    for key, readings in connection.execute(select(blocks.c.key, blocks.c.bytes).order_by(blocks.c.first_event_seq)):
        yield "block", canonical_bytes({"kind": "block", "key": key, "bytes": base64.b64encode(readings).decode()})
    for number, note in connection.execute(select(CHECKPOINT.c.id, CHECKPOINT.c.note).order_by(CHECKPOINT.c.id)):
        yield "checkpoint", canonical_bytes({"kind": "checkpoint", "id": number, "note": note})


def _closed(content: Iterator[tuple[str, bytes]], whole: Hash) -> Iterator[bytes]:
    counts = dict.fromkeys(("block", "checkpoint", "event", "row"), 0)
    hashes: list[str] = []
    for kind, line in content:
        if kind in counts:
            counts[kind] += 1
        hashes.append(merkle.leaf_hash(line).hex())
        yield line + b"\n"
    listed = sha256()
    for first in range(0, len(hashes), CHUNK_LINES):
        chunk = {"kind": "lines", "first": first + 1, "sha256": hashes[first : first + CHUNK_LINES]}
        line = canonical_bytes(chunk) + b"\n"
        listed.update(line)
        yield line
    sums = {"manifest_sha256": listed.hexdigest(), "sha256": whole.hexdigest()}
    yield canonical_bytes({"kind": "close", "lines": len(hashes), "counts": counts, **sums}) + b"\n"
