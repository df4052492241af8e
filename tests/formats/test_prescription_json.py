"""The project's own prescription JSON: read whole, or refused with everything that is wrong."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.formats.imported import ImportResult
from printcare.formats.prescription_json import read_prescription_json


def order() -> dict[str, Any]:
    return {
        "schema": "printcare.prescription/1",
        "id": "RX-1",
        "authored_on": "2026-01-05",
        "prescriber": "Dr Ada Example",
        "patient": {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": "2021-09-14", "sex": "F"},
        "product": {"code": "cyclophosphamide", "form": "cyclophosphamide anhydrous"},
        "route": "oral",
        "dose_mg": "17",
        "basis": {"basis": "per_m2", "amount_mg": 25, "per": "day"},
        "doses_per_day": 1,
        "duration_days": 7,
        "weight": {"value": "16.0", "unit": "kg", "measured_on": "2026-01-02"},
        "height": {"value": 102, "unit": "cm", "measured_on": "2026-01-02"},
    }


def read(value: object) -> ImportResult:
    return read_prescription_json(json.dumps(value).encode(), b"key", date(2026, 1, 5))


def codes(result: ImportResult) -> set[str]:
    return {finding.code for finding in result.findings}


def test_an_order_is_read_with_its_digits() -> None:
    prescription = read(order()).prescription
    assert prescription is not None
    assert prescription.ordered_dose_mg == Decimal(17)
    assert prescription.weight is not None
    assert prescription.weight.value == "16.0"
    assert prescription.basis is not None
    assert prescription.basis.amount_mg == "25"
    assert prescription.form == "cyclophosphamide anhydrous"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("dose_mg",), "17,5", "E_NUMBER_FORMAT"),
        (("dose_mg",), "-17", "E_NON_POSITIVE"),
        (("dose_mg",), True, "E_MISSING"),
        (("doses_per_day",), 2.5, "PJSON_VALUE"),
        (("doses_per_day",), 0, "PJSON_VALUE"),
        (("doses_per_day",), "1", "E_MISSING"),
        (("duration_days",), 4000, "PJSON_VALUE"),
        (("route",), "intrathecal", "PJSON_VALUE"),
        (("authored_on",), "2026-02-30", "PJSON_VALUE"),
        (("authored_on",), "2027-01-01", "PJSON_DATE"),
        (("patient", "birth_date"), "2021-13-01", "PJSON_VALUE"),
        (("weight", "unit"), "stone", "PJSON_VALUE"),
        (("weight", "measured_on"), "2026-01-06", "PJSON_DATE"),
        (("basis", "per"), "week", "PJSON_VALUE"),
        (("schema",), "printcare.prescription/2", "PJSON_VALUE"),
        (("dose",), "17", "PJSON_UNKNOWN"),
        (("patient", "nickname"), "R", "PJSON_UNKNOWN"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(path: tuple[str, ...], value: object, code: str) -> None:
    message = order()
    node = message
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    result = read(message)
    assert result.prescription is None
    assert any(f.code == code and f.where == ".".join(path) for f in result.findings), result.findings


def test_an_order_without_dose_and_basis_is_refused() -> None:
    message = order()
    del message["dose_mg"], message["basis"]
    assert "PJSON_MISSING" in codes(read(message))


def test_a_measurement_before_birth_is_refused() -> None:
    message = order()
    message["patient"]["birth_date"] = "2026-01-03"
    assert {f.where for f in read(message).findings if f.code == "PJSON_DATE"} == {
        "weight.measured_on",
        "height.measured_on",
    }


def test_all_problems_are_told_at_once() -> None:
    message = order() | {"route": "nasal", "duration_days": 0}
    del message["prescriber"]
    assert len([finding for finding in read(message).findings if finding.blocks]) == 3


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=3)))
def test_any_other_json_is_refused_without_raising(value: object) -> None:
    assert read(value).prescription is None


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(order())),
    st.none() | st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=2),
)
def test_a_mutated_order_is_whole_or_refused(key: str, value: object) -> None:
    result = read(order() | {key: value})
    assert (result.prescription is None) is any(finding.blocks for finding in result.findings)
