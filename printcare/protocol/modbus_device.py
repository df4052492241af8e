"""The instrument's side of Modbus RTU: registers by 03 or 04, its name by 43/14, exceptions for what is not there."""

from __future__ import annotations

import struct
from collections.abc import Callable

_TABLE = []
for _byte in range(256):
    _crc = _byte
    for _ in range(8):
        _crc = (_crc >> 1) ^ (0xA001 if _crc & 1 else 0)
    _TABLE.append(_crc)
REQUEST_BYTES = 8
WHO_BYTES = 7
_WHO = 43, 14
LIMIT_BYTES = 64


class ModbusSlave:
    """Answers reads; `registers` returns address -> 16-bit word at this moment. Writes are refused.

    `names` are the basic objects of its identification: maker, product and version. Without any it refuses to be asked.
    """

    def __init__(self, slave: int, registers: Callable[[], dict[int, int]], names: tuple[str, ...] = ()) -> None:
        self._slave = slave
        self._registers = registers
        self._names = names
        self._frame = b""

    def receive(self, data: bytes) -> bytes:
        """Take bytes; return the answers, nothing for what is damaged or another slave's."""
        self._frame = (self._frame + data)[-LIMIT_BYTES:]
        out = b""
        while len(self._frame) >= WHO_BYTES:
            size = WHO_BYTES if tuple(self._frame[1:3]) == _WHO else REQUEST_BYTES
            frame = self._frame[:size]
            if len(frame) < size:
                break
            if _crc16(frame[:-2]) != struct.unpack("<H", frame[-2:])[0]:
                self._frame = self._frame[1:]
                continue
            self._frame = self._frame[size:]
            if frame[0] == self._slave:
                out += self._name(frame) if size == WHO_BYTES else self._answer(frame)
        return out

    def _name(self, frame: bytes) -> bytes:
        if not self._names:
            return _closed(bytes((self._slave, frame[1] | 0x80, 1)))
        objects = b"".join(bytes((place, len(text))) + text.encode("ascii") for place, text in enumerate(self._names))
        return _closed(bytes((self._slave, *_WHO, frame[3], 1, 0, 0, len(self._names))) + objects)

    def _answer(self, frame: bytes) -> bytes:
        slave, function, address, count = struct.unpack(">BBHH", frame[:6])
        if function not in (3, 4):
            return _closed(bytes((slave, function | 0x80, 1)))
        held = self._registers()
        wanted = range(address, address + count)
        if not 1 <= count <= 125:
            return _closed(bytes((slave, function | 0x80, 3)))
        if any(place not in held for place in wanted):
            return _closed(bytes((slave, function | 0x80, 2)))
        words = b"".join(struct.pack(">H", held[place]) for place in wanted)
        return _closed(bytes((slave, function, len(words))) + words)


def float_words(value: float) -> tuple[int, int]:
    """Return a float32 as its high and low word."""
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return high, low


def int_words(value: int) -> tuple[int, int]:
    """Return a signed 32-bit number as its high and low word."""
    high, low = struct.unpack(">HH", struct.pack(">i", value))
    return high, low


def _closed(body: bytes) -> bytes:
    return body + struct.pack("<H", _crc16(body))


def _crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc
