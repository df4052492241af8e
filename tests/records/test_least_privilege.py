"""A station's own database role: it records and changes states, and can undo nothing (records.md §14.1, T11)."""

import os
import secrets
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from printcare.errors import PrintcareError
from printcare.records import audit, dialect
from printcare.records.anchors import Memory
from printcare.records.postgresql import excess
from printcare.records.store import Store

SERVER = os.environ.get("PRINTCARE_TEST_POSTGRESQL")
pytestmark = pytest.mark.skipif(SERVER is None, reason="about a server: see make test-postgres")


@pytest.fixture
def station(records, raw):
    """Make a role, give it its privileges, and return the record's URL as that role."""
    role = f"station_{secrets.token_hex(4)}"
    raw.execute(f"CREATE ROLE {role} LOGIN")
    dialect.grant(records.url, role)
    yield make_url(records.url).set(username=role).render_as_string(hide_password=False)
    raw.execute(f"DROP OWNED BY {role}")
    raw.execute(f"DROP ROLE {role}")


def test_a_station_s_role_records_and_its_record_verifies(station, context, operator, tmp_path):
    with Store.open(station, context, key_directory=tmp_path) as store:
        with store.transaction(operator) as tx:
            tx.record("unit.weighed", "unit", "B-1/1", {"batch_id": "B-1", "status": "accepted", "use": ""})
            tx.record("unit.judged", "unit", "B-1/1", {"batch_id": "B-1", "status": "rejected", "use": ""})
        made = store.checkpoint()
        assert audit.verify(station, made.note)["verdict"] == "OK"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET payload = ''",
        "UPDATE node SET hash = ''",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM event",
        "DELETE FROM unit",
        "DELETE FROM credential",
        "TRUNCATE event",
        "TRUNCATE unit",
        "DROP TABLE unit",
        "DROP TRIGGER event_never_update ON event",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "CREATE TABLE mine (x int)",
        "CREATE OR REPLACE FUNCTION printcare_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_a_station_s_role_can_undo_nothing(station, statement):
    parsed = make_url(station)
    with (
        psycopg.connect(user=parsed.username, dbname=parsed.database, host=parsed.query["host"]) as raw,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        raw.execute(statement)


def test_what_a_role_may_too_much_is_listed(station, records):
    for url, is_clean in ((station, True), (records.url, False)):
        engine = create_engine(url)
        with engine.connect() as connection:
            assert (excess(connection) == []) is is_clean
        engine.dispose()


def test_a_role_that_is_not_there_gets_nothing(records):
    with pytest.raises(PrintcareError, match="DATABASE_ROLE"):
        dialect.grant(records.url, "nobody_of_this_name")


def test_a_record_rewound_by_the_superuser_is_seen_by_another_client(
    records, weigh, copied, context, operator, tmp_path
):
    weigh(1)
    early, url = copied(records, "early"), records.url
    memory = Memory.of(tmp_path / "second", records.url)
    with Store.open(url, replace(context, workstation="ws-2"), key_directory=tmp_path, memory=memory) as second:
        with second.transaction(operator) as tx:
            tx.record("unit.weighed", "unit", "B-1/2", {"batch_id": "B-1", "status": "accepted", "use": ""})
        second.checkpoint()
    with pytest.raises(PrintcareError, match="RECORD_TRUNCATED"):
        Store.open(early, context, key_directory=tmp_path, memory=memory)
