"""The host's half of Modbus RTU instruments: one question out at a time, read by a register map (devices.md §12.2).

A frame is judged by its slave, function, length and CRC together; anything else is noise and never a value. Who the
instrument is, it is asked by Read Device Identification (function 43, type 14: Modbus Application Protocol V1.1b3,
6.21); most do not know it and refuse, and then go by the name in their map.
"""

from __future__ import annotations

import struct
from decimal import Decimal

from printcare.domain.reading import Reading
from printcare.errors import PrintcareError
from printcare.protocol.checksum import crc16_modbus
from printcare.protocol.mt_sics import Dead, Discarded, Event, Named, NotWeighed, TimedOut, Weighed
from printcare.protocol.register_map import UNITS, RegisterMap

ANSWER_S = 0.5
SILENCES = 3
FRAME_LIMIT = 260  # a frame on the serial line has 256 bytes at most
PIECES_S = 0.05  # serial drivers deliver a frame in pieces; t3.5 is too strict
_EXCEPTIONS = {1: "an unknown function", 2: "an unknown register", 3: "a wrong count", 4: "a device failure", 6: "busy"}
_IDENTIFY = bytes((43, 14, 1, 0))  # the basic objects, from the first
_HEAD_BYTES = 8  # slave, function, type, code, conformity, more, next, count


def silence_s(baud: int) -> float:
    """Return t3.5, the silence between frames: 3.5 characters of 11 bits, 1.75 ms above 19200 (Modbus serial line)."""
    return 0.00175 if baud > 19200 else 3.5 * 11 / baud


def closed(body: bytes) -> bytes:
    """Return a frame with its CRC, low byte first."""
    return body + struct.pack("<H", crc16_modbus(body))


def request(slave: int, function: int, address: int, count: int) -> bytes:
    """Return the frame that asks for registers."""
    return closed(struct.pack(">BBHH", slave, function, address, count))


class ModbusReader:
    """Asks one thing at a time: bytes in, the events of `mt_sics` out, times as arguments (seconds).

    `answer_s` is the time an answer may take; after `silences` of them in a row the instrument is dead, never where 0.
    """

    def __init__(
        self,
        registers: RegisterMap,
        source: str,
        baud: int = 9600,
        answer_s: float = ANSWER_S,
        silences: int = SILENCES,
    ) -> None:
        self.is_dead = False
        self.damaged = 0
        self.serial = ""
        self.measured: Decimal | None = None  # what the last answer held, even where its state forbids to use it
        self._map = registers
        self._source = source
        self._gap_s = silence_s(baud)
        self._answer_s = answer_s
        self._limit = silences
        self._frame = b""
        self._heard_s = 0.0
        self._asked = 0  # the function asked by, 0 for none
        self._due_s = 0.0
        self._silences = 0
        self._out = b""

    @property
    def is_free(self) -> bool:
        """Whether something may be asked."""
        return not (self._asked or self.is_dead)

    def ask(self, now: float) -> None:
        """Ask for the value; raises PrintcareError MODBUS_BUSY while another answer is missing."""
        read = self._map
        self._send(read.function, request(read.slave, read.function, read.first, read.count), now)

    def ask_identity(self, now: float) -> None:
        """Ask who it is; raises PrintcareError MODBUS_BUSY while another answer is missing."""
        self._send(_IDENTIFY[0], closed(bytes((self._map.slave, *_IDENTIFY))), now)

    def _send(self, function: int, frame: bytes, now: float) -> None:
        if not self.is_free:
            raise PrintcareError("MODBUS_BUSY", "The instrument still owes an answer.", "Wait for it.")
        self._frame = b""
        self._out += frame
        self._asked, self._due_s = function, now + self._answer_s

    def outgoing(self) -> bytes:
        """Return the bytes to be written now."""
        out, self._out = self._out, b""
        return out

    def deadline(self) -> float | None:
        """Return when the answer is due."""
        return self._due_s if self._asked else None

    def tick(self, now: float) -> list[Event]:
        """Let time pass: an answer not come in time is given up for good."""
        if not self._asked or now < self._due_s:
            return []
        self._asked = 0
        self._silences += 1
        self.is_dead = 0 < self._limit <= self._silences
        return [TimedOut("Modbus"), Dead()] if self.is_dead else [TimedOut("Modbus")]

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        if not self._asked:
            return [Discarded(data.hex(" "))] if data else []
        if now - self._heard_s > max(self._gap_s, PIECES_S):
            self._frame = b""
        self._heard_s = now
        self._frame = (self._frame + data)[-FRAME_LIMIT:]
        return self._whole(now)

    def _whole(self, now: float) -> list[Event]:
        """Look for the answer anywhere in what came: noise before it shifts it."""
        frame = self._frame
        refusal = bytes((self._map.slave, self._asked | 0x80))
        for start in range(len(frame)):
            rest = frame[start:]
            if rest[:2] == refusal and len(rest) >= 5 and _is_checked(rest[:5]):
                return [self._answered(self._refused(rest[:5]))]
            wanted = self._length(rest)
            if 0 < wanted <= len(rest) and _is_checked(rest[:wanted]):
                part = rest[:wanted]
                is_who = self._asked == _IDENTIFY[0]
                return [self._answered(_named(part) if is_who else self._value(part[3:-2], part, now))]
        if len(frame) >= 5 + 2 * self._map.count:
            self.damaged += 1
        return []

    def _length(self, frame: bytes) -> int:
        """Return how long the answer is that begins here, 0 where none does."""
        if self._asked != _IDENTIFY[0]:
            head = bytes((self._map.slave, self._map.function, 2 * self._map.count))
            return 5 + 2 * self._map.count if frame.startswith(head) else 0
        if not frame.startswith(bytes((self._map.slave, *_IDENTIFY[:3]))) or len(frame) < _HEAD_BYTES:
            return 0
        end = _HEAD_BYTES
        for _ in range(frame[_HEAD_BYTES - 1]):
            if end + 2 > len(frame):
                return 0
            end += 2 + frame[end + 1]
        return end + 2

    def _answered(self, event: Event) -> Event:
        self._asked = 0
        self._silences = 0
        self._frame = b""
        return event

    def _refused(self, frame: bytes) -> Event:
        if self._asked == _IDENTIFY[0]:
            return Named("I2", self._map.title)
        return NotWeighed(_EXCEPTIONS.get(frame[2], f"the exception {frame[2]}"), frame.hex(" "))

    def _value(self, data: bytes, raw: bytes, now: float) -> Event:
        read, told = self._map, raw.hex(" ")
        self.serial = read.serial(data)
        self.measured = value = read.value(data)
        trouble = read.trouble(data)
        if trouble:
            return NotWeighed(trouble, told)
        if value is None:
            return NotWeighed("a value that is no number", told)
        return Weighed(Reading(value, UNITS[read.unit][0], now, read.is_stable(data), self._source, told))


def _named(frame: bytes) -> Event:
    """Return the texts of an identification: maker, product and version."""
    texts, place = [], _HEAD_BYTES
    for _ in range(frame[_HEAD_BYTES - 1]):
        size = frame[place + 1]
        texts.append(frame[place + 2 : place + 2 + size].decode("latin-1"))
        place += 2 + size
    return Named("I2", " ".join(text for text in texts if text.isprintable() and text))


def _is_checked(frame: bytes) -> bool:
    return crc16_modbus(frame[:-2]) == int.from_bytes(frame[-2:], "little")
