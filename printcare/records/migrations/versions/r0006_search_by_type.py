"""An index of what kind of object each event is about: a search for recalls read a million events to find none."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the index."""
    op.create_index("event_by_type", "event", ["object_type", "seq"])
