"""The printer's own line counter, asked for by a question under a number too high: the refusal names the last.

An `ok` that names no line proves little, and `ok T:` no more: a question that lost its `N` is run unchecked and
answered all the same, whatever became of the line before it. `Error:…, Last Line: k` with `Resend: k+1` comes from the
counter alone, which never goes down, so that even a late one proves every line up to k (devices.md §4.3). The refusal
throws the receive buffer away, therefore nothing else may be on its way.
"""

from __future__ import annotations

from printcare.protocol.checksum import numbered


class Counter:
    """What was asked of the counter, and the last line it named."""

    def __init__(self) -> None:
        self.is_asked = False
        self.last = -1

    def ask(self, following: int) -> bytes:
        """Return the question; `following` is the first number never sent. Half a line before it is closed first."""
        self.is_asked, self.last = True, -1
        return b"\n" + numbered(following + 1, "M105")

    def names(self, number: int) -> bool:
        """Whether a Resend answers the question: both lines of the refusal must name the same line."""
        return self.is_asked and self.last == number - 1
