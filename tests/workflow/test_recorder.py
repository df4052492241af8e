"""The record first, the screen second, and a screen that breaks stops nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from printcare.control.events import JobEnded, Noted, Outcome, Phase, Progress
from printcare.domain.events import RecordUnwritable
from printcare.domain.people import Actor
from printcare.records.store import RecordContext, Store
from printcare.workflow.batch.recorder import Recorder

OPERATOR = Actor("u-0001", "operator", "s-1")
NOTE = Noted("command", "u-1: acknowledge", None)


@pytest.fixture
def records(tmp_path):
    context = RecordContext("demo", "ws", "0.1", "b", lambda: datetime.now(UTC), time.monotonic_ns, "locked")
    with Store.open(f"sqlite:///{tmp_path}/record.sqlite", context, key_directory=tmp_path) as store:
        yield store


def recorder(records, show):
    return Recorder(records, OPERATOR, SimpleNamespace(batch_id="B-1"), "C-1", show)


def noted(records):
    return [event.content["new"]["text"] for event in records.events(action="job.noted")]


def test_an_event_is_in_the_record_before_it_is_shown(records):
    seen = []
    recorder(records, lambda _: seen.append(len(noted(records))))(NOTE)
    assert seen == [1]


def test_progress_is_shown_and_never_recorded(records):
    shown = []
    before = records.head()
    recorder(records, shown.append)(Progress(Phase.PRINT, 0.5, 1.0))
    assert len(shown) == 1
    assert records.head() == before


def test_a_screen_that_breaks_stops_neither_the_job_nor_the_record(records):
    def broken(_event):
        raise BrokenPipeError

    report = recorder(records, broken)
    report(NOTE)
    report(NOTE)
    assert len(noted(records)) == 2


def test_what_cannot_be_recorded_is_not_shown(records, monkeypatch):
    shown = []
    report = recorder(records, shown.append)

    def full(_actor):
        raise RecordUnwritable("RECORD_UNWRITABLE", "The disk is full.", "Free it.")

    monkeypatch.setattr(records, "transaction", full)
    with pytest.raises(RecordUnwritable):
        report(NOTE)
    assert shown == []


def test_a_deviation_opened_while_it_printed_stays_beside_the_job_s_own(records):
    looked_back = {"batch_id": "B-1", "status": "open", "what": "the balance was found wrong", "opened_by": "u-9"}
    with records.transaction(OPERATOR) as tx:
        tx.record("batch.started", "batch", "B-1", {"status": "printing"})
        tx.record("deviation.opened", "deviation", "B-1/D1", looked_back)
    report = Recorder(records, OPERATOR, SimpleNamespace(batch_id="B-1", parts=()), "C-1", lambda _: None)
    report._book_ink = lambda _tx, _event: None  # no ink in this record
    report(JobEnded(Outcome.STOPPED, "stopped by a person", None, 0, 0.0, 0.0))
    assert records.get("deviation", "B-1/D1") == looked_back
    assert records.get("deviation", "B-1/D2")["what"] == "stopped by a person"
