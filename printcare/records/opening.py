"""Opening a database as a record: making or migrating it, refusing what is not ours or newer than this program."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, text

from printcare.errors import PrintcareError
from printcare.records import dialect
from printcare.records.schema import METADATA, SCHEMA_REVISION

# Alembic's own table, as it makes it.
ALEMBIC = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def migrate(connection: Connection) -> str | None:
    """Bring the schema up to this program's, inside the caller's transaction; return the revision it came from.

    None where the record is new, or was of this schema already.
    Raises PrintcareError SCHEMA_NEWER for a record of a later version, FOREIGN_DATABASE for another program's.
    """
    present = revision(connection)
    if present == SCHEMA_REVISION:
        return None
    if present is None and not inspect(connection).get_table_names():
        _create(connection)
        return None
    _refuse_unknown(connection, present)
    upgrade(connection)
    return present


def upgrade(connection: Connection) -> None:
    """Take whatever schema there is, none too, through every migration after it."""
    # Alembic costs 0.5 s to import, and is needed only where something is to be migrated.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("printcare.records") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, SCHEMA_REVISION)


def _create(connection: Connection) -> None:
    """Make the tables as they are now; that the migrations come to the same, a test compares."""
    METADATA.create_all(connection, checkfirst=False)
    for statement in dialect.guards(connection):
        connection.exec_driver_sql(statement)
    ALEMBIC.create(connection)
    connection.execute(insert(ALEMBIC).values(version_num=SCHEMA_REVISION))


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
