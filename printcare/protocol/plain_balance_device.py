"""The balance's side of Sartorius SBI, A&D, Ohaus and Radwag: what is asked, and the line that answers (§12.2)."""

from __future__ import annotations

import re

LINE_LIMIT = 64
_ASKS = {
    "sbi": {"\x1bP": "weigh", "\x1bx1_": "model", "\x1bT": "tare", "\x1bV": "zero"},
    "and": {"Q": "weigh", "SI": "weigh", "?ID": "model", "T": "tare", "Z": "zero"},
    "ohaus": {"IP": "weigh", "PV": "model", "T": "tare", "Z": "zero"},
    "radwag": {"SI": "weigh", "NB": "model", "T": "tare", "Z": "zero"},
}
_ERRORS = {"sbi": "", "and": "EC,E01", "ohaus": "ES", "radwag": "ES"}
_OVER = {"sbi": "       H      ", "and": "OL,+9999999E+19", "ohaus": "Err 8.3", "radwag": "SI ^  9999999 g  "}
_END = re.compile(rb"[\r\n]+")


class PlainReceiver:
    """Puts command lines together; over-long ones are cut."""

    def __init__(self, family: str) -> None:
        self._asks = _ASKS[family]
        self._rest = b""

    def receive(self, data: bytes) -> list[str]:
        """Take bytes; return `weigh`, `model`, `tare`, `zero` or nothing for each line that ends."""
        *lines, rest = _END.split(self._rest + data)
        self._rest = rest[:LINE_LIMIT]
        return [self._asks.get(line.decode("latin-1")[:LINE_LIMIT], "") for line in lines if line]


def weight(family: str, value_g: float, unit: str, *, is_stable: bool) -> bytes:
    """Return a weight line; `value_g` is in `unit`, four places for g and one for mg."""
    places = 4 if unit == "g" else 1
    text = f"{abs(value_g):.{places}f}"
    sign = "-" if value_g < 0 else "+"
    if family == "sbi":
        line = f"{sign}{text:>9} {unit if is_stable else '':<3}"
    elif family == "and":
        line = f"{'ST' if is_stable else 'US'},{sign}{text:0>9}  {unit}"
    elif family == "ohaus":
        line = f"{'-' + text if value_g < 0 else text:>10} {unit:<5}{'' if is_stable else '?'}"
    else:
        line = f"SI {' ' if is_stable else '?'}{'-' + text if value_g < 0 else text:>10} {unit:<3}"
    return line.encode("ascii") + b"\r\n"


def overload(family: str) -> bytes:
    """Return the line of an overload."""
    return _OVER[family].encode("ascii") + b"\r\n"


def error(family: str) -> bytes:
    """Return the answer to an unknown command; Sartorius says nothing."""
    return _ERRORS[family].encode("ascii") + b"\r\n" if _ERRORS[family] else b""


def model(title: str) -> bytes:
    """Return the identity line."""
    return title.encode("ascii") + b"\r\n"
