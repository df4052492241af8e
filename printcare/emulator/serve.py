"""Serves a bench on real ports: one thread, one select loop, wall time times speed."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from printcare.emulator.bench import CLOSED, Bench
from printcare.emulator.wires import Wire
from printcare.protocol.wire import PRINTER

LONGEST_WAIT_S = 0.05
SHORTEST_WAIT_S = 0.0005
LARGEST_STEP_S = 2.0  # virtual seconds between looks at the ports when the bench has fallen behind
SLIP_S = 5.0  # virtual seconds behind which the bench gives up catching up and lets its clock slip
# A host answers in wall seconds, whatever the speed: the second of motion in flight that it has at x1 would be 50 ms at
# x20, and a machine busy with something else would starve the planner, which no printer of a hospital ever sees.
# At x1 nothing waits.
PATIENCE_S = 0.7  # wall seconds for which the clock waits for a late host: less than a transmitter may be silent (A12)
UNHEARD_S = 10.0  # virtual seconds that pass at the host meanwhile: a balance has 20 to settle in (A10)
STARVING_S = 0.15  # virtual seconds of motion left
SLICE_S = 0.05  # virtual seconds between looks at the planner


class Server:
    """Keeps a bench in step with a clock and its ports.

    Args:
        bench: what is served.
        wires: one port per source that exists.
        clock: monotonic wall seconds.
        speed: virtual seconds per wall second.
        parent: a descriptor whose end of file ends the service, or None.
        tell: hears the printer's new URL when its port is back under another name.
    """

    def __init__(
        self,
        bench: Bench,
        wires: dict[str, Wire],
        clock: Callable[[], float],
        speed: float,
        parent: int | None = None,
        tell: Callable[[str], None] = lambda _url: None,
    ) -> None:
        self._bench, self._wires, self._clock, self._speed, self._parent = bench, wires, clock, speed, parent
        self._tell, self._renamed = tell, 0
        self._start_s = clock() - bench.now_s / speed
        self._is_over = False
        self._asked_s: float | None = None  # wall time since when the clock waits for the host

    def run(self) -> None:
        """Serve until the parent closes its pipe; an exception from a signal ends it too."""
        while not self._is_over:
            self.turn()

    def is_over(self) -> bool:
        """Whether the parent has gone."""
        return self._is_over

    def turn(self) -> None:
        """Bring the bench to now, wait for bytes or the next event, deliver what came."""
        lag_s = self._advance()
        due_s = (self._bench.next_event_s() - self._bench.now_s) / self._speed
        wait_s = 0.0 if lag_s > 0 else min(LONGEST_WAIT_S, max(SHORTEST_WAIT_S, due_s))
        wait_s = LONGEST_WAIT_S if self._asked_s is not None else wait_s
        owners = {fd: source for source, wire in self._wires.items() for fd in wire.readers()}
        writers = {fd: source for source, wire in self._wires.items() for fd in wire.writers()}
        watched = [*owners, self._parent] if self._parent is not None else [*owners]
        readable, writable, _ = select.select(watched, list(writers), [], wait_s)
        for descriptor in writable:
            self._wires[writers[descriptor]].write(b"")
        for descriptor in readable:
            if descriptor == self._parent:
                self._is_over = not os.read(descriptor, 4096)
            else:
                self._deliver(owners[descriptor], descriptor)

    def _deliver(self, source: str, descriptor: int) -> None:
        data = self._wires[source].read(descriptor)
        if data:
            self._advance()
            self._bench.receive(source, data)
            self._send(self._bench.advance(self._bench.now_s))

    def _advance(self) -> float:
        """Let virtual time catch up with the wall, at most LARGEST_STEP_S at once; return what is still missing."""
        bench = self._bench
        target_s = (self._clock() - self._start_s) * self._speed
        reach_s = min(target_s, bench.now_s + LARGEST_STEP_S)
        while bench.now_s < reach_s and not self._waits_for_host():
            self._send(bench.advance(min(reach_s, bench.now_s + SLICE_S) if self._speed > 1 else reach_s))
        if self._asked_s is not None:
            self._start_s = self._clock() - bench.now_s / self._speed
            return 0.0
        lag_s = target_s - bench.now_s
        if lag_s > SLIP_S:
            self._start_s += (lag_s - SLIP_S) / self._speed
        return lag_s

    def _waits_for_host(self) -> bool:
        """Whether virtual time stands still, because the host has had less wall time to answer than at x1."""
        printer = self._bench.printer
        if not printer.awaits_host() or printer.planner.left_s() > STARVING_S:
            self._asked_s = None
            return False
        now_s = self._clock()
        self._asked_s = self._asked_s or now_s
        return now_s - self._asked_s < self._patience_s() * (1 - 1 / self._speed)

    def _patience_s(self) -> float:
        """Return for how many wall seconds to wait; a plunger that starves slows down, a valve behind air shuts."""
        head = self._bench.heads[self._bench.printer.tool]
        return PATIENCE_S if head.kind == "pneumatic" else min(PATIENCE_S, UNHEARD_S / self._speed)

    def _send(self, said: list[tuple[str, bytes]]) -> None:
        bundles: dict[str, list[bytes]] = {}
        for source, data in said:
            if source == PRINTER and data == CLOSED:
                self._wires[source].unplug()
                continue
            bundles.setdefault(source, []).append(data)
        printer = self._wires[PRINTER]
        if not self._bench.is_unplugged() and not printer.readers():
            self._bring_back(printer)
        for source, parts in bundles.items():
            self._wires[source].write(b"".join(parts))

    def _bring_back(self, printer: Wire) -> None:
        is_renamed = self._bench.renamed != self._renamed
        if is_renamed:
            self._renamed = self._bench.renamed
            printer.rename(self._renamed)
        printer.plug()
        if is_renamed:
            self._tell(printer.url)
