"""The alarms of one job: their states, who moves them, and what they amount to."""

from __future__ import annotations

import pytest

from printcare.control.alarm_list import SHELF_S, AlarmList, statistics
from printcare.control.alarms import ALARMS, AlarmState, moved, trip
from printcare.errors import PrintcareError

WORDS = {"shelf_timeout": "time_out"}


@pytest.fixture
def machine(vectors):
    return vectors["alarm_state_machine"]


@pytest.mark.parametrize(("name", "kind"), [("latching", "A03"), ("non_latching", "A07"), ("shelve", "A07")])
def test_an_alarm_moves_as_the_reference_sequence(machine, name, kind):
    state = AlarmState(machine["initial"])
    for event, wanted in machine[name]:
        state = moved(ALARMS[kind], state, WORDS.get(event, event))
        assert state.value == wanted


def test_the_reference_s_illegal_moves_are_refused(machine):
    for state, event in machine["illegal"]:
        with pytest.raises(PrintcareError, match="ALARM_MOVE"):
            moved(ALARMS["A03"], AlarmState(state), event)


def test_a_shelved_warning_comes_back_when_its_time_is_over():
    alarms = AlarmList()
    alarms.raised(trip("A07", "36.5 °C"))
    assert alarms.shelve("A07", "u-1", "draught stopped", 10.0).after == "SHELVED"
    assert alarms.time_out(10.0 + SHELF_S - 1) == []
    (back,) = alarms.time_out(10.0 + SHELF_S)
    assert back.after == "UNACK"
    assert alarms.time_out(10.0 + 2 * SHELF_S) == []


def test_what_was_never_raised_is_neither_cleared_nor_acknowledged():
    alarms = AlarmList()
    assert alarms.cleared("A07", 0.0) is None
    with pytest.raises(PrintcareError, match="ALARM_UNKNOWN"):
        alarms.acknowledge("A07", "u-1", "why", 0.0)


def test_an_alarm_that_pauses_or_that_stopped_a_print_which_may_go_on_makes_the_job_wait():
    alarms = AlarmList()
    alarms.raised(trip("A08", "too light"))
    assert alarms.waiting() == []
    alarms.raised(trip("A09", "trend"))
    alarms.raised(trip("A04", "closed nozzle"))
    assert [cause.kind.id for cause in alarms.waiting()] == ["A09", "A04"]


def test_statistics_count_by_alarm_and_priority_and_find_a_flood():
    quiet = statistics([(0.0, "A07"), (700.0, "A08")])
    assert (quiet.total, quiet.by_alarm, quiet.by_priority) == (2, {"A07": 1, "A08": 1}, {3: 1, 1: 1})
    assert (quiet.most_in_ten_minutes, quiet.is_flood) == (1, False)
    flood = statistics([(second, "A07") for second in range(11)])
    assert (flood.most_in_ten_minutes, flood.is_flood) == (11, True)
    assert statistics([]).most_in_ten_minutes == 0
