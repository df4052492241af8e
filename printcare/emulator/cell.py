"""A weighing cell: it comes to rest as a filter does, and rings after a jolt (process.md §4.1, `settling`)."""

from __future__ import annotations

import math

SETTLING_S = 0.5
RING_HZ = 25.0
DAMPING = 0.02


class Cell:
    """What a load becomes before noise; `step` is asked once each sample."""

    def __init__(self, load_mg: float, settling_s: float = SETTLING_S) -> None:
        self._settling_s = settling_s
        self._settled_mg = self._last_mg = load_mg
        self._ring_mg = 0.0
        self._phase = 0.0

    def step(self, load_mg: float, dt_s: float) -> float:
        """Let `dt_s` pass under a load and return what is shown."""
        self._settled_mg = load_mg + (self._settled_mg - load_mg) * math.exp(-dt_s / self._settling_s)
        jolt_mg, self._last_mg = load_mg - self._last_mg, load_mg
        self._ring_mg = (self._ring_mg + jolt_mg) * math.exp(-DAMPING * 2 * math.pi * RING_HZ * dt_s)
        self._phase = (self._phase + 2 * math.pi * RING_HZ * dt_s) % (2 * math.pi)
        return self._settled_mg + self._ring_mg * math.cos(self._phase)

    def ring_mg(self) -> float:
        """Return how far the ringing still reaches."""
        return abs(self._ring_mg)
