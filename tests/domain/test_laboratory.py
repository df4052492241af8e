"""Laboratory results: entered in full, checked by another person, never averaged away or tested into compliance."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.domain.checks import Finding
from printcare.domain.laboratory import (
    InvestigationStatus,
    Result,
    ResultStatus,
    blocking_release,
    check_objections,
    concentration_rsd,
    entry_objections,
    retest_objections,
    stands_already,
    supports_mass_for_content,
)

GOOD = Result(
    "B-1", "drug", "content", "HPLC-3", "a.analyst", (Decimal(99),), "%", Decimal(95), Decimal(105), "r.txt", "ab"
)
OUT = replace(GOOD, values=(Decimal(94), Decimal(106), Decimal(100)))


def _codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": " "}, "E_RESULT_INCOMPLETE"),
        ({"values": ()}, "E_RESULT_VALUES"),
        ({"values": (Decimal("NaN"),)}, "E_RESULT_VALUES"),
        ({"values": (Decimal(-1),)}, "E_RESULT_VALUES"),
        ({"raw_sha256": ""}, "E_RESULT_RAW_FILE"),
    ],
)
def test_a_result_that_lacks_something_is_not_kept(change: dict[str, object], code: str) -> None:
    assert _codes(entry_objections(replace(GOOD, **change))) == [code]  # type: ignore[arg-type]
    assert entry_objections(GOOD) == ()


def test_every_value_is_compared_and_no_mean_hides_one() -> None:
    assert OUT.outside == (Decimal(94), Decimal(106))  # their mean of 100 lies in the middle of the limits
    assert replace(OUT, low=None, high=None).outside == ()


@pytest.mark.parametrize(
    ("status", "entered_by", "analyst", "codes"),
    [
        (ResultStatus.ENTERED, "ada", "ben", []),
        (ResultStatus.ENTERED, "cleo", "ben", ["SAME_PERSON"]),
        (ResultStatus.ENTERED, "ada", "cleo", ["SAME_PERSON"]),
        (ResultStatus.ENTERED, "cleo", "cleo", ["SAME_PERSON"]),
        (ResultStatus.CHECKED, "ada", "ben", ["E_RESULT_CHECKED"]),
    ],
)
def test_the_second_check_is_another_person_s(
    status: ResultStatus, entered_by: str, analyst: str, codes: list[str]
) -> None:
    assert _codes(check_objections(status, entered_by, analyst, "cleo")) == codes


def test_nothing_is_tested_again_before_quality_signed_for_it() -> None:
    again = replace(GOOD, retests="L1")
    assert retest_objections(GOOD, None, False) == ()
    assert _codes(retest_objections(again, None, True)) == ["E_RETEST_UNKNOWN"]
    assert _codes(retest_objections(again, replace(OUT, drug="other"), True)) == ["E_RETEST_UNKNOWN"]
    assert _codes(retest_objections(again, OUT, False)) == ["E_RETEST_UNSIGNED"]
    assert retest_objections(again, OUT, True) == ()


def test_a_new_result_beside_one_out_of_specification_is_a_retest() -> None:
    assert _codes(stands_already(GOOD, [OUT])) == ["E_RETEST_UNSIGNED"]
    assert stands_already(GOOD, [GOOD, replace(OUT, drug="other")]) == ()
    assert stands_already(replace(GOOD, retests="L1"), [OUT]) == ()


def test_unchecked_results_and_open_investigations_block_release() -> None:
    results = [("L1", ResultStatus.ENTERED), ("L2", ResultStatus.CHECKED)]
    investigations = [("I1", InvestigationStatus.OPEN), ("I2", InvestigationStatus.CLOSED)]
    assert _codes(blocking_release(results, investigations)) == ["E_RESULT_UNCHECKED", "E_INVESTIGATION_OPEN"]
    assert blocking_release(results[1:], investigations[1:]) == ()


@pytest.mark.parametrize(
    ("low", "high", "codes"), [("98", "102", ["E_CONCENTRATION_RSD"]), ("99", "101", []), ("98.06", "101.94", [])]
)
def test_concentrations_support_mass_up_to_an_rsd_of_2_percent(low: str, high: str, codes: list[str]) -> None:
    # ±2 at n = 10 has s = 2·√(10/9) = 2.108; ±1.94 has 2.045, which rounds half up to 2.0
    assert _codes(supports_mass_for_content([Decimal(low), Decimal(high)] * 5)) == codes


def test_nine_concentrations_say_nothing_of_their_spread() -> None:
    found = concentration_rsd([Decimal(100)] * 9)
    assert isinstance(found, Finding)
    assert _codes(supports_mass_for_content([Decimal(100)] * 9)) == ["E_CONCENTRATION_COUNT"]
