"""A record of an earlier schema is migrated with its searched columns filled, and verifies before and after."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect, text

from printcare.domain.people import Actor
from printcare.records import audit, dialect, opening, schema, tracing
from printcare.records.store import Store

OPERATOR = Actor("u-0009", "operator", "s-1")
LATER = {"batch": ("lot", "cartridge"), "unit": ("use",)}


def downgraded(url, revision):
    """Turn a new record into one as the program of an earlier schema left it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for index in ("event_by_actor", "event_by_time", "event_by_type", "event_refused", "unit_covering"):
            connection.execute(text(f"DROP INDEX {index}"))
        connection.execute(text("ALTER TABLE event DROP COLUMN outcome"))
        for table in ("anchor", "experiment"):
            connection.execute(text(f"DROP TABLE {table}"))
        for table, members in LATER.items():
            for member in members:
                connection.execute(text(f"DROP INDEX IF EXISTS {table}_by_{member}"))
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {member}"))
        if revision == "0001":
            for table in later_tables():
                connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    engine.dispose()


def later_tables():
    from printcare.records.migrations.versions.r0002_quality_objects import BOUND

    return tuple(BOUND)


def filled(store):
    with store.transaction(OPERATOR) as tx:
        batch = {"status": "quarantined", "prescription": "RX-1", "lot": "L-1", "cartridge": "K-1"}
        tx.record("batch.planned", "batch", "B-0001", batch)
        tx.record("unit.allocated", "unit", "B-0001/01", {"batch_id": "B-0001", "status": "accepted", "use": "patient"})
        tx.record("unit.planned", "unit", "B-0001/02", {"batch_id": "B-0001", "status": "unprinted", "use": ""})
        tx.record("batch.release", "batch", "B-0001", outcome="refused", reason_code="NOT_PERMITTED")


def verdict_of_schema(monkeypatch, url, revision):
    """Verify with the tables as the program of that schema knew them."""
    before = {"batch": ("status", "prescription"), "unit": ("batch_id", "status")}
    with monkeypatch.context() as patch:
        for table in ("anchor", "experiment"):
            patch.delitem(schema.TABLES, table)
        patch.setattr(audit, "REPEATED", tuple(name for name in schema.REPEATED if name != "outcome"))
        for table, members in before.items():
            patch.setitem(schema.BOUND, table, members)
        if revision == "0001":
            for table in later_tables():
                patch.delitem(schema.TABLES, table)
        return audit.verify(url)["verdict"]


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_an_earlier_record_is_searched_by_lot_after_its_migration_and_verifies_before_and_after(
    bare_url, context, tmp_path, monkeypatch, revision
):
    url = bare_url
    with Store.open(url, context, key_directory=tmp_path) as store:
        filled(store)
        head = store.head()
    downgraded(url, revision)
    assert verdict_of_schema(monkeypatch, url, revision) == "UNANCHORED"
    with Store.open(url, context, key_directory=tmp_path) as store:
        migrated = store.events(after=head[0])[0].content
        assert (migrated["action"], store.head()[0]) == ("record.migrated", head[0] + 1)
        assert migrated["new"] == {"from": revision, "to": schema.SCHEMA_REVISION, "size": head[0], "root": head[1]}
        (batch,) = tracing.batches_by(store, "lot", ["L-1"])
        assert (batch.id, batch.cartridge, batch.prescription) == ("B-0001", "K-1", "RX-1")
        assert [(unit.id, unit.use) for unit in tracing.units_of_batches(store, ["B-0001"])] == [
            ("B-0001/01", "patient"),
            ("B-0001/02", ""),
        ]
    assert audit.verify(url)["verdict"] == "UNANCHORED"


def test_a_migrated_record_has_exactly_the_tables_of_a_new_one(url, context, tmp_path):
    with Store.open(url, context, key_directory=tmp_path) as store:
        filled(store)
    downgraded(url, "0001")
    with Store.open(url, context, key_directory=tmp_path) as store, store.reading() as connection:
        assert opening.revision(connection) == schema.SCHEMA_REVISION
        columns = {each["name"] for each in inspect(connection).get_columns("batch")}
        assert columns >= {"lot", "cartridge", "status", "prescription"}
        assert dialect.present_triggers(connection) == dialect.triggers(connection)
        outcomes = connection.execute(text("SELECT outcome, COUNT(*) FROM event GROUP BY outcome")).all()
        assert dict(map(tuple, outcomes))["refused"] == 1


def test_more_values_than_one_statement_takes_are_searched_in_parts(records):
    with records.transaction(OPERATOR) as tx:
        for number in range(3):
            state = {"status": "released", "prescription": "RX", "lot": f"L-{number}", "cartridge": "K"}
            tx.record("batch.planned", "batch", f"B-{number}", state)
    wanted = [f"L-{number}" for number in range(2 * tracing.CHUNK)]
    assert [row.id for row in tracing.batches_by(records, "lot", wanted)] == ["B-0", "B-1", "B-2"]
