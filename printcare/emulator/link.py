"""Noise on the printer's wire: host lines damaged or lost, replies lost, doubled or out of place."""

from __future__ import annotations

import re
from collections.abc import Callable

from printcare.emulator.chance import Stream

INBOUND = ("drop", "lost-n", "corrupt", "truncate", "join-lines", "stale-resend", "rx-overflow")
OUTBOUND = ("lost-ok", "double-ok", "resend-no-ok", "garbage")
KINDS = INBOUND + OUTBOUND
_NUMBERED = re.compile(rb" *N([0-9]+)")
_ONE_SHOT_LIMIT = 4096  # bytes of an unfinished line kept while faults are armed


class LinkFaults:
    """Decides per line and per reply what the wire does to it; with no fault set it costs nothing."""

    def __init__(self, chance: Stream, note: Callable[[str, str], None], emit: Callable[[bytes], None]) -> None:
        self._chance, self._note, self._emit = chance, note, emit
        self._rates: dict[str, float] = {}
        self._values: dict[str, float] = {}
        self._lines: dict[str, set[int]] = {}
        self._armed: dict[str, int] = {}
        self._is_set = False
        self._has_seen_number = False
        self._part = b""
        self._stale: list[str] = []

    def at_rate(self, kind: str, probability: float, value: float) -> None:
        """Let a fault strike each line or reply with a probability, from the first numbered line on."""
        self._rates[kind], self._values[kind], self._is_set = probability, value, True

    def at_line(self, kind: str, number: int, value: float) -> None:
        """Let a fault strike one line, or its reply."""
        self._lines.setdefault(kind, set()).add(number)
        self._values[kind], self._is_set = value, True

    def arm(self, kind: str, value: float) -> None:
        """Let a fault strike the next line or reply."""
        self._armed[kind] = self._armed.get(kind, 0) + 1
        self._values[kind], self._is_set = value, True

    def inbound(self, data: bytes) -> bytes:
        """Return what arrives of the host's bytes."""
        if not self._is_set:
            return data
        *lines, self._part = (self._part + data).split(b"\n")
        arrived = b"".join(self._line(line) for line in lines)
        if len(self._part) > _ONE_SHOT_LIMIT:
            arrived, self._part = arrived + self._part, b""
        return arrived

    def acknowledgement(self, text: str, number: int | None) -> list[str]:
        """Return what leaves of an ok."""
        if not self._is_set:
            return [text]
        if self._strikes("garbage", number):
            self._garbage()
        if self._strikes("lost-ok", number):
            return []
        if self._strikes("double-ok", number):
            return [text, text]
        return [text]

    def replies(self, texts: list[str]) -> list[str]:
        """Return what leaves of an error's lines."""
        if not self._is_set:
            return texts
        stale, self._stale = self._stale, []
        if texts and self._strikes("resend-no-ok", _asked(texts)):
            texts = [text for text in texts if text != "ok"]
        return [*stale, *texts]

    def _line(self, line: bytes) -> bytes:
        named = _NUMBERED.match(line)
        number = int(named.group(1)) if named else None
        self._has_seen_number |= named is not None
        if self._strikes("stale-resend", number) and number is not None:
            old = number - int(self._values["stale-resend"])
            if old > 0:
                self._stale += [f"Resend: {old}", "ok"]
        if self._strikes("drop", number):
            return b""
        if self._strikes("lost-n", number):
            line = line[1:]
        if line and self._strikes("corrupt", number):
            place = self._chance.below(len(line))
            line = line[:place] + bytes([line[place] ^ (1 << self._chance.below(8))]) + line[place + 1 :]
        if line and self._strikes("truncate", number):
            line = line[: self._chance.below(len(line))]
        if self._strikes("rx-overflow", number):
            line = line[int(self._values["rx-overflow"]) :]
        return line if self._strikes("join-lines", number) else line + b"\n"

    def _garbage(self) -> None:
        count = int(self._values["garbage"])
        self._emit(bytes(self._chance.below(256) for _ in range(count)))

    def _strikes(self, kind: str, number: int | None) -> bool:
        lines = self._lines.get(kind)
        if lines and number in lines:
            lines.discard(int(number or 0))
        elif self._armed.get(kind):
            self._armed[kind] -= 1
        elif not (self._has_seen_number and kind in self._rates and self._chance.uniform() < self._rates[kind]):
            return False
        self._note(kind, f"line {number}")
        return True


def _asked(texts: list[str]) -> int | None:
    for text in texts:
        if text.startswith("Resend: "):
            return int(text[8:])
    return None
