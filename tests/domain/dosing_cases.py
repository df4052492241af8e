"""The worked cases of the dosing reference, as cases to calculate, whole or with single entries changed."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from printcare.domain.dose_case import DoseCase
from printcare.domain.dosing import DoseCalculation, Refusal, calculate
from printcare.formats.dose_case import read_dose_case

DATA = json.loads((Path(__file__).parents[1] / "data" / "dosing-cases.json").read_text("utf-8"))
CASES = {case["id"]: case for case in DATA["e2e"]}
ACCEPTED = [case_id for case_id, case in CASES.items() if case["expect"]["status"] == "ok"]
REFUSED = [case_id for case_id, case in CASES.items() if case["expect"]["status"] == "refused"]
GONE = object()


def document(case_id: str, changes: dict[str, object] | None = None) -> dict[str, object]:
    """Return the four parts of a case with entries at key paths replaced, or taken out where GONE stands."""
    parts = {name: copy.deepcopy(CASES[case_id][name]) for name in ("patient", "order", "ink", "recipe")}
    for path, value in (changes or {}).items():
        *tables, last = path.split(".")
        table = parts
        for name in tables:
            table = table[name]
        if value is GONE:
            del table[last]
        else:
            table[last] = value
    return parts


def dose_case(case_id: str, changes: dict[str, object] | None = None) -> DoseCase:
    case = read_dose_case(json.dumps(document(case_id, changes)).encode())
    assert isinstance(case, DoseCase), case
    return case


def dose(case_id: str, changes: dict[str, object] | None = None) -> DoseCalculation:
    outcome = calculate(dose_case(case_id, changes))
    assert isinstance(outcome, DoseCalculation), outcome
    return outcome


def refusal_codes(case_id: str, changes: dict[str, object] | None = None) -> list[str]:
    outcome = calculate(dose_case(case_id, changes))
    assert isinstance(outcome, Refusal), outcome
    return [finding.code for finding in outcome.findings]
