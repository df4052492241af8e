"""The record's transactions and queries."""

import itertools
import json
import os
import sqlite3
import stat
from dataclasses import replace
from hashlib import sha256

import psycopg
import pytest
from raw_database import raw_database

from printcare import verify
from printcare.domain.canonical import canonical_bytes
from printcare.domain.events import EVENT_FIELDS
from printcare.domain.people import Actor
from printcare.errors import PrintcareError
from printcare.records import audit, merkle
from printcare.records.store import RecordUnwritable, Store


def test_a_new_record_begins_with_its_own_creation(records):
    first = records.events(limit=1)[0].content
    assert first["action"] == "record.created"
    assert first["new"]["origin"] == records.origin() == "printcare.local/demo/epoch-1"
    assert records.site() == "demo"


def test_an_event_holds_every_field_and_is_stored_as_canonical_bytes(records, weigh):
    event = records.events(after=weigh(1) - 1)[0]
    assert set(event.content) == set(EVENT_FIELDS)
    assert canonical_bytes(event.content) == event.payload
    assert event.content["ts_utc"].startswith("2026-01-05T09:00:00.")
    assert event.content["utc_offset"] == "+00:00"
    assert (event.content["actor_id"], event.content["actor_role"], event.content["session"]) == (
        "u-0009", "operator", "s-1",
    )  # fmt: skip


def test_one_call_writes_the_event_and_the_state_and_the_old_value_stays_visible(records, weigh):
    weigh(1, "300.1")
    event = records.events(after=weigh(1, "299.9") - 1)[0].content
    assert records.get("unit", "B-1/1")["net_mg"] == "299.9"
    assert (event["old"]["net_mg"], event["new"]["net_mg"], event["object_version"]) == ("300.1", "299.9", 2)


def test_numbers_of_events_have_no_gap(records, weigh):
    for number in range(20):
        weigh(number)
    assert [event.seq for event in records.events()] == list(range(1, 23))


def test_a_refused_command_is_recorded_and_changes_nothing(records, weigh, operator):
    weigh(1)
    with records.transaction(operator) as tx:
        seq = tx.record(
            "batch.release", "unit", "B-1/1", new={"status": "released"}, outcome="refused", reason_code="NOT_PERMITTED"
        )
    assert records.get("unit", "B-1/1")["status"] == "accepted"
    event = records.events(after=seq - 1)[0].content
    assert (event["outcome"], event["reason_code"], event["object_version"]) == ("refused", "NOT_PERMITTED", 1)


@pytest.mark.parametrize(
    ("arguments", "named", "words"),
    [
        (("", "unit", "1"), {}, "names no action"),
        (("a.b", "unit", "1"), {"outcome": "perhaps"}, "perhaps"),
        (("a.b", "unit", "1"), {"outcome": "refused"}, "by which rule"),
        (("a.b", "unit", "1"), {"new": {"status": 3}}, "no text"),
        (("a.b", "person", "1"), {"new": {}}, "keep"),
        (("a.b", "reading_block", "1"), {"new": {}}, "block"),
    ],
)
def test_an_incomplete_event_is_refused(records, operator, arguments, named, words):
    before = records.head()
    with pytest.raises(PrintcareError, match=words), records.transaction(operator) as tx:
        tx.record(*arguments, **named)
    assert records.head() == before


def test_an_exception_rolls_everything_back(records, operator):
    before = records.head()
    with pytest.raises(ZeroDivisionError), records.transaction(operator) as tx:
        assert tx.record("unit.weighed", "unit", "B-1/1", new={"status": "accepted"}) / 0
    assert records.head() == before
    assert records.get("unit", "B-1/1") is None


def test_a_transaction_inside_another_is_refused(records, operator):
    with records.transaction(operator), pytest.raises(PrintcareError, match="NESTED"):
        records.transaction(operator).__enter__()


