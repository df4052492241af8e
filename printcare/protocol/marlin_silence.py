"""When the printer is silent too long: first a harmless question under the next number, then the end (rules 2, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from printcare.domain.machine import LinkSettings

BUSY_INTERVAL_S = 2.5  # Marlin says busy every 2 s (M113); a line that blocks is silent no longer than this
PROMPT_AGAIN_S = 0.5  # nothing on the wire can block: the next question may follow sooner
PROMPT_QUESTIONS = 6  # at 2 % corrupt, lost and unanswered lines each, six silent in a row happen once in 10^7 silences

# Lines answered as soon as they are read; everything else may wait for motion or heat.
_PROMPT = re.compile(
    r"(?:G2[01]|G9[0-2]|M8[23]|M10[4-7]|M11[3-9]|M140|M15[45]|M20[0-6]|M22[01]|M302|M503|M92)\b",
)


class Silence:
    """Keeps the times of one link, seconds."""

    def __init__(self, settings: LinkSettings) -> None:
        self.questions = 0  # asked in a row without an answer
        self._probe_s = settings.silence_probe_s
        self._limit_s = settings.busy_timeout_s
        self._byte_s = 10 / min(settings.bauds)  # with start and stop bit, at the profile's slowest rate
        self._may_ask = settings.integrity == "n_xor"  # a bare question's ok could not be told from the lost one
        self._is_busy = False
        self._heard_s = 0.0
        self._sent_s = 0.0
        self._asked_s = 0.0

    def heard(self, now: float) -> None:
        """Take an answer: progress, or the reply to a question."""
        self._heard_s = now
        self._is_busy = False
        self.questions = 0

    def busy(self, now: float) -> None:
        """Take that the printer works on something long; the next sign may take a whole busy interval.

        Asking in between would fill its queue and then its receive buffer, which loses what comes after (quirk 17).
        """
        self.heard(now)
        self._is_busy = True

    def sent(self, now: float) -> None:
        """Take that lines went out."""
        self._sent_s = now

    def asked(self, now: float) -> None:
        """Take that a question goes out."""
        self._asked_s = now
        self.questions += 1

    @property
    def _end_s(self) -> float:
        return max(self._heard_s, self._sent_s) + self._limit_s

    def due(self, bytes_out: int, unanswered: Callable[[], Iterable[str]]) -> float:
        """Return when to ask or to give up, as nothing has come since."""
        if not self._may_ask:
            return self._end_s
        wire_s = bytes_out * self._byte_s
        if self.questions == 0:
            patience_s = BUSY_INTERVAL_S if self._is_busy else self._probe_s
            return max(self._heard_s, self._sent_s) + patience_s + wire_s
        again_s = PROMPT_AGAIN_S if _all_prompt(unanswered()) else BUSY_INTERVAL_S
        return min(self._end_s, self._asked_s + again_s + wire_s)

    def is_over(self, now: float, unanswered: Iterable[str]) -> bool:
        """Whether asking again would be hoping."""
        return now >= self._end_s or (self.questions >= PROMPT_QUESTIONS and _all_prompt(unanswered))


def _all_prompt(lines: Iterable[str]) -> bool:
    return all(_PROMPT.match(line) for line in lines)
