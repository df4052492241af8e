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


# ---- what an order may say beside its dose


FULL: dict[str, Any] = {
    "patient": order()["patient"] | {"gestational_weeks": "34.5"},
    "reduction": {"pct": "25", "reason": "leucopenia"},
    "previous": {"weight": {"value": "15.5", "unit": "kg", "measured_on": "2025-12-01"}, "dose_mg": "16"},
    "given_before": [{"over": "lifetime", "unit": "mg/m2", "amount": "0"}],
    "allergies": ["aspartame"],
    "prior_prescription": "RX-0",
}
TAPER = [
    {"days": 3, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": 5}]},
    {"days": 2, "doses": [{"at": "08:00", "dose_mg": "10.0"}]},
]
UNEQUAL = {
    key: value for key, value in order().items() if key not in ("dose_mg", "basis", "doses_per_day", "duration_days")
}
COMPONENTS = [
    {"product": {"code": "captopril"}, "dose_mg": "5"},
    {"product": {"code": "furosemide"}, "basis": {"basis": "per_kg", "amount_mg": "1", "per": "dose"}},
]
COMBINED = {key: value for key, value in order().items() if key not in ("dose_mg", "basis")}


def test_gestation_reduction_previous_and_ledger_are_read() -> None:
    prescription = read(order() | FULL).prescription
    assert prescription is not None
    assert (prescription.gestational_weeks, prescription.prior_prescription) == ("34.5", "RX-0")
    assert prescription.reduction is not None
    assert (prescription.reduction.pct, prescription.reduction.reason) == ("25", "leucopenia")
    assert prescription.previous_weight is not None
    assert (prescription.previous_weight.value, prescription.previous_dose_mg) == ("15.5", Decimal(16))
    given = prescription.given_before[0]
    assert (given.over, given.unit, given.amount) == ("lifetime", "mg/m2", Decimal(0))
    assert prescription.allergies == ("aspartame",)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"reduction": {"pct": "25"}}, "reduction.reason"),
        ({"reduction": {"pct": "-5", "reason": "x"}}, "reduction.pct"),
        ({"previous": {"weight": {"value": "15", "unit": "stone"}}}, "previous.weight.unit"),
        (
            {"previous": {"weight": {"value": "15", "unit": "kg", "measured_on": "2026-02-01"}}},
            "previous.weight.measured_on",
        ),
        ({"previous": {"height": "1"}}, "previous.height"),
        ({"given_before": [{"over": "week", "unit": "mg", "amount": "1"}]}, "given_before[0].over"),
        ({"given_before": FULL["given_before"] * 2}, "given_before"),
        ({"given_before": "none"}, "given_before"),
        ({"allergies": "nuts"}, "allergies"),
        ({"prior_prescription": 5}, "prior_prescription"),
        ({"patient": order()["patient"] | {"gestational_weeks": "34+5"}}, "patient.gestational_weeks"),
    ],
)
def test_a_wrong_statement_is_refused_with_its_key(changes: dict[str, Any], where: str) -> None:
    result = read(order() | changes)
    assert result.prescription is None
    assert where in {finding.where for finding in result.findings}, result.findings


def test_unequal_doses_and_a_taper_are_steps() -> None:
    prescription = read(UNEQUAL | {"steps": TAPER}).prescription
    assert prescription is not None
    assert (prescription.doses_per_day, prescription.duration_days) == (2, 5)
    assert (prescription.ordered_dose_mg, prescription.basis) == (None, None)
    doses = [[(dose.time_of_day, dose.amount.value) for dose in step.doses] for step in prescription.steps]
    assert doses == [[("08:00", "10"), ("14:00", "5")], [("08:00", "10.0")]]


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": []},
        {"steps": TAPER, "dose_mg": "17"},
        {"steps": TAPER, "doses_per_day": 2},
        {"steps": TAPER, "duration_days": 5},
        {"steps": TAPER, "reduction": FULL["reduction"]},
        {"steps": TAPER, "components": COMPONENTS},
        {"steps": [{"days": 3, "doses": []}]},
        {"steps": [{"days": 0, "doses": TAPER[1]["doses"]}]},
        {"steps": [{"days": 300, "doses": TAPER[1]["doses"]}] * 2},
        {"steps": [{"days": 1, "doses": [{"at": "08:00", "dose_mg": "0"}]}]},
        {"steps": [{"days": 1, "doses": [{"at": "08:00", "dose_mg": "1", "per_kg": "1"}]}]},
    ],
)
def test_steps_that_leave_a_doubt_are_refused(changes: dict[str, Any]) -> None:
    assert read(UNEQUAL | changes).prescription is None


def test_several_drugs_of_a_unit_come_with_a_dose_each() -> None:
    prescription = read(COMBINED | {"components": COMPONENTS}).prescription
    assert prescription is not None
    assert [(each.product_code, each.ordered_dose_mg) for each in prescription.components] == [
        ("captopril", Decimal(5)),
        ("furosemide", None),
    ]
    assert prescription.components[1].basis is not None
    assert prescription.ordered_dose_mg is None


@pytest.mark.parametrize(
    "changes",
    [
        {"components": COMPONENTS[:1]},
        {"components": [COMPONENTS[0], COMPONENTS[0]]},
        {"components": [COMPONENTS[0], {"product": {"code": "furosemide"}}]},
        {"components": COMPONENTS, "dose_mg": "17"},
    ],
)
def test_components_that_leave_a_doubt_are_refused(changes: dict[str, Any]) -> None:
    assert read(COMBINED | changes).prescription is None


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*sorted(FULL), "steps", "components"]),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4) | st.sampled_from(["08:00", "5", "mg"]),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["days", "doses", "at", "dose_mg", "pct", "product"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
)
def test_an_order_with_any_statement_is_whole_or_refused(key: str, value: object) -> None:
    result = read(order() | {key: value})
    assert (result.prescription is None) is any(finding.blocks for finding in result.findings)
