"""Verifies the database itself: log, tree, every bound row, secrets, triggers, checkpoints and one outside anchor.

The judging is the stand-alone verifier's own (`printcare.verify.Replay`); this module reads the tables for it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any  # what stands in a tampered table may have any type

from sqlalchemy import ColumnElement, Connection, Table, literal_column, select
from sqlalchemy.exc import DBAPIError

from printcare.errors import PrintcareError
from printcare.records import dialect, opening
from printcare.records.schema import (
    BOUND,
    CHECKPOINT,
    CREDENTIAL,
    EVENT,
    HEAD,
    KEPT_BY_COMMITMENT,
    KEPT_BY_DIGEST,
    NODE,
    REPEATED,
    TABLES,
    WRAPPED_KEY,
)
from printcare.records.writing import row_hash
from printcare.verify import Replay, Row

ROW_COLUMNS = ("key", "state", "version", "first_event_seq", "last_event_seq", "row_hash")
_BATCH_ROWS = 5000


def verify(url: str, anchor: str | Sequence[str] | None = None) -> dict[str, Any]:
    """Return the verdict on a record: `verdict`, `size`, `root`, `problems` (gravest first) and `unanchored`.

    Nothing is written. Raises PrintcareError NO_RECORD, FOREIGN_DATABASE, SCHEMA_NEWER, or ANCHOR_UNREADABLE.
    """
    if dialect.is_missing(url):
        raise PrintcareError("NO_RECORD", f"There is no record at {url}.", "Name the record with --db.")
    replay = Replay()
    engine = dialect.engine(url, is_reader=True)
    try:
        with engine.connect() as connection:
            opening.check_is_ours(connection)
            _examine(connection, replay)
    except DBAPIError as error:
        replay.problem("MODIFIED", "database file", f"The database cannot be read through: {error.orig}.")
    finally:
        engine.dispose()
    try:
        return replay.judge(anchor)
    except ValueError as error:
        raise PrintcareError(
            "ANCHOR_UNREADABLE", f"The anchor cannot be read: {error}.", "Type it as it is printed: SIZE CODE."
        ) from error


def _examine(connection: Connection, replay: Replay) -> None:
    for complaint in dialect.file_problems(connection):
        replay.problem("MODIFIED", "database file", f"The database's own check says: {complaint}")
    _check_triggers(connection, replay)
    _take_events(connection, replay)
    _check_nodes(connection, replay)
    _check_head(connection, replay)
    for name, table in TABLES.items():
        _check_rows(connection, replay, name, table)
    replay.check_missing()
    _check_secrets(connection, replay, CREDENTIAL, "hash", "credential_sha256")
    _check_secrets(connection, replay, WRAPPED_KEY, "wrapped", "wrapped_key_sha256")
    replay.check_signatures()
    _check_checkpoints(connection, replay)


def _rows(connection: Connection, table: Table, names: Sequence[str], order: str) -> Iterator[Any]:
    # Untyped columns: a forged cell of another type must be reported, not stop the reading.
    columns: list[ColumnElement[Any]] = [literal_column(name) for name in names]
    query = select(*columns).select_from(table).order_by(literal_column(order))
    with connection.execution_options(yield_per=_BATCH_ROWS).execute(
        query
    ) as found:  # closed where reading stops early
        yield from found


def _check_triggers(connection: Connection, replay: Replay) -> None:
    present = dialect.present_triggers(connection)
    wanted = dialect.triggers(connection)
    for name, statement in wanted.items():
        if present.get(name) != statement:
            replay.problem("STATE_MISMATCH", f"trigger {name}", "The guard of an append-only table is gone or changed.")
    for name in present.keys() - wanted.keys():
        replay.problem("STATE_MISMATCH", f"trigger {name}", "The trigger is none of the record's.")


def _take_events(connection: Connection, replay: Replay) -> None:
    for seq, payload, leaf, *columns in _rows(connection, EVENT, ("seq", "payload", "leaf_hash", *REPEATED), "seq"):
        expected = len(replay.leaves) + 1
        if seq != expected:
            replay.problem("MODIFIED", f"seq {expected}", f"Event {expected} is missing; the next one stored is {seq}.")
            return
        event = replay.take(_bytes(payload), _bytes(leaf))
        if event is not None and [event.get(name) for name in REPEATED] != columns:
            replay.problem("MODIFIED", f"seq {seq}", "The columns beside the event say something else than its bytes.")


def _check_nodes(connection: Connection, replay: Replay) -> None:
    levels = replay.levels()
    wanted = {(level, place) for level in range(1, len(levels)) for place in range(len(levels[level]))}
    for level, place, stored in _rows(connection, NODE, ("level", "place", "hash"), "level, place"):
        if (level, place) not in wanted:
            replay.problem("TRUNCATED", f"node {level}/{place}", "The tree holds a node of events that are not there.")
            continue
        wanted.discard((level, place))
        if stored != levels[level][place]:
            replay.problem("MODIFIED", f"node {level}/{place}", "The node differs from the hash of what is below it.")
    for level, place in sorted(wanted):
        replay.problem("MODIFIED", f"node {level}/{place}", "The node is missing.")


def _check_head(connection: Connection, replay: Replay) -> None:
    heads = list(_rows(connection, HEAD, ("epoch", "site", "origin", "size", "frontier", "last_at"), "epoch"))
    if len(heads) != 1:
        replay.problem("MODIFIED", "head", f"The record has {len(heads)} heads instead of one.")
        return
    epoch, site, origin, size, frontier, last_at = heads[0]
    if replay.leaves and (epoch, site, origin) != (replay.epoch, replay.site, replay.origin):
        replay.problem("REPLACED", "head", "Head and first event name different sites, epochs or origins.")
    if not isinstance(size, int) or size > len(replay.leaves):
        replay.problem("TRUNCATED", "head", f"The head counts {size} events, the log holds {len(replay.leaves)}.")
    elif (size, frontier, last_at) != (len(replay.leaves), _frontier(replay), replay.last_at):
        replay.problem("MODIFIED", "head", "The head is not that of the events.")


def _frontier(replay: Replay) -> bytes:
    levels, size = replay.levels(), len(replay.leaves)
    peaks = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return b"".join(levels[level][(size >> level) - 1] for level in peaks)


def _check_rows(connection: Connection, replay: Replay, name: str, table: Table) -> None:
    kept = ("bytes",) if name in KEPT_BY_DIGEST else ("value", "secret") if name in KEPT_BY_COMMITMENT else ()
    searched = BOUND[name]
    for found in _rows(connection, table, (*ROW_COLUMNS, *searched, *kept), "key"):
        key, state, version, first, last, stored_hash = found[:6]
        before = len(replay.problems)
        replay.check_row(Row(name, key, state, version, first, last))
        if len(replay.problems) > before:
            continue
        content = json.loads(state)
        where = f"{name}/{key}"
        if stored_hash != row_hash(name, key, content, version, first, last):
            replay.problem("STATE_MISMATCH", where, "The hash of the row is not that of its content.")
        if [content.get(member) for member in searched] != list(found[6 : 6 + len(searched)]):
            replay.problem("STATE_MISMATCH", where, "A column for searching differs from the state of the row.")
        if kept and not _is_kept(content, found[6 + len(searched) :]):
            replay.problem("STATE_MISMATCH", where, "The bytes kept beside the row are not those it commits to.")


def _is_kept(content: dict[str, Any], kept: Sequence[Any]) -> bool:
    if len(kept) == 1:
        return bool(sha256(_bytes(kept[0])).hexdigest() == content.get("sha256"))
    if content.get("erased") is True:
        return list(kept) == [None, None]
    value, secret = (_bytes(part) for part in kept)
    return bool(hmac.new(secret, value, sha256).hexdigest() == content.get("commitment"))


def _check_secrets(connection: Connection, replay: Replay, table: Table, column: str, member: str) -> None:
    found = {key: secret for key, secret in _rows(connection, table, ("account", column), "account")}
    accounts = {key: known.new for (kind, key), known in replay.objects.items() if kind == "account"}
    for key in sorted(found.keys() | {key for key, state in accounts.items() if state.get(member)}):
        stored = sha256(_bytes(found[key])).hexdigest() if key in found else None
        if stored != accounts.get(key, {}).get(member):
            replay.problem("STATE_MISMATCH", f"{table.name}/{key}", "The secret is not the one the account was given.")


def _check_checkpoints(connection: Connection, replay: Replay) -> None:
    rows = _rows(connection, CHECKPOINT, ("id", "size", "note"), "id")
    for number, (stored, size, note) in enumerate(rows, start=1):
        if stored != number:
            replay.problem("MODIFIED", f"checkpoint {number}", "The checkpoint is missing.")
            return
        replay.check_checkpoint(str(note), f"checkpoint {stored}")
        if f"\n{size}\n" not in str(note):
            replay.problem("MODIFIED", f"checkpoint {stored}", "The size beside the checkpoint is not its own.")


def _bytes(cell: object) -> bytes:
    return cell if isinstance(cell, bytes) else str(cell).encode()
