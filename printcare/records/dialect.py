"""Everything that differs between databases, and nothing else does: one module for each, found by the URL."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from printcare.errors import PrintcareError
from printcare.records import sqlite

BUSY_TIMEOUT_S = 10.0
NO_DATABASE = sqlite.NO_DATABASE


def engine(url: str, *, is_reader: bool, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """Return an engine whose transactions begin by taking the write lock, or, for a reader, may not write at all.

    Raises PrintcareError DATABASE_URL for a URL that can hold no record, DATABASE_TLS, DATABASE_DRIVER.
    """
    parsed = _parsed(url)
    made: Engine = _backend(parsed).engine(parsed, is_reader=is_reader, busy_timeout_s=busy_timeout_s)
    return made


def let_go(connection: Connection) -> None:
    """Roll back whatever is under way, close the connection for good, and so let go of the write lock."""
    _module(connection.dialect.name).let_go(connection)


def make_place(url: str) -> None:
    """Make the place a new record will be kept in, where that is ours to make."""
    parsed = _parsed(url)
    _backend(parsed).make_place(parsed)


def is_missing(url: str) -> bool:
    """Say whether there is surely no record at this URL."""
    parsed = _parsed(url)
    return bool(_backend(parsed).is_missing(parsed))


def database_file(url: str) -> Path:
    """Return the file of an SQLite URL. Raises PrintcareError DATABASE_URL if there is none."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        raise _url_refused(url, "it is no file")
    return sqlite.database_file(parsed)


def weaker_settings(connection: Connection) -> list[str]:
    """Return the database's settings under which a recorded event may be lost."""
    found: list[str] = _module(connection.dialect.name).weaker_settings(connection)
    return found


def grant(url: str, role: str) -> None:
    """Give a station's role its least privileges in a PostgreSQL record; the URL is that of the tables' owner.

    Raises PrintcareError DATABASE_ROLE where the database has no roles or refuses, DATABASE_URL, DATABASE_DRIVER.
    """
    parsed = _parsed(url)
    backend = _backend(parsed)
    if backend is sqlite:
        told = "A record in a file has no roles: who may read the file may read the record."
        raise PrintcareError("DATABASE_ROLE", told, "Guard the file by its folder's permissions.")
    owner = engine(url, is_reader=False)
    try:
        with owner.begin() as connection:
            for statement in backend.grants(role):
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        told = f"The role {role} was not given its privileges: {error.orig}."
        raise PrintcareError("DATABASE_ROLE", told, "Create the role first, and connect as the owner.") from error
    finally:
        owner.dispose()


def triggers(connection: Connection) -> dict[str, str]:
    """Return the triggers that keep the append-only tables from being changed, name -> what they do."""
    wanted: dict[str, str] = _module(connection.dialect.name).triggers()
    return wanted


def guards(connection: Connection) -> list[str]:
    """Return the statements that make those triggers."""
    statements: list[str] = _module(connection.dialect.name).guards()
    return statements


def present_triggers(connection: Connection) -> dict[str, str]:
    """Return the triggers the database has, likewise."""
    present: dict[str, str] = _module(connection.dialect.name).present_triggers(connection)
    return present


def file_problems(connection: Connection) -> list[str]:
    """Return what the database's own check of its pages and indexes complains of, nothing when it is sound."""
    found: list[str] = _module(connection.dialect.name).file_problems(connection)
    return found


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise _url_refused(url, "it is no database URL") from error


def _backend(parsed: URL) -> ModuleType:
    name = parsed.get_backend_name()
    if name not in ("sqlite", "postgresql"):
        raise _url_refused(parsed.render_as_string(), "a record is kept in SQLite or PostgreSQL")
    return _module(name)


def _module(name: str) -> ModuleType:
    if name == "sqlite":
        return sqlite
    try:
        from printcare.records import postgresql  # its driver is an extra of the package
    except ImportError as error:
        raise PrintcareError(
            "DATABASE_DRIVER",
            f"PostgreSQL cannot be spoken to here: {error}.",
            "Install printcare with its extra: printcare[postgresql].",
        ) from error
    return postgresql


def _url_refused(url: str, why: str) -> PrintcareError:
    return PrintcareError(
        "DATABASE_URL",
        f"The database {url!r} cannot hold the record: {why}.",
        "Use a URL like sqlite:///record.sqlite, or postgresql+psycopg://user@host/printcare?sslmode=verify-full.",
    )
