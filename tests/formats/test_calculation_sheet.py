"""The calculation sheet as text and as the public object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from printcare.domain.dose_case import DoseCase
from printcare.domain.dosing import DoseCalculation, Refusal, calculate
from printcare.formats.calculation_sheet import refusal_object, refusal_text, sheet_object, sheet_text
from printcare.formats.dose_case import read_dose_case

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "data" / "dosing-cases.json").read_text("utf-8"))["e2e"]
}


def outcome(case_id: str) -> DoseCalculation | Refusal:
    case = read_dose_case(json.dumps(CASES[case_id]).encode())
    assert isinstance(case, DoseCase)
    return calculate(case)


def calculation(case_id: str) -> DoseCalculation:
    found = outcome(case_id)
    assert isinstance(found, DoseCalculation)
    return found


@pytest.mark.parametrize("case_id", [case_id for case_id, case in CASES.items() if case["expect"]["status"] == "ok"])
def test_the_object_has_the_contracts_keys_and_types(case_id):
    found, expected = sheet_object(calculation(case_id)), CASES[case_id]["expect"]
    assert expected.keys() <= found.keys()
    assert {name: type(found[name]) for name in expected} == {name: type(value) for name, value in expected.items()}


def test_strings_carry_fifteen_significant_digits_as_the_cases_do():
    found = sheet_object(calculation("V08"))
    assert {name: found[name] for name in CASES["V08"]["expect"]} == CASES["V08"]["expect"]


def test_flags_are_sorted_codes_and_findings_say_why():
    found = sheet_object(calculation("V07"))
    assert found["flags"] == ["W_BSA_CAPPED", "W_GROWTH_CONFIRM_WEIGHT", "W_MULTI_UNIT"]
    findings = found["findings"]
    assert isinstance(findings, list)
    assert [finding["code"] for finding in findings] == found["flags"]
    assert all(finding["reason"] and finding["remedy"] for finding in findings)


def test_the_object_is_json():
    assert json.loads(json.dumps(sheet_object(calculation("V01"))))["lines"][0]["what"] == "age"


def test_the_text_shows_every_step_and_what_to_weigh():
    found = sheet_text(calculation("V02"))
    for line in calculation("V02").lines:
        assert f"{line.number}  {line.what}: {line.result} {line.unit}" in found
        assert line.formula_with_numbers in found
    assert "target wet mass 440.9 mg" in found
    assert "W_ASSAY_CORRECTED" in found


def test_a_refusal_shows_reasons_and_no_figure_to_print():
    refused = outcome("R08")
    assert isinstance(refused, Refusal)
    assert refusal_text(refused).startswith("NO DOSE\nREFUSED E_BMI_IMPLAUSIBLE: ")
    assert refusal_object(refused.findings).keys() == {"status", "findings"}
