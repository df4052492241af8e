"""Every client's remembered head: window, commands and job open the record by it, and look again every five minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.domain.events import RecordUnwritable
from printcare.domain.people import Actor
from printcare.domain.policy import LOCKED, REHEARSAL
from printcare.records.store import LOOK_EVERY_NS, Store
from printcare.workstation import opening
from printcare.workstation.opening import memory_of, open_record

OPERATOR = Actor("u-0009", "operator", "s-1")


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/record.sqlite"


@pytest.fixture
def elapsed_ns(monkeypatch):
    """Let the test move the clock that this process measures time by."""
    passed = [1]
    told = opening.record_context

    def context(policy, site=None):
        return replace(told(policy, site), monotonic_ns=lambda: passed[0])

    monkeypatch.setattr(opening, "record_context", context)
    return passed


def weigh(records, number=1):
    with records.transaction(OPERATOR) as tx:
        tx.record("unit.weighed", "unit", f"B-1/{number}", new={"batch_id": "B-1", "status": "accepted"})


def test_a_client_remembers_from_its_first_opening(url):
    open_record(url, LOCKED)[0].close()
    assert memory_of(url).note() is not None


def test_a_second_client_of_a_station_begins_to_remember_too(url):
    open_record(url, LOCKED)[0].close()
    memory_of(url).path.unlink()
    open_record(url, LOCKED)[0].close()
    assert memory_of(url).note() is not None


def test_nobody_remembers_a_rehearsal_which_the_next_one_may_stand_in_place_of(url):
    open_record(url, REHEARSAL)[0].close()
    records, _ = open_record(url, LOCKED)
    with records:
        assert records.memory is None
        assert records.checkpoint() is not None
    assert memory_of(url).note() is None


def test_a_rehearsal_in_the_place_of_a_site_s_record_is_refused(url, tmp_path):
    open_record(url, LOCKED)[0].close()
    for path in tmp_path.glob("record.sqlite*"):
        path.unlink()
    open_record(url, REHEARSAL)[0].close()
    with pytest.raises(RecordUnwritable) as refused:
        open_record(url, LOCKED)
    assert refused.value.code in ("RECORD_FORKED", "RECORD_TRUNCATED")


@pytest.mark.parametrize("use", [weigh, Store.head], ids=["writes", "reads"])
def test_a_record_replaced_while_it_is_open_is_refused_within_five_minutes(url, elapsed_ns, use):
    records, _ = open_record(url, LOCKED)
    with records:
        weigh(records)
        records.checkpoint()
        records.memory.keep(records.memory.note().replace("/epoch-1", "/epoch-7", 1))  # the log it saw is another
        elapsed_ns[0] += LOOK_EVERY_NS - 1
        use(records)
        elapsed_ns[0] += 1
        for _ in range(2):  # and again: what is wrong stays wrong
            with pytest.raises(RecordUnwritable) as refused:
                use(records)
            assert refused.value.code == "RECORD_REPLACED"
