"""Faults that wait for their unit, line, time or volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from printcare.emulator.faults import Fault


class Schedule:
    """What is still to come; a unit or line already passed never strikes, a time or volume passed strikes at once."""

    def __init__(self, strike: Callable[[Fault], None]) -> None:
        self._strike = strike
        self._pending: list[Fault] = []
        self._begun: list[int] = []  # units begun since last looked

    def add(self, fault: Fault) -> None:
        """Have a fault wait."""
        self._pending.append(fault)

    def unit_begins(self, number: int) -> None:
        """Hear that a unit begins; its faults strike when `look` is called next."""
        self._begun.append(number)

    def line_begins(self, number: int) -> None:
        """Let strike what waits for this program line."""
        if self._pending:
            self._fire("line", number)

    def is_quiet(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self._pending or self._begun)

    def look(self, passed: Mapping[str, float]) -> None:
        """Let strike what units begun, or the time and volume passed since the first, brought due."""
        begun, self._begun = self._begun, []
        for number in begun:
            self._fire("unit", number)
        for fault in [fault for fault in self._pending if fault.at <= passed.get(fault.trigger, -1.0)]:
            self._pending.remove(fault)
            self._strike(fault)

    def _fire(self, trigger: str, at: float) -> None:
        for fault in [fault for fault in self._pending if fault.trigger == trigger and fault.at == at]:
            self._pending.remove(fault)
            self._strike(fault)
