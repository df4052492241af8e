"""The alarm table A01–A19 and the ISA-18.2 states an alarm moves through (process.md §3.3, §3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from printcare.errors import PrintcareError


class Stop(StrEnum):
    """What an alarm does to the job by itself."""

    KILL = "kill"  # M112: a real danger, the board must be reset
    QUICK = "quick stop"  # M410, relieve the pressure, heaters off
    PAUSE = "pause"  # before the next unit
    REJECT = "reject unit"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class AlarmKind:
    """One row of the alarm table: what it means and what a person should do."""

    id: str
    title: str
    cause: str
    consequence: str
    action: str
    delay_s: float  # process seconds the condition must last
    priority: int
    latches: bool
    stop: Stop


def _row(*fields: object) -> tuple[str, AlarmKind]:
    kind = AlarmKind(*fields)  # type: ignore[arg-type]  # the table's columns stand in the order of the class
    return kind.id, kind


ALARMS: Mapping[str, AlarmKind] = MappingProxyType(
    dict(
        [
            _row(
                "A01",
                "Emergency stop",
                "The emergency stop was pressed or the firmware halted.",
                "Every unit since the last passed weighing is rejected.",
                "Find the reason, reset the board, then recover the batch.",
                0.0,
                1,
                True,
                Stop.KILL,
            ),
            _row(
                "A02",
                "Heater fault",
                "The firmware reported a thermal fault.",
                "The printer stands still; the cartridge is quarantined.",
                "Do not touch hot parts. Have heater and sensor checked.",
                0.0,
                1,
                True,
                Stop.KILL,
            ),
            _row(
                "A03",
                "Pressure too high",
                "The pressure passed the recipe's limit: the nozzle is likely blocked.",
                "The running unit is rejected, the batch goes to quarantine.",
                "Relieve and remove the nozzle; a new batch needs a new prime check.",
                0.2,
                1,
                True,
                Stop.QUICK,
            ),
            _row(
                "A04",
                "Pressure above reference: clog",
                "The pressure stands well above the prime reference: the nozzle is clogging or the ink is cold.",
                "The running unit is rejected, the batch goes to quarantine.",
                "Purge, check nozzle and temperature, then make a new batch.",
                1.0,
                1,
                True,
                Stop.QUICK,
            ),
            _row(
                "A05",
                "Pressure below reference",
                "The pressure stands well below the prime reference: air, an empty cartridge or a parted plunger.",
                "The running unit is rejected, the batch goes to quarantine.",
                "Check the cartridge and its seat, then make a new batch.",
                2.0,
                1,
                True,
                Stop.QUICK,
            ),
            _row(
                "A06",
                "Ink temperature outside the proven range",
                "The cartridge left the proven range of the recipe.",
                "The running unit is rejected; ink beyond its time is discarded.",
                "Check the heater; do not use this ink before quality has judged it.",
                10.0,
                1,
                True,
                Stop.QUICK,
            ),
            _row(
                "A07",
                "Ink temperature outside the normal range",
                "The cartridge left the normal range of the recipe.",
                "No unit is rejected; the start of printing waits.",
                "Watch the temperature; shield the cartridge from draughts.",
                30.0,
                3,
                False,
                Stop.WARN,
            ),
            _row(
                "A08",
                "Unit mass outside the gate",
                "The unit weighs too much or too little.",
                "The unit is rejected, the batch goes on until the recipe's limits.",
                "Remove the unit at Finish.",
                0.0,
                1,
                True,
                Stop.REJECT,
            ),
            _row(
                "A10",
                "Balance does not settle",
                "The balance gave no stable value in the allowed time.",
                "The weighing is tried once more.",
                "Check for draughts and vibration.",
                0.0,
                2,
                False,
                Stop.WARN,
            ),
            _row(
                "A11",
                "Balance lost",
                "The balance does not answer, or reports a fault or an overload.",
                "The unit cannot be judged and is rejected; the batch goes to quarantine.",
                "Check balance, cable and power.",
                0.0,
                1,
                True,
                Stop.PAUSE,
            ),
            _row(
                "A12",
                "Pressure sensor lost",
                "The pressure sensor is silent, frozen or at its range end.",
                "The extrusion cannot be watched; the running unit is rejected.",
                "Check sensor, cable and power.",
                1.0,
                1,
                True,
                Stop.QUICK,
            ),
            _row(
                "A13",
                "Printer lost",
                "The printer went silent, restarted or was unplugged during the job.",
                "Its position is unknown; the running unit is rejected, the batch goes to quarantine.",
                "Check cable and power, reset the board, then recover the batch.",
                0.0,
                1,
                True,
                Stop.KILL,
            ),
            _row(
                "A14",
                "Not enough ink for the next unit",
                "The ledger says that the cartridge cannot fill one more unit.",
                "The next unit is not begun.",
                "Plan the missing units with a new cartridge.",
                0.0,
                3,
                False,
                Stop.PAUSE,
            ),
            _row(
                "A17",
                "Record cannot be written",
                "The record is full, locked or unreachable.",
                "No record, no print: the job stops in safe state.",
                "Free the disk or restore the database, then recover the batch.",
                0.0,
                1,
                True,
                Stop.QUICK,
            ),
            _row(
                "A20",
                "Line executed wrongly",
                "The printer refused a command or executed a line it was not sent, or stands where it should not.",
                "The running unit is rejected, the batch goes to quarantine.",
                "Check the cable for noise and the profile against the firmware.",
                0.0,
                1,
                True,
                Stop.QUICK,
            ),
        ]
    )
)


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
