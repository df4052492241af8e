"""One virtual clock for everything on the bench: events in order of time, then of their making."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

Act = Callable[[], None]


class Event:
    """An appointment that can be called off."""

    __slots__ = ("act", "at_s")

    def __init__(self, at_s: float, act: Act) -> None:
        self.at_s = at_s
        self.act: Act | None = act

    def cancel(self) -> None:
        """Call the appointment off; it is dropped when its time comes."""
        self.act = None


class Clock:
    """Virtual seconds since power-up; `settle` brings the physics up to a moment before anything happens at it."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.settle: Callable[[float], None] = lambda _t: None
        self._heap: list[tuple[float, int, Event]] = []
        self._made = 0

    def at(self, at_s: float, act: Act) -> Event:
        """Have `act` called at `at_s`, or at once when that is past."""
        event = Event(at_s if at_s > self.now_s else self.now_s, act)
        self._made += 1
        heapq.heappush(self._heap, (event.at_s, self._made, event))
        return event

    def after(self, delay_s: float, act: Act) -> Event:
        """Have `act` called `delay_s` from now."""
        return self.at(self.now_s + delay_s, act)

    def next_s(self) -> float:
        """Return the time of the next event, infinity when there is none."""
        heap = self._heap
        while heap and heap[0][2].act is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else math.inf

    def step(self, until_s: float) -> bool:
        """Run the next event when it is due by `until_s`; return whether one ran."""
        heap = self._heap
        if not heap or heap[0][0] > until_s:  # one called off may come first: nothing happens then, at its time
            return False
        at_s, _, event = heapq.heappop(heap)
        if event.act is None:
            return True
        self.settle(at_s)
        self.now_s = at_s
        event.act()
        return True

    def rest(self, until_s: float) -> None:
        """Let time pass to `until_s` without an event."""
        if until_s > self.now_s:
            self.settle(until_s)
            self.now_s = until_s
