"""The host's half of Modbus RTU indicators: two registers read at a time, by a map from the profile (devices.md §12.2).

No two indicators share a map, so address, type, word order, scale and stable bit are settings. A frame is judged by its
slave, function, length and CRC together; anything else is noise and never a value.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.reading import Reading
from printcare.errors import PrintcareError
from printcare.protocol.checksum import crc16_modbus
from printcare.protocol.mt_sics import Dead, Discarded, Event, NotWeighed, TimedOut, Weighed

ANSWER_S = 0.5
SILENCES = 3
FRAME_LIMIT = 256
_EXCEPTIONS = {1: "an unknown function", 2: "an unknown register", 3: "a wrong count", 4: "a device failure", 6: "busy"}


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """Where an indicator keeps its value; addresses count from 0 as they travel.

    `kind` is int32 or float32, `word_order` big (high word first) or little; the value times `scale` is in `unit`, mg
    or kPa. `stable_register` and `stable_bit` say where the sign of rest stands; without them every value is moving.
    """

    slave: int
    address: int
    kind: str
    word_order: str
    scale: Decimal
    unit: str
    function: int = 3  # 3 holding, 4 input registers
    stable_register: int | None = None
    stable_bit: int = 0

    def __post_init__(self) -> None:
        """Refuse a map no indicator can have; raises PrintcareError MODBUS_MAP."""
        is_near = self.stable_register is None or 0 <= self.stable_register - self.address <= 16
        if (
            not 1 <= self.slave <= 247
            or not 0 <= self.address <= 0xFFFE
            or self.kind not in ("int32", "float32")
            or self.word_order not in ("big", "little")
            or self.unit not in ("mg", "kPa")
            or self.function not in (3, 4)
            or not 0 <= self.stable_bit <= 15
            or not is_near
            or not self.scale.is_finite()
            or self.scale == 0
        ):
            raise PrintcareError(
                "MODBUS_MAP", f"{self} is not a register map.", "Correct it by the indicator's manual."
            )

    @property
    def count(self) -> int:
        """Return how many registers one question reads: the value's two, and the state's where it follows."""
        return 2 if self.stable_register is None else max(2, self.stable_register - self.address + 1)


def silence_s(baud: int) -> float:
    """Return t3.5, the silence between frames: 3.5 characters of 11 bits, 1.75 ms above 19200 (Modbus serial line)."""
    return 0.00175 if baud > 19200 else 3.5 * 11 / baud


def request(slave: int, function: int, address: int, count: int) -> bytes:
    """Return the frame that asks for registers."""
    body = struct.pack(">BBHH", slave, function, address, count)
    return body + struct.pack("<H", crc16_modbus(body))


class ModbusReader:
    """Asks for one value at a time: bytes in, the events of `mt_sics` out, times as arguments (seconds)."""

    def __init__(self, registers: RegisterMap, source: str, baud: int = 9600) -> None:
        self.is_dead = False
        self.damaged = 0
        self._map = registers
        self._source = source
        self._gap_s = silence_s(baud)
        self._frame = b""
        self._heard_s = 0.0
        self._is_asked = False
        self._due_s = 0.0
        self._silences = 0
        self._out = b""

    @property
    def is_free(self) -> bool:
        """Whether a value may be asked for."""
        return not (self._is_asked or self.is_dead)

    def ask(self, now: float) -> None:
        """Ask for the value; raises PrintcareError MODBUS_BUSY while another answer is missing."""
        if not self.is_free:
            raise PrintcareError("MODBUS_BUSY", "The indicator still owes an answer.", "Wait for it.")
        self._frame = b""
        self._out += request(self._map.slave, self._map.function, self._map.address, self._map.count)
        self._is_asked, self._due_s = True, now + ANSWER_S

    def outgoing(self) -> bytes:
        """Return the bytes to be written now."""
        out, self._out = self._out, b""
        return out

    def deadline(self) -> float | None:
        """Return when the answer is due."""
        return self._due_s if self._is_asked else None

    def tick(self, now: float) -> list[Event]:
        """Let time pass: an answer not come in time is given up for good."""
        if not self._is_asked or now < self._due_s:
            return []
        self._is_asked = False
        self._silences += 1
        self.is_dead = self._silences >= SILENCES
        return [TimedOut("Modbus"), Dead()] if self.is_dead else [TimedOut("Modbus")]

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        if not self._is_asked:
            return [Discarded(data.hex(" "))] if data else []
        if now - self._heard_s > max(self._gap_s, 0.05):  # serial drivers deliver a frame in pieces; t3.5 is too strict
            self._frame = b""
        self._heard_s = now
        self._frame = (self._frame + data)[-FRAME_LIMIT:]
        return self._whole(now)

    def _whole(self, now: float) -> list[Event]:
        """Look for the answer anywhere in what came: noise before it shifts it."""
        frame, wanted = self._frame, 5 + 2 * self._map.count
        head = bytes((self._map.slave, self._map.function, 2 * self._map.count))
        refusal = bytes((self._map.slave, self._map.function | 0x80))
        for start in range(len(frame)):
            part = frame[start : start + wanted]
            if len(part) == wanted and part.startswith(head) and _is_checked(part):
                return [self._answered(self._value(part[3:-2], part, now))]
            if part[:2] == refusal and len(part) >= 5 and _is_checked(part[:5]):
                reason = _EXCEPTIONS.get(part[2], f"the exception {part[2]}")
                return [self._answered(NotWeighed(reason, part[:5].hex(" ")))]
        if len(frame) >= wanted:
            self.damaged += 1
        return []

    def _answered(self, event: Event) -> Event:
        self._is_asked = False
        self._silences = 0
        self._frame = b""
        return event

    def _value(self, data: bytes, raw: bytes, now: float) -> Event:
        words = data[:4] if self._map.word_order == "big" else data[2:4] + data[:2]
        if self._map.kind == "int32":
            number = Decimal(struct.unpack(">i", words)[0])
        else:
            value = struct.unpack(">f", words)[0]
            if value != value or abs(value) > 1e9:
                return NotWeighed("a value that is no number", raw.hex(" "))
            number = Decimal(f"{value:.7g}")  # the digits a float32 holds; more would be invented
        return Weighed(
            Reading(number * self._map.scale, self._map.unit, now, self._is_stable(data), self._source, raw.hex(" "))
        )

    def _is_stable(self, data: bytes) -> bool:
        if self._map.stable_register is None:
            return False
        place = 2 * (self._map.stable_register - self._map.address)
        return bool(int.from_bytes(data[place : place + 2], "big") >> self._map.stable_bit & 1)


def _is_checked(frame: bytes) -> bool:
    return crc16_modbus(frame[:-2]) == int.from_bytes(frame[-2:], "little")
