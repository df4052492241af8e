"""The device's side of Klipper, RepRapFirmware and Smoothieware: how each takes lines in and what it refuses.

Klipper as recorded from v0.13 (tests/wire/klipper); the other two from source, never run. All three offer what
`MarlinReceiver` offers, and share no code with the host's halves.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import deque

from printcare.protocol.marlin_device import Command, Intake, read_command

_NUMBERED = re.compile(r"N(-?\d+) ?(.*)\*(\d{1,5}) ?$")
_KLIPPER_LINE = re.compile(r"\s*(?:N-?\d+ *)?([^;*]*)")
HALT = b"\x18"
URGENT_LIMIT = 20  # pending lines beyond which Klipper stops reading, and with it M112
LINE_LIMIT = 1024  # noise without a line end must not become a number of thousands of digits
_PENDING_LIMIT = 4096


class LineReceiver(ABC):
    """Lines into a queue; what a dialect does to a line before it is queued is `_judge`."""

    def __init__(self, rx_bytes: int, queue_size: int) -> None:
        self.queue: deque[str] = deque()
        self.last_number = 0
        self._rx = b""
        self._rx_bytes = rx_bytes
        self._queue_size = queue_size

    def reset(self) -> None:
        """Forget everything, as after power-up."""
        self.queue.clear()
        self.last_number = 0
        self._rx = b""

    def receive(self, data: bytes) -> Intake:
        """Take bytes from the wire."""
        intake = Intake([], [])
        self._rx += data
        self.fill(intake)
        if len(self._rx) > self._rx_bytes:
            intake.lost_bytes = len(self._rx) - self._rx_bytes
            self._rx = self._rx[: self._rx_bytes]
        return intake

    def fill(self, intake: Intake) -> None:
        """Move complete lines into the queue while it has room."""
        while len(self.queue) < self._queue_size:
            line, end, rest = self._rx.partition(b"\n")
            if not end:
                return
            self._rx = rest
            self._judge(line[:LINE_LIMIT].decode("latin-1").rstrip("\r"), intake)

    def free_slots(self) -> int:
        """Return how many lines more would fit."""
        return self._queue_size - len(self.queue)

    @abstractmethod
    def _judge(self, line: str, intake: Intake) -> None:
        """Take one line as this firmware does."""


class KlipperReceiver(LineReceiver):
    """Numbers and checksums are ignored, every line gets an ok, M112 is read out of order."""

    def __init__(self) -> None:
        super().__init__(_PENDING_LIMIT, URGENT_LIMIT)

    def _judge(self, line: str, intake: Intake) -> None:
        if _word(line) == "M112":
            intake.urgent.append(("M112", ""))
        self.queue.append(line)


class RrfReceiver(LineReceiver):
    """A line with a wrong check is dropped without a word: no Resend, no ok. XOR has one to three digits, CRC five."""

    def _judge(self, line: str, intake: Intake) -> None:
        bare = line.split(";", 1)[0].strip()
        if bare.startswith("N"):
            found = _NUMBERED.match(bare)
            if found is None or not _is_checked(bare[: bare.rindex("*")], found[3]):
                return
            bare = found[2].rstrip()
        if bare[:4] == "M112":
            intake.urgent.append(("M112", ""))
        elif bare:
            self.queue.append(bare)


class SmoothieReceiver(LineReceiver):
    """Numbers and XOR as Marlin counts them, but `rs N<next>` and ok; empty lines get an ok; `!!` once halted.

    Control-X halts as it comes in, ahead of every line.
    """

    def receive(self, data: bytes) -> Intake:
        """Take bytes from the wire."""
        intake = super().receive(data.replace(HALT, b""))
        if HALT in data:
            intake.urgent.insert(0, ("M112", ""))
        return intake

    def _judge(self, line: str, intake: Intake) -> None:
        bare = line.split(";", 1)[0].strip()
        if bare[:4] == "M112":
            intake.urgent.append(("M112", ""))
            return
        if bare.startswith("N"):
            found = _NUMBERED.match(bare)
            is_set = found is not None and found[2].startswith("M110")
            is_good = found is not None and _is_checked(bare[: bare.rindex("*")], found[3])
            if found is None or not is_good or (int(found[1]) != self.last_number + 1 and not is_set):
                intake.replies += [f"rs N{self.last_number + 1}", "ok"]
                return
            self.last_number = int(found[1])
            bare = found[2].rstrip()
        self.queue.append(bare)


def read_klipper(line: str) -> Command:
    """Return a line as Klipper reads it: number and checksum off, upper case; letter "?" for what is no G, M or T."""
    found = _KLIPPER_LINE.match(line)
    text = (found[1] if found else "").strip().upper()
    command = read_command(text) if re.match(r"[GMT]\d", text) else Command("?", 0, "", text)
    return Command(command.letter, command.code, command.arguments, text)


def _word(line: str) -> str:
    words = read_klipper(line).text.split()
    return words[0] if words else ""


def _is_checked(body: str, digits: str) -> bool:
    data = body.encode("latin-1", "replace")
    if len(digits) == 5:
        return crc16_by_division(data) == int(digits)
    check = 0
    for byte in data:
        check ^= byte
    return check == int(digits)


def crc16_by_division(data: bytes) -> int:
    """Return CRC-16/CCITT by its division, bit by bit: another form than the host's."""
    remainder = 0
    for bit in ((byte >> place) & 1 for byte in data + b"\0\0" for place in range(7, -1, -1)):
        carry = remainder & 0x8000
        remainder = ((remainder << 1) | bit) & 0xFFFF
        if carry:
            remainder ^= 0x1021
    return remainder
