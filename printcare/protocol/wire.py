"""What crosses between the wire and the one who decides: bytes with a source and a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

PRINTER, BALANCE, PRESSURE = "printer", "balance", "pressure"


def pressure_role(tool: int) -> str:
    """Return the source of a tool's pressure transmitter: `pressure` for T0, `pressure-1` for T1."""
    return f"{PRESSURE}-{tool}" if tool else PRESSURE


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes a device sent; empty `data` says that its link is closed. `at_s` is the monotonic time of receipt."""

    source: str
    data: bytes
    at_s: float


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asks of a running job: hold, resume, stop or acknowledge, with who and why."""

    name: str
    user_id: str
    reason: str = ""
    at_s: float = 0.0


Message = Received | Command


class Ports(Protocol):
    """Every device of one bench behind one inbox; real ports and the in-process bench look the same from here."""

    def now(self) -> float:
        """Return monotonic seconds; virtual on the in-process bench."""

    def send(self, source: str, data: bytes) -> None:
        """Write bytes to a device; raises LinkLost when that cannot be done within the write time-out."""

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, or None when none came within the time-out."""

    def close(self) -> None:
        """Release every port; safe to call twice."""


Clock = Callable[[], float]
