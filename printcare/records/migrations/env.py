"""Runs migrations on the connection the record hands over, inside the transaction it has begun."""

from __future__ import annotations

from alembic import context

from printcare.records.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
