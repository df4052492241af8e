"""What firmware other than Marlin promises on its line, as values: one row a dialect (devices.md §2, §3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from printcare.domain.machine import LinkSettings
from printcare.protocol.checksum import crc16_numbered, numbered


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one firmware differs; everything here is asked by `SingleHost`."""

    name: str
    is_local_only: bool  # nothing protects a line on its way: the host must run beside the firmware
    resends: bool  # counts lines and asks for a missing one by its number
    drops_silently: bool  # a damaged line is thrown away without a word: silence is ambiguous
    reports_heating: bool  # temperature lines come while M109 waits
    source: str  # what the rows were taken from


_FROM_SOURCE = "from source, not tried on hardware"
KLIPPER = Dialect("klipper", True, False, False, True, "recorded from Klipper v0.13")
REPRAPFIRMWARE = Dialect("reprapfirmware", False, False, True, False, _FROM_SOURCE)
SMOOTHIEWARE = Dialect("smoothieware", False, True, False, False, _FROM_SOURCE)
BY_NAME = {dialect.name: dialect for dialect in (KLIPPER, REPRAPFIRMWARE, SMOOTHIEWARE)}

_NAMED = re.compile(r"FIRMWARE_NAME: ?(marlin|klipper|reprapfirmware|smoothieware)\b", re.IGNORECASE)

# Seconds a line of each class may take to its ok where the firmware sends no sign of life; the rest answers at once.
_MOVES = re.compile(r"G[0-3]\b")
_WAITS = re.compile(r"(?:G4|G28|G29|M0|M1|M400)\b")
_HEATS = re.compile(r"(?:M109|M190|M116|M191)\b")
_DWELL = re.compile(r"G4 ?(?:P(?P<ms>\d+)|S(?P<s>\d+))")
MOVE_S, WAIT_S, HEAT_S = 30.0, 180.0, 900.0


def told_by(firmware: str) -> str | None:
    """Return the dialect a firmware's own name tells, or None for a name nobody knows."""
    named = _NAMED.search(firmware)
    return named[1].lower() if named else None


def is_move(line: str) -> bool:
    """Whether a line moves the machine."""
    return _MOVES.match(line) is not None


def is_heating(line: str) -> bool:
    """Whether a line waits for a temperature."""
    return _HEATS.match(line) is not None


def patience_s(line: str, settings: LinkSettings, dialect: Dialect) -> float:
    """Return how long a line may go unanswered before something is wrong."""
    if is_move(line):
        return max(MOVE_S, settings.busy_timeout_s)
    if is_heating(line):
        return settings.busy_timeout_s if dialect.reports_heating else HEAT_S
    if _WAITS.match(line):
        dwell = _DWELL.match(line)
        return WAIT_S + (0.0 if dwell is None else float(dwell["s"] or 0) + float(dwell["ms"] or 0) / 1000)
    return settings.busy_timeout_s


def framed(settings: LinkSettings, number: int, line: str) -> bytes:
    """Return a line as it travels."""
    if settings.integrity == "n_crc16":
        return crc16_numbered(number, line)
    return numbered(number, line) if settings.integrity == "n_xor" else line.encode("ascii") + b"\n"
