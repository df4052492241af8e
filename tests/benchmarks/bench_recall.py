"""Time of a recall: from one lot to its units and their patients, in a record of 100,000 units.

    python tests/benchmarks/bench_recall.py [UNITS]

Target (issue of the inks): under a second for 100,000 units, measured where all of them are of the one lot, which is
the worst case; the papers are timed beside it.
"""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from printcare.domain.people import SYSTEM
from printcare.formats.recall_list import recall_csv
from printcare.records.accounts import Account
from printcare.records.store import RecordContext, Store
from printcare.workflow.ink.ink_papers import recall_lines
from printcare.workflow.ink.recall import trace

A_BATCH = 20  # units
BATCHES_A_TRANSACTION = 50
# A row of the size a printed unit has.
UNIT = {
    "index": 1, "position": "A1", "mass_mg": "425.1", "raw": "S S      425.1 mg", "reason": "", "tare_mg": "1000.0",
    "pressure_mean_kpa": "132.4", "pressure_max_kpa": "151.0", "temperature_mean_c": "38.0", "seconds": "31.2",
    "volume_mm3": "386.4", "lines_sent": 412, "first_line": 40, "last_line": 452,
}  # fmt: skip


def fill(records, units):
    batches = units // A_BATCH
    with records.transaction(SYSTEM) as tx:
        tx.record("ink_lot.received", "ink_lot", "L-1", {"id": "L-1", "status": "released"})
    for start in range(0, batches, BATCHES_A_TRANSACTION):
        with records.transaction(SYSTEM) as tx:
            for number in range(start, min(batches, start + BATCHES_A_TRANSACTION)):
                one_batch(tx, number)


def one_batch(tx, number):
    batch, order, cartridge = f"B-{number:05d}", f"RX-{number:05d}", f"K-{number:05d}"
    tx.record("order.received", "prescription", order, {"status": "verified", "patient": f"P-{number % 900:04d}"})
    entry = {"batch_id": batch, "mass_g": "-8.5", "reason": "printed and primed", "at": "2026-01-05T09:00:00Z"}
    held = {"id": cartridge, "ink_lot": "L-1", "status": "used", "ledger": [entry]}
    tx.record("cartridge.booked", "cartridge", cartridge, held)
    state = {"status": "released", "prescription": order, "lot": "L-1", "cartridge": cartridge, "units": A_BATCH}
    tx.record("batch.released", "batch", batch, state)
    for index in range(1, A_BATCH + 1):
        unit = UNIT | {"batch_id": batch, "status": "accepted", "use": "patient", "index": index}
        tx.record("unit.allocated", "unit", f"{batch}/{index:02d}", unit)


def best(work, times=3):
    """Return the best wall time, the best time of this process's own work, and what was found."""
    walls, works = [], []
    for _ in range(times):
        begun, worked = time.perf_counter(), time.process_time()
        found = work()
        walls.append(time.perf_counter() - begun)
        works.append(time.process_time() - worked)
    return min(walls), min(works), found


def main():
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    quality = Account("u-0001", "quinn", "Quinn", ("quality",), False, "s-1")
    with tempfile.TemporaryDirectory() as name:
        context = RecordContext("bench", "ws", "0", "b", lambda: datetime.now(UTC), time.monotonic_ns, "locked")
        with Store.open(f"sqlite:///{Path(name)}/record.sqlite", context) as records:
            begun = time.perf_counter()
            fill(records, units)
            filled_s = time.perf_counter() - begun
            trace_s, work_s, traced = best(lambda: trace(records, quality, "L-1"))
            one_s, _, single = best(lambda: trace(records, quality, "K-00007"))
            csv_s, _, _ = best(lambda: recall_csv(recall_lines(traced)), times=1)
    figures = {
        "units": len(traced.units),
        "batches": len(traced.batches),
        "patients": traced.patient_count,
        "trace_of_the_lot_s": trace_s,
        "of_it_own_work_s": work_s,
        "trace_of_one_cartridge_s": one_s,
        "units_of_the_cartridge": len(single.units),
        "csv_s": csv_s,
        "making_the_record_s": filled_s,
    }
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
