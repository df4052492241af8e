"""Two workstations on one record: a job writes its batch while a window signs and reviews (records.md §14)."""

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import DBAPIError

from printcare.records import accounts, audit, signatures
from printcare.records.anchors import Memory
from printcare.records.schema import HEAD
from printcare.records.store import RecordUnwritable, Store

SERVER = os.environ.get("PRINTCARE_TEST_POSTGRESQL")
PASSWORD = "seventeen grey herons"
SIGNED = 4

# Writes units and readings without a pause until its standard input ends; says each unit that is committed.
JOB = """
    import sys, threading, time
    from datetime import UTC, datetime
    from pathlib import Path
    from printcare.domain.people import Actor
    from printcare.records.anchors import Memory
    from printcare.records.store import RecordContext, Store
    url, folder = sys.argv[1], Path(sys.argv[2])
    context = RecordContext("demo", "ws-job", "0.1", "job", lambda: datetime.now(UTC), time.monotonic_ns, "locked")
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    of_workstation = {"key_directory": folder, "memory": Memory.of(folder, url), "busy_timeout_s": 60}
    operator, number = Actor("u-0009", "operator", "s-1"), 0
    with Store.open(url, context, **of_workstation) as records:
        while not ended.is_set():
            number += 1
            with records.transaction(operator) as tx:
                tx.record("unit.weighed", "unit", f"B-1/{number}", new={"batch_id": "B-1", "status": "accepted"})
                read = dict(batch_id="B-1", unit_id=f"B-1/{number}", sensor="p", first_at="a", last_at="b", count=1)
                tx.block(f"r-{number}", b"1,2\\n", **read)
            print(number, flush=True)
        records.checkpoint()
"""


@pytest.fixture
def job(tmp_path):
    """Start a job on its own workstation: a process, a key and a memory of its own."""
    folder = tmp_path / "ws-job"
    folder.mkdir()
    running = []

    def job(url):
        words = [sys.executable, "-c", textwrap.dedent(JOB), url, str(folder)]
        pipe = subprocess.PIPE
        running.append(subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True))
        return running[-1]

    yield job
    for process in running:
        process.kill()
        process.communicate()


def test_a_window_signs_and_reviews_while_a_job_writes_and_neither_starves(url, context, tmp_path, job, cheap):
    window = replace(context, workstation="ws-window", clock=lambda: datetime.now(UTC))
    of_workstation = {"key_directory": tmp_path, "memory": Memory.of(tmp_path, url), "busy_timeout_s": 60}
    with Store.open(url, window, **of_workstation) as records:
        accounts.create_first(records, "ada", "Ada Admin", PASSWORD, hashing=cheap)
        writing = job(url)
        for _ in range(SIGNED):
            # One more unit of the job before each signature and one after the last: both go on.
            unit = f"B-1/{writing.stdout.readline().strip()}"
            signatures.sign(records, "ada", PASSWORD, "administrator", "seen", "unit", unit, hashing=cheap)
            seen = records.events(object_id=unit, object_type="unit", action="unit.weighed")
            assert [event.content["workstation"] for event in seen] == ["ws-job"]
        assert writing.stdout.readline()
        told, _ = writing.communicate("")
        assert writing.returncode == 0
        assert len(records.all("unit")) == int((told.split() or [SIGNED + 1])[-1])
        assert len(records.all("signature")) == SIGNED
        assert len(records.all("station_key")) == 2
        made = records.checkpoint()
    result = audit.verify(url, made.note)
    assert (result["verdict"], result["size"], result["problems"]) == ("OK", made.size, [])


def weigh_in(records, operator, number):
    with records.transaction(operator) as tx:
        tx.record("unit.weighed", "unit", f"B-1/{number}", new={"batch_id": "B-1", "status": "accepted"})


def test_a_client_whose_memory_disagrees_is_refused(records, context, copied, operator, tmp_path):
    memory = Memory.of(tmp_path / "client", "sqlite:///the-record")
    weigh_in(records, operator, 1)
    early = copied(records, "early")
    with Store.open(records.url, context, key_directory=tmp_path, memory=memory) as client:
        weigh_in(client, operator, 2)
        client.checkpoint()
    with pytest.raises(RecordUnwritable) as refused:
        Store.open(early, context, key_directory=tmp_path, memory=memory)
    assert refused.value.code == "RECORD_TRUNCATED"
    with Store.open(early, context, key_directory=tmp_path) as other:
        for number in (3, 4, 5):
            weigh_in(other, operator, number)
    with pytest.raises(RecordUnwritable) as refused:
        Store.open(early, context, key_directory=tmp_path, memory=memory)
    assert refused.value.code == "RECORD_FORKED"


@pytest.mark.skipif(SERVER is None, reason="about a server's rows: see make test-postgres")
def test_whoever_writes_holds_the_row_of_the_head(records, context, operator):
    look = select(HEAD.c.size).with_for_update(nowait=True)
    server = create_engine(records.url)
    with server.begin() as other:
        other.execute(look)
        with (
            Store.open(records.url, context, busy_timeout_s=0.2) as waiting,
            pytest.raises(RecordUnwritable),
            waiting.transaction(operator) as tx,
        ):
            tx.record("unit.weighed", "unit", "B-1/1", new={"status": "accepted"})
    with records.transaction(operator) as tx, server.connect() as other:
        tx.record("unit.weighed", "unit", "B-1/1", new={"status": "accepted"})
        with pytest.raises(DBAPIError):
            other.execute(look)
    server.dispose()
