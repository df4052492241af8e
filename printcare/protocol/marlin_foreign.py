"""Lines that reached the printer without their number: executed unchecked, or only noise (rule 1)."""

from __future__ import annotations

import re

from printcare.protocol.marlin_events import CommandFailed, Event, ForeignLine, UnsafeForeignLine

VALID_WORD = re.compile(r"\s*[GMT]\s*\d")


class ForeignWatch:
    """Judges the printer's `Unknown command` echoes and, with ADVANCED_OK, oks that name no line.

    A line that lost its number leaves a gap, so a Resend comes before or after its echo. An echo without a Resend
    belongs to a line of ours and was spoiled on its way back.
    """

    def __init__(self) -> None:
        self.count = 0
        self._oks_due = 0
        self._resent_from = 0
        self._suspects: list[tuple[str, int]] = []

    @property
    def has_suspects(self) -> bool:
        """Whether an echo is not yet known to be of a foreign line or of ours."""
        return bool(self._suspects)

    def echo(self, command: str, cursor: int) -> list[Event]:
        """Judge an echo that is none of our lines; `cursor` is the next number to be sent."""
        self._oks_due += 1
        if VALID_WORD.match(command):
            self.count += 1
            return [UnsafeForeignLine(command)]
        if self._resent_from:
            return self._record(command)
        self._suspects.append((command, cursor))
        return []

    def _record(self, command: str) -> list[Event]:
        self.count += 1
        return [ForeignLine(command)]

    def resend(self, number: int) -> list[Event]:
        """Take a Resend that was obeyed: what was suspected is foreign."""
        self._resent_from = number
        suspects, self._suspects = self._suspects, []
        return [event for command, _ in suspects for event in self._record(command)]

    def accepted(self, number: int) -> list[Event]:
        """Take the progress of our own lines: a suspect overtaken without a Resend was a line of ours that failed."""
        if self._resent_from and number >= self._resent_from:
            self._resent_from = 0
        if not self._suspects:
            return []
        ours = [command for command, cursor in self._suspects if number >= cursor]
        self._suspects = [suspect for suspect in self._suspects if number < suspect[1]]
        return [CommandFailed(None, "", command) for command in ours]

    def unnumbered_ok(self, is_repeated: bool) -> list[Event]:
        """Judge an `ok P… B…` nobody waits for: it answers a line that was executed without its number."""
        if self._oks_due:
            self._oks_due -= 1
            return []
        if is_repeated:  # a doubled reply
            return []
        self.count += 1
        return [UnsafeForeignLine("")]
