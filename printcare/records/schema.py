"""The tables of the record, and which of them are bound to its history.

A bound table holds what the events say and nothing else: its rows are written together with the event that describes
them, and the verifier compares each row with the last event of its object. SQLAlchemy Core only, no ORM.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    literal_column,
)

SCHEMA_REVISION = "0006"
METADATA = MetaData()

# Table -> the members of its state that are also columns, so that rows can be searched by them.
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
    "batch": ("status", "prescription", "lot", "cartridge"),
    "unit": ("batch_id", "status", "use"),
    "alarm": ("batch_id",),
    "deviation": ("batch_id", "status"),
    "signature": ("object_type", "object_id"),
    "document": ("batch_id", "kind"),
    "job_lease": ("batch_id", "status"),
    "reading_block": ("batch_id", "unit_id", "sensor"),
    "recipe_version": ("recipe_id", "status"),
    "dosing_rule_version": ("rule_id", "status"),
    "recipe_verification": ("recipe_id",),
    "trusted_key": ("status",),
    "site_setting": (),
    "mode": ("status",),
    "ink_formulation": ("status",),
    "ink_preparation": ("ink_lot",),
    "supplier": ("status",),
    "printer": ("status",),
    "balance_check": ("balance", "status"),
    "qualification": ("subject", "status"),
    "maintenance": ("subject",),
    "training": ("person", "status"),
    "cleaning": ("printer", "status"),
    "laboratory_result": ("batch_id", "status"),
    "investigation": ("batch_id", "status"),
    "complaint": ("batch_id", "status"),
    "recall": ("status",),
    "capa": ("status",),
    "change": ("status",),
    "access_review": (),
    "backup": (),
    "legal_hold": ("status",),
    "anchor": ("kind", "status"),
    "experiment": ("kind", "status"),
}

# One index that answers a recall alone, with the key it ends in: no row of the table is read. The member behind it that
# nobody searches by itself has no index of its own.
COVERING: dict[str, tuple[str, ...]] = {"unit": ("batch_id", "status", "use")}
NOT_ALONE = (("unit", "use"),)

# Beside their state these keep bytes, which the state commits to: by SHA-256 where they stay, by HMAC under a key of
# their own where they may have to be erased (records.md §8.10).
KEPT_BY_DIGEST = ("reading_block",)
KEPT_BY_COMMITMENT = ("person", "received_message")

UNBOUND: dict[str, str] = {
    "event": "it is the history: every row is a leaf of the hash tree",
    "node": "inner nodes of the hash tree, recomputed by every verification",
    "head": "size and frontier of the hash tree, recomputed by every verification",
    "checkpoint": "each is signed by the station and checked against the tree; the removal of the last one is not seen",
    "credential": "failure counters change at every attempt; the password hash itself is checked against the account",
    "wrapped_key": "a secret; its hash and its public half stand in the account, and are checked",
    "alembic_version": "revision of the schema, compared with the program's at each opening",
}

APPEND_ONLY = ("event", "node", "checkpoint", "reading_block")


def _big() -> BigInteger:
    # SQLite numbers rows by an INTEGER PRIMARY KEY and by no other spelling.
    return BigInteger().with_variant(Integer(), "sqlite")


EVENT = Table(
    "event",
    METADATA,
    Column("seq", _big(), primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("ts_utc", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("outcome", Text, nullable=False, server_default="done"),
    Index("event_by_object", "object_id", "seq"),
    Index("event_by_action", "action", "seq"),
    Index("event_by_actor", "actor_id", "seq"),
    Index("event_by_type", "object_type", "seq"),
    Index("event_by_time", "ts_utc", "seq"),
)
IS_REFUSED = EVENT.c.outcome == literal_column("'refused'")
Index("event_refused", EVENT.c.seq, sqlite_where=IS_REFUSED, postgresql_where=IS_REFUSED)
# Columns of `event` that repeat a member of the payload for searching.
REPEATED = ("epoch", "ts_utc", "actor_id", "action", "object_type", "object_id", "outcome")

NODE = Table(
    "node",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", _big(), primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    # A hidden rowid would let INSERT OR REPLACE name a row past the trigger that guards the key.
    sqlite_with_rowid=False,
)

HEAD = Table(
    "head",
    METADATA,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("site", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("size", _big(), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("last_at", Text, nullable=False),
)

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("id", _big(), primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("size", _big(), nullable=False),
    Column("note", Text, nullable=False),
)

CREDENTIAL = Table(
    "credential",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("not_before", Text, nullable=True),
    Column("must_change", Integer, nullable=False),
)

WRAPPED_KEY = Table(
    "wrapped_key",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("wrapped", Text, nullable=False),
)


def _bound_table(name: str, searched: tuple[str, ...]) -> Table:
    kept: list[Column[bytes]] = []
    if name in KEPT_BY_DIGEST:
        kept = [Column("bytes", LargeBinary, nullable=False)]
    if name in KEPT_BY_COMMITMENT:
        kept = [Column("value", LargeBinary, nullable=True), Column("secret", LargeBinary, nullable=True)]
    return Table(
        name,
        METADATA,
        Column("key", Text, primary_key=True),
        Column("state", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("first_event_seq", _big(), nullable=False),
        Column("last_event_seq", _big(), nullable=False),
        Column("row_hash", Text, nullable=False),
        *(Column(member, Text, nullable=True) for member in searched),
        *kept,
        *(Index(f"{name}_by_{member}", member) for member in searched if (name, member) not in NOT_ALONE),
        *([Index(f"{name}_covering", *COVERING[name])] if name in COVERING else []),
        sqlite_with_rowid=False,
    )


TABLES: dict[str, Table] = {name: _bound_table(name, searched) for name, searched in BOUND.items()}


def tables() -> list[dict[str, object]]:
    """Return every table of the record: its name, whether it is bound to history, and why not where it is not."""
    bound: list[dict[str, object]] = [{"name": name, "bound": True} for name in BOUND]
    return bound + [{"name": name, "bound": False, "reason": reason} for name, reason in UNBOUND.items()]


def searched(table: str, state: Mapping[str, object]) -> dict[str, object]:
    """Return the members of a state that its table repeats as columns."""
    return {member: state.get(member) for member in BOUND[table]}
