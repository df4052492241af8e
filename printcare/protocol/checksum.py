"""Check digits of the wire: one byte XOR for G-code lines and pressure readings."""

from __future__ import annotations

from functools import reduce
from operator import xor


def xor_of(data: bytes) -> int:
    """Return the XOR of all bytes (0…255), as G-code's `*` and PS1 use it (devices.md §3, §13.1)."""
    return reduce(xor, data, 0)


def numbered(number: int, payload: str) -> bytes:
    """Return the line as Marlin reads it: `N<number> <payload>*<checksum>` and LF."""
    body = f"N{number} {payload}".encode("ascii")
    return b"%b*%d\n" % (body, xor_of(body))
