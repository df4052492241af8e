"""Whether a printer that neither counts lines nor tells of its start has restarted: its uptime only ever grows."""

from __future__ import annotations

import re

QUESTION = 'M409 K"state.upTime"'  # RepRapFirmware 3: whole seconds since power-up, from its object model
SLACK_S = 2.0  # whole seconds, and two clocks
DRIFT = 0.002  # of a board's clock against ours
ASKED = 6  # times, before a firmware counts as one that does not tell
DOUBTS = 3  # in a row: an answer may be a late one, or damaged
_ANSWER = re.compile(r'\{"key":"state\.upTime".*"result":(\d{1,9})\}')


class Uptime:
    """Asked before a host calls itself idle; firmware that never answers is not held to it."""

    def __init__(self) -> None:
        self.is_told: bool | None = False  # None: asked, and not yet known
        self.is_proven = False  # no restart since the last line of the queue
        self.has_answered = False  # the question that is out
        self._asked_s = self._heard_s = 0.0
        self._told_s = 0
        self._doubts = self._unanswered = 0

    @property
    def is_due(self) -> bool:
        """Whether to ask."""
        return self.is_told is not False and not self.is_proven

    @property
    def has_restarted(self) -> bool:
        """Whether the printer has been up for less than we have known it."""
        return self._doubts >= DOUBTS

    def begin(self) -> None:
        """Ask from now on."""
        self.is_told = None

    def asked(self, now: float) -> None:
        """Take that the question goes out."""
        self._asked_s, self.has_answered = now, False

    def hear(self, text: str, now: float) -> None:
        """Take a line that may be the answer; one that nobody asked for proves nothing."""
        found = _ANSWER.fullmatch(text)
        if found is None or self.has_answered:
            return
        told_s, known_s = int(found[1]), max(0.0, self._asked_s - self._heard_s)
        self.has_answered = True
        if self.is_told and told_s < self._told_s + known_s * (1 - DRIFT) - SLACK_S:
            self._doubts += 1
            return
        self.is_told = self.is_proven = True
        self._doubts, self._told_s, self._heard_s = 0, told_s, now

    def takes_ok(self) -> bool:
        """Take an ok to the question; whether it is the question's own.

        Firmware that does not know the word says no more than ok; it is asked a few times, for an answer may be lost.
        """
        if not self.has_answered and self.is_told is None:
            self._unanswered += 1
            self.is_told = None if self._unanswered < ASKED else False
        return self.has_answered or not self.is_told
