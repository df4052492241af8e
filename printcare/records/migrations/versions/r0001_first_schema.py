"""The first schema: the log, its tree, what is bound to it, and the secrets beside it.

Written out rather than taken from schema.py, because a released migration must stay what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BOUND: dict[str, tuple[str, ...]] = {
    "site": (),
    "station_key": (),
    "account": ("status",),
    "person": (),
    "received_message": (),
    "prescription": ("status",),
    "dosing_rule_approval": ("rule_id", "status"),
    "recipe_approval": ("recipe_id", "status"),
    "ink_lot": ("status",),
    "cartridge": ("ink_lot", "status"),
    "verified_dose": ("prescription",),
    "batch": ("status", "prescription"),
    "unit": ("batch_id", "status"),
    "alarm": ("batch_id",),
    "deviation": ("batch_id", "status"),
    "signature": ("object_type", "object_id"),
    "document": ("batch_id", "kind"),
    "job_lease": ("batch_id", "status"),
    "reading_block": ("batch_id", "unit_id", "sensor"),
}
GUARDED_BY: dict[str, tuple[str, ...]] = {
    "event": ("seq",),
    "node": ("level", "place"),
    "checkpoint": ("id",),
    "reading_block": ("key",),
}


def upgrade() -> None:
    """Create the tables, and the triggers that keep the log from being changed."""
    _create_log()
    _create_secrets()
    for name, searched in BOUND.items():
        _create_bound(name, searched)
    if op.get_bind().dialect.name == "sqlite":
        for name, key in GUARDED_BY.items():
            _guard(name, key)
    else:
        _guard_on_postgresql()


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _create_log() -> None:
    op.create_table(
        "event",
        sa.Column("seq", _big(), primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("ts_utc", "actor_id", "action")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("object_type", "object_id")),
    )
    op.create_index("event_by_object", "event", ["object_id", "seq"])
    op.create_index("event_by_action", "event", ["action", "seq"])
    op.create_table(
        "node",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", _big(), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "head",
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("size", _big(), nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("last_at", sa.Text, nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", _big(), primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("size", _big(), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )


def _create_secrets() -> None:
    op.create_table(
        "credential",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("not_before", sa.Text, nullable=True),
        sa.Column("must_change", sa.Integer, nullable=False),
    )
    op.create_table(
        "wrapped_key",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("wrapped", sa.Text, nullable=False),
    )


def _create_bound(name: str, searched: tuple[str, ...]) -> None:
    kept: list[sa.Column[bytes]] = []
    if name == "reading_block":
        kept = [sa.Column("bytes", sa.LargeBinary, nullable=False)]
    if name in ("person", "received_message"):
        kept = [sa.Column("value", sa.LargeBinary, nullable=True), sa.Column("secret", sa.LargeBinary, nullable=True)]
    op.create_table(
        name,
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_event_seq", _big(), nullable=False),
        sa.Column("last_event_seq", _big(), nullable=False),
        sa.Column("row_hash", sa.Text, nullable=False),
        *(sa.Column(member, sa.Text, nullable=True) for member in searched),
        *kept,
        sqlite_with_rowid=False,
    )
    for member in searched:
        op.create_index(f"{name}_by_{member}", name, [member])


def _guard(table: str, key: tuple[str, ...]) -> None:
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    conditions = {"UPDATE": "", "DELETE": "", "INSERT": f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "}
    for verb, condition in conditions.items():
        op.execute(
            f"CREATE TRIGGER {table}_never_{verb.lower()} BEFORE {verb} ON {table} {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION printcare_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END$$"
    )
    for table in GUARDED_BY:
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            op.execute(
                f"CREATE TRIGGER {table}_never_{verb.lower()} BEFORE {verb} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION printcare_append_only()"
            )
