"""The host's half of Klipper, RepRapFirmware and Smoothieware: one line at a time, none twice that could extrude.

Klipper ignores numbers and checksums, so a lost ok ends the job (devices.md §5.1). RepRapFirmware drops a damaged line
without a word: silence is answered by `M400` and `M114`, and the position decides whether the line was executed (§6).
Smoothieware counts lines: silence is answered by `M105` under the next number, and it asks for what it misses by `rs`;
an ok may be another line's, so before the host calls itself idle it asks under a number too high which line is awaited.
None reports by itself: `M155 S<n>` of a program becomes an `M105` every n seconds between two lines.
"""

from __future__ import annotations

from collections import deque

from printcare.domain.machine import LinkSettings
from printcare.protocol import marlin_events as told
from printcare.protocol import marlin_reply as said
from printcare.protocol import single_patience as patience
from printcare.protocol import uptime
from printcare.protocol.dialects import Dialect, framed, is_heating, is_move
from printcare.protocol.marlin_foreign import VALID_WORD
from printcare.protocol.reckoning import Reckoning
from printcare.protocol.sending_host import SendingHost
from printcare.protocol.single_history import History
from printcare.protocol.single_polls import Polls
from printcare.protocol.stops import STOPS
from printcare.protocol.uptime import Uptime

_POLL = "M105"
_QUESTION = ("M400", "M114")  # asked together: the position is that after everything sent before


