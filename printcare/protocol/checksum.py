"""Check digits of the wire: XOR for G-code lines and pressure readings, CRC-16 of RepRapFirmware and Modbus."""

from __future__ import annotations

from functools import reduce
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

    Two lines joined by what one wrong bit makes of LF, or by its loss, pass as one where the first one's `*`, digits
    and joint cancel its checksum out: `*7`, LF with bit 4 wrong, and the next line. A leading zero before the checksum
    or the number, which every firmware skips, then changes the sum.
    """
    body = f"N{number} {payload}".encode("ascii")
    if not _SUFFIXES[xor_of(body)]:  # the zero takes the sum out of 0…9, the only ones without a safe form
        body = f"N0{number} {payload}".encode("ascii")
    return body + _SUFFIXES[xor_of(body)]


def _suffix(checksum: int) -> bytes:
    """Return `*`, the checksum and LF such that a damaged LF shows, or nothing where no form does."""
    for digits in (b"%d" % checksum, b"0%d" % checksum):
        if xor_of(b"*" + digits) ^ checksum not in _JOINTS:
            return b"*%b\n" % digits
    return b""


_JOINTS = frozenset({0, *(ord("\n") ^ 1 << bit for bit in range(8))})
_SUFFIXES = tuple(_suffix(checksum) for checksum in range(256))