def test_rows_are_found_by_column_and_by_member_in_the_order_of_their_making(records, weigh):
    for number in (10, 9, 8):
        weigh(number)
    weigh(9, status="rejected")
    assert list(records.all("unit")) == ["B-1/10", "B-1/9", "B-1/8"]
    assert list(records.all("unit", batch_id="B-1", status="rejected")) == ["B-1/9"]
    assert list(records.all("unit", net_mg="301.2", status="accepted")) == ["B-1/10", "B-1/8"]
    assert records.get("unit", "B-2/1") is None


def test_events_are_found_by_object_and_action(records, weigh):
    weigh(1)
    second = weigh(2)
    assert [event.seq for event in records.events(object_id="B-1/2", object_type="unit")] == [second]
    assert len(records.events(action="unit.weighed")) == 2
    assert len(records.events(limit=1)) == 1


def test_any_two_things_asked_of_events_find_what_both_are_true_of(records, weigh, operator):
    for unit in (1, 2, 1):
        weigh(unit)
    with records.transaction(operator) as tx:
        tx.record("unit.weighed", "batch", "B-1", outcome="refused", reason_code="NOT_PERMITTED")
    told = [(event.seq, event.content) for event in records.events()]
    names = ("object_id", "object_type", "action", "actor_id", "outcome")
    for one, other in itertools.combinations(names, 2):
        for first, second in itertools.product(*({content[name] for _, content in told} for name in (one, other))):
            both = [seq for seq, content in told if (content[one], content[other]) == (first, second)]
            assert [event.seq for event in records.events(**{one: first, other: second})] == both


def test_a_table_that_is_not_there_is_named(records):
    with pytest.raises(PrintcareError, match="NO_SUCH_TABLE"):
        records.get("event; DROP TABLE event", "1")


def test_readings_are_kept_whole_and_bound_by_their_hash(records, operator):
    with records.transaction(operator) as tx:
        tx.block(
            "B-1/1/pressure/1", b"1,2\n", batch_id="B-1", unit_id="B-1/1", sensor="pressure",
            first_at="2026-01-05T09:00:00.000Z", last_at="2026-01-05T09:00:01.000Z", count=1,
        )  # fmt: skip
    assert records.kept("reading_block", "B-1/1/pressure/1") == b"1,2\n"
    assert records.get("reading_block", "B-1/1/pressure/1")["sha256"] == sha256(b"1,2\n").hexdigest()
    assert records.kept("reading_block", "none") is None


def test_personal_data_stays_out_of_the_events(records, operator):
    with records.transaction(operator) as tx:
        tx.keep("received_message", "m-1", b'{"family":"Okonkwo"}', {"kind": "fhir"}, action="message.received")
        with pytest.raises(PrintcareError, match="keeps no personal data"):
            tx.keep("unit", "u", b"", {}, action="x.y")
    assert records.kept("received_message", "m-1") == b'{"family":"Okonkwo"}'
    assert not any(b"Okonkwo" in event.payload for event in records.events())


def test_proofs_from_stored_nodes_verify(records, weigh):
    heads = {}
    for number in range(40):
        weigh(number)
        size, root = records.head()
        heads[size] = bytes.fromhex(root)
    size = max(heads)
    leaf = merkle.leaf_hash(records.events(after=6, limit=1)[0].payload)
    assert merkle.includes(leaf, 6, size, records.inclusion_proof(7, size), heads[size])
    for old, head in heads.items():
        assert merkle.extends(old, head, size, heads[size], records.consistency_proof(old, size))


def test_the_clock_stepping_back_is_recorded_before_what_follows(records, weigh, clock):
    weigh(1)
    clock.step(-60)
    seq = weigh(2)
    step = records.events(after=seq - 2, limit=1)[0].content
    assert step["action"] == "clock.stepped_back"
    assert audit.verify(records.url)["verdict"] == "CLOCK_REGRESSION"


def test_a_step_back_of_two_seconds_is_within_tolerance(records, weigh, clock):
    weigh(1)
    clock.step(-1.9)
    weigh(2)
    assert audit.verify(records.url)["verdict"] == "UNANCHORED"


