"""Marlin's side of the serial line: bytes in, numbered commands and Resends out, as 2.1.2.1 does it.

Recorded behaviour: devices.md §4 and tests/emulator/wire. Shares no parsing code with the host's half.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from functools import reduce
from operator import xor

_END_OF_LINE = re.compile(rb"[\r\n]")
_URGENT = re.compile(rb"^ *(?:N[-0-9 ]*)?(M(?:108|112|410|876))(?![0-9])([^\r\n]*)")
_NUMBER = re.compile(r"\s*([+-]?[0-9]+)")
_PREFIX = re.compile(r" *N([+-]?[0-9]+) *")
_WORD = re.compile(r"([GMT]) *([0-9]+)(?:\.([0-9]+))? *(.*)$", re.DOTALL)
_PARAMETER = re.compile(r"([A-Z]) *([+-]?[0-9]*\.?[0-9]*)")
_URGENT_REACH = 40  # characters the emergency parser has to remember of an unfinished line


@dataclass(frozen=True, slots=True)
class Command:
    """One parsed command: its word, what follows it, and the text an echo would show."""

    letter: str
    code: int
    arguments: str
    text: str

    def parameters(self) -> dict[str, float | None]:
        """Return letter -> number, or None for a letter that stands alone; of a letter told twice the last counts.

        So does Marlin's GCodeParser::set with FASTER_GCODE_PARSER, its default.
        """
        return {letter: _number(digits) for letter, digits in _PARAMETER.findall(self.arguments)}


@dataclass(slots=True)
class Intake:
    """What bytes led to at once: reply lines, and words the emergency parser obeys ahead of the queue."""

    replies: list[str]
    urgent: list[tuple[str, str]]
    lost_bytes: int = 0


class MarlinReceiver:
    """Receive buffer, line assembly, line numbers and the command queue of one Marlin serial port.

    The buffer loses what does not fit while the queue is full; a bad line throws away everything received with it.
    """

    def __init__(self, rx_bytes: int, queue_size: int, line_limit: int, *, emergency_parser: bool) -> None:
        self.queue: deque[str] = deque()
        self.last_number = 0
        self._rx = b""
        self._line = b""
        self._rx_bytes = rx_bytes
        self._queue_size = queue_size
        self._line_limit = line_limit
        self._emergency_parser = emergency_parser
        self._urgent_line = b""

    def reset(self) -> None:
        """Forget everything, as after power-up."""
        self.queue.clear()
        self.last_number = 0
        self._rx = self._line = self._urgent_line = b""

    def receive(self, data: bytes) -> Intake:
        """Take bytes from the wire."""
        intake = Intake([], self._urgent_words(data) if self._emergency_parser else [])
        self._rx += data
        self.fill(intake)
        if len(self._rx) > self._rx_bytes:
            intake.lost_bytes = len(self._rx) - self._rx_bytes
            self._rx = self._rx[: self._rx_bytes]
        return intake

    def fill(self, intake: Intake) -> None:
        """Move complete lines into the queue while it has room (GCodeQueue::get_serial_commands)."""
        while self._rx and len(self.queue) < self._queue_size:
            end = _END_OF_LINE.search(self._rx)
            if end is None:
                self._line = (self._line + self._rx)[: self._line_limit + 1]
                self._rx = b""
                return
            raw = (self._line + self._rx[: end.start()]).split(b";", 1)[0][: self._line_limit]
            self._line = b""
            self._rx = self._rx[end.end() :]
            if raw:
                self._judge(raw.decode("latin-1").lstrip(" "), intake)

    def free_slots(self) -> int:
        """Return the B of an advanced ok: the command being answered still holds its slot."""
        return self._queue_size - len(self.queue)

    def _judge(self, line: str, intake: Intake) -> None:
        if line.startswith("N"):
            error = self._number_error(line)
            if error == "again":
                return  # already in transit when the Resend was obeyed: swallowed without a word
            if error:
                self._rx = b""
                intake.replies += [
                    f"Error:{error}, Last Line: {self.last_number}",
                    f"Resend: {self.last_number + 1}",
                    "ok",
                ]
                return
        if not self._emergency_parser and (word := line[:4]) in ("M108", "M112", "M410"):
            intake.urgent.append((word, line[4:]))
        self.queue.append(line)

    def _number_error(self, line: str) -> str:
        sets_number = "M110" in line
        second = line.find("N", 4) if sets_number else -1
        number = _leading_int(line[(second if second > 0 else 0) + 1 :])
        if number != self.last_number + 1 and not sets_number:
            if self.last_number - 1 <= number <= self.last_number:
                return "again"
            return "Line Number is not Last Line Number+1"
        body, star, tail = line.rpartition("*")
        if not star:
            return "No Checksum with line number"
        if _leading_int(tail) != _xor(body) or not _NUMBER.match(tail):
            return "checksum mismatch"
        self.last_number = number
        return ""

    def _urgent_words(self, data: bytes) -> list[tuple[str, str]]:
        text = self._urgent_line + data
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        self._urgent_line = text[end : end + _URGENT_REACH]
        if b"M" not in text:
            return []
        found = map(_URGENT.match, _END_OF_LINE.split(text[:end]))
        return [(m.group(1).decode(), m.group(2).decode("latin-1")) for m in found if m]


def read_command(line: str) -> Command:
    """Split a queued line as GCodeParser::parse does: number off, checksum off, word, arguments.

    A line that is not a G, M or T word comes back with letter "?".
    """
    prefix = _PREFIX.match(line)
    text = line[prefix.end() :] if prefix else line.lstrip(" ")
    star = text.rfind("*")
    if star >= 0:
        text = text[:star].rstrip(" *")
    word = _WORD.match(text)
    if word is None:
        return Command("?", 0, "", text)
    return Command(word.group(1), int(word.group(2)), word.group(4).rstrip(), text)


def line_number(line: str) -> int | None:
    """Return the number a line carries, or None."""
    prefix = _PREFIX.match(line)
    return int(prefix.group(1)) if prefix else None


def ok_line(number: int | None, planner_free: int, queue_free: int, *, advanced: bool) -> str:
    """Return the acknowledgement of a line with or without number; ADVANCED_OK adds number and free slots."""
    if not advanced:
        return "ok"
    named = "" if number is None else f" N{number}"
    return f"ok{named} P{planner_free} B{queue_free}"


def _xor(text: str) -> int:
    return reduce(xor, text.encode("latin-1"), 0)


def _leading_int(text: str) -> int:
    match = _NUMBER.match(text)
    return int(match.group(1)) if match else 0


def _number(digits: str) -> float | None:
    try:
        return float(digits)
    except ValueError:
        return None
