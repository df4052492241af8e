"""The host's half of Marlin: every line once and in order, whatever the wire does, and never a hang.

Rules by number are those of the device notes: an ok acknowledges a line only (1), a line goes out again only when the
printer asks (2), silence is answered by a harmless question under the *next* number (3), the ok of a Resend is never
counted (4), one slot of the command queue stays free (5), and a boot line ends everything (9).

Two kinds of firmware answer. With ADVANCED_OK every ok names its line, so a lost, doubled or late ok does no harm.
Without it an ok is only counted: after a Resend the host waits until the oks of before have passed, and an `M105`,
whose `ok T:` can be told from all others, settles the count every few lines. Before the host calls itself idle, lines
that no numbered ok has named are proven by the printer's own counter (`marlin_counter`).
"""

from __future__ import annotations

from printcare.domain.machine import LinkSettings
from printcare.protocol import marlin_events as told
from printcare.protocol import marlin_reply as said
from printcare.protocol.marlin_counter import Counter
from printcare.protocol.marlin_foreign import ForeignWatch
from printcare.protocol.marlin_greeting import Greeting
from printcare.protocol.marlin_old_oks import OldOks
from printcare.protocol.marlin_payload import may_be_swallowed
from printcare.protocol.marlin_resend import ResendJudge, Verdict
from printcare.protocol.marlin_silence import Silence
from printcare.protocol.marlin_window import Window
from printcare.protocol.sending_host import SendingHost

SETTLE_LINES = 24  # without ADVANCED_OK: each doubled ok lets one line more out, until the receive buffer overflows
_QUESTION = "M105"


