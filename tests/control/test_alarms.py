"""The alarm table and the states an alarm moves through (ISA-18.2, process.md §3.3 and §3.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.control.alarms import ALARMS, TRANSITIONS, AlarmState, Stop, moved, trip
from printcare.errors import PrintcareError

EVENTS = ("condition_on", "condition_off", "ack", "reset", "shelve", "time_out")
LATCHING, PASSING = ALARMS["A03"], ALARMS["A07"]
S = AlarmState

# Drawn from the state diagram by hand, one row an arrow: state, event, where a latching alarm goes, where another does.
ARROWS = [
    (S.NORMAL, "condition_on", S.UNACK, S.UNACK),
    (S.NORMAL, "condition_off", S.NORMAL, S.NORMAL),
    (S.UNACK, "condition_on", S.UNACK, S.UNACK),
    (S.UNACK, "condition_off", S.LATCH_UNACK, S.RTN_UNACK),
    (S.UNACK, "ack", S.ACK, S.ACK),
    (S.ACK, "condition_on", S.ACK, S.ACK),
    (S.ACK, "condition_off", S.LATCH_ACK, S.NORMAL),
    (S.RTN_UNACK, "condition_on", S.UNACK, S.UNACK),
    (S.RTN_UNACK, "ack", S.NORMAL, S.NORMAL),
    (S.LATCH_UNACK, "condition_on", S.UNACK, S.UNACK),
    (S.LATCH_UNACK, "ack", S.LATCH_ACK, S.LATCH_ACK),
    (S.LATCH_ACK, "condition_on", S.UNACK, S.UNACK),
    (S.LATCH_ACK, "reset", S.NORMAL, S.NORMAL),
    (S.SHELVED, "time_out", S.UNACK, S.UNACK),
]


@pytest.mark.parametrize(("state", "event", "latching", "passing"), ARROWS)
def test_an_alarm_moves_as_the_diagram_says(state, event, latching, passing):
    assert moved(LATCHING, state, event) is latching
    assert moved(PASSING, state, event) is passing


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("kind", [LATCHING, PASSING], ids=["latching", "passing"])
def test_what_the_diagram_does_not_hold_is_refused(state, event, kind):
    drawn = any(arrow[:2] == (state, event) for arrow in ARROWS)
    shelves = (state, event, kind.stop) == (S.UNACK, "shelve", Stop.WARN)
    if drawn or shelves:
        assert isinstance(moved(kind, state, event), AlarmState)
        return
    with pytest.raises(PrintcareError, match="ALARM_MOVE"):
        moved(kind, state, event)


def test_the_table_holds_the_diagram_and_nothing_more():
    assert set(TRANSITIONS) == {arrow[:2] for arrow in ARROWS}


@pytest.mark.parametrize("kind", [kind for kind in ALARMS.values() if kind.stop is not Stop.WARN], ids=lambda k: k.id)
def test_an_alarm_that_stops_the_print_cannot_be_shelved(kind):
    with pytest.raises(PrintcareError, match="ALARM_MOVE"):
        moved(kind, S.UNACK, "shelve")


@given(st.lists(st.sampled_from(EVENTS)))
def test_a_latched_alarm_never_becomes_normal_without_acknowledgement_and_reset(events):
    state, acknowledged, reset = S.NORMAL, False, False
    for event in events:
        before = state
        try:
            state = moved(LATCHING, state, event)
        except PrintcareError:
            continue
        if before is S.NORMAL:
            acknowledged = reset = False
        acknowledged |= event == "ack"
        reset |= event == "reset"
        if state is S.NORMAL and before is not S.NORMAL:
            assert acknowledged
            assert reset


def test_every_row_says_cause_consequence_and_action():
    for kind in ALARMS.values():
        assert all(len(text) > 10 for text in (kind.cause, kind.consequence, kind.action))
        assert kind.delay_s >= 0
        assert kind.priority in (1, 2, 3)


def test_a_trip_tells_its_alarm_and_what_was_seen():
    assert trip("A03", "270 kPa, limit 260 kPa").reason == "A03 Pressure too high: 270 kPa, limit 260 kPa"
