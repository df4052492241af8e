"""Oks still to come that answer no line on the wire: let pass one by one, and after a Resend for a short time."""

from __future__ import annotations

SETTLE_S = 0.1  # without ADVANCED_OK: oks of before the Resend pass within this time


class OldOks:
    """Answers to unnumbered lines and, without ADVANCED_OK, to Resends and to the lines of before them."""

    def __init__(self) -> None:
        self.due = 0
        self.until_s: float | None = None  # nothing goes out before

    def take(self) -> bool:
        """Take an ok; returns whether it was one of these."""
        if not self.due:
            return False
        self.due -= 1
        if not self.due:
            self.until_s = None
        return True

    def wait(self, more: int, now: float) -> None:
        """Let that many more pass before anything goes out."""
        self.due += more
        self.until_s = now + SETTLE_S

    def forget(self) -> None:
        """Take that all have come, or never will."""
        self.due, self.until_s = 0, None
