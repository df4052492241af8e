"""The printer's way out to the host, where faults mute or clump what it says."""

from __future__ import annotations

import math
from collections.abc import Callable

from printcare.emulator.clock import Clock


class Mouth:
    """The printer's way out: may be muted, clumped or unplugged by faults."""

    def __init__(self, clock: Clock, out: Callable[[bytes], None]) -> None:
        self.clump_s = 0.0
        self.silent_until_s = 0.0
        self._clock, self._out = clock, out
        self._held = b""

    def say(self, data: bytes) -> None:
        """Let bytes out, now or with their clump."""
        if self._clock.now_s < self.silent_until_s:
            return
        if not self.clump_s:
            self._out(data)
            return
        if not self._held:
            due_s = (math.floor(self._clock.now_s / self.clump_s + 1e-9) + 1) * self.clump_s
            self._clock.at(due_s, self._release)
        self._held += data

    def _release(self) -> None:
        held, self._held = self._held, b""
        self._out(held)
