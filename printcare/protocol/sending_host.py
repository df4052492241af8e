"""What the host's halves of all dialects share: lines that wait, replies sorted to their reactions, and one end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from printcare.domain.machine import LinkSettings
from printcare.errors import PrintcareError
from printcare.protocol import marlin_events as told
from printcare.protocol import marlin_reply as said
from printcare.protocol.lines import LineAssembler
from printcare.protocol.marlin_payload import safe_lines
from printcare.protocol.marlin_reply import ReplyParser
from printcare.protocol.stops import STOPS


class SendingHost:
    """Sends lines and reads replies without touching a port: bytes in, events out, times as arguments (seconds).

    `open` begins the greeting; `queue` may be called before or after it. After every `receive` and `tick` the caller
    writes what `outgoing` returns. All received bytes are to be fed before `tick` is asked whether the printer is
    silent. `window` is how many lines may be unanswered.
    """

    def __init__(self, settings: LinkSettings, dialect: str, window: int) -> None:
        self.window = window
        self.count = told.LinkCount()
        self.ended: told.Ended | None = None
        self._settings = settings
        self._parser, self._lines = ReplyParser(settings, STOPS[dialect].halted), LineAssembler()
        self._pending: deque[str] = deque()
        self._react: dict[type, Callable[..., None]] = {said.Fatal: self._on_fatal}

    def queue(self, lines: Iterable[str]) -> None:
        """Add lines to be sent in order; all are refused if one cannot travel safely.

        Raises PrintcareError LINE_REFUSED (see `safe_lines`), or LINK_ENDED after the link has ended.
        """
        if self.ended:
            raise PrintcareError("LINK_ENDED", "The printer's link has ended.", "Connect again before sending.")
        self._pending.extend(safe_lines(lines, self._settings.payload_limit))

    def withdraw(self) -> None:
        """Take back every queued line that was never written; what went out keeps its place and its answer."""
        self._pending.clear()

    def _take(self, line: bytes, now: float, events: list[told.Event]) -> None:
        """Sort one line of the printer's to its reaction; what has none is an event itself."""
        reply = self._parser.classify(line)
        react = self._react.get(type(reply))
        if react is None:
            events.append(reply)  # type: ignore[arg-type]  # the table holds every reply that is not an event
        else:
            react(reply, now, events)

    def _on_fatal(self, fatal: said.Fatal, _now: float, events: list[told.Event]) -> None:
        events.append(fatal)
        self._end(events, "PRINTER_HALTED", f"The printer has stopped itself: {fatal.text}")

    def _restarted(self, events: list[told.Event]) -> None:
        events.append(told.Booted())
        self._end(events, "PRINTER_RESTARTED", "The printer restarted; its position is unknown.")

    def _end(self, events: list[told.Event], code: str, reason: str) -> None:
        if self.ended is None:
            self.ended = told.Ended(code, reason)
            self._pending.clear()
            events.append(self.ended)
