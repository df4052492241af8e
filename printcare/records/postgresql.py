"""A record in a PostgreSQL database that several workstations share (records.md §14)."""

from __future__ import annotations

from contextlib import suppress

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from printcare.errors import PrintcareError
from printcare.records.schema import APPEND_ONLY, METADATA

DRIVER = "postgresql+psycopg"
LOCAL_HOSTS = frozenset({"", "localhost", "127.0.0.1", "::1"})
# One writer at a time, as SQLite has it. The head row is locked besides; before the first event there is none.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('printcare record'))"
# What a server may be set to that loses a recorded event in a power cut, or hides a rotten page.   §14.3
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}
STRONGER = {"synchronous_commit": frozenset({"on", "remote_apply", "remote_write"})}
GUARD = "printcare_append_only"
GUARD_BODY = "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END"


def engine(url: URL, *, is_reader: bool, busy_timeout_s: float) -> Engine:
    """Return an engine whose transactions begin by taking the record's lock, or, for a reader, may not write at all."""
    waits = f"-c lock_timeout={round(busy_timeout_s * 1000)}"
    made = create_engine(
        _checked(url),
        isolation_level="REPEATABLE READ" if is_reader else "READ COMMITTED",
        connect_args={"options": f"{waits} -c default_transaction_read_only={'on' if is_reader else 'off'}"},
        pool_pre_ping=is_reader,  # the server may have been restarted between two looks
    )
    if not is_reader:

        @event.listens_for(made, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(LOCK)

    return made


def let_go(connection: Connection) -> None:
    """Roll back whatever is under way and close the connection for good; the server then lets go of the lock."""
    if not (connection.closed or connection.invalidated):
        with suppress(psycopg.Error):
            connection.connection.rollback()
        connection.invalidate()
    connection.close()


def make_place(_url: URL) -> None:
    """Do nothing: the database is made by the site, with its owner and roles."""


def is_missing(_url: URL) -> bool:
    """Say no: only the server knows, and it answers when it is asked."""
    return False


def weaker_settings(connection: Connection) -> list[str]:
    """Return every server setting under which a recorded event may be lost; locked mode is refused then (§14.3)."""
    found = {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in DURABLE}
    return [
        f"{name} is {value}"
        for name, value in found.items()
        if value not in STRONGER.get(name, frozenset({DURABLE[name]}))
    ]


def triggers() -> dict[str, str]:
    """Return the triggers that keep the append-only tables from being changed, name -> what they do."""
    return {
        f"{table}_never_{verb.lower()}": f"BEFORE {verb} ON {table} EXECUTE FUNCTION {GUARD}()"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE", "TRUNCATE")
    }


def guards() -> list[str]:
    """Return the statements that make them, and the function they execute."""
    function = f"CREATE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $${GUARD_BODY}$$"
    return [function.replace("%", "%%"), *(f"CREATE TRIGGER {name} {what}" for name, what in triggers().items())]


def present_triggers(connection: Connection) -> dict[str, str]:
    """Return the enabled triggers of this schema, and what they do; one whose function was changed does nothing ours.

    Triggers stop accidents, not the server's superuser; anchors do that (records.md §8.4).
    """
    body = connection.exec_driver_sql(
        "SELECT prosrc FROM pg_proc WHERE proname = %s AND pronamespace = current_schema()::regnamespace", (GUARD,)
    ).scalar()
    rows = connection.exec_driver_sql(
        "SELECT t.tgname, c.relname, t.tgtype, p.proname, t.tgenabled FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    )
    return {
        name: f"{_moment(kind)} ON {table} EXECUTE FUNCTION {function}()"
        for name, table, kind, function, enabled in rows
        if enabled in ("O", "A") and body == GUARD_BODY
    }


# pg_trigger.h: what a trigger's type says, bit by bit.
BEFORE, INSERT, DELETE, UPDATE, TRUNCATE = 2, 4, 8, 16, 32


def _moment(kind: int) -> str:
    verbs = {INSERT: "INSERT", DELETE: "DELETE", UPDATE: "UPDATE", TRUNCATE: "TRUNCATE"}
    when = "BEFORE" if kind & BEFORE else "AFTER"
    return f"{when} {' OR '.join(name for bit, name in verbs.items() if kind & bit)}"


def grants(role: str) -> list[str]:
    """Return what gives a station's role the record and nothing more: no table is its own, none is deleted from.

    Of what is only ever appended to it changes nothing; the schema stays its owner's (records.md §14.1).
    """
    name = '"' + role.replace('"', '""') + '"'
    changed = [table for table in METADATA.tables if table not in APPEND_ONLY]
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}",
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT INSERT ON {', '.join(METADATA.tables)} TO {name}",
        f"GRANT UPDATE ON {', '.join(changed)} TO {name}",
    ]


def excess(connection: Connection) -> list[str]:
    """Return what the connected role may do beyond what a station needs; only the owner of the tables may more."""
    forbidden = [(table, verb) for table in METADATA.tables for verb in ("DELETE", "TRUNCATE", "TRIGGER")]
    forbidden += [(table, "UPDATE") for table in APPEND_ONLY]
    asked = "SELECT has_table_privilege(current_user, %s, %s)"
    return [f"{verb} {table}" for table, verb in forbidden if connection.exec_driver_sql(asked, (table, verb)).scalar()]


def file_problems(_connection: Connection) -> list[str]:
    """Return nothing: pages are checked by the server's own checksums, which the settings are held to."""
    return []


def _checked(url: URL) -> URL:
    """Return the URL, with TLS that knows its server; only this machine's own server may be spoken to without."""
    if url.drivername != DRIVER or not url.database:
        raise PrintcareError(
            "DATABASE_URL",
            f"The database {url.render_as_string()!r} cannot hold the record: it names no {DRIVER} database.",
            f"Use a URL like {DRIVER}://user@host/printcare?sslmode=verify-full.",
        )
    host = url.host or str(url.query.get("host", ""))
    if host in LOCAL_HOSTS or host.startswith("/") or url.query.get("sslmode") == "verify-full":
        return url
    raise PrintcareError(
        "DATABASE_TLS",
        f"The server {host} would be spoken to without knowing that it is the right one.",
        "Add ?sslmode=verify-full&sslrootcert=FILE to the URL (records.md P12, §14.3).",
    )
