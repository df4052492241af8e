"""A PS1 pressure sensor in the ink: gain, offset, noise, lag, and a range that ends."""

from __future__ import annotations

import math
from collections.abc import Callable

from printcare.emulator.chance import Stream
from printcare.emulator.clock import Clock, Event
from printcare.protocol import ps1_device as ps1

RANGE_KPA = 1000.0
NOISE_KPA = 0.5
LAG_S = 0.05
OFFSET_HALF_WIDTH_KPA = 0.5
GAIN_HALF_WIDTH = 0.002


class PressureSensor:
    """One sensor on the virtual clock; the attributes below `faults` are set by faults."""

    def __init__(
        self,
        clock: Clock,
        chance: Stream,
        out: Callable[[bytes], None],
        speed: float,
        range_kpa: float = RANGE_KPA,
        number: int = 0,
    ) -> None:
        self._clock, self._chance, self._out = clock, chance, out
        self._announcement = f"simulated:1 speed:{speed:g}"
        self._receiver = ps1.Ps1Receiver()
        self.noise_kpa = NOISE_KPA
        self._range_kpa, self._serial = range_kpa, f"PS{number + 1:04d}"
        self.lagged_kpa = 0.0
        self._gain = 1.0 + chance.uniform(-GAIN_HALF_WIDTH, GAIN_HALF_WIDTH)
        self._offset_kpa = chance.uniform(-OFFSET_HALF_WIDTH_KPA, OFFSET_HALF_WIDTH_KPA)
        self._zero_kpa = 0.0
        self._next: Event | None = None
        self._rate_hz = 0
        self._started_s = 0.0
        self._count = 0
        # faults
        self.is_dead = self.is_saturated = self.is_stuck = False
        self.jump_kpa = 0.0
        self._drift_kpa_min = self._drifts_from_s = 0.0
        self._last = (0.0, "OK")

    def keep(self, dt_s: float) -> float:
        """Return the share of the lag that survives `dt_s`."""
        return math.exp(-dt_s / LAG_S)

    def drift(self, kpa_min: float) -> None:
        """Let the zero drift from now on."""
        self._drift_kpa_min, self._drifts_from_s = kpa_min, self._clock.now_s

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        for request in self._receiver.receive(data):
            if self.is_dead:
                continue
            if request.word == "?":
                self._out(ps1.identity_line(self._range_kpa, self._serial, self._announcement))
            elif request.word == "R":
                self._out(ps1.rate_line(request.rate_hz))
                self._stream(request.rate_hz)
            elif request.word == "Z":
                offset = self._measure()[0]
                self._zero_kpa += offset
                self._out(ps1.zero_line(offset))
            else:
                self._out(ps1.error_line(request.error))

    def _stream(self, rate_hz: int) -> None:
        if self._next:
            self._next.cancel()
        self._rate_hz, self._started_s, self._count = rate_hz, self._clock.now_s, 0
        self._schedule()

    def _schedule(self) -> None:
        self._count += 1
        self._next = self._clock.at(self._started_s + self._count / self._rate_hz, self._report)

    def _report(self) -> None:
        if self.is_dead:
            return
        value, flag = self._measure()
        self._out(ps1.reading_line(round(self._clock.now_s * 1000), value, flag))
        self._schedule()

    def _measure(self) -> tuple[float, str]:
        if not self.is_stuck:
            value = self._gain * self.lagged_kpa + self._offset_kpa + self.jump_kpa - self._zero_kpa
            if self._drift_kpa_min:
                value += self._drift_kpa_min * (self._clock.now_s - self._drifts_from_s) / 60.0
            value += self.noise_kpa * self._chance.normal()
            is_over = value >= self._range_kpa or self.is_saturated
            self._last = (self._range_kpa, "SAT") if is_over else (value, "OK")
        return self._last
