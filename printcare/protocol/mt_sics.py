"""The host's half of MT-SICS: one command outstanding, a weight only where the balance said one (devices.md §12.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.reading import Identity, Reading
from printcare.errors import PrintcareError
from printcare.protocol.lines import LineAssembler
from printcare.protocol.wire import BALANCE

# `S` waits inside the balance for rest, its own time-out included; everything else answers at once.
LIMIT_S = {"S": 45.0, "SI": 1.0, "I2": 1.0, "I4": 1.0, "@": 2.0}
CANCELS = 3  # `@` goes out this often before the balance counts as dead; it moves nothing

_TO_MG = {"g": 3, "mg": 0}  # powers of ten, so that every digit of the balance is kept
_WEIGHT = re.compile(r"S (S|D) +(-?\d{1,9}(?:\.\d{1,9})?) (\S{1,3})")
_STATUS = re.compile(r"S ([I+\-L])")
_SERIAL = re.compile(r'I4 A "([^"]*)"')
_MODEL = re.compile(r'I2 A "([^"]*)"')
_SPEED = re.compile(r"speed:(\d{1,6}(?:\.\d{1,6})?)")
_REFUSED = {"ES": "a syntax error", "ET": "a transmission error", "EL": "a logical error"}
_STATES = {"I": "not executable", "L": "a logical error", "+": "overload", "-": "underload"}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A net weight in mg, stable or moving."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class NotWeighed:
    """The balance answered without a weight: `overload`, `underload`, `not executable` or an error."""

    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Named:
    """One part of the balance's identity, as its text came: `I2` (type) or `I4` (serial number)."""

    command: str
    text: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """A line nobody waits for any more, or that cannot be read: it is kept for the record and never used."""

    raw: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """No answer to a command in its time; `@` follows, and values that still come are discarded."""

    command: str


@dataclass(frozen=True, slots=True)
class Dead:
    """The balance answers nothing, `@` included."""


Event = Weighed | NotWeighed | Named | Discarded | TimedOut | Dead


class MtSics:
    """Asks one thing at a time: bytes in, events out, times as arguments (seconds)."""

    def __init__(self, source: str = BALANCE) -> None:
        self.is_dead = False
        self._source = source
        self._lines = LineAssembler()
        self._asked: str | None = None
        self._due_s = 0.0
        self._cancels = 0
        self._out = b""

    @property
    def is_free(self) -> bool:
        """Whether a command may be asked."""
        return self._asked is None and not self.is_dead

    def ask(self, command: str, now: float, limit_s: float | None = None) -> None:
        """Ask S, SI, I2, I4 or @; `limit_s` replaces the usual time for an answer.

        Raises:
            PrintcareError: BALANCE_BUSY while another answer is missing, BALANCE_COMMAND for anything else.
        """
        if command not in LIMIT_S:
            raise PrintcareError("BALANCE_COMMAND", f"{command!r} is not a command printcare sends.", "Report this.")
        if not self.is_free:
            raise PrintcareError("BALANCE_BUSY", f"The balance still owes an answer to {self._asked}.", "Wait for it.")
        self._send(command, now + (LIMIT_S[command] if limit_s is None else limit_s))
        self._cancels = 1 if command == "@" else 0

    def _send(self, command: str, due_s: float) -> None:
        self._asked = command
        self._due_s = due_s
        self._out += command.encode("ascii") + b"\r\n"

    def outgoing(self) -> bytes:
        """Return the bytes to be written now."""
        out, self._out = self._out, b""
        return out

    def deadline(self) -> float | None:
        """Return when the answer is due."""
        return None if self._asked is None else self._due_s

    def tick(self, now: float) -> list[Event]:
        """Let time pass: an answer not come in time is given up for good."""
        if self._asked is None or now < self._due_s:
            return []
        command = self._asked
        if self._cancels >= CANCELS:
            self._asked = None
            self.is_dead = True
            return [TimedOut(command), Dead()]
        self._cancels += 1
        self._send("@", now + LIMIT_S["@"])
        return [TimedOut(command)]

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        lines = (line.decode("latin-1").rstrip() for line in self._lines.feed(data))
        return [self._event(line, now) for line in lines if line]

    def _event(self, line: str, now: float) -> Event:
        serial = _SERIAL.fullmatch(line)
        if serial and self._asked in ("@", "I4"):
            self._asked = None
            self._cancels = 0
            return Named("I4", serial[1])
        if self._asked is None or self._asked == "@":
            return Discarded(line)  # after a time-out everything up to I4 belongs to an older question
        model = _MODEL.fullmatch(line)
        if model and self._asked == "I2":
            self._asked = None
            return Named("I2", model[1])
        event = self._answer(line, now)
        if not isinstance(event, Discarded):
            self._asked = None
        return event

    def _answer(self, line: str, now: float) -> Event:
        if line in _REFUSED:
            return NotWeighed(_REFUSED[line], line)
        if self._asked not in ("S", "SI"):
            return Discarded(line)
        status = _STATUS.fullmatch(line)
        if status:
            return NotWeighed(_STATES[status[1]], line)
        weight = _WEIGHT.fullmatch(line)
        if not weight or (weight[1] == "D" and self._asked == "S"):
            return Discarded(line)
        if weight[3] not in _TO_MG:
            return NotWeighed(f"a weight in {weight[3]}, a unit printcare does not know", line)
        value_mg = Decimal(weight[2]).scaleb(_TO_MG[weight[3]])
        return Weighed(Reading(value_mg, "mg", now, weight[1] == "S", self._source, line))


def identity(model: str, serial: str) -> Identity:
    """Return who the balance is, from the texts of I2 and I4; a simulated one says so in I2."""
    return Identity(model, serial, "simulated:1" in model, speed_of(model))


def speed_of(text: str) -> Decimal:
    """Return the announced speed, 1 where none is."""
    found = _SPEED.search(text)
    return Decimal(found[1]) if found else Decimal(1)
