"""Check digits of the wire: one byte XOR for G-code lines and pressure readings."""

from __future__ import annotations

from functools import reduce
from operator import xor


def xor_of(data: bytes) -> int:
    """Return the XOR of all bytes (0…255), as G-code's `*` and PS1 use it (devices.md §3, §13.1)."""
    return reduce(xor, data, 0)


def numbered(number: int, payload: str) -> bytes:
    """Return the line as Marlin reads it: `N<number> <payload>*<checksum>` and LF.

    Two lines joined by what one wrong bit makes of LF, or by its loss, pass as one where the first one's `*`, digits
    and joint cancel its checksum out: `*7`, LF with bit 4 wrong, and the next line. A leading zero before the checksum
    or the number, which every firmware skips, then changes the sum.
    """
    for zero in ("", "0"):
        body = f"N{zero}{number} {payload}".encode("ascii")
        suffix = _SUFFIXES[xor_of(body)]
        if suffix:
            break
    return body + suffix


def _suffix(checksum: int) -> bytes:
    """Return `*`, the checksum and LF such that a damaged LF shows, or nothing where no form does."""
    for digits in (b"%d" % checksum, b"0%d" % checksum):
        if xor_of(b"*" + digits) ^ checksum not in _JOINTS:
            return b"*%b\n" % digits
    return b""


_JOINTS = frozenset({0, *(ord("\n") ^ 1 << bit for bit in range(8))})
_SUFFIXES = tuple(_suffix(checksum) for checksum in range(256))
