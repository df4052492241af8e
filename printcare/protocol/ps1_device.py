"""The pressure sensor's side of PS1: `?`, `R n` and `Z` in, readings with a checksum out (devices.md §13.1)."""

from __future__ import annotations

from dataclasses import dataclass

LINE_LIMIT = 32
RATES_HZ = range(1, 81)
MS_WRAP = 2**32


@dataclass(frozen=True, slots=True)
class Request:
    """One command of the host: `?`, `R` with its rate, `Z`, or an error number to answer."""

    word: str  # ? | R | Z | E
    rate_hz: int = 0
    error: str = ""


class Ps1Receiver:
    """Puts command lines together, LF or CR LF; over-long ones are cut."""

    def __init__(self) -> None:
        self._line = bytearray()

    def receive(self, data: bytes) -> list[Request]:
        """Take bytes; return the commands they complete."""
        requests = []
        for byte in data:
            if byte not in b"\r\n":
                if len(self._line) < LINE_LIMIT:
                    self._line.append(byte)
                continue
            if self._line:
                requests.append(_request(self._line.decode("ascii", "replace").strip()))
                self._line.clear()
        return requests


def _request(text: str) -> Request:
    if text in ("?", "Z"):
        return Request(text)
    word, _, digits = text.partition(" ")
    if word != "R":
        return Request("E", error="01 syntax")
    if not digits.isascii() or not digits.isdigit() or int(digits) not in RATES_HZ:
        return Request("E", error="02 rate")
    return Request("R", int(digits))


def identity_line(range_kpa: float, serial: str, announcement: str) -> bytes:
    """Return the identity, with what a simulated device says of itself at its end."""
    tail = f" {announcement}" if announcement else ""
    return f"#PS1 v1 kPa 0-{range_kpa:.0f} sn={serial}{tail}\n".encode("ascii")


def rate_line(rate_hz: int) -> bytes:
    """Return the acknowledgement of a rate."""
    return b"#R %d\n" % rate_hz


def zero_line(offset_kpa: float) -> bytes:
    """Return the acknowledgement of a zero, with the offset taken away."""
    return f"#Z offset={offset_kpa:.2f}\n".encode("ascii")


def error_line(error: str) -> bytes:
    """Return `E nn text`."""
    return f"E {error}\n".encode("ascii")


def reading_line(ms: int, pressure_kpa: float, flag: str) -> bytes:
    """Return one reading: device milliseconds, kPa gauge, flag, and XOR of all bytes before the last blank."""
    body = f"P {ms % MS_WRAP} {pressure_kpa:.2f} {flag}".encode("ascii")
    checksum = 0
    for byte in body:
        checksum ^= byte
    return b"%s %02X\n" % (body, checksum)
