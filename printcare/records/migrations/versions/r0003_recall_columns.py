"""Columns that lead from an ink lot to its batches and units without reading every row: a recall cannot wait."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ADDED: dict[str, tuple[str, ...]] = {"batch": ("lot", "cartridge"), "unit": ("use",)}


def upgrade() -> None:
    """Add the columns and fill them from the states the rows hold already; no state and no event changes."""
    for name, members in ADDED.items():
        for member in members:
            op.add_column(name, sa.Column(member, sa.Text, nullable=True))
        _fill(name, members)
    for member in ADDED["batch"]:
        op.create_index(f"batch_by_{member}", "batch", [member])
    op.create_index("unit_covering", "unit", ["batch_id", "status", "use"])


def _fill(name: str, members: tuple[str, ...]) -> None:
    connection = op.get_bind()
    rows = sa.table(name, sa.column("key"), sa.column("state"), *(sa.column(member) for member in members))
    values = [
        {"of_key": key} | {f"new_{member}": json.loads(state).get(member) for member in members}
        for key, state in connection.execute(sa.select(rows.c.key, rows.c.state))
    ]
    if values:
        change = sa.update(rows).where(rows.c.key == sa.bindparam("of_key"))
        connection.execute(change.values({member: sa.bindparam(f"new_{member}") for member in members}), values)
