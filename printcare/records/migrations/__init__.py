"""Alembic's migrations of the record, found beside this package wherever it is installed."""