class MarlinHost(SendingHost):
    """The host of one Marlin printer.

    `window` overrides the profile's. With integrity `none` lines travel bare and a lost ok ends the job.
    """

    def __init__(self, settings: LinkSettings, window: int | None = None) -> None:
        super().__init__(settings, "marlin", settings.window if window is None else max(1, window))
        self._is_numbered = settings.integrity == "n_xor"
        self._book, self._old_oks = Window(self._is_numbered), OldOks()
        self._react |= {
            said.Ok: self._on_ok,
            said.Resend: self._on_resend,
            said.Busy: self._on_busy,
            said.Temperatures: self._on_temperatures,
            said.LineError: self._on_line_error,
            said.Boot: self._on_boot,
            said.Unknown: self._on_unknown,
            said.Failed: self._on_failed,
        }
        self._greeting, self._silence = Greeting(self._is_numbered, settings.boot_timeout_s), Silence(settings)
        self._has_advanced_ok = False  # learned from the answers, as is the next
        self._tells_temperatures: bool | None = None
        self._settled = 0  # up to this line the count of oks is certain
        self._has_skipped_double = self._asks_next = self._is_unsettled = False  # the last: answers that name no line
        self._resends, self._foreign, self._counter = ResendJudge(), ForeignWatch(), Counter()
        self._last_line, self._is_again = b"", False  # the latter: the same line twice in a row
        self._doubts_counter = self._is_numbered  # M110 N0 has no checksum: one wrong bit makes it N1, eating our N1

    # ---- what goes out

    def open(self, now: float) -> None:
        """Begin the greeting: a board may restart on opening, so `start` is awaited and M115 asked meanwhile."""
        self._greeting.begin(now)

    def open_at_once(self, now: float) -> None:
        """Take the printer as greeted with its counter at 0; for replays."""
        self._greeting.phase = "open"
        self._doubts_counter = False
        self._silence.heard(now)

    def outgoing(self, now: float) -> bytes:
        """Return everything that may go out now; it counts as written."""
        if not self.is_open:
            greeting = self._greeting.outgoing(now)
            self._old_oks.due += bool(greeting)
            return greeting
        if self._old_oks.until_s is not None:
            if now < self._old_oks.until_s:
                return b""
            self._old_oks.forget()
        book, rx_bytes, parts = self._book, self._settings.rx_bytes, []
        if self._counter.is_asked:
            is_due, self._asks_next = self._asks_next, False
            return self._counter.ask(book.following) if is_due else b""
        while True:
            payload = None
            if book.cursor == book.following:
                if not self._pending or (self._is_unsettled and book.following - self._settled > SETTLE_LINES):
                    break
                payload = self._pending[0]
                if self._doubts_counter and not may_be_swallowed(payload):
                    if not book.in_flight:
                        parts.append(self._ask() if book.first == 1 else self._counter.ask(book.following))
                    break
            if not book.has_room(payload, self.window, rx_bytes):
                break
            if payload is not None:
                book.add(self._pending.popleft())
            parts.append(book.send())
        if parts:
            self._silence.sent(now)
        elif self._is_unsettled and not book.in_flight:
            # The counter tells at once what was read; that it was also executed, only an answer in its turn tells.
            is_last = self._settled + 1 == book.following and not self._pending
            parts.append(self._counter.ask(book.following) if is_last else self._ask())
            self._silence.sent(now)
        elif self._asks_next:
            # The line end first: half a line may lie in the printer, and XOR would pass one joined pair in 128.
            parts.append(b"\n" + self._ask())
        self._asks_next = False
        return b"".join(parts)

    def _ask(self) -> bytes:
        """Return a question under the next number; after a Resend that is the line the printer asked for itself."""
        if self._book.cursor == self._book.following:
            self._book.add(_QUESTION, is_own=True)
        return self._book.send()

    def emergency(self, line: str = "M112") -> bytes:
        r"""Return the stop, `\n` first as the emergency parser needs it (quirk 11); nothing goes out after it."""
        self._end([], "STOP_SENT", "The emergency stop was sent.")
        return b"\n%b\n" % line.encode("ascii")

    def interrupt(self, line: str) -> bytes:
        """Return M108, M410 or M876 to be written at once, beside the queue; its ok comes beside those awaited."""
        self._old_oks.due += 1
        return b"\n%b\n" % line.encode("ascii") if self._is_numbered else line.encode("ascii") + b"\n"

    @property
    def foreign_lines(self) -> int:
        """Return how many lines arrived without their number."""
        return self._foreign.count

    @property
    def is_open(self) -> bool:
        """Whether lines may travel."""
        return self._greeting.phase == "open"

    @property
    def idle(self) -> bool:
        """Whether every queued line has certainly arrived."""
        return self.is_open and not self._pending and not self._is_waiting and not self._is_unsettled

    @property
    def _is_waiting(self) -> bool:
        asks = self._asks_next or self._counter.is_asked
        return asks or self._book.first < self._book.following or self._resends.has_doubt

    # ---- time

    def deadline(self) -> float | None:
        """Return when `tick` and `outgoing` are due at the latest; None while only the printer can change anything."""
        if self._greeting.phase != "open":
            return self._greeting.deadline()
        if self._old_oks.until_s is not None:
            return self._old_oks.until_s
        return self._silence.due(self._book.bytes_out, self._book.unanswered) if self._is_waiting else None

    def tick(self, now: float) -> list[told.Event]:
        """Let time pass: returns Silent when a question becomes due, Ended when the printer is given up."""
        due = self.deadline()
        if due is None or now < due:
            return []
        events: list[told.Event] = []
        if not self.is_open:
            if self._greeting.is_over(now):
                self._end(events, "PRINTER_NO_ANSWER", "The printer did not answer the greeting.")
        elif self._old_oks.until_s is None:
            self._on_silence(now, events)
        return events

    def _on_silence(self, now: float, events: list[told.Event]) -> None:
        first = self._book.first
        if self._silence.questions == 0:
            self.count.timeouts += 1
            events.append(told.Silent(first))
        if self._silence.is_over(now, self._book.unanswered()):
            self._end(events, "LINK_SILENT", f"The printer has not answered line {first} nor any question after it.")
            return
        self._silence.asked(now)
        self._asks_next = True
        self._resends.quiet()

    # ---- what comes in

    def receive(self, data: bytes, now: float) -> list[told.Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        events: list[told.Event] = []
        self._greeting.heard(now)
        for line in self._lines.feed(data):
            self._is_again, self._last_line = line == self._last_line, line
            if line == b"ok":
                self._on_plain_ok(now, events)
            else:
                self._take(line, now, events)
        return events

    def _on_plain_ok(self, now: float, events: list[told.Event]) -> None:
        if self._greeting.is_under_way:
            self._greeted(now, events)
        elif self._has_advanced_ok:
            return  # rule 4: with ADVANCED_OK only a Resend is answered by a bare ok
        elif not self._old_oks.take() and self._book.in_flight and self._old_oks.until_s is None:
            asks = self._book.oldest_question() == self._book.first
            if asks and self._tells_temperatures is not False and not self._may_be_all_it_says():
                return  # an M105 is answered by `ok T:`: this ok was doubled or is late
            if asks:
                self._tells_temperatures = False
                self._settled = self._book.first
            self._accept(self._book.first, now, events)
            self._is_unsettled = self._is_numbered

    def _may_be_all_it_says(self) -> bool:
        """Whether a bare ok may answer an M105: a first one was silent, and no foreign line can have earned this ok."""
        return self._tells_temperatures is None and self._silence.questions > 0 and not self._foreign.has_suspects

    def _on_ok(self, ok: said.Ok, now: float, events: list[told.Event]) -> None:
        events += ok.told()
        if ok.temperatures:
            self._on_temperature_ok(now, events)
        elif self._greeting.is_under_way:
            self._has_advanced_ok = self._is_numbered and ok.planner_free is not None
            self._greeted(now, events)
        elif ok.number is not None:
            self._on_numbered_ok(ok.number, now, events)
        elif ok.planner_free is not None and self._is_numbered:
            self._on_unnumbered_ok(events)
        else:
            self._on_plain_ok(now, events)

    def _on_numbered_ok(self, number: int, now: float, events: list[told.Event]) -> None:
        self._has_advanced_ok = True
        if self._book.first <= number < self._book.following:
            self._is_unsettled = self._doubts_counter = False
            self._old_oks.forget()
            self._resends.confirmed(number)
            self._accept(number, now, events)
        else:
            self.count.ignored += 1  # doubled, late or damaged

    def _on_unnumbered_ok(self, events: list[told.Event]) -> None:
        if not self._old_oks.take():
            events += self._foreign.unnumbered_ok(self._is_again)

    def _on_temperature_ok(self, now: float, events: list[told.Event]) -> None:
        question = self._book.oldest_question() if self.is_open else None
        if question is None:
            return
        if self._is_again and not self._has_skipped_double:  # a third in a row is an answer again
            self._has_skipped_double = True
            return
        self._has_skipped_double = False
        self._tells_temperatures = True
        self._is_unsettled |= question > self._book.first  # it may have been run unchecked, and lines before it be lost
        self._resends.confirmed(self._settled)  # this one may have been run unchecked; the one before it no more
        # Questions right behind it are taken as arrived too: else one lost answer would leave each later one behind.
        while self._book.is_own(question + 1):
            question += 1
        self._settled = question
        self._accept(question, now, events)

    def _accept(self, number: int, now: float, events: list[told.Event]) -> None:
        if self.ended:
            return  # what comes after the end proves nothing: a restarted board says ok as well
        self._silence.heard(now)
        self._resends.accepted(number)
        for taken, line in self._book.accept_through(number):
            self.count.lines += 1
            events.append(told.Accepted(taken, line))
        events += self._foreign.accepted(number)

    def _greeted(self, now: float, events: list[told.Event]) -> None:
        self._old_oks.take()
        if self._greeting.ok(now):
            self._silence.heard(now)
            events.append(told.Opened())

    def _on_resend(self, resend: said.Resend, now: float, events: list[told.Event]) -> None:
        if not self.is_open or not self._is_numbered:
            return
        number, is_holding = resend.number, self._old_oks.until_s is not None
        if self._counter.names(number):
            verdict, self._counter.is_asked = self._resends.believe(number, self._book), False
            self._is_unsettled = self._doubts_counter = number != self._book.following
        else:
            verdict = self._resends.judge(number, self._book, is_holding=is_holding)
        if verdict is Verdict.OBEY:
            self._go_back(number, now, events)
            return
        if verdict is Verdict.REFUSE:
            self._end(events, "LINE_COUNT_LOST", f"The printer asks for line {number}, which it has already executed.")
            return
        self.count.ignored += 1
        self._resends.ignored()
        if verdict is Verdict.IMPOSSIBLE and self._book.first == 1 and self._counter.last == number - 1:
            # Two lines agree that its counter never was at 0: M110 N0 was damaged, and no line of ours has been taken.
            self._book.rewind(1)
            self._greeting.renumber(now)
        elif is_holding:
            self._old_oks.wait(1, now)
        self._end_if_endless(number, events)

    def _end_if_endless(self, number: int, events: list[told.Event]) -> None:
        if self._resends.is_endless:
            self._end(events, "RESEND_LOOP", f"The printer asks again without end, last for line {number}.")

    def _go_back(self, number: int, now: float, events: list[told.Event]) -> None:
        book = self._book
        first, repeats = book.first, max(0, book.cursor - number - 1) if book.in_flight else 0
        if number > first:
            self._accept(number - 1, now, events)
        self._silence.heard(now)
        book.rewind(number)
        events += self._foreign.resend(number)
        if number < book.following:
            self.count.resends += 1
            events.append(told.Resent(number))
        if self._has_advanced_ok:
            self._resends.obeyed(number, repeats)
        else:
            self._resends.obeyed(number, 0)
            self._old_oks.wait(1 + max(0, number - first), now)
        self._end_if_endless(number, events)

    def _on_line_error(self, error: said.LineError, _now: float, events: list[told.Event]) -> None:
        self._counter.last = error.last
        events.append(error)

    def _on_busy(self, busy: said.Busy, now: float, events: list[told.Event]) -> None:
        self._silence.busy(now)
        events.append(busy)

    def _on_temperatures(self, report: said.Temperatures, now: float, events: list[told.Event]) -> None:
        if report.waiting:  # M109 and M190 report instead of busy; auto-reports go on whatever happens to the lines
            self._silence.busy(now)
        events.append(report)

    def _on_boot(self, _boot: said.Boot, now: float, events: list[told.Event]) -> None:
        if self.is_open:
            self._restarted(events)
        elif self._greeting.is_under_way:
            self._greeting.boot(now)

    def _on_failed(self, failed: said.Failed, _now: float, events: list[told.Event]) -> None:
        number = self._book.first if self._book.in_flight else None
        events.append(told.CommandFailed(number, self._book.payload(number or 0), failed.text))

    def _on_unknown(self, unknown: said.Unknown, _now: float, events: list[told.Event]) -> None:
        number = self._book.find(unknown.command)
        if number is not None or not self._is_numbered or not self.is_open:
            events.append(told.CommandFailed(number, unknown.command, unknown.text))
            return
        self._old_oks.due += not self._has_advanced_ok  # counted for ours, it would hide a line that was lost
        events += self._foreign.echo(unknown.command, self._book.cursor)

    def _end(self, events: list[told.Event], code: str, reason: str) -> None:
        self._greeting.phase = "ended"
        super()._end(events, code, reason)
