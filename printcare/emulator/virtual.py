"""The bench behind the host's own inbox, on virtual time: an hour of printing in a second of wall time."""

from __future__ import annotations

from collections import deque

from printcare.emulator.bench import Bench
from printcare.errors import LinkLost
from printcare.protocol.wire import PRINTER, Command, Message, Received


class VirtualPorts:
    """Satisfies `protocol.wire.Ports`; waiting for a message is what lets virtual time pass."""

    def __init__(self, bench: Bench, wall_start: float = 0.0) -> None:
        self._bench, self._clock, self._wall_start = bench, bench.clock, wall_start
        self._renamed = bench.renamed  # these ports are those of this name; whoever looks again finds the new one
        self._inbox: deque[Message] = deque()
        self._is_closed = False

    def now(self) -> float:
        """Return monotonic seconds on the bench's clock."""
        return self._wall_start + self._clock.now_s

    def send(self, source: str, data: bytes) -> None:
        """Deliver bytes to a device at once.

        Raises:
            LinkLost: the port is closed, unplugged or was never there.
        """
        if self._is_closed or source not in self._bench.sources:
            raise LinkLost(source, "the port is not open")
        if source == PRINTER and (self._bench.is_unplugged() or self._is_gone()):
            raise LinkLost(source, "the port has disappeared")
        self._bench.receive(source, data)

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, advancing the bench to it; None when the time-out passes first."""
        if self._inbox:
            return self._inbox.popleft()
        until_s = self._clock.now_s + timeout_s
        if timeout_s <= 0 and self._clock.next_s() > until_s:
            return None  # a host asks again after every message
        for source, data in self._bench.advance(until_s, stop_at_output=True):
            if source == PRINTER and data and self._is_gone():
                continue
            last = self._inbox[-1] if self._inbox else None
            if isinstance(last, Received) and last.source == source and data and last.data:
                self._inbox[-1] = Received(source, last.data + data, last.at_s)
            else:
                self._inbox.append(Received(source, data, self.now()))
        return self._inbox.popleft() if self._inbox else None

    def post(self, command: Command) -> None:
        """Put a person's command into the inbox."""
        self._inbox.append(command)

    def close(self) -> None:
        """Release the ports; safe to call twice."""
        self._is_closed = True

    def _is_gone(self) -> bool:
        return self._bench.renamed != self._renamed
