"""Lines of a printer that counts, kept in case that an ok taken for one of them was another's."""

from __future__ import annotations

from collections import deque

KEPT = 16


class History:
    """The lines accepted last, under the numbers they went out with."""

    def __init__(self) -> None:
        self.proven = 0  # the printer's counter stood here: it never awaits this line again, unless it has restarted
        self._lines: deque[tuple[int, str]] = deque(maxlen=KEPT)

    def add(self, number: int, line: str) -> None:
        """Take a line as accepted."""
        self._lines.append((number, line))

    def take_from(self, number: int) -> list[str]:
        """Return the lines from `number` on and forget them; none where that line cannot be the one awaited."""
        lost = [line for taken, line in self._lines if taken >= number]
        if not 0 < self.proven < number or all(taken != number for taken, _ in self._lines):
            return []
        self._lines = deque((entry for entry in self._lines if entry[0] < number), maxlen=KEPT)
        return lost
