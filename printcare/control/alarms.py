"""The ISA-18.2 states an alarm moves through, and the trip that raises one (process.md §3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from printcare.control.alarm_table import ALARMS, AlarmKind, Stop
from printcare.errors import PrintcareError

__all__ = ["ALARMS", "SHELVABLE", "TRANSITIONS", "AlarmKind", "AlarmState", "Stop", "Trip", "Tripped", "moved", "trip"]


class AlarmState(StrEnum):
    """The ISA-18.2 states this program uses."""

    NORMAL = "NORMAL"
    UNACK = "UNACK"
    ACK = "ACK"
    RTN_UNACK = "RTN_UNACK"
    LATCH_UNACK = "LATCH_UNACK"
    LATCH_ACK = "LATCH_ACK"
    SHELVED = "SHELVED"


_S = AlarmState
# (state, event) -> (state of a latching alarm, state of one that does not latch); what is not here is refused.
TRANSITIONS: Mapping[tuple[AlarmState, str], tuple[AlarmState, AlarmState]] = MappingProxyType(
    {
        (_S.NORMAL, "condition_on"): (_S.UNACK, _S.UNACK),
        (_S.NORMAL, "condition_off"): (_S.NORMAL, _S.NORMAL),
        (_S.UNACK, "condition_on"): (_S.UNACK, _S.UNACK),
        (_S.UNACK, "condition_off"): (_S.LATCH_UNACK, _S.RTN_UNACK),
        (_S.UNACK, "ack"): (_S.ACK, _S.ACK),
        (_S.ACK, "condition_on"): (_S.ACK, _S.ACK),
        (_S.ACK, "condition_off"): (_S.LATCH_ACK, _S.NORMAL),
        (_S.RTN_UNACK, "condition_on"): (_S.UNACK, _S.UNACK),
        (_S.RTN_UNACK, "ack"): (_S.NORMAL, _S.NORMAL),
        (_S.LATCH_UNACK, "condition_on"): (_S.UNACK, _S.UNACK),
        (_S.LATCH_UNACK, "ack"): (_S.LATCH_ACK, _S.LATCH_ACK),
        (_S.LATCH_ACK, "condition_on"): (_S.UNACK, _S.UNACK),
        (_S.LATCH_ACK, "reset"): (_S.NORMAL, _S.NORMAL),
        (_S.SHELVED, "time_out"): (_S.UNACK, _S.UNACK),
    }
)
SHELVABLE = frozenset({_S.UNACK})


def moved(kind: AlarmKind, state: AlarmState, event: str) -> AlarmState:
    """Return the state after an event; raises PrintcareError for one the table does not hold.

    An alarm that stops the print cannot be shelved (locked mode, process.md §3.3).
    """
    if event == "shelve" and state in SHELVABLE and kind.stop is Stop.WARN:
        return AlarmState.SHELVED
    if (state, event) not in TRANSITIONS:
        raise PrintcareError(
            "ALARM_MOVE",
            f"Alarm {kind.id} is {state.value} and does not take {event}.",
            "Acknowledge first, then reset.",
        )
    latching, passing = TRANSITIONS[state, event]
    return latching if kind.latches else passing


@dataclass(frozen=True, slots=True)
class Trip:
    """Why a job stopped, or a unit was rejected: one row of the table with what was seen."""

    kind: AlarmKind
    seen: str  # value and limit in words

    @property
    def reason(self) -> str:
        """Return the alarm in one sentence a tired person understands."""
        return f"{self.kind.id} {self.kind.title}: {self.seen}"


def trip(alarm_id: str, seen: str) -> Trip:
    """Return a trip of the table's row."""
    return Trip(ALARMS[alarm_id], seen)


class Tripped(Exception):  # noqa: N818 - an interlock, not an error
    """An interlock ended the job; `trip` says which and what was seen."""

    def __init__(self, cause: Trip) -> None:
        super().__init__(cause.reason)
        self.trip = cause
