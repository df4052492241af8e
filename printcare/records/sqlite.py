"""A record in an SQLite file: connections that take the write lock at once, triggers, and the file's own check."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext

from printcare.errors import PrintcareError
from printcare.records.schema import APPEND_ONLY, METADATA

WAL_ATTEMPTS = 20
NO_DATABASE = "file is not a database"  # SQLITE_NOTADB, in SQLite's own words


def engine(url: URL, *, is_reader: bool, busy_timeout_s: float) -> Engine:
    """Return an engine whose transactions begin by taking the write lock, or, for a reader, may not write at all."""
    made = create_engine(
        _checked(url), connect_args={"timeout": busy_timeout_s, "check_same_thread": False, "isolation_level": None}
    )

    @event.listens_for(made, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        if is_reader:
            connection.execute("PRAGMA query_only=ON")
            return
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock before the head is read; a deferred lock could be lost in between.   §8.12
        connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")

    @event.listens_for(made, "handle_error")
    def _stay_connected(context: ExceptionContext) -> None:
        # A file cannot hang up. SQLAlchemy takes Ctrl-C for a lost connection and closes it with its cursor open, and
        # SQLite then keeps the write lock: the event that says the print was interrupted could not be recorded.
        context.is_disconnect = False

    return made


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; another process that begins the same record may be at it this moment.

    SQLite does not wait for that one, as it does for a lock; it waits for the writer whose transaction it then is.
    """
    for _ in range(WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def let_go(connection: Connection) -> None:
    """Roll back whatever is under way, close the connection for good, and so let go of the write lock.

    SQLite keeps the lock of a closed connection while any cursor of it lives, so closing alone is not enough.
    """
    if not (connection.closed or connection.invalidated):
        with suppress(sqlite3.Error):
            connection.connection.rollback()
        connection.invalidate()
    connection.close()


def database_file(url: URL) -> Path:
    """Return the file of the record."""
    return Path(_checked(url).database or "")


def make_place(url: URL) -> None:
    """Make the folder the record's file will lie in."""
    database_file(url).parent.mkdir(parents=True, exist_ok=True)


def is_missing(url: URL) -> bool:
    """Say whether there is no such record yet."""
    return not database_file(url).is_file()


def weaker_settings(_connection: Connection) -> list[str]:
    """Return nothing: every connection here sets what durability needs itself."""
    return []


def _checked(url: URL) -> URL:
    if url.database and url.database != ":memory:":
        return url
    raise PrintcareError(
        "DATABASE_URL",
        f"The database {url.render_as_string()!r} cannot hold the record: a record in memory is no record.",
        "Use a URL like sqlite:///record.sqlite.",
    )


def triggers() -> dict[str, str]:
    """Return the triggers that keep the append-only tables from being changed, name -> statement.

    INSERT OR REPLACE deletes without firing the delete trigger, so a row that exists is refused before the insert too.
    Triggers stop accidents, not an administrator; anchors do that (records.md §8.4).
    """
    return {name: statement for table in APPEND_ONLY for name, statement in _guards(table)}


def guards() -> list[str]:
    """Return the statements that make them."""
    return list(triggers().values())


def _guards(table: str) -> Iterator[tuple[str, str]]:
    key = " AND ".join(f"{column.name} = NEW.{column.name}" for column in METADATA.tables[table].primary_key)
    for verb, condition in (
        ("UPDATE", ""),
        ("DELETE", ""),
        ("INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) "),
    ):
        name = f"{table}_never_{verb.lower()}"
        yield (
            name,
            (
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {condition}"
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            ),
        )


def present_triggers(connection: Connection) -> dict[str, str]:
    """Return the triggers the database has, name -> statement."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name: statement for name, statement in rows}


def file_problems(connection: Connection) -> list[str]:
    """Return what the database's own check of its pages and indexes complains of, nothing when it is sound."""
    return [text for (text,) in connection.exec_driver_sql("PRAGMA integrity_check(20)") if text != "ok"]
