"""Which Resends are meant: repeated, stale and impossible ones are ignored, within a bound (quirks 4, 5 and 7)."""

from __future__ import annotations

from enum import Enum, auto

from printcare.protocol.marlin_window import Window

FRUITLESS_LIMIT = 64  # Resends ignored or obeyed without one line of progress between them
INSISTENCE = 2  # a stale Resend comes once; a printer that has lost count asks at every line


class Verdict(Enum):
    """What to do about a Resend."""

    OBEY = auto()
    IGNORE = auto()
    REFUSE = auto()  # the line certainly arrived: the printer has lost count, and would execute it twice
    IMPOSSIBLE = auto()  # no line of that number exists or is kept


class ResendJudge:
    """Remembers what was asked for, and how often in vain."""

    def __init__(self) -> None:
        self.has_doubt = False  # a Resend for an accepted line was ignored, and nothing has shown yet that it was stale
        self._doubted = (0, 0)  # that line, and the cursor when it was asked for
        self._confirmed = 0  # the highest line whose own answer was seen; everything up to it arrived
        self._insisted = 0
        self._repeats = (0, 0)  # the number just sent again, and how many more Resends for it the wire may still hold
        self._fruitless = 0
        self._furthest = 0  # lines taken a second time are no progress

    def judge(self, number: int, book: Window, *, is_holding: bool) -> Verdict:
        """Return what to do; `is_holding` says that an obeyed Resend has not been answered yet."""
        if not book.floor <= number <= book.following:
            return Verdict.IMPOSSIBLE
        if number == self._repeats[0] == book.first and self._repeats[1] > 0:
            self._repeats = (number, self._repeats[1] - 1)
            return Verdict.IGNORE
        if is_holding and number == book.first:
            return Verdict.IGNORE
        if number >= book.first:
            return Verdict.OBEY
        if self.has_doubt and self._doubted[0] == number and book.cursor > self._doubted[1]:
            # Asked again after something new was sent.
            if number > self._confirmed:
                return Verdict.OBEY  # its ok was counted too early
            self._insisted += 1
            if self._insisted >= INSISTENCE:
                return Verdict.REFUSE
        # Mostly stale; if it is not, the next line makes the printer ask again.
        self.has_doubt = True
        self._doubted = (number, book.cursor)
        return Verdict.IGNORE

    def obeyed(self, number: int, repeats: int) -> None:
        """Take that lines from `number` on go out again, and that as many Resends for it may still come."""
        self._fruitless += 1
        self.has_doubt = False
        self._repeats = (number, repeats)

    def confirmed(self, number: int) -> None:
        """Take that a line was answered by an ok that can be no other line's."""
        self._confirmed = max(self._confirmed, number)

    def believe(self, number: int, book: Window) -> Verdict:
        """Return what to do when the counter itself stands before `number`, with nothing of ours on the wire."""
        if number > book.following:
            return Verdict.IMPOSSIBLE
        if number <= max(book.floor - 1, self._confirmed):
            return Verdict.REFUSE
        self._confirmed = number - 1
        self.has_doubt = False
        return Verdict.OBEY

    def ignored(self) -> None:
        """Take that a Resend was ignored."""
        self._fruitless += 1

    def accepted(self, number: int) -> None:
        """Take progress; a line sent after a doubted Resend shows that it was stale."""
        if number > self._furthest:
            self._furthest, self._fruitless = number, 0
        if number >= self._doubted[1]:
            self.has_doubt = False
            self._insisted = 0

    def quiet(self) -> None:
        """Take that the wire is empty: no repeated Resend can come any more."""
        self._repeats = (0, 0)

    @property
    def is_endless(self) -> bool:
        """Whether the printer keeps asking without anything coming of it."""
        return self._fruitless > FRUITLESS_LIMIT
