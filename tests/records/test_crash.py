"""A crash at any moment never leaves an effect without its event, nor an event without its effect (T6, T7)."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from sqlalchemy import event

from printcare.records import audit
from printcare.records.store import Store


class Crash(BaseException):
    """What a process that dies looks like to the code it dies in."""


def effects(records):
    """Return what the record holds: size of the log, states of units, readings and messages, and signed heads."""
    with records.reading() as connection:
        heads = connection.exec_driver_sql(
            "SELECT COUNT(*) FROM checkpoint WHERE size = (SELECT size FROM head)"
        ).scalar()
    tables = ("unit", "reading_block", "received_message")
    return records.head()[0], *(len(records.all(table)) for table in tables), heads


def command(records, operator):
    with records.transaction(operator) as tx:
        tx.record("unit.weighed", "unit", "B-1/1", new={"status": "accepted"})
        tx.record("unit.weighed", "unit", "B-1/1", new={"status": "rejected"})
        tx.block("r", b"1", batch_id="B", unit_id="u", sensor="p", first_at="a", last_at="b", count=1)
        tx.keep("received_message", "m", b"x", {}, action="message.received")
        tx.record("batch.started", "batch", "B-1", new={"status": "printing"})


@pytest.mark.parametrize("moment", ["before", pytest.param("after", marks=pytest.mark.sqlite_file)])
def test_a_crash_between_any_two_statements_leaves_all_or_nothing(new_url, context, operator, tmp_path, moment):
    crash_at, outcomes = 0, set()
    while True:
        url = new_url(f"crash-{crash_at}")
        with Store.open(url, context, key_directory=tmp_path) as records:
            size = records.head()[0]
            counted = _crash_at(records._writer, crash_at, moment)
            try:
                command(records, operator)
            except Crash:
                pass
            else:
                assert counted[0] <= crash_at
                break
        with Store.open(url, context) as again:
            held = effects(again)
            outcomes.add(held[:4])
            assert held[:4] in {(size, 0, 0, 0), (size + 5, 1, 1, 1)}
            assert audit.verify(again.url)["verdict"] == "UNANCHORED"
        crash_at += 1
    assert crash_at > 10
    assert outcomes == {
        (size, 0, 0, 0),
        (size + 5, 1, 1, 1),
    }  # the latter: between the commit and the signing of the head


def _crash_at(engine, place, moment):
    counted = [0]

    def count(*_):
        counted[0] += 1
        if counted[0] == place + 1:
            raise Crash

    event.listen(engine, f"{moment}_cursor_execute", count)
    event.listen(engine, "commit", count)
    return counted


WRITER = """
    import sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    from printcare.domain.people import Actor
    from printcare.records.store import RecordContext, Store
    url, name, number, keys = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    context = RecordContext("demo", name, "0.1", name, lambda: datetime.now(UTC), time.monotonic_ns, "locked")
    with Store.open(url, context, key_directory=keys) as records:
        print("ready", flush=True)
        for count in range(number):
            with records.transaction(Actor(name, "operator")) as tx:
                tx.record("unit.weighed", "unit", f"{name}/{count}", new={"status": "accepted"})
                tx.record("unit.judged", "unit", f"{name}/{count}", new={"status": "judged"})
            print(count, flush=True)
"""


@pytest.fixture
def writer(tmp_path):
    def writer(url, name, number):
        words = [sys.executable, "-c", textwrap.dedent(WRITER), url, name, str(number), str(tmp_path)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)

    return writer


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_writer_leaves_a_record_that_verifies_and_goes_on(url, context, writer):
    for attempt in range(3):
        with writer(url, f"w{attempt}", 100_000) as process:
            assert process.stdout.readline() == "ready\n"
            for _ in range(7 + 11 * attempt):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        with Store.open(url, context) as records:
            states = {state["status"] for state in records.all("unit").values()}
            assert states == {"judged"}
            assert audit.verify(url)["verdict"] == "UNANCHORED"


def test_two_processes_write_without_a_gap_or_a_lost_event(url, context, writer):
    Store.open(url, context).close()
    before = 1
    processes = [writer(url, name, 200) for name in ("left", "right")]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with Store.open(url, context) as records:
        events = records.events(action="unit.weighed", limit=10_000) + records.events(
            action="unit.judged", limit=10_000
        )
        assert len(events) == 800
        assert records.head()[0] == before + 1 + 800  # both share one station key, registered once
        assert len(records.all("unit")) == 400
    assert audit.verify(url)["verdict"] == "UNANCHORED"


def test_two_processes_that_begin_one_record_at_once_make_one_record(bare_url, context, writer):
    url = bare_url
    processes = [writer(url, name, 1) for name in ("left", "right", "third")]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with Store.open(url, context) as records:
        assert len(records.events(action="record.created")) == 1
        assert len(records.all("unit")) == 3
    assert audit.verify(url)["verdict"] == "UNANCHORED"