def test_a_clock_without_a_zone_is_refused(records, operator, context, url):
    naive = replace(context, clock=lambda: context.clock().replace(tzinfo=None))
    with (
        Store.open(url, naive) as store,
        pytest.raises(PrintcareError, match="CLOCK_NAIVE"),
        store.transaction(operator) as tx,
    ):
        tx.record("a.b", "c", "d")


@pytest.mark.sqlite_file
def test_every_connection_writes_through_to_the_disk(records):
    with records._writer.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET payload = x'00' WHERE seq = {seq}",
        "DELETE FROM event WHERE seq = {seq}",
        "INSERT INTO event SELECT * FROM event WHERE seq = {seq} ON CONFLICT(seq) DO UPDATE SET payload = x'00'",
        "UPDATE node SET hash = x'00'",
        "DELETE FROM node",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
    ],
)
def test_the_database_refuses_change_of_the_log(raw, weigh, statement):
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        raw.execute(statement.format(seq=weigh(1)))


@pytest.mark.sqlite_file
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "INSERT OR REPLACE INTO node SELECT level, place, x'00' FROM node",
        "INSERT OR REPLACE INTO checkpoint SELECT id, epoch, size, '' FROM checkpoint",
    ],
)
def test_sqlite_refuses_to_replace_what_is_in_the_log(raw, weigh, statement):
    weigh(1)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)


def test_a_reader_cannot_write(records):
    with pytest.raises(PrintcareError, match="RECORD_UNREADABLE"), records.reading() as connection:
        connection.exec_driver_sql("DELETE FROM head")


def test_a_locked_record_is_unwritable_after_the_time_given(url, context, operator, raw):
    with Store.open(url, context, busy_timeout_s=0.01) as store:
        raw.lock()
        with pytest.raises(RecordUnwritable, match="lock"), store.transaction(operator) as tx:
            tx.record("a.b", "c", "d")
        raw.execute("ROLLBACK")
        with store.transaction(operator) as tx:
            assert tx.record("a.b", "c", "d") == store.head()[0] + 1


@pytest.mark.sqlite_file
@pytest.mark.parametrize(("pragma", "words"), [("max_page_count=1", "full"), ("query_only=ON", "readonly")])
def test_a_full_or_read_only_disk_is_unwritable_and_leaves_no_half_effect(records, operator, weigh, pragma, words):
    weigh(1)
    before = records.head()
    records._connection.exec_driver_sql(f"PRAGMA {pragma}")
    records._connection.rollback()
    with pytest.raises(RecordUnwritable, match=words), records.transaction(operator) as tx:
        tx.record("unit.weighed", "unit", "B-9/1", new={"status": "accepted", "note": "x" * 200_000})
    assert records.head() == before
    assert records.all("unit").keys() == {"B-1/1"}
    weigh(2)
    assert audit.verify(records.url)["verdict"] == "UNANCHORED"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("sqlite://", "DATABASE_URL"),
        ("sqlite:///:memory:", "DATABASE_URL"),
        ("record.sqlite", "DATABASE_URL"),
        ("mysql://h/d", "DATABASE_URL"),
        ("postgresql+psycopg://host/", "DATABASE_URL"),
        ("postgresql+psycopg://host/db", "DATABASE_TLS"),
        ("postgresql+psycopg://host/db?sslmode=require", "DATABASE_TLS"),
    ],
)
def test_a_url_that_can_hold_no_record_is_refused(wrong, code, context):
    with pytest.raises(PrintcareError, match=code):
        Store.open(wrong, context)


def test_another_program_s_database_is_left_alone(bare_url, context):
    url = bare_url
    raw = raw_database(url)
    raw.execute("CREATE TABLE diary (day TEXT)")
    with pytest.raises(PrintcareError, match="FOREIGN_DATABASE"):
        Store.open(url, context)
    assert raw.tables() == {"diary"}
    raw.close()


