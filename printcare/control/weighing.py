"""Weigh when the balance stands still, and know when it never will (process.md §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol  # each device has its own events

from printcare.control.alarms import Trip, Tripped, trip
from printcare.control.instruments import Instruments
from printcare.control.plan import JobPlan
from printcare.control.settling import SPACING_S, Settling
from printcare.domain.reading import Reading
from printcare.protocol import mt_sics

TRIES = 2


class Waiting(Protocol):
    """How the one who weighs lets time pass with every interlock awake."""

    def turn(self) -> None:
        """Let happen what happens within a tenth of a second."""

    def pause(self, seconds: float) -> None:
        """Wait process seconds."""

    def process_s(self) -> float:
        """Return process seconds."""


class Weigher:
    """Asks for one immediate weight at a time until three in a row agree."""

    def __init__(
        self,
        plan: JobPlan,
        bench: Instruments,
        alarm: Callable[[Trip, int | None], None],
        clear: Callable[[str], None],
        wait: Waiting,
    ) -> None:
        self._plan = plan
        self._bench = bench
        self._alarm = alarm
        self._clear = clear
        self._wait = wait
        self._weights: list[Reading] = []
        self._faults: list[str] = []
        self.on: dict[type, Callable[[Any], None]] = {
            mt_sics.Weighed: self._on_weight,
            mt_sics.NotWeighed: self._on_no_weight,
            mt_sics.TimedOut: self._on_silence,
            mt_sics.Dead: self._on_silence,
        }

    def weigh(self, unit: int | None) -> Reading:
        """Return the settled weight; trips A11 when the balance never settles or does not answer."""
        told = f"no stable value within {self._plan.settle_max_s} s"
        for attempt in range(TRIES):
            settling = Settling(self._plan.settle_spread_mg)
            end_s = self._wait.process_s() + float(self._plan.settle_max_s)
            while self._wait.process_s() < end_s:
                settled = settling.add(self._one())
                if settled is not None:
                    self._clear("A10")
                    return settled
                self._wait.pause(SPACING_S)
            if attempt == 0:
                self._alarm(trip("A10", told), unit)
        raise Tripped(trip("A11", f"{told}, twice"))

    def _one(self) -> Reading:
        self._weights.clear()
        self._faults.clear()
        while not self._bench.balance.is_free:
            self._wait.turn()
        self._bench.balance.weigh(self._bench.ports.now(), stable=False)
        while not self._weights:
            self._wait.turn()
            if self._faults:
                raise Tripped(trip("A11", self._faults[0]))
        return self._weights[-1]

    def _on_weight(self, event: mt_sics.Weighed) -> None:
        self._weights.append(event.reading)

    def _on_no_weight(self, event: mt_sics.NotWeighed) -> None:
        self._faults.append(f"the balance answers {event.raw.strip()!r}: {event.reason}")

    def _on_silence(self, _: mt_sics.TimedOut | mt_sics.Dead) -> None:
        self._faults.append("the balance does not answer")
