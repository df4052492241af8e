"""The migrated schema is the one the program speaks of."""

from importlib import resources

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from printcare import verify
from printcare.records import dialect, schema


def test_the_migrations_make_exactly_the_tables_of_the_schema(records):
    with records.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.METADATA) == []


def test_the_migrations_make_exactly_the_triggers_of_the_dialect(records):
    with records.reading() as connection:
        assert dialect.present_triggers(connection) == dialect.triggers(connection)


def test_every_table_is_listed_as_bound_or_with_the_reason_why_not(raw):
    listed = {row["name"]: row for row in schema.tables()}
    assert listed.keys() == raw.tables()
    assert all(row["bound"] or row["reason"] for row in listed.values())


def test_the_stand_alone_verifier_knows_the_same_bound_tables():
    assert set(schema.BOUND) == verify.BOUND


def test_the_migrations_are_found_beside_the_package():
    assert (resources.files("printcare.records") / "migrations" / "env.py").is_file()
