"""The alarm table: cause, consequence, what to do, priority, latch and what each does by itself (process.md §3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Stop(StrEnum):
    """What an alarm does to the job by itself."""

    KILL = "kill"  # M112: a real danger, the board must be reset
    QUICK = "quick stop"  # M410, relieve the pressure, heaters off
    END = "no further unit"  # the job ends before the next unit
    PAUSE = "pause"  # the job holds before the next unit until it is acknowledged and resumed
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
    respond_s: float  # within which a person should act; 0 at once

    @property
    def needs_signature(self) -> bool:
        """Whether acknowledging it wants a signature beside the reason: it decides about product."""
        return self.priority == 1 and self.latches


_ROWS = (
    AlarmKind(
        "A01",
        "Emergency stop",
        "The emergency stop was pressed or the firmware halted.",
        "Every unit since the last passed weighing is rejected.",
        "Find the reason, reset the board, then recover the batch.",
        0.0,
        1,
        True,
        Stop.KILL,
        0.0,
    ),
    AlarmKind(
        "A02",
        "Heater fault",
        "The firmware reported a thermal fault.",
        "The printer stands still; the cartridge is quarantined.",
        "Do not touch hot parts. Have heater and sensor checked.",
        0.0,
        1,
        True,
        Stop.KILL,
        0.0,
    ),
    AlarmKind(
        "A03",
        "Pressure too high",
        "The pressure passed the recipe's limit: the nozzle is likely blocked.",
        "The running unit is rejected, the batch goes to quarantine.",
        "Relieve and remove the nozzle; a new batch needs a new prime check.",
        0.2,
        1,
        True,
        Stop.QUICK,
        0.0,
    ),
    AlarmKind(
        "A04",
        "Pressure above reference: clog",
        "The pressure stands well above the prime reference: the nozzle is clogging or the ink is cold.",
        "The running unit is rejected, the batch goes to quarantine; or it holds, where the recipe allows a restart.",
        "Clear the nozzle, check the temperature; where it holds, sign and resume: it is purged and primed anew.",
        1.0,
        1,
        True,
        Stop.QUICK,
        60.0,
    ),
    AlarmKind(
        "A05",
        "Pressure below reference",
        "The pressure stands well below the prime reference: air, an empty cartridge or a parted plunger.",
        "The running unit is rejected, the batch goes to quarantine; or it holds, where the recipe allows a restart.",
        "Check the cartridge and its seat; where it holds, sign and resume: it is purged and primed anew.",
        2.0,
        1,
        True,
        Stop.QUICK,
        60.0,
    ),
    AlarmKind(
        "A06",
        "Ink temperature outside the proven range",
        "The cartridge left the proven range of the recipe.",
        "The running unit is rejected; ink beyond its time is discarded.",
        "Check the heater; do not use this ink before quality has judged it.",
        10.0,
        1,
        True,
        Stop.QUICK,
        120.0,
    ),
    AlarmKind(
        "A07",
        "Ink temperature outside the normal range",
        "The cartridge left the normal range of the recipe.",
        "No unit is rejected; the start of printing waits.",
        "Watch the temperature; shield the cartridge from draughts.",
        30.0,
        3,
        False,
        Stop.WARN,
        300.0,
    ),
    AlarmKind(
        "A08",
        "Unit mass outside the gate",
        "The unit weighs too much or too little.",
        "The unit is rejected, the batch goes on until the recipe's limits.",
        "Remove the unit at Finish.",
        0.0,
        1,
        True,
        Stop.REJECT,
        600.0,
    ),
    AlarmKind(
        "A09",
        "Unit mass or pressure drifts",
        "The chart of unit masses or pressures left its limits, or the correction its proven range.",
        "No unit is rejected; the job holds before the next unit.",
        "Look at the chart with quality; acknowledge with a reason and resume, or stop.",
        0.0,
        2,
        True,
        Stop.PAUSE,
        1800.0,
    ),
    AlarmKind(
        "A10",
        "Balance does not settle",
        "The balance gave no stable value in the allowed time.",
        "The weighing is tried once more.",
        "Check for draughts and vibration.",
        0.0,
        2,
        False,
        Stop.WARN,
        60.0,
    ),
    AlarmKind(
        "A11",
        "Balance lost",
        "The balance does not answer, or reports a fault or an overload.",
        "The unit cannot be judged and is rejected; the batch goes to quarantine.",
        "Check balance, cable and power.",
        0.0,
        1,
        True,
        Stop.END,
        120.0,
    ),
    AlarmKind(
        "A12",
        "Pressure sensor lost",
        "The pressure sensor is silent, frozen or at its range end.",
        "The extrusion cannot be watched; the running unit is rejected.",
        "Check sensor, cable and power.",
        1.0,
        1,
        True,
        Stop.QUICK,
        60.0,
    ),
    AlarmKind(
        "A13",
        "Printer lost",
        "The printer went silent, restarted or was unplugged during the job.",
        "Its position is unknown; the running unit is rejected, the batch goes to quarantine.",
        "Check cable and power, reset the board, then recover the batch.",
        0.0,
        1,
        True,
        Stop.KILL,
        0.0,
    ),
    AlarmKind(
        "A14",
        "Not enough ink for the next unit",
        "The ledger says that the cartridge cannot fill one more unit.",
        "The next unit is not begun.",
        "Plan the missing units with a new cartridge.",
        0.0,
        3,
        False,
        Stop.END,
        1800.0,
    ),
    AlarmKind(
        "A15",
        "Prediction and balance disagree",
        "What the plunger pushed and what the balance shows differ by more than chance.",
        "The two are not averaged; the job holds before the next unit.",
        "Look for a leak, a string, a second thing on the tray or a wrong tare; acknowledge with a reason, or stop.",
        0.0,
        2,
        True,
        Stop.PAUSE,
        1800.0,
    ),
    AlarmKind(
        "A16",
        "Door open or wrong cartridge",
        "The door stands open, or the scanned cartridge is not the batch's.",
        "The job holds before the next unit.",
        "Close the door or seat the right cartridge; acknowledge with a reason and resume.",
        0.0,
        1,
        True,
        Stop.PAUSE,
        300.0,
    ),
    AlarmKind(
        "A17",
        "Record cannot be written",
        "The record is full, locked or unreachable.",
        "No record, no print: the job stops in safe state.",
        "Free the disk or restore the database, then recover the batch.",
        0.0,
        1,
        True,
        Stop.QUICK,
        0.0,
    ),
    AlarmKind(
        "A18",
        "Cartridge time used up",
        "The cartridge would pass its in-use time or its time at temperature during the next unit.",
        "The next unit is not begun.",
        "Plan the missing units with a new cartridge.",
        0.0,
        2,
        True,
        Stop.END,
        1800.0,
    ),
    AlarmKind(
        "A19",
        "Enclosure or airflow outside limits",
        "The enclosure reports a temperature, humidity or airflow outside its limits.",
        "The job holds at the end of the unit.",
        "Restore the enclosure; acknowledge with a reason and resume.",
        10.0,
        1,
        True,
        Stop.PAUSE,
        300.0,
    ),
    AlarmKind(
        "A20",
        "Line executed wrongly",
        "The printer refused a command or executed a line it was not sent, or stands where it should not.",
        "The running unit is rejected, the batch goes to quarantine.",
        "Check the cable for noise and the profile against the firmware.",
        0.0,
        1,
        True,
        Stop.QUICK,
        0.0,
    ),
    AlarmKind(
        "A21",
        "Prime pressure outside the normal range",
        "The prime stands inside the proven and outside the normal share of the predicted pressure.",
        "No unit is rejected; nozzle and ink passed the signature.",
        "Look at nozzle lot, ink lot and temperature before the next batch.",
        0.0,
        3,
        False,
        Stop.WARN,
        1800.0,
    ),
)
ALARMS: Mapping[str, AlarmKind] = MappingProxyType({row.id: row for row in _ROWS})
