"""The balance's side of MT-SICS: command lines in, reply lines out (devices.md §12.1)."""

from __future__ import annotations

from dataclasses import dataclass

LINE_LIMIT = 64
COMMANDS = ("I0", "I1", "I2", "I3", "I4", "I5", "S", "SI", "SIR", "T", "TA", "TAC", "TI", "Z", "ZI", "@", "D", "DW")
_LEVELS = {"@": 0, "SIR": 0, "T": 1, "TA": 1, "TAC": 1, "TI": 1, "D": 1, "DW": 1}


@dataclass(frozen=True, slots=True)
class Request:
    """One command of the host: its word and what follows it."""

    word: str
    argument: str


class MtSicsReceiver:
    """Puts command lines together; over-long ones are cut."""

    def __init__(self) -> None:
        self._line = bytearray()

    def receive(self, data: bytes) -> list[Request]:
        """Take bytes; return the commands they complete, an empty word for a line that is none."""
        requests = []
        for byte in data:
            if byte not in b"\r\n":
                if len(self._line) < LINE_LIMIT:
                    self._line.append(byte)
                continue
            if self._line:
                word, _, argument = self._line.decode("ascii", "replace").strip().partition(" ")
                requests.append(Request(word if word in COMMANDS else "", argument.strip()))
                self._line.clear()
        return requests


def weight_line(word: str, status: str, value: float, unit: str, decimals: int) -> bytes:
    """Return `ID status value unit`, the value right-aligned in ten characters."""
    return f"{word} {status} {value:10.{decimals}f} {unit}\r\n".encode("ascii")


def status_line(word: str, status: str) -> bytes:
    """Return a reply that is only a status, like `S I` or `Z A`."""
    return f"{word} {status}\r\n".encode("ascii")


def text_line(word: str, *texts: str) -> bytes:
    """Return `Ix A "text" …`."""
    quoted = " ".join(f'"{text}"' for text in texts)
    return f"{word} A {quoted}\r\n".encode("ascii")


def command_list() -> bytes:
    """Return the reply to I0: every command with its level, the last one marked A."""
    lines = []
    for position, word in enumerate(COMMANDS):
        status = "A" if position == len(COMMANDS) - 1 else "B"
        lines.append(f'I0 {status} {_LEVELS.get(word, 0)} "{word}"\r\n')
    return "".join(lines).encode("ascii")


def error_line(kind: str) -> bytes:
    """Return ES (syntax), ET (transmission) or EL (logical)."""
    return f"{kind}\r\n".encode("ascii")
