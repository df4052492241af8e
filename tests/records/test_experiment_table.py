"""A record of schema 0004 gains the table of experiments, says so, and verifies."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from printcare.domain.people import Actor
from printcare.records import audit, schema
from printcare.records.store import Store

SCIENTIST = Actor("u-0009", "formulation scientist", "s-1")


def test_a_record_without_the_table_of_experiments_is_migrated_and_keeps_one(bare_url, context, tmp_path):
    with Store.open(bare_url, context, key_directory=tmp_path):
        pass
    engine = create_engine(bare_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE experiment"))
        connection.execute(text("DROP INDEX event_by_type"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    engine.dispose()
    with Store.open(bare_url, context, key_directory=tmp_path) as store:
        told = store.events(action="record.migrated")[-1].content["new"]
        assert (told["from"], told["to"]) == ("0004", schema.SCHEMA_REVISION)
        with store.transaction(SCIENTIST) as tx:
            tx.record("experiment.designed", "experiment", "X-1", {"kind": "box-behnken", "status": "open"})
        assert list(store.all("experiment", kind="box-behnken")) == ["X-1"]
    assert audit.verify(bare_url)["verdict"] == "UNANCHORED"