class SingleHost(SendingHost):
    """The host of one printer that is sent a line at a time."""

    def __init__(self, settings: LinkSettings, dialect: Dialect) -> None:
        super().__init__(settings, dialect.name, window=1)
        self.foreign_lines = 0
        self.dialect = dialect
        self._reckoning = Reckoning()
        self._phase = "closed"  # closed | hello | settle | open | ended
        self._at_s = self._until_s = 0.0  # of the greeting: next step, end
        self._current = ""  # the line on the wire
        self._number = self._line_number = 0  # of the wire, of the current line
        self._queued = 0  # of the caller's lines, as `Accepted` counts them
        self._heard_s = 0.0
        self._tries = self._asks = 0  # the latter: position questions in a row without an answer
        self._stands: said.Position | None = None  # the answer, whose ok is awaited
        self._oks_to_skip = 0
        self._polls, self._uptime = Polls(), Uptime()
        self._is_unsettled = False  # a doubled or late ok may have been taken for that of the last line
        # A restarted printer awaits line 1: it must not look like one that lost it, so line 1 is a proven question.
        self._asks_counter = self._needs_proof = self._is_own = False
        self._history, self._again = History(), deque[str]()  # of these, what goes out once more
        self._returns = 0  # without a new line in between
        self._needs_fence = False  # answers to a question asked twice may follow: an `ok T:` comes after them all
        self._told: list[told.Event] = []
        self._react |= {
            said.Ok: self._on_ok,
            said.Temperatures: self._on_temperatures,
            said.Position: self._on_position,
            said.Boot: self._on_boot,
            said.Remark: self._on_remark,
            said.Unknown: self._on_unknown,
            said.Failed: self._on_failed,
            said.Busy: self._on_busy,
            said.Resend: self._on_resend,
        }

    # ---- what goes out

    def open(self, now: float) -> None:
        """Begin the greeting: M115 until an ok comes."""
        self._phase, self._at_s, self._until_s = "hello", now, now + self._settings.boot_timeout_s
        self._needs_proof = self.dialect.resends
        if self.dialect.drops_silently:
            self._uptime.begin()

    def open_at_once(self, now: float) -> None:
        """Take the printer as greeted; for replays."""
        self._phase, self._heard_s = "open", now

    def outgoing(self, now: float) -> bytes:
        """Return everything that may go out now; it counts as written."""
        if self._phase == "hello" and now >= self._at_s:
            self._at_s = now + patience.HELLO_AGAIN_S
            self._oks_to_skip += 1
            return b"M115\n"
        if self._phase == "settle" and now >= self._at_s:
            self._phase = "open"
            self._told.append(told.Opened())
            if self.dialect.resends:
                self._number = -1
                return self._send("M110 N0", now, is_own=True)
        if not self.is_open or self._current:
            return self._repeat(now) if self.is_open and self._tries < 0 else b""
        return self._next(now)

    def _next(self, now: float) -> bytes:
        if self._polls.take_due(now):
            return self._send(_POLL, now, is_own=True)
        if self._needs_fence:
            return self._send(_POLL, now, is_own=True)
        if self._uptime.is_told is None:
            return self._ask_uptime(now)
        if self._needs_proof:
            return self._ask_counter(now) if self._number else self._send(_POLL, now, is_own=True)
        if self._again:
            return self._send(self._again.popleft(), now, is_own=True)
        while self._pending:
            line = self._pending.popleft()
            if not self._polls.takes(line, now):
                self._is_unsettled = self.dialect.drops_silently or self.dialect.resends
                self._uptime.is_proven = False
                return self._send(line, now, is_own=False)
            self._accepted(line)
        if self._is_unsettled and self.dialect.resends:
            return self._ask_counter(now)
        if self._is_unsettled and self._uptime.is_due:
            return self._ask_uptime(now)
        if self._is_unsettled:  # doubled oks of before cannot be taken for this one's `ok T:`
            return self._send(_POLL, now, is_own=True)
        return b""

    def _send(self, line: str, now: float, *, is_own: bool) -> bytes:
        self._current, self._is_own, self._heard_s, self._tries = line, is_own, now, 1
        wire = self._framed(line)
        self._line_number = self._number
        return wire

    def _framed(self, line: str) -> bytes:
        self._number += 1
        return framed(self._settings, self._number, line)

    def _ask_uptime(self, now: float) -> bytes:
        self._uptime.asked(now)
        return self._send(uptime.QUESTION, now, is_own=True)

    def _ask_counter(self, now: float) -> bytes:
        self._asks_counter = True
        self._current, self._is_own, self._heard_s, self._tries = _POLL, True, now, 1
        return self._counter_question()

    def _counter_question(self) -> bytes:
        """Return a question under a number too high: the refusal tells which line is awaited."""
        return framed(self._settings, self._number + 2, _POLL)

    def _repeat(self, now: float) -> bytes:
        """Send the harmless line again that the position showed to be lost, or ask where the printer stands."""
        self._tries, self._heard_s = -self._tries, now
        if self._asks_counter:
            return self._counter_question()
        if self._asks:
            if self.dialect.resends:  # without a line end first: Smoothieware says ok to an empty line
                return self._framed(_POLL)
            return b"\n" + b"".join(self._framed(line) for line in _QUESTION)
        return self._framed(self._current)

    def emergency(self, line: str = "M112") -> bytes:
        """Return the dialect's stop, whatever `line` is asked for: none of these has a gentler one. Nothing follows."""
        self._end([], "STOP_SENT", f"The emergency stop was sent for {line}.")
        return STOPS[self.dialect.name].kill

    def interrupt(self, line: str) -> bytes:
        """Return a line to be written beside the queue; its ok is not counted."""
        self._oks_to_skip += 1
        return line.encode("ascii") + b"\n"

    @property
    def is_open(self) -> bool:
        """Whether lines may travel."""
        return self._phase == "open"

    @property
    def idle(self) -> bool:
        """Whether every queued line was answered."""
        return self.is_open and not (self._pending or self._again or self._current or self._is_unsettled or self._told)

    # ---- time

    def deadline(self) -> float | None:
        """Return when `tick` and `outgoing` are due at the latest."""
        if self._told:
            return self._heard_s
        if self._phase in ("hello", "settle"):
            return self._at_s
        if not self.is_open:
            return None
        if not self._current:
            return self._polls.deadline()
        if self._stands:
            return self._heard_s + patience.ANSWER_S
        return self._heard_s + patience.silence_s(self._current, self._asks, self._settings, self.dialect)

    def tick(self, now: float) -> list[told.Event]:
        """Let time pass: returns Silent when the printer is asked, Ended when it is given up."""
        events, self._told = self._told, []
        due = self.deadline()
        if due is None or now < due:
            return events
        if self._phase == "hello" and now >= self._until_s:
            self._end(events, "PRINTER_NO_ANSWER", "The printer did not answer the greeting.")
        elif self._stands:
            self._oks_to_skip += 1  # the position's ok may only be late, and is not the next line's
            self._decide(now, events)
        elif self.is_open and self._current:
            self._on_silence(events)
        return events

    def _on_silence(self, events: list[told.Event]) -> None:
        self.count.timeouts += 1
        if not (self.dialect.drops_silently or self.dialect.resends):
            why = "this firmware does not count lines, so nobody knows whether it was executed"
            self._end(events, "LINK_SILENT", f"No ok came for {self._current!r}: {why}.")
        elif self._asks >= patience.ASKS:
            self._end(events, "LINK_SILENT", f"The printer answers neither {self._current!r} nor any question.")
        else:
            events.append(told.Silent(self._queued + 1))
            self._asks += 1
            self._tries = -self._tries

    def _decide(self, now: float, events: list[told.Event]) -> None:
        """Judge the silent line by where the printer stands."""
        position, self._stands, self._asks = self._stands, None, 0
        line = self._current
        if position is not None and is_move(line) and self._reckoning.agrees(line, position):
            self._accept(now, events)
            self._needs_fence = True
        elif "E" in line and is_move(line) and not (position and self._reckoning.stands_before(line, position)):
            self._end(events, "LINE_UNCERTAIN", f"{line!r} was not answered, and it must not be sent a second time.")
        elif self._returns + 1 >= patience.REPEATS:
            self._end(events, "LINK_SILENT", f"The printer did not answer {line!r} sent {patience.REPEATS} times.")
        else:
            self.count.resends += 1
            self._returns += 1
            events.append(told.Resent(self._queued + 1))
            if not self._is_own:
                self._pending.appendleft(line)
            self._current, self._needs_fence = "", True

    # ---- what comes in

    def receive(self, data: bytes, now: float) -> list[told.Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        events, self._told = self._told, []
        for line in self._lines.feed(data):
            self._take(line, now, events)
        return events

    def _on_ok(self, ok: said.Ok, now: float, events: list[told.Event]) -> None:
        events += ok.told()
        if self._phase == "hello":
            # A greeting sent twice is answered twice: the second ok must not be taken for that of the first line.
            self._phase, self._at_s = "settle", now + (patience.SETTLE_S if self._oks_to_skip > 1 else 0.0)
            self._oks_to_skip = 0
        elif self._oks_to_skip:
            self._oks_to_skip -= 1
        elif self._stands:
            self._decide(now, events)
        elif self._asks_counter:
            self.count.ignored += 1  # of before, or of a question that lost its number: it proves nothing
        elif self._asks and self.dialect.resends and ok.temperatures:
            self._asks = 0  # answered under the next number: the line was executed
            self._accept(now, events)
        elif self._asks or not self._current or self._tries < 0 or self._phase == "ended":
            self.count.ignored += 1  # late, and the answer to the question will tell; or doubled, of a Resend
        elif self._current.startswith(_POLL) and ok.temperatures is None and self.dialect.drops_silently:
            self.count.ignored += 1  # doubled
        elif self._current == uptime.QUESTION and not self._uptime.takes_ok():
            self.count.ignored += 1  # doubled too: the answer comes before its ok
        else:
            self._accept(now, events)

    def _accept(self, now: float, events: list[told.Event]) -> None:
        line, self._current, self._heard_s = self._current, "", now
        self._history.add(self._line_number, line)
        self._reckoning.take(line)
        if self._is_own:
            self._is_unsettled &= self.dialect.resends or self._uptime.is_due
            self._needs_fence &= line == uptime.QUESTION
        else:
            self._accepted(line)
            events += self._told
            self._told = []

    def _accepted(self, line: str) -> None:
        self._queued += 1
        self._returns = 0
        self.count.lines += 1
        self._told.append(told.Accepted(self._queued, line))

    def _on_temperatures(self, report: said.Temperatures, now: float, events: list[told.Event]) -> None:
        if is_heating(self._current):
            self._heard_s = now
        events.append(report)

    def _on_position(self, position: said.Position, now: float, events: list[told.Event]) -> None:
        events.append(position)
        if self._asks and self.dialect.drops_silently:
            self._stands, self._heard_s = position, now
        else:
            self._reckoning.told(position)

    def _on_busy(self, busy: said.Busy, now: float, events: list[told.Event]) -> None:
        self._heard_s = now
        events.append(busy)

    def _on_resend(self, resend: said.Resend, now: float, events: list[told.Event]) -> None:
        if not (self.dialect.resends and self._current and resend.number <= self._number + 1):
            self.count.ignored += 1  # firmware that does not count cannot ask; obeying could extrude twice
        elif self._asks_counter:
            self._on_counter(resend.number, events)
        elif resend.number < self._line_number:
            self._go_back(resend.number, events)
        elif resend.number > self._line_number:  # only the question was damaged: the line has been counted
            self._oks_to_skip, self._asks, self._number = 1, 0, resend.number - 1
            self._accept(now, events)
        elif self._tries < 0 and not self._asks:
            self.count.ignored += 1  # asked for again before it went out
            self._oks_to_skip += 1  # its ok is no more the line's than that of the first
        else:
            self._resend(events)

    def _on_counter(self, number: int, events: list[told.Event]) -> None:
        """Take which line the printer awaits: the next one, or the last one once more, whose ok was another's."""
        self._asks_counter, self._asks, self._oks_to_skip, self._current = False, 0, 1, ""
        if number == self._number + 1:
            self._is_unsettled = self._needs_proof = False
            self._history.proven = self._number
        else:
            self._go_back(number, events)

    def _go_back(self, number: int, events: list[told.Event]) -> None:
        """Send from an accepted line on once more: the printer, which counts, says that its ok was another's."""
        lost = self._history.take_from(number)
        if not lost:
            self._end(events, "LINE_COUNT_LOST", f"The printer asks for line {number}, which it has already executed.")
        elif self._may_resend(number, events):
            if self._current and not self._is_own:
                self._pending.appendleft(self._current)
            else:
                lost.append(self._current or _POLL)
            self._again.extendleft(reversed(lost))
            self._current, self._oks_to_skip, self._asks, self._number = "", 1, 0, number - 1

    def _resend(self, events: list[told.Event]) -> None:
        """Send the current line again under its number, because the printer asked for it."""
        if not self._may_resend(self._line_number, events):
            return
        self._oks_to_skip, self._asks, self._number = 1, 0, self._line_number - 1  # the ok of a Resend is never counted
        self._tries = -(abs(self._tries) + 1)

    def _may_resend(self, number: int, events: list[told.Event]) -> bool:
        self._returns += 1
        if self._returns > patience.RESEND_LIMIT:
            self._end(events, "RESEND_LOOP", f"The printer asks for line {number} again without end.")
            return False
        self.count.resends += 1
        events.append(told.Resent(self._queued + 1))
        return True

    def _on_unknown(self, unknown: said.Unknown, now: float, events: list[told.Event]) -> None:
        """Judge an echo: of our line, or of what was left of one that lost its number, whose ok is not the line's."""
        if unknown.command == self._current or not (self.dialect.resends or self.dialect.drops_silently):
            self._on_failed(unknown, now, events)
            return
        if self.dialect.drops_silently and self._current and not (self._is_own or self._asks or self._tries < 0):
            self._asks, self._tries = 1, -self._tries  # doubled, its ok would pass for the line's: the position decides
        else:
            self._oks_to_skip += 1
        self.foreign_lines += 1
        kind = told.UnsafeForeignLine if VALID_WORD.match(unknown.command) else told.ForeignLine
        events.append(kind(unknown.command))

    def _on_failed(self, failed: said.Failed | said.Unknown, _now: float, events: list[told.Event]) -> None:
        number = self._queued + 1 if self._current and not self._is_own else None
        events.append(told.CommandFailed(number, self._current, failed.text))

    def _on_boot(self, _boot: said.Boot, _now: float, events: list[told.Event]) -> None:
        if self.is_open and self._current != "STATUS":
            self._restarted(events)

    def _on_remark(self, remark: said.Remark, now: float, events: list[told.Event]) -> None:
        events.append(remark)
        if self._current == uptime.QUESTION:
            self._uptime.hear(remark.text, now)
            if self._uptime.has_restarted:
                self._restarted(events)

    def _end(self, events: list[told.Event], code: str, reason: str) -> None:
        self._phase = "ended"
        self._told.clear()
        super()._end(events, code, reason)
