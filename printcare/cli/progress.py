"""A progress bar with time left on a terminal, and silence in a pipe."""

from __future__ import annotations

import sys

from printcare.control.events import AlarmRaised, DeviceFound, Event, Phase, PhaseBegan, Progress, UnitEnded
from printcare.domain.batch import UnitState

WIDTH = 30
CLEAR = "\r\x1b[2K"


class ProgressBar:
    """Shows what a job tells, on standard error; process times are divided by the bench's speed."""

    def __init__(self, units: int) -> None:
        self._units = units
        self._is_terminal = sys.stderr.isatty()
        self._speed = 1.0
        self._phase = Phase.CONNECT

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, DeviceFound):
            self._speed = float(event.identity.speed)
        if not self._is_terminal:
            return
        if isinstance(event, PhaseBegan):
            self._phase = event.phase
            self._bar(0.0, 0.0, event.phase.value)
        elif isinstance(event, Progress):
            unit = f"unit {event.unit} of {self._units}" if event.unit else event.phase.value
            self._bar(event.done, event.left_s, unit)
        elif isinstance(event, UnitEnded) and event.state is UnitState.REJECTED:
            self._say(f"unit {event.index} at {event.position} rejected: {event.reason}")
        elif isinstance(event, AlarmRaised):
            self._say(event.trip.reason)

    def close(self) -> None:
        """Leave the line clean."""
        if self._is_terminal:
            print(CLEAR, end="", file=sys.stderr, flush=True)

    def _say(self, text: str) -> None:
        print(f"{CLEAR}  {text}", file=sys.stderr, flush=True)

    def _bar(self, done: float, left_s: float, what: str) -> None:
        filled = round(done * WIDTH)
        left = f"  {left_s / self._speed:.0f} s left" if left_s else ""
        bar = "█" * filled + "░" * (WIDTH - filled)
        print(f"{CLEAR}{bar} {done * 100:3.0f} %  {what}{left}", end="", file=sys.stderr, flush=True)
