"""A consistent copy of the record while it is in use, and back again: between files, servers, or one and the other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, insert, select

from printcare.errors import PrintcareError
from printcare.records import dialect, opening
from printcare.records.schema import METADATA, SCHEMA_REVISION

CHUNK = 2000
_CHUNK_BYTES = 1 << 20


def copy(source: str, target: str) -> None:
    """Copy the record at one URL to another, where nothing may be; one moment of it, whoever writes meanwhile.

    Raises PrintcareError COPY_TARGET where there is something, COPY_SCHEMA for a record of an earlier schema.
    """
    if target.startswith("sqlite:") and not dialect.is_missing(target):
        raise PrintcareError("COPY_TARGET", f"There is something at {target}.", "Name a file that does not exist yet.")
    dialect.make_place(target)
    if source.startswith("sqlite:") and target.startswith("sqlite:"):
        _copy_file(dialect.database_file(source), dialect.database_file(target))
        return
    reader, writer = dialect.engine(source, is_reader=True), dialect.engine(target, is_reader=False)
    try:
        with reader.connect() as here, writer.begin() as there:
            _copy_rows(here, there)
    finally:
        reader.dispose()
        writer.dispose()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    whole = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            whole.update(chunk)
    return whole.hexdigest()


def _copy_file(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        # One file, whole by itself: what is carried away must not need its write-ahead log.
        there.execute("PRAGMA journal_mode=DELETE")


def _copy_rows(here: Connection, there: Connection) -> None:
    if opening.revision(here) != SCHEMA_REVISION:
        told = "The record has the schema of an earlier program."
        raise PrintcareError("COPY_SCHEMA", told, "Open it once with this program, then copy it.")
    if opening.revision(there) is not None:
        raise PrintcareError("COPY_TARGET", "There is a record at the target.", "Name an empty database.")
    opening.migrate(there)
    for table in METADATA.sorted_tables:
        rows = here.execution_options(yield_per=CHUNK).execute(select(table))
        for some in rows.mappings().partitions():
            there.execute(insert(table), [dict(row) for row in some])
