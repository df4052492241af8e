"""Speed of dosing: one calculation with its sheet, a batch of cases, the whole command, and the import of many orders.

    python tests/benchmarks/bench_dosing.py [CASES]

Targets: one calculation with sheet ≤ 2 ms; 10,000 cases ≥ 1,000/s; `printcare dose` as a whole command ≤ 150 ms.
The import of 1,000 orders, one message each, has no target; its rate is printed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from printcare.domain.dosing import Refusal, calculate
from printcare.formats.calculation_sheet import sheet_object, sheet_text
from printcare.formats.dose_case import read_dose_case
from printcare.formats.fhir import read_fhir
from printcare.formats.prescription_json import read_prescription_json

HERE = Path(__file__).resolve().parent
CASES = json.loads((HERE.parent / "data" / "dosing-cases.json").read_text("utf-8"))["e2e"]
ORDER = HERE.parents[1] / "recipes" / "demonstration" / "order-cyclophosphamide.fhir.json"
TODAY, KEY = date(2026, 1, 5), b"a key of the benchmark"
ORDERS, REPEATS, COMMANDS = 1000, 200, 9
OWN = {
    "schema": "printcare.prescription/1",
    "authored_on": "2026-01-05",
    "prescriber": "Dr Ada Example",
    "patient": {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": "2021-09-14"},
    "product": {"code": "cyclophosphamide"},
    "route": "oral",
    "dose_mg": "17",
    "doses_per_day": 1,
    "duration_days": 7,
}


def median_ms(work, repeats):
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def rate(work, number):
    begun = time.perf_counter()
    work()
    return number / (time.perf_counter() - begun)


def with_sheet(data):
    outcome = calculate(read_dose_case(data))
    sheet_text(outcome)
    sheet_object(outcome)


def whole_command(data):
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case.json"
        case.write_bytes(data)
        command = [sys.executable, "-m", "printcare", "dose", str(case), "--json"]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}

        def work():
            subprocess.run(command, check=True, capture_output=True, env=environment)

        work()
        return median_ms(work, COMMANDS)


def numbered(message, number):
    return message.replace(b"RX-2026-000417", b"RX-2026-%06d" % number)


def told(what, value, unit, target=None, more_is_better=False):
    ratio = ""
    if target is not None:
        ratio = f"  target {target:g}, ratio {value / target if more_is_better else target / value:.2f} (≥ 1 is met)"
    print(f"{what:<44}{value:>10.2f} {unit}{ratio}")


def main(cases):
    texts = [json.dumps(case).encode() for case in CASES]
    accepted = [text for text in texts if not isinstance(calculate(read_dose_case(text)), Refusal)]
    one = median_ms(lambda: with_sheet(accepted[0]), REPEATS)
    slowest = max(median_ms(lambda text=text: with_sheet(text), 15) for text in accepted)
    many = [texts[place % len(texts)] for place in range(cases)]
    batch = rate(lambda: [calculate(read_dose_case(text)) for text in many], cases)
    message = ORDER.read_bytes()
    fhir = [numbered(message, number) for number in range(ORDERS)]
    own = [json.dumps(OWN | {"id": f"RX-{number}"}).encode() for number in range(ORDERS)]
    assert read_fhir(fhir[0], KEY, TODAY).prescription is not None
    assert read_prescription_json(own[0], KEY, TODAY).prescription is not None
    told("one calculation with its sheet", one, "ms", 2)
    told("the slowest of the worked cases", slowest, "ms", 2)
    told(f"{cases} cases in a batch", batch, "/s", 1000, more_is_better=True)
    told("`printcare dose` as a whole command", whole_command(accepted[0]), "ms", 150)
    told(f"import of {ORDERS} FHIR orders", rate(lambda: [read_fhir(each, KEY, TODAY) for each in fhir], ORDERS), "/s")
    imported = rate(lambda: [read_prescription_json(each, KEY, TODAY) for each in own], ORDERS)
    told(f"import of {ORDERS} orders in our own JSON", imported, "/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
