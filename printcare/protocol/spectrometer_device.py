"""The spectrometer's side of SP1: identity, integration time and spectra with their check (see `spectrometer`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from printcare.protocol.other_devices import crc16_by_division

LINE_LIMIT = 32
VALUES_A_LINE = 16
SATURATED = 65535.0


class Sp1Receiver:
    """Answers command lines; `measure` returns the values of `axis`, `dark`, `reference` or `sample` at this moment.

    `measure` is asked with the kind and the integration time in ms; values of SATURATED or more are marked.
    """

    def __init__(self, identity: str, points: int, measure: Callable[[str, float], Sequence[float]]) -> None:
        self.integration_ms = 10.0
        self._identity = identity
        self._points = points
        self._measure = measure
        self._line = b""
        self._count = 0

    def receive(self, data: bytes) -> bytes:
        """Take bytes; return the answers."""
        *lines, rest = (self._line + data).replace(b"\r", b"\n").split(b"\n")
        self._line = rest[:LINE_LIMIT]
        answers = [self._answer(line[:LINE_LIMIT].decode("ascii", "replace").strip()) for line in lines if line.strip()]
        return "".join(f"{answer}\n" for answer in answers).encode("ascii")

    def _answer(self, text: str) -> str:
        word, _, argument = text.partition(" ")
        if text == "?":
            return self._identity
        if word == "I":
            return self._set(argument)
        if word == "M" and argument in ("axis", "dark", "reference", "sample"):
            return self._spectrum(argument)
        return "E 01 syntax"

    def _set(self, digits: str) -> str:
        whole, _, part = digits.partition(".")
        if not (digits.isascii() and whole.isdigit() and (part or "0").isdigit()) or not 0.1 <= float(digits) <= 60000:
            return "E 02 time"
        self.integration_ms = float(digits)
        return f"#I {self.integration_ms:.1f}"

    def _spectrum(self, kind: str) -> str:
        self._count += 1
        values = self._measure(kind, self.integration_ms)
        mark = " !" if kind != "axis" and max(values) >= SATURATED else ""
        lines = [f"B {self._count} {kind} {self._points}{mark}"]
        for first in range(0, len(values), VALUES_A_LINE):
            row = " ".join(f"{value:.3f}" for value in values[first : first + VALUES_A_LINE])
            lines.append(f"D {first} {row}")
        check = crc16_by_division("\n".join(lines).encode("ascii"))
        return "\n".join([*lines, f". {self._count} {check:04X}"])


def identity_line(technique: str, points: int, serial: str, announcement: str) -> str:
    """Return the identity, with what a simulated device says of itself at its end."""
    unit = "nm" if technique == "NIR" else "cm-1"
    tail = f" {announcement}" if announcement else ""
    return f"#SP1 v1 {technique} {unit} {points} sn={serial}{tail}"
