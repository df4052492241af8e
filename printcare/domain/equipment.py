"""Printers, balances and sensors as the register knows them: who they are, what they consist of, where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from printcare.domain.checks import Finding, error

PRINTER, BALANCE, SENSOR = "printer", "balance", "sensor"
KINDS = (PRINTER, BALANCE, SENSOR)


class EquipmentStatus(StrEnum):
    """Where a piece of equipment stands; whether it is qualified is computed, never typed."""

    REGISTERED = "registered"
    IN_USE = "in use"
    OUT_OF_USE = "out of use"
    RETIRED = "retired"


S = EquipmentStatus
# From, to, and the command that moves it; what is not here is refused.
EQUIPMENT_MOVES: tuple[tuple[EquipmentStatus | None, EquipmentStatus, str], ...] = (
    (None, S.REGISTERED, "equipment.register"),
    (S.REGISTERED, S.IN_USE, "equipment.take_into_use"),
    (S.OUT_OF_USE, S.IN_USE, "equipment.take_into_use"),
    (S.REGISTERED, S.OUT_OF_USE, "equipment.take_out"),
    (S.IN_USE, S.OUT_OF_USE, "equipment.take_out"),
    (S.REGISTERED, S.RETIRED, "equipment.retire"),
    (S.IN_USE, S.RETIRED, "equipment.retire"),
    (S.OUT_OF_USE, S.RETIRED, "equipment.retire"),
)


@dataclass(frozen=True, slots=True)
class Equipment:
    """One piece of equipment: `name` is what people call it, `model` its class, `firmware` what it says of itself.

    Only a printer has a profile, and parts that touch the ink; `parts` are what is cleaned.
    """

    name: str
    kind: str  # of KINDS
    model: str
    serial: str
    firmware: str = ""
    usb: str = ""  # vendor:product:serial as the port tells it, or empty
    profile_id: str = ""
    profile_digest: str = ""
    parts: tuple[str, ...] = ()
    place: str = ""

    def objections(self) -> tuple[Finding, ...]:
        """Return why this cannot stand in the register."""
        findings = []
        if not self.name.strip() or "/" in self.name:
            told = f"{self.name!r} is no name of equipment: it is empty or holds a slash."
            findings.append(error("E_EQUIPMENT_NAME", told, "Give it a name of its own.", "name"))
        if self.kind not in KINDS or not self.serial.strip() or not self.model.strip():
            told = f"{self.name} lacks its kind, model or serial number."
            findings.append(error("E_EQUIPMENT_IDENTITY", told, "Read them off its plate.", "serial"))
        if self.kind == PRINTER and not (self.profile_digest and self.parts):
            told = f"Printer {self.name} has no profile, or no parts that could be cleaned."
            findings.append(error("E_EQUIPMENT_IDENTITY", told, "Name its profile and its parts.", "profile"))
        return tuple(findings)


def parts_of_tools(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a printer that touch an ink, by the kinds of its tools: what every head has, and the tray."""
    heads = [f"{part} T{number}" for number, _ in enumerate(kinds) for part in ("holder", "nozzle")]
    return (*heads, "tray")


def status_after(current: EquipmentStatus | None, command: str, name: str) -> EquipmentStatus | Finding:
    """Return where a command leads, or why the table holds no such move."""
    for start, end, moved in EQUIPMENT_MOVES:
        if (start, moved) == (current, command):
            return end
    told = (
        f"{name} is {current or 'not on the register'}; from there nobody can {command.removeprefix('equipment.')} it."
    )
    return error("E_EQUIPMENT_MOVE", told, "See `printcare printer list`.", "equipment")
