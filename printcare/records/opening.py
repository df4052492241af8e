"""Opening a database as a record: making or migrating it, refusing what is not ours or newer than this program."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import Connection, inspect, text

from printcare.errors import PrintcareError
from printcare.records.schema import SCHEMA_REVISION


def migrate(connection: Connection) -> str | None:
    """Bring the schema up to this program's, inside the caller's transaction; return the revision it came from.

    None where the record is new, or was of this schema already.
    Raises PrintcareError SCHEMA_NEWER for a record of a later version, FOREIGN_DATABASE for another program's.
    """
    present = revision(connection)
    if present == SCHEMA_REVISION:
        return None
    if present is not None or inspect(connection).get_table_names():
        _refuse_unknown(connection, present)
    # Alembic costs 0.5 s to import, and is needed only where something is to be migrated.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("printcare.records") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, SCHEMA_REVISION)
    return present


def revision(connection: Connection) -> str | None:
    """Return the schema's revision, or None where Alembic has left none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def check_is_ours(connection: Connection) -> None:
    """Raise PrintcareError unless the database is a record of this program's schema."""
    present = revision(connection)
    if present != SCHEMA_REVISION:
        _refuse_unknown(connection, present)


def _refuse_unknown(connection: Connection, present: str | None) -> None:
    if present is not None and inspect(connection).has_table("event"):
        if present < SCHEMA_REVISION:
            return
        raise PrintcareError(
            "SCHEMA_NEWER",
            f"The record has schema {present}; this program knows schemas up to {SCHEMA_REVISION}.",
            "Open it with the program's version that wrote it, or a later one.",
        )
    raise PrintcareError(
        "FOREIGN_DATABASE",
        "The database holds no record of printcare.",
        "Name the file of a record, or one that does not exist yet where a record is to be made.",
    )
