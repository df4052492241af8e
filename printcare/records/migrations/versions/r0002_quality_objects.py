"""Tables for the life of recipes and inks, and for the quality objects around them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BOUND: dict[str, tuple[str, ...]] = {
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
}


def upgrade() -> None:
    """Create the tables; each holds what its events say, as those of the first schema do."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for name, searched in BOUND.items():
        op.create_table(
            name,
            sa.Column("key", sa.Text, primary_key=True),
            sa.Column("state", sa.Text, nullable=False),
            sa.Column("version", sa.Integer, nullable=False),
            sa.Column("first_event_seq", big, nullable=False),
            sa.Column("last_event_seq", big, nullable=False),
            sa.Column("row_hash", sa.Text, nullable=False),
            *(sa.Column(member, sa.Text, nullable=True) for member in searched),
            sqlite_with_rowid=False,
        )
        for member in searched:
            op.create_index(f"{name}_by_{member}", name, [member])
