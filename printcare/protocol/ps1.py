"""The host's half of PS1: pressures that prove themselves by check digits, and silence noticed (devices.md §13.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.reading import Identity, Reading
from printcare.protocol.checksum import xor_of
from printcare.protocol.lines import LineAssembler
from printcare.protocol.wire import PRESSURE

ASK_AGAIN_S = 0.5  # `?` and `R` change nothing and may be repeated
ASK_LIMIT = 4
MISSING_PERIODS = 3  # A12
WRONG_IN_A_ROW = 2  # A12
_WRAP_MS = 2**32

_LINE = re.compile(rb"(P (\d{1,10}) (-?\d{1,6}(?:\.\d{1,6})?) (OK|SAT|ZER|FLT)) ([0-9A-Fa-f]{2})")
_IDENTITY = re.compile(r"#PS1 (v\d+) kPa (\d+)-(\d+) sn=(\S+)(.*)")
_RATE = re.compile(r"#R (\d{1,2})")
_SPEED = re.compile(r"speed:(\d{1,6}(?:\.\d{1,6})?)")
_FLAGS = {"SAT": "at the end of its range", "FLT": "faulty", "ZER": "being zeroed"}


@dataclass(frozen=True, slots=True)
class Pressure:
    """One pressure, kPa gauge, with the device's own time in ms; `flag` is OK, SAT, ZER or FLT."""

    reading: Reading
    device_ms: int
    flag: str

    @property
    def complaint(self) -> str:
        """Return in words why the value cannot be relied on, or nothing."""
        return _FLAGS.get(self.flag, "")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The sensor said who it is and what it can measure."""

    identity: Identity
    range_kpa: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Streaming:
    """The sensor confirmed its rate, Hz."""

    rate_hz: int


@dataclass(frozen=True, slots=True)
class Zeroed:
    """The sensor took away an offset, kPa as its text came."""

    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The pressure is unknown: damaged lines in a row or periods without one (A12); told once until a good one."""

    reason: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """An `E` line of the sensor, or a line that is none of the protocol's."""

    text: str


Event = Pressure | Recognised | Streaming | Zeroed | Lost | Complaint


class Ps1:
    """Identifies the sensor, starts its stream and watches it; `rate_hz` 1 … 80, times in seconds."""

    def __init__(self, rate_hz: int = 20, source: str = PRESSURE) -> None:
        self.damaged = 0  # lines with a wrong checksum, of the whole job
        self._rate_hz = rate_hz
        self._source = source
        self._lines = LineAssembler()
        self._out = b""
        self._step = "closed"  # closed | identity | rate | streaming
        self._asked = 0
        self._due_s = 0.0
        self._damaged_in_a_row = 0
        self._is_lost = False
        self._last_ms: int | None = None
        self.elapsed_ms = 0  # of device time since the first reading, across wraps

    def open(self, now: float) -> None:
        """Ask who is there; the rate follows by itself."""
        self._ask("identity", now)

    def _ask(self, step: str, now: float) -> None:
        self._asked = self._asked + 1 if step == self._step else 1
        self._step = step
        self._out += b"?\n" if step == "identity" else b"R %d\n" % self._rate_hz
        self._due_s = now + ASK_AGAIN_S

    def zero(self) -> None:
        """Take the present pressure as zero; only with an open tip and a retracted plunger."""
        self._out += b"Z\n"

    def outgoing(self) -> bytes:
        """Return the bytes to be written now."""
        out, self._out = self._out, b""
        return out

    def deadline(self) -> float | None:
        """Return when the next line is overdue."""
        return None if self._step == "closed" or self._is_lost else self._due_s

    def tick(self, now: float) -> list[Event]:
        """Let time pass: returns Lost when the sensor has been silent too long."""
        due = self.deadline()
        if due is None or now < due:
            return []
        if self._step == "streaming":
            return self._lose(f"no reading for {MISSING_PERIODS} periods")
        if self._asked >= ASK_LIMIT:
            return self._lose("no answer to the greeting")
        self._ask(self._step, now)
        return []

    def _lose(self, reason: str) -> list[Event]:
        if self._is_lost:
            return []
        self._is_lost = True
        return [Lost(reason)]

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        events: list[Event] = []
        for line in self._lines.feed(data):
            if line.startswith(b"P"):
                events += self._reading(line, now)
            elif line:
                events.append(self._answer(line.decode("latin-1"), now))
        return events

    def _reading(self, line: bytes, now: float) -> list[Event]:
        found = _LINE.fullmatch(line)
        if not found or xor_of(found[1]) != int(found[5], 16):
            self.damaged += 1
            self._damaged_in_a_row += 1
            return self._lose("damaged readings in a row") if self._damaged_in_a_row >= WRONG_IN_A_ROW else []
        self._damaged_in_a_row = 0
        if self._step == "streaming":
            self._is_lost = False
            self._due_s = now + MISSING_PERIODS / self._rate_hz
        text, flag = line.decode("ascii"), found[4].decode("ascii")
        device_ms = int(found[2])
        if self._last_ms is not None:
            self.elapsed_ms += (device_ms - self._last_ms) % _WRAP_MS
        self._last_ms = device_ms
        reading = Reading(Decimal(found[3].decode("ascii")), "kPa", now, flag == "OK", self._source, text)
        return [Pressure(reading, device_ms, flag)]

    def _answer(self, text: str, now: float) -> Event:
        found = _IDENTITY.fullmatch(text)
        if found:
            if self._step == "identity":
                self._ask("rate", now)
            version, least, most, serial, rest = found.groups()
            who = Identity(f"PS1 {version}", serial, "simulated:1" in rest, _speed_of(rest))
            return Recognised(who, (int(least), int(most)))
        rate = _RATE.fullmatch(text)
        if rate and int(rate[1]) == self._rate_hz:
            self._step = "streaming"
            self._due_s = now + ASK_AGAIN_S  # the first reading may take its time
            return Streaming(self._rate_hz)
        return Zeroed(text) if text.startswith("#Z") else Complaint(text)


def _speed_of(text: str) -> Decimal:
    found = _SPEED.search(text)
    return Decimal(found[1]) if found else Decimal(1)
