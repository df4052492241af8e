"""Check digits of the wire: XOR for G-code lines and pressure readings, CRC-16 of RepRapFirmware and Modbus."""

from __future__ import annotations

from functools import reduce
from itertools import accumulate
from operator import xor


def xor_of(data: bytes) -> int:
    """Return the XOR of all bytes (0…255), as G-code's `*` and PS1 use it (devices.md §3, §13.1)."""
    return reduce(xor, data, 0)


def crc16_ccitt(data: bytes) -> int:
    """Return CRC-16/CCITT, most significant bit first, initial value 0, as RepRapFirmware takes it (devices.md §3)."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def crc16_numbered(number: int, payload: str) -> bytes:
    """Return the line as RepRapFirmware 3 reads it with its stronger check: five digits after the `*`."""
    body = f"N{number} {payload}".encode("ascii")
    return b"%b*%05d\n" % (body, crc16_ccitt(body))


def crc16_modbus(data: bytes) -> int:
    """Return the CRC of Modbus RTU: polynomial 0xA001 reflected, initial value 0xFFFF; low byte travels first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def numbered(number: int, payload: str) -> bytes:
    """Return the line as Marlin reads it: `N<number> <payload>*<checksum>` and LF.

    Lines joined with the next pass as one where what is left of the first ones has an XOR of 0: by what one wrong bit
    makes of LF or by its loss, as in `*7`, LF with bit 4 wrong; where its end was cut off; or where two whole lines
    joined cancel each other out. A leading zero before the checksum or the number, which every firmware skips, then
    changes the sum: no joint passes, two lines in a row differ in bit 4, and in all but one line in a hundred no cut is
    left that would pass.
    """
    body = f"N{number} {payload}".encode("ascii")
    sums: list[int] = list(accumulate(body, xor))
    suffixes = _SUFFIXES[number & 1]
    if 0 in sums or not suffixes[sums[-1]]:  # the zero then leads to a sum that has a form
        other = f"N0{number} {payload}".encode("ascii")
        others: list[int] = list(accumulate(other, xor))
        if suffixes[others[-1]] and (0 not in others or not suffixes[sums[-1]]):
            return other + suffixes[others[-1]]
    return body + suffixes[sums[-1]]


def _suffix(checksum: int, bit_4: int) -> bytes:
    """Return `*`, the checksum and LF such that a damaged LF shows, or nothing where no form does.

    `bit_4` is that of the XOR of the whole line without its LF.
    """
    for digits in (b"%d" % checksum, b"0%d" % checksum):
        left = xor_of(b"*" + digits) ^ checksum
        if left not in _JOINTS and left >> 4 & 1 == bit_4:
            return b"*%b\n" % digits
    return b""


_JOINTS = frozenset({0, *(ord("\n") ^ 1 << bit for bit in range(8))})
_SUFFIXES = tuple(tuple(_suffix(checksum, bit_4) for checksum in range(256)) for bit_4 in (0, 1))
