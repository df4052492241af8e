"""A table for outside memories of the log, and the columns and indexes a search over a million events needs."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

GUARD = "event_never_update"
CHUNK = 5000


def upgrade() -> None:
    """Create the table; repeat each event's outcome beside its bytes, which stay; index what is searched."""
    _create_anchor()
    op.add_column("event", sa.Column("outcome", sa.Text, nullable=False, server_default="done"))
    _repeat_outcomes()
    op.create_index("event_by_actor", "event", ["actor_id", "seq"])
    op.create_index("event_by_time", "event", ["ts_utc", "seq"])
    is_refused = sa.text("outcome = 'refused'")
    op.create_index("event_refused", "event", ["seq"], sqlite_where=is_refused, postgresql_where=is_refused)


def _create_anchor() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "anchor",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_event_seq", big, nullable=False),
        sa.Column("last_event_seq", big, nullable=False),
        sa.Column("row_hash", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=True),
        sa.Column("status", sa.Text, nullable=True),
        sqlite_with_rowid=False,
    )
    for member in ("kind", "status"):
        op.create_index(f"anchor_by_{member}", "anchor", [member])


def _repeat_outcomes() -> None:
    connection = op.get_bind()
    events = sa.table("event", sa.column("seq"), sa.column("payload"), sa.column("outcome"))
    refused, last = [], 0
    while rows := connection.execute(
        sa.select(events.c.seq, events.c.payload).where(events.c.seq > last).order_by(events.c.seq).limit(CHUNK)
    ).all():
        refused += [{"of_seq": seq} for seq, payload in rows if json.loads(payload)["outcome"] == "refused"]
        last = rows[-1][0]
    if not refused:
        return
    # The trigger forbids every update; it stands again before this transaction ends.
    guard = _drop_guard(connection)
    change = sa.update(events).where(events.c.seq == sa.bindparam("of_seq")).values(outcome="refused")
    connection.execute(change, refused)
    op.execute(guard)


def _drop_guard(connection: sa.Connection) -> str:
    if connection.dialect.name != "sqlite":
        op.execute(f"DROP TRIGGER {GUARD} ON event")
        made = f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON event FOR EACH STATEMENT"
        return f"{made} EXECUTE FUNCTION printcare_append_only()"
    told = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
    guard = str(connection.execute(told, {"name": GUARD}).scalar_one())
    op.execute(f"DROP TRIGGER {GUARD}")
    return guard
