"""Laboratory results on record: a second person checks them, and what is out of specification blocks release."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from ink_house import House, open_house
from ward import PASSWORD

from printcare.domain.laboratory import Result
from printcare.domain.people import SYSTEM
from printcare.errors import PrintcareError
from printcare.workflow.authority import Refused
from printcare.workflow.batch import laboratory

RAW = b"peak areas, as the instrument wrote them"
GOOD = Result(
    "B-1", "drug", "content", "HPLC-3", "external", (Decimal(99),) * 10, "%", Decimal(95), Decimal(105), "r.txt", ""
)
OUT = replace(GOOD, values=(Decimal(94), *[Decimal(100)] * 9))


@pytest.fixture
def house(tmp_path: Any, cheap_passwords: None) -> Any:
    """Return a record with people and a printed batch that waits for its decision."""
    made = open_house(tmp_path)
    with made.records.transaction(SYSTEM) as tx:
        tx.record("batch.finished", "batch", "B-1", {"status": "quarantined"})
    yield made
    made.records.close()


def _enter(house: House, result: Result = GOOD, who: str = "ada") -> str:
    return laboratory.enter_result(house.records, house.people[who], result, RAW)


def _check(house: House, key: str, who: str = "quinn") -> str | None:
    return laboratory.check_result(house.records, house.people[who], PASSWORD, key)


def _stops(house: House) -> list[str]:
    return [finding.code for finding in laboratory.laboratory_stops(house.records, "B-1")]


def test_a_result_blocks_release_until_another_person_checked_it(house: House) -> None:
    key = _enter(house)
    assert _stops(house) == ["E_RESULT_UNCHECKED"]
    assert laboratory.contents_of(house.records, "B-1", "drug") == ()
    assert _check(house, key) is None
    assert _stops(house) == []
    assert laboratory.contents_of(house.records, "B-1", "drug") == GOOD.values
    assert laboratory.contents_of(house.records, "B-1", "other") == ()


def test_the_raw_file_is_bound_by_its_digest(house: House) -> None:
    kept = house.state("laboratory_result", _enter(house))["result"]
    assert kept["raw_sha256"] == hashlib.sha256(RAW).hexdigest()
    with pytest.raises(Refused) as refused:
        laboratory.enter_result(house.records, house.people["ada"], GOOD, b"")
    assert refused.value.code == "E_RESULT_RAW_FILE"
    assert house.last_refusal("laboratory.enter") == "E_RESULT_RAW_FILE"


@pytest.mark.parametrize(("who", "analyst"), [("both", "external"), ("quinn", "quinn")])
def test_nobody_checks_what_they_entered_or_found(house: House, who: str, analyst: str) -> None:
    entered_by = "both" if who == "both" else "ada"
    key = _enter(house, replace(GOOD, analyst=analyst), entered_by)
    with pytest.raises(Refused) as refused:
        _check(house, key, who)
    assert refused.value.code == "SAME_PERSON"
    assert house.state("laboratory_result", key)["status"] == "entered"


def test_a_result_out_of_specification_blocks_until_quality_closes_its_investigation(house: House) -> None:
    opened = _check(house, _enter(house, OUT))
    assert opened == "B-1/L1/I1"
    assert _stops(house) == ["E_INVESTIGATION_OPEN"]
    with pytest.raises(Refused):
        laboratory.close_investigation(house.records, house.people["quinn"], PASSWORD, opened, " ")
    assert house.last_refusal("investigation.close") == "E_REASON_MISSING"
    laboratory.close_investigation(house.records, house.people["quinn"], PASSWORD, opened, "weighing error found")
    assert _stops(house) == []
    assert laboratory.contents_of(house.records, "B-1", "drug") == OUT.values  # it stays, and counts
    with pytest.raises(Refused):
        laboratory.close_investigation(house.records, house.people["quinn"], PASSWORD, opened, "again")
    assert house.last_refusal("investigation.close") == "E_INVESTIGATION_CLOSED"


def test_nothing_is_tested_again_before_quality_signed(house: House) -> None:
    opened = _check(house, _enter(house, OUT))
    assert opened is not None
    again = replace(GOOD, retests="B-1/L1")
    for result in (GOOD, again):
        with pytest.raises(Refused) as refused:
            _enter(house, result)
        assert refused.value.code == "E_RETEST_UNSIGNED"
    laboratory.allow_retest(house.records, house.people["quinn"], PASSWORD, opened, "the vial was broken")
    key = _enter(house, again)
    _check(house, key)
    assert laboratory.contents_of(house.records, "B-1", "drug") == OUT.values + GOOD.values


def test_an_operator_neither_checks_nor_closes(house: House) -> None:
    key = _enter(house, OUT)
    with pytest.raises(Refused) as refused:
        _check(house, key, "ada")
    assert refused.value.code == "NOT_PERMITTED"
    with pytest.raises(Refused):
        laboratory.close_investigation(house.records, house.people["ada"], PASSWORD, "B-1/L1/I1", "why not")


def test_a_wrong_password_checks_nothing(house: House) -> None:
    key = _enter(house, OUT)
    with pytest.raises(PrintcareError):
        laboratory.check_result(house.records, house.people["quinn"], "wrong", key)
    assert house.records.all("investigation") == {}


def test_results_belong_to_a_batch_that_waits_for_its_decision(house: House) -> None:
    with pytest.raises(Refused) as refused:
        _enter(house, replace(GOOD, batch_id="B-9"))
    assert refused.value.code == "E_BATCH_STATE"
    with pytest.raises(Refused) as refused:
        _check(house, "B-9/L1")
    assert refused.value.code == "E_NOT_ON_RECORD"