@pytest.mark.sqlite_file
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path, url, context):
    letter = b"Dear pharmacy, this is a letter and no database. " * 100
    (tmp_path / "record.sqlite").write_bytes(letter)
    with pytest.raises(PrintcareError, match="FOREIGN_DATABASE"):
        Store.open(url, context)
    assert (tmp_path / "record.sqlite").read_bytes() == letter


def test_a_newer_schema_is_refused(raw, url, context):
    raw.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(PrintcareError, match="SCHEMA_NEWER"):
        Store.open(url, context)


def test_another_site_s_record_is_refused_and_no_site_takes_the_record_s(records, url, context):
    with pytest.raises(PrintcareError, match="OTHER_SITE"):
        Store.open(url, replace(context, site="elsewhere"))
    with Store.open(url, replace(context, site=None)) as store:
        assert store.site() == "demo"


def test_a_new_record_needs_a_site(url, context):
    with pytest.raises(PrintcareError, match="NO_RECORD"):
        Store.open(url, replace(context, site=None))


def test_opening_again_goes_on_where_it_stopped(records, weigh, url, context, tmp_path):
    weigh(1)
    size = records.head()[0]
    with Store.open(url, context, key_directory=tmp_path) as again:
        assert again.head()[0] == size
        with again.transaction(Actor("u-2", "pharmacist")) as tx:
            assert tx.record("a.b", "c", "d") == size + 1


@pytest.mark.parametrize(
    "action", ["signature.made", "batch.started", "batch.released", "batch.rehearsed", "batch.rejected"]
)
def test_the_head_is_signed_at_the_moments_the_reference_lists(records, operator, action):
    before = len(notes(records))
    with records.transaction(operator) as tx:
        tx.record(action, "thing", "1")
    assert verify.open_note(notes(records)[-1]).size == records.head()[0]
    assert len(notes(records)) == before + 1


def test_the_head_is_signed_every_256_events(records, operator):
    before = len(notes(records))
    with records.transaction(operator) as tx:
        for number in range(260):
            tx.record("a.b", "c", str(number))
    assert len(notes(records)) == before + 1


def test_without_a_key_the_record_is_kept_and_no_head_is_signed(url, context, operator):
    with Store.open(url, context) as store:
        with store.transaction(operator) as tx:
            tx.record("batch.started", "c", "1")
        assert store.checkpoint() is None
        assert notes(store) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_the_station_s_key_is_readable_by_its_owner_alone(records, tmp_path):
    assert stat.S_IMODE((tmp_path / "station-key.pem").stat().st_mode) == 0o600


def test_a_damaged_station_key_is_told_and_not_replaced(records, tmp_path, url, context):
    (tmp_path / "station-key.pem").write_text("damaged")
    with pytest.raises(PrintcareError, match="STATION_KEY"):
        Store.open(url, context, key_directory=tmp_path)


def test_a_checkpoint_is_a_c2sp_note_that_the_register_s_key_verifies(records, weigh):
    weigh(1)
    made = records.checkpoint()
    note = verify.open_note(made.note)
    (key, state), *_ = records.all("station_key").items()
    assert made.note.split("\n")[:2] == [records.origin(), str(records.head()[0])]
    assert note.root.hex() == records.head()[1]
    assert note.signatures[0][0] == key == verify.key_id(records.origin(), bytes.fromhex(state["public_key"]))
    assert verify.is_signed(bytes.fromhex(state["public_key"]), note.signatures[0][1], note.text)


def test_paper_carries_the_size_and_130_bits_of_the_root(records):
    made = records.checkpoint()
    size, code = made.paper.split(" ")
    assert size == str(records.head()[0])
    assert len(code) == 26


def notes(store):
    with store.reading() as connection:
        return list(connection.exec_driver_sql("SELECT note FROM checkpoint ORDER BY id").scalars())


def test_the_state_of_a_row_is_canonical_text(records, weigh):
    weigh(1)
    with records.reading() as connection:
        state = connection.exec_driver_sql("SELECT state FROM unit").scalar()
    assert state.encode() == canonical_bytes(json.loads(state))
