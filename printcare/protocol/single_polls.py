"""Temperature reports of firmware that reports nothing by itself: `M155 S<n>` becomes an `M105` every n seconds."""

from __future__ import annotations

import re

_REPORT = re.compile(r"M155 S(\d+)")


class Polls:
    """When the next question is due; none before a program has asked for reports, or after it has ended them."""

    def __init__(self) -> None:
        self._every_s = 0.0
        self._asked_s = 0.0

    def takes(self, line: str, now: float) -> bool:
        """Whether a line asks for reports; it is not sent then."""
        report = _REPORT.fullmatch(line)
        if report:
            self._every_s, self._asked_s = float(report[1]), now - float(report[1])
        return report is not None

    def take_due(self, now: float) -> bool:
        """Whether to ask now; it counts as asked."""
        due = self.deadline()
        if due is None or now < due:
            return False
        self._asked_s = now
        return True

    def deadline(self) -> float | None:
        """Return when the next question is due."""
        return self._asked_s + self._every_s if self._every_s else None
