"""A new schema and a migrated one are the one the program speaks of."""

from importlib import resources

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from printcare import verify
from printcare.records import dialect, opening, schema


@pytest.fixture(params=[opening.migrate, opening.upgrade], ids=["made at once", "migrated step by step"])
def made(bare_url, request):
    """Make the tables of a record in an empty database."""
    engine = dialect.engine(bare_url, is_reader=False)
    with engine.begin() as connection:
        request.param(connection)
        yield connection
    engine.dispose()


def test_a_new_record_and_a_migrated_one_have_exactly_the_tables_of_the_schema(made):
    assert compare_metadata(MigrationContext.configure(made), schema.METADATA) == []
    assert opening.revision(made) == schema.SCHEMA_REVISION


def test_a_new_record_and_a_migrated_one_have_exactly_the_triggers_of_the_dialect(made):
    assert dialect.present_triggers(made) == dialect.triggers(made)


def test_a_new_record_and_a_migrated_one_have_the_same_columns_and_keys(new_url):
    told = []
    for name, make in (("new", opening.migrate), ("old", opening.upgrade)):
        engine = dialect.engine(new_url(name, bare=True), is_reader=False)
        with engine.begin() as connection:
            make(connection)
            told.append(
                {table: described(inspect(connection), table) for table in inspect(connection).get_table_names()}
            )
        engine.dispose()
    assert told[0] == told[1]


def described(found, table):
    columns = {
        (each["name"], str(each["type"]), each["nullable"], each["default"]) for each in found.get_columns(table)
    }
    indexes = {(each["name"], *each["column_names"]) for each in found.get_indexes(table)}
    unique = {tuple(each["column_names"]) for each in found.get_unique_constraints(table)}
    return columns, indexes, unique, found.get_pk_constraint(table)["constrained_columns"]


def test_every_table_is_listed_as_bound_or_with_the_reason_why_not(raw):
    listed = {row["name"]: row for row in schema.tables()}
    assert listed.keys() == raw.tables()
    assert all(row["bound"] or row["reason"] for row in listed.values())


def test_the_stand_alone_verifier_knows_the_same_bound_tables():
    assert set(schema.BOUND) == verify.BOUND


def test_the_migrations_are_found_beside_the_package():
    assert (resources.files("printcare.records") / "migrations" / "env.py").is_file()
