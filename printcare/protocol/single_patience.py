"""How long a printer that answers one line at a time is waited for, and how often it is asked again."""

from __future__ import annotations

from printcare.domain.machine import LinkSettings
from printcare.protocol.dialects import Dialect, patience_s

HELLO_AGAIN_S = 1.0
SETTLE_S = 0.25  # oks of a greeting sent twice pass within this time
ANSWER_S = 0.5  # the ok of a position follows it at once
ASKS = 5  # in a row without an answer
REPEATS = 6  # at 2 % of lost lines, six in a row happen once in 10^10
RESEND_LIMIT = 64


def silence_s(line: str, asks: int, settings: LinkSettings, dialect: Dialect) -> float:
    """Return how long a line, or the `asks`-th question about it, may go unanswered."""
    if not asks:
        return patience_s(line, settings, dialect)
    if asks == 1 and dialect.drops_silently:  # what it was sent before may still have to be moved
        return max(settings.busy_timeout_s, patience_s("M400", settings, dialect))
    return settings.busy_timeout_s
