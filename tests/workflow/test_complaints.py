"""Complaints, reactions and error reports: linked, assessed by another person, closed; recalls to their end."""

from __future__ import annotations

import pytest
from printed_house import BATCH, printed
from ward import PASSWORD

from printcare.domain.people import SYSTEM
from printcare.records import audit
from printcare.workflow.authority import Refused
from printcare.workflow.quality import complaints, recalls
from printcare.workflow.quality.complaints import Kind, Report, assess_report, close_report, record_report, report_stops


@pytest.fixture
def house(tmp_path, cheap_passwords):
    made = printed(tmp_path, "released")
    yield made
    made.records.close()


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def report(house, kind=Kind.REACTION, **changes):
    told = {"batch_id": BATCH, "kind": kind, "what": "vomited after the dose", "source": "ward", "units": (2,)}
    return record_report(house.records, house.people["ben"], Report(**(told | changes)))


def test_a_report_goes_its_way_and_the_record_verifies(house):
    number = report(house)
    assert house.state("complaint", number)["units"] == [f"{BATCH}/02"]
    opened = assess_report(house.records, house.people["quinn"], PASSWORD, number, "likely the drug", serious=True)
    assert house.state("deviation", opened)["status"] == "open"
    close_report(house.records, house.people["quinn"], PASSWORD, number, "told to the prescriber", "AUTH-1")
    assert house.state("complaint", number)["status"] == "closed"
    assert complaints.reports(house.records, house.people["quinn"], BATCH).keys() == {number}
    assert audit.verify(house.records.url)["verdict"] in ("OK", "UNANCHORED")


def test_what_is_not_serious_opens_no_deviation(house):
    number = report(house, Kind.COMPLAINT)
    made = assess_report(house.records, house.people["quinn"], PASSWORD, number, "taste", serious=False)
    assert (made, house.records.all("deviation", batch_id=BATCH)) == (None, {})


def test_a_serious_reaction_is_not_closed_before_the_authority_has_it(house):
    number = report(house)
    assess_report(house.records, house.people["quinn"], PASSWORD, number, "serious", serious=True)
    with pytest.raises(Refused) as refused:
        close_report(house.records, house.people["quinn"], PASSWORD, number, "done")
    assert codes(refused) == ["E_REACTION_UNREPORTED"]
    assert house.last_refusal("complaint.close") == "E_REACTION_UNREPORTED"


def test_nobody_assesses_what_they_put_on_record(house):
    told = Report(BATCH, Kind.ERROR, "wrong tray", "operator")
    number = record_report(house.records, house.people["both"], told)
    with pytest.raises(Refused) as refused:
        assess_report(house.records, house.people["both"], PASSWORD, number, "mine", serious=False)
    assert codes(refused) == ["E_REPORT_OWN"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"batch_id": "B-9999"}, "E_NOT_ON_RECORD"),
        ({"what": " "}, "E_REASON_MISSING"),
        ({"source": ""}, "E_REASON_MISSING"),
        ({"units": (11,)}, "E_UNIT_UNKNOWN"),
    ],
)
def test_a_report_that_leads_nowhere_is_refused(house, changes, code):
    with pytest.raises(Refused) as refused:
        report(house, **changes)
    assert codes(refused) == [code]


def test_a_report_is_assessed_once_and_closed_after(house):
    number = report(house, Kind.ERROR)
    with pytest.raises(Refused) as refused:
        close_report(house.records, house.people["quinn"], PASSWORD, number, "done")
    assert codes(refused) == ["E_REPORT_MOVE"]
    assess_report(house.records, house.people["quinn"], PASSWORD, number, "seen", serious=False)
    with pytest.raises(Refused) as refused:
        assess_report(house.records, house.people["quinn"], PASSWORD, number, "again", serious=False)
    assert codes(refused) == ["E_REPORT_MOVE"]


def test_a_report_nobody_closed_blocks_the_release(house):
    number = report(house, Kind.ERROR)
    assert [stop.code for stop in report_stops(house.records, BATCH)] == ["E_REPORT_OPEN"]
    assess_report(house.records, house.people["quinn"], PASSWORD, number, "seen", serious=False)
    close_report(house.records, house.people["quinn"], PASSWORD, number, "done")
    assert report_stops(house.records, BATCH) == ()


@pytest.fixture
def recalled(house):
    state = {"status": "open", "asked": "CP-2601-A", "batches": [BATCH], "units": 10, "seconds": "0.012", "reason": "x"}
    with house.records.transaction(SYSTEM) as tx:
        tx.record("recall.begun", "recall", "R-0001", state)
    return house


def test_a_recall_is_closed_when_every_batch_is_called_back(recalled):
    quinn = recalled.people["quinn"]
    with pytest.raises(Refused) as refused:
        recalls.close_recall(recalled.records, quinn, PASSWORD, "R-0001", 7, "all back")
    assert codes(refused) == ["E_RECALL_OPEN"]
    recalls.call_back(recalled.records, quinn, PASSWORD, "R-0001", BATCH, "wrong assay of the lot")
    assert recalled.state("batch", BATCH)["status"] == "recalled"
    recalls.close_recall(recalled.records, quinn, PASSWORD, "R-0001", 7, "seven back, three given")
    told = recalls.recalls(recalled.records, quinn)["R-0001"]
    assert (told["status"], told["returned"], told["in_time"]) == ("closed", 7, True)


@pytest.mark.parametrize(
    ("number", "batch", "reason", "code"),
    [
        ("R-0002", BATCH, "x", "E_RECALL_STATE"),
        ("R-0001", "B-0009", "x", "E_RECALL_BATCH"),
        ("R-0001", BATCH, " ", "E_REASON_MISSING"),
    ],
)
def test_what_no_open_recall_lists_is_not_called_back(recalled, number, batch, reason, code):
    with pytest.raises(Refused) as refused:
        recalls.call_back(recalled.records, recalled.people["quinn"], PASSWORD, number, batch, reason)
    assert codes(refused) == [code]


def test_more_units_than_there_were_never_come_back(recalled):
    quinn = recalled.people["quinn"]
    recalls.call_back(recalled.records, quinn, PASSWORD, "R-0001", BATCH, "wrong assay")
    with pytest.raises(Refused) as refused:
        recalls.close_recall(recalled.records, quinn, PASSWORD, "R-0001", 11, "")
    assert codes(refused) == ["E_REASON_MISSING", "E_RECALL_COUNT"]
