"""A table for what the research workbench keeps: experiments, studies of an ink, and outcomes a site adds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table and the indexes of its searched members."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "experiment",
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
        op.create_index(f"experiment_by_{member}", "experiment", [member])
