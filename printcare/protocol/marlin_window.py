"""The numbered lines of one connection: which the printer has, which are on the wire, which may be asked for again."""

from __future__ import annotations

from printcare.protocol.checksum import numbered

HISTORY = 64  # accepted lines kept for a Resend that shows that an ok was counted too early
_NUMBER_BYTES = 15  # `N`, a zero or not, seven digits, blank, `*`, three digits, LF


class Window:
    """Lines first … cursor − 1 are on the wire and unanswered; cursor … following − 1 wait to go again after a Resend.

    Numbers start at 1. With `is_numbered` false lines travel bare and the numbers only count them.
    """

    def __init__(self, is_numbered: bool) -> None:
        self.first = 1
        self.cursor = 1
        self.following = 1
        self.floor = 1  # the lowest number that could be sent again
        self.bytes_out = 0
        self._reported = 0
        self._is_numbered = is_numbered
        self._payloads: dict[int, str] = {}
        self._wires: dict[int, bytes] = {}
        self._own: set[int] = set()

    @property
    def in_flight(self) -> int:
        """Return how many lines are unanswered."""
        return self.cursor - self.first

    def has_room(self, payload: str | None, lines: int, rx_bytes: int) -> bool:
        """Whether one more line fits command queue and receive buffer; None stands for the line to repeat."""
        in_flight = self.cursor - self.first
        if in_flight == 0:
            return True
        if in_flight >= lines:
            return False
        size = len(self._wires[self.cursor]) if payload is None else len(payload) + _NUMBER_BYTES
        return self.bytes_out + size < rx_bytes

    def add(self, payload: str, is_own: bool = False) -> None:
        """Give a new line the next number; lines of our own (probes) are never reported as accepted."""
        number = self.following
        self._payloads[number] = payload
        self._wires[number] = numbered(number, payload) if self._is_numbered else payload.encode("ascii") + b"\n"
        if is_own:
            self._own.add(number)
        self.following = number + 1

    def send(self) -> bytes:
        """Return the bytes of the line at the cursor, which is on the wire from now on."""
        wire = self._wires[self.cursor]
        self.cursor += 1
        self.bytes_out += len(wire)
        return wire

    def accept_through(self, number: int) -> list[tuple[int, str]]:
        """Take every line up to `number` as arrived; returns those of the queue that were not reported before."""
        fresh = []
        for taken in range(self.first, number + 1):
            if taken < self.cursor:
                self.bytes_out -= len(self._wires[taken])
            if taken > self._reported and taken not in self._own:
                fresh.append((taken, self._payloads[taken]))
            if taken - HISTORY >= self.floor:
                self._forget(taken - HISTORY)
        self.first = number + 1
        self.cursor = max(self.cursor, self.first)
        self._reported = max(self._reported, number)
        return fresh

    def _forget(self, number: int) -> None:
        del self._payloads[number], self._wires[number]
        self._own.discard(number)
        self.floor = number + 1

    def rewind(self, number: int) -> None:
        """Go back to `number`: it and everything after it will be sent again."""
        self.first = number
        self.cursor = number
        self.bytes_out = 0

    def payload(self, number: int) -> str:
        """Return the text of a line not yet forgotten, else nothing."""
        return self._payloads.get(number, "")

    def unanswered(self) -> list[str]:
        """Return the lines on the wire."""
        return [self._payloads[number] for number in range(self.first, self.cursor)]

    def oldest_question(self) -> int | None:
        """Return the first unanswered M105: its `ok T:` can be told from every other ok."""
        return next((n for n in range(self.first, self.cursor) if self._payloads[n].startswith("M105")), None)

    def is_own(self, number: int) -> bool:
        """Whether this line is a question of our own that is on the wire."""
        return number < self.cursor and number in self._own

    def find(self, payload: str) -> int | None:
        """Return the number of an unanswered or just answered line with exactly this text."""
        recent = range(max(self.floor, self.first - 8), self.following)
        return next((number for number in recent if self._payloads[number] == payload), None)
