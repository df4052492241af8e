"""Speed of the record: durable appends against raw sqlite3, verification, and proofs from stored nodes.

    python tests/benchmarks/bench_records.py [EVENTS]

Targets (records.md §8.12): appends ≥ 0.4 × raw sqlite3; hashes ≥ 400,000 events/s; with replay ≥ 100,000 events/s; a
proof < 1 ms and the first page of a search < 100 ms at EVENTS, a million unless told otherwise: that record takes
minutes to make, and is kept in the temporary folder. `_cpu` counts the processor's time alone: other programs then take
nothing from the figure.
"""

import json
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from printcare.domain.people import Actor
from printcare.records import audit
from printcare.records.export import export
from printcare.records.schema import SCHEMA_REVISION
from printcare.records.store import RecordContext, Store
from printcare.verify import Replay, leaf_hash, verify_export

ACTOR = Actor("u-0001", "operator", "s-1")
LARGE, VERIFIED = 1_000_000, 50_000


def seconds(work):
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def raw_appends(path, number):
    path.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, payload BLOB, leaf BLOB)")

    def work():
        for seq in range(number):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO event VALUES (?, ?, ?)", (seq, b"x" * 600, b"y" * 32))
            connection.execute("COMMIT")

    taken = seconds(work)
    connection.close()
    return number / taken


def appends(records, number, object_type):
    def work():
        for place in range(number):
            with records.transaction(ACTOR) as tx:
                tx.record("unit.weighed", object_type, f"B-1/{place}", new={"batch_id": "B-1", "net_mg": "301.2"})

    return number / seconds(work)


def fill(records, number):
    while records.head()[0] < number:
        with records.transaction(ACTOR) as tx:
            for place in range(min(1000, number - tx.size)):
                tx.record("unit.weighed", "unit", f"B-2/{place}", new={"batch_id": "B-2", "net_mg": str(tx.size)})


def hashes(payloads):
    replay = Replay()
    replay.leaves = [leaf_hash(payload) for payload in payloads]
    replay.root_at(len(payloads))


def replayed(payloads, leaves):
    replay = Replay()
    for payload, leaf in zip(payloads, leaves, strict=True):
        replay.take(payload, leaf)
    replay.root_at(len(payloads))


def cpu_seconds(work):
    begun = time.process_time()
    work()
    return time.process_time() - begun


def first_pages_ms(records):
    """Return the slowest first page of a search by who, what, when and outcome."""
    with records.transaction(Actor("u-9999", "auditor", "s-9")) as tx:
        tx.record("batch.release", "batch", "B-9", outcome="refused", reason_code="NOT_PERMITTED")
    late = records.events(after=records.head()[0] - 1)[0].content["ts_utc"]
    pages = [{"actor_id": "u-9999"}, {"outcome": "refused"}, {"since": late}, {"action": "batch.release"}]
    pages += [{"object_id": "B-9"}, {"actor_id": ACTOR.id}, {"object_id": "B-2/7", "actor_id": ACTOR.id}]
    pages += [{"object_type": "recall"}, {"actor_id": ACTOR.id, "outcome": "refused"}]
    pages += [{"action": "unit.weighed", "actor_id": "u-9999"}]
    return max(seconds(lambda page=page: records.events(**page, limit=100)) for page in pages) * 1000


def opened(directory):
    directory.mkdir(parents=True, exist_ok=True)
    context = RecordContext("bench", "ws", "0", "b", lambda: datetime.now(UTC), time.monotonic_ns, "locked")
    return Store.open(f"sqlite:///{directory}/record.sqlite", context, key_directory=directory)


def of_appends(directory):
    raw = raw_appends(directory / "raw.sqlite", 2000)
    with opened(directory) as records:
        single, bound = appends(records, 2000, "note"), appends(records, 2000, "unit")
    return {
        "raw_appends_per_s": raw,
        "appends_per_s": single,
        "appends_against_raw": single / raw,
        "appends_with_state_per_s": bound,
    }


def of_verification(directory, number):
    with opened(directory) as records:
        fill(records, number)
        payloads = [event.payload for event in records.events(limit=number)]
        leaves = [leaf_hash(payload) for payload in payloads]
        export(records, directory / "audit.jsonl", ACTOR)
    data = (directory / "audit.jsonl").read_bytes()
    return {
        "events": number,
        "hashes_per_s_cpu": number / cpu_seconds(lambda: hashes(payloads)),
        "hashes_and_replay_per_s_cpu": number / cpu_seconds(lambda: replayed(payloads, leaves)),
        "audit_of_database_events_per_s_cpu": number / cpu_seconds(lambda: audit.verify(records.url)),
        "verify_of_export_events_per_s_cpu": number / cpu_seconds(lambda: verify_export(data)),
    }


def of_a_large_record(number):
    """Proofs and searches over a record that is made once and kept in the temporary folder for the next run."""
    with opened(Path(tempfile.gettempdir()) / f"printcare-bench-{SCHEMA_REVISION}-{number}") as records:
        fill(records, number)
        asked = range(1, number, number // 200)
        proof = seconds(lambda: [records.inclusion_proof(seq, number) for seq in asked]) / len(asked)
        cpu = cpu_seconds(lambda: [records.inclusion_proof(seq, number) for seq in asked]) / len(asked)
        return {
            "events": records.head()[0],
            "inclusion_proof_ms": proof * 1000,
            "inclusion_proof_ms_cpu": cpu * 1000,
            "search_first_page_ms": first_pages_ms(records),
        }


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    with tempfile.TemporaryDirectory() as name:
        figures = {
            "appends": of_appends(Path(name) / "appends"),
            "verification": of_verification(Path(name) / "verification", min(number, VERIFIED)),
            "large": of_a_large_record(number),
        }
    told = {part: {key: round(value, 3) for key, value in found.items()} for part, found in figures.items()}
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
