"""The record as the rest of the program uses it: transactions that write events and state together, and queries.

No effect without its event and no event without its effect: one call writes both, and they commit together.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any  # a state is parsed JSON; its members are typed by whoever reads them

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import DBAPIError

from printcare.domain.events import RecordUnwritable
from printcare.domain.people import SYSTEM, Actor
from printcare.errors import PrintcareError
from printcare.records import anchors, checkpoints, dialect, merkle, opening
from printcare.records.anchors import Memory
from printcare.records.looking import StoredEvent, fetch_from, found_events, read_head
from printcare.records.schema import (
    BOUND,
    CHECKPOINT,
    HEAD,
    KEPT_BY_COMMITMENT,
    SCHEMA_REVISION,
    TABLES,
)
from printcare.records.writing import RecordContext, Transaction

__all__ = ["Actor", "RecordContext", "RecordUnwritable", "Store", "StoredEvent", "Transaction"]

EPOCH = 1
LOOK_EVERY_NS = 300 * 10**9  # a client compares the log with its memory at least every five minutes   records.md §14.6


class Store:
    """One open record. Threads of a process may share it; each process opens its own."""

    def __init__(
        self,
        url: str,
        context: RecordContext,
        key: checkpoints.StationKey | None,
        busy_timeout_s: float,
        memory: Memory | None = None,
    ) -> None:
        self.url = url
        self.memory = memory
        self._signed_at: datetime | None = None
        self._looked_ns = 0
        self.context = context
        self._key = key
        self._lock = threading.RLock()
        self._writer = dialect.engine(url, is_reader=False, busy_timeout_s=busy_timeout_s)
        self._reader = dialect.engine(url, is_reader=True, busy_timeout_s=busy_timeout_s)
        self._connection: Connection | None = None
        self._is_writing = False

    @classmethod
    def open(
        cls,
        url: str,
        context: RecordContext,
        *,
        key_directory: Path | None = None,
        memory: Memory | None = None,
        busy_timeout_s: float = dialect.BUSY_TIMEOUT_S,
    ) -> Store:
        """Open the record at a database URL, creating or migrating it first.

        `key_directory` holds the station's key (made on first use); without it no checkpoints are signed.
        `memory` is what this client remembers of the log; the log must go on from it.
        Raises PrintcareError DATABASE_URL, DATABASE_TLS, DATABASE_DRIVER, DATABASE_WEAK, SCHEMA_NEWER,
        FOREIGN_DATABASE, OTHER_SITE, STATION_KEY, RECORD_REPLACED, RECORD_TRUNCATED, RECORD_FORKED; RecordUnwritable.
        """
        key = None if key_directory is None else checkpoints.station_key(key_directory)
        store = cls(url, context, key, busy_timeout_s, memory)
        try:
            dialect.make_place(url)
            store._begin_record()
            store.check_memory()
            store._register_key()
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close the connections; nothing is written."""
        with self._lock:
            self._forget_connection()
            self._writer.dispose()
            self._reader.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Transaction]:
        """Take the write lock, give a transaction to record in, and commit it; an exception rolls all of it back.

        Raises RecordUnwritable when the lock or the disk cannot be had, or where the log no longer goes on from what
        this client remembers. Not nested: PrintcareError NESTED_TRANSACTION.
        """
        self._look_now_and_then()
        with self._lock:
            if self._is_writing:
                raise PrintcareError(
                    "NESTED_TRANSACTION", "A transaction was begun inside another one.", "Record inside the first one."
                )
            self._is_writing = True
            try:
                with self._locked() as connection:
                    tx = Transaction(connection, self.context, actor, read_head(connection, is_locking=True))
                    yield tx
                    tx.finish()
            finally:
                self._is_writing = False
            if checkpoints.is_due(tx.actions, tx.size_before, tx.size) or self._is_long_ago():
                self.checkpoint()

    def _look_now_and_then(self) -> None:
        if self.memory is not None and self.context.monotonic_ns() - self._looked_ns >= LOOK_EVERY_NS:
            self.check_memory()

    def _is_long_ago(self) -> bool:
        """Say whether this process signed its last head a quarter of an hour ago."""
        return self._signed_at is not None and self.context.clock() - self._signed_at >= checkpoints.EVERY

    @contextmanager
    def _locked(self) -> Iterator[Connection]:
        try:
            if self._connection is None:
                self._connection = self._writer.connect()
            with self._connection.begin():
                yield self._connection
        except DBAPIError as error:
            self._forget_connection()
            if dialect.NO_DATABASE in str(error.orig):
                told = f"{self.url} is no database."
                raise PrintcareError("FOREIGN_DATABASE", told, "Name the file of a record, or a new one.") from error
            raise RecordUnwritable(
                "RECORD_UNWRITABLE",
                f"The record cannot be written: {error.orig}.",
                "Stop printing. Free the disk, or end the program that holds the record, then start again.",
            ) from error
        except BaseException as error:
            # Ctrl-C may fall between taking the lock and knowing of it; only closing the connection surely lets go.
            if not isinstance(error, Exception):
                self._forget_connection()
            raise

    def _forget_connection(self) -> None:
        if self._connection is not None:
            dialect.let_go(self._connection)
            self._connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the record and cannot write; raises as `check_memory`."""
        self._look_now_and_then()
        with self._snapshot() as connection:
            yield connection

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        try:
            with self._reader.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise PrintcareError(
                "RECORD_UNREADABLE", f"The record cannot be read: {error.orig}.", "Run `printcare audit verify`."
            ) from error

    def get(self, table: str, key: str) -> dict[str, Any] | None:
        """Return the state of one bound row, or None."""
        rows = _table(table)
        with self.reading() as connection:
            state = connection.execute(select(rows.c.state).where(rows.c.key == key)).scalar()
        return None if state is None else json.loads(state)

    def all(self, table: str, **where: object) -> dict[str, dict[str, Any]]:
        """Return the states of a bound table, key -> state, in the order the rows were first recorded.

        `where` compares members of the state; those the table repeats as columns are searched by index.
        """
        rows = _table(table)
        query = select(rows.c.key, rows.c.state).order_by(rows.c.first_event_seq)
        for member in where.keys() & set(BOUND[table]):
            query = query.where(rows.c[member] == where[member])
        with self.reading() as connection:
            found = {key: json.loads(state) for key, state in connection.execute(query)}
        return {
            key: state for key, state in found.items() if all(state.get(name) == want for name, want in where.items())
        }

    def events(
        self,
        *,
        object_id: str | None = None,
        object_type: str | None = None,
        action: str | None = None,
        actor_id: str | None = None,
        outcome: str | None = None,
        since: str | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[StoredEvent]:
        """Return up to `limit` events with a number above `after`, in order, filtered by what is given.

        `since` is a time as the record writes it, in UTC; a clock that went back does not hide what came after it.
        """
        wanted = {
            "object_id": object_id,
            "object_type": object_type,
            "action": action,
            "actor_id": actor_id,
            "outcome": outcome,
        }
        with self.reading() as connection:
            return found_events(connection, wanted, since, after, limit)

    def head(self) -> tuple[int, str]:
        """Return the size of the log and its root in hexadecimal."""
        with self.reading() as connection:
            head = read_head(connection)
        return head.size, merkle.root(head.frontier).hex()

    def origin(self) -> str:
        """Return the name of this log: site and epoch."""
        with self.reading() as connection:
            return read_head(connection).origin

    def site(self) -> str:
        """Return the site whose record this is."""
        with self.reading() as connection:
            return read_head(connection).site

    def kept(self, table: str, key: str) -> bytes | None:
        """Return the bytes a person, received message or reading block keeps beside its state, or None."""
        rows = _table(table)
        column = rows.c.value if table in KEPT_BY_COMMITMENT else rows.c.bytes
        with self.reading() as connection:
            found = connection.execute(select(column).where(rows.c.key == key)).scalar()
        return None if found is None else bytes(found)

    def checkpoint(self, cosigner: checkpoints.Cosigner | None = None) -> checkpoints.Checkpoint | None:
        """Sign the present head and keep the note; return it, or None where the store holds no key.

        A `cosigner` puts a person's signature under it too. The signature is made outside the lock; another writer's
        event in between only makes the note a little older. Raises as `check_memory`, before anything is signed.
        """
        if self._key is None:
            return None
        self.check_memory()
        with self.reading() as connection:
            head = read_head(connection)
        made = checkpoints.sign_head(self._key, head.origin, head.size, merkle.root(head.frontier))
        self._signed_at = self.context.clock()
        if cosigner is not None:
            made = checkpoints.cosign(made, cosigner, self._signed_at)
        with self._lock, self._locked() as connection:
            last = connection.execute(select(func.max(CHECKPOINT.c.id))).scalar() or 0
            connection.execute(insert(CHECKPOINT).values(id=last + 1, epoch=head.epoch, size=made.size, note=made.note))
        if self.memory is not None:
            self.memory.keep(made.note)
        return made

    def check_memory(self) -> None:
        """Compare the log with what this client remembers of it; whoever reads or writes does so every five minutes.

        Raises RecordUnwritable RECORD_REPLACED, RECORD_TRUNCATED or RECORD_FORKED where it does not go on from there.
        """
        note = None if self.memory is None else self.memory.note()
        if note is not None:
            self.go_on_from(note)
        self._looked_ns = self.context.monotonic_ns()  # a log that does not go on is looked at again each time

    def go_on_from(self, note: str) -> None:
        """Do nothing where the log goes on from a remembered checkpoint; else raise as `check_memory` does."""
        with self._snapshot() as connection:
            head = read_head(connection)
            root = merkle.root(head.frontier)
            anchors.check(anchors.remembered(note), head.origin, head.size, root, fetch_from(connection))

    def checkpoints(self, after: int = 0) -> list[tuple[int, str]]:
        """Return the signed heads with a number above `after`, as (number, note)."""
        query = select(CHECKPOINT.c.id, CHECKPOINT.c.note).where(CHECKPOINT.c.id > after).order_by(CHECKPOINT.c.id)
        with self.reading() as connection:
            return [(number, note) for number, note in connection.execute(query)]

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` events, of which the log holds as many."""
        with self.reading() as connection:
            return merkle.root(merkle.frontier_at(size, fetch_from(connection)))

    def inclusion_proof(self, seq: int, size: int) -> list[bytes]:
        """Return the proof that event `seq` is in the log of `size` events."""
        with self.reading() as connection:
            return merkle.inclusion_proof(seq - 1, size, fetch_from(connection))

    def consistency_proof(self, old_size: int, size: int) -> list[bytes]:
        """Return the proof that the log of `size` events begins with that of `old_size`."""
        with self.reading() as connection:
            return merkle.consistency_proof(old_size, size, fetch_from(connection))

    def _begin_record(self) -> None:
        with self._lock, self._locked() as connection:
            _refuse_weak(connection)
            migrated_from = opening.migrate(connection)
            site = connection.execute(select(HEAD.c.site)).scalar()
            if site is None:
                self._write_genesis(connection)
            elif self.context.site not in (None, site):
                raise PrintcareError(
                    "OTHER_SITE",
                    f"The record belongs to the site {site!r}, this workstation to {self.context.site!r}.",
                    "Name this site's own record, or correct the workstation's settings.",
                )
            elif migrated_from is not None:
                self._write_migration(connection, migrated_from)

    def _write_migration(self, connection: Connection, migrated_from: str) -> None:
        """Say in the record that its tables were changed, and over which head: the events themselves never are."""
        head = read_head(connection)
        told = {
            "from": migrated_from,
            "to": SCHEMA_REVISION,
            "size": head.size,
            "root": merkle.root(head.frontier).hex(),
        }
        tx = Transaction(connection, self.context, SYSTEM, head)
        tx.record("record.migrated", "record", head.site, told)
        tx.finish()

    def _write_genesis(self, connection: Connection) -> None:
        site = self.context.site
        if site is None:
            raise PrintcareError(
                "NO_RECORD", "There is no record here yet.", "Name the site, so that one can be begun."
            )
        origin = f"printcare.local/{site}/epoch-{EPOCH}"
        connection.execute(insert(HEAD).values(epoch=EPOCH, site=site, origin=origin, size=0, frontier=b"", last_at=""))
        tx = Transaction(connection, self.context, SYSTEM, read_head(connection))
        tx.record("record.created", "site", site, new={"origin": origin, "epoch": EPOCH, "format": "printcare-audit-1"})
        tx.finish()

    def _register_key(self) -> None:
        if self._key is None:
            return
        key_id = self._key.id_under(self.origin()).hex()
        if self.get("station_key", key_id) is not None:
            return
        state = {"public_key": self._key.public_hex, "workstation": self.context.workstation}
        with self.transaction(SYSTEM) as tx:
            if tx.get("station_key", key_id) is None:  # another process of this station may have been quicker
                tx.record("station_key.registered", "station_key", key_id, new=state)
        self.checkpoint()


def _refuse_weak(connection: Connection) -> None:
    weaker = dialect.weaker_settings(connection)
    if weaker:
        raise PrintcareError(
            "DATABASE_WEAK",
            f"The server may lose what it was given to keep: {', '.join(weaker)}.",
            "Have its administrator turn that on (records.md §14.3).",
        )


def _table(name: str) -> Any:  # Table, but its columns are looked up by name
    if name not in TABLES:
        raise PrintcareError(
            "NO_SUCH_TABLE", f"The record has no bound table {name!r}.", "See `printcare audit tables`."
        )
    return TABLES[name]
