"""Two processes × 10,000 commands on one record: no gap, no lost event, and how fast (T7).

    python tests/benchmarks/bench_writers.py [COMMANDS]

On SQLite; on PostgreSQL too where PRINTCARE_TEST_POSTGRESQL names a server:
`python tests/postgres/serve.py python tests/benchmarks/bench_writers.py`.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import make_url

from printcare.domain.people import Actor
from printcare.records import audit
from printcare.records.schema import EVENT
from printcare.records.store import RecordContext, Store

SERVER = os.environ.get("PRINTCARE_TEST_POSTGRESQL")


def opened(url, name, folder):
    context = RecordContext("bench", name, "0", name, lambda: datetime.now(UTC), time.monotonic_ns, "locked")
    return Store.open(url, context, key_directory=Path(folder))


def write(url, name, folder, number):
    longest = 0.0
    with opened(url, name, folder) as records:
        for count in range(number):
            begun = time.perf_counter()
            with records.transaction(Actor(name, "operator")) as tx:
                tx.record(
                    "unit.weighed", "unit", f"{name}/{count}", {"batch_id": name, "status": "accepted", "use": ""}
                )
            longest = max(longest, time.perf_counter() - begun)
    print(longest)


def measured(url, folder, number):
    opened(url, "main", folder).close()
    begun = time.perf_counter()
    words = [sys.executable, __file__, "write", url]
    writers = [
        subprocess.Popen([*words, name, folder, str(number)], stdout=subprocess.PIPE, text=True)
        for name in ("left", "right")
    ]
    told = [float(writer.communicate()[0]) for writer in writers]
    taken = time.perf_counter() - begun
    with opened(url, "main", folder) as records, records.reading() as connection:
        counted, last = connection.execute(select(func.count(), func.max(EVENT.c.seq))).one()
        weighed = connection.execute(select(func.count()).where(EVENT.c.action == "unit.weighed")).scalar()
    if counted != last or weighed != 2 * number:
        sys.exit(f"{counted} events, the last is {last}; {weighed} of {2 * number} commands")
    verdict = audit.verify(url)["verdict"]
    if verdict != "UNANCHORED":
        sys.exit(f"the record is {verdict}")
    return {"commands_per_s": round(2 * number / taken), "longest_wait_ms": round(max(told) * 1000), "gapless": True}


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        figures = {"sqlite": measured(f"sqlite:///{folder}/record.sqlite", folder, number)}
        if SERVER:
            name = f"w{secrets.token_hex(6)}"
            server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
            with server.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
            url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
            figures["postgresql"] = measured(url, folder, number)
            server.dispose()
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(*sys.argv[2:5], int(sys.argv[5]))
    else:
        main()
