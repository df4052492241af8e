"""Heaters as the firmware drives them, and the core of the ink that follows its jacket late."""

from __future__ import annotations

import math

from printcare.emulator.build import Heater
from printcare.emulator.chance import Stream

STEP_S = 0.1
PWM_TOP = 127  # what Marlin shows as @ at full power
_BETA = (2.404825557695773, 5.520078110286311, 8.653727912911013)  # zeros of J0
_J1 = (0.5191474972894669, -0.3402648065583682, 0.2714522999283819)  # J1 there
DIFFUSIVITY_MM2_S = 0.13  # water-rich ink, process.md §2
OPEN_C, SHORT_C = -15.0, 350.0  # what the thermistor table makes of a broken or shorted sensor


class HeatedBlock:
    """Block, sensor, control and Marlin's three protections; `fault` names the one that tripped."""

    def __init__(self, spec: Heater, ambient_c: float, noise_k: float, chance: Stream) -> None:
        self.spec = spec
        self.ambient_c = ambient_c
        self.block_c = self.sensor_c = self.shown_c = ambient_c
        self.target_c = 0.0
        self.duty = 0.0
        self.power_factor = 1.0  # 0: heater failed
        self.is_runaway = False
        self.load_w_k = 0.0  # what flowing melt and a fan carry off besides
        self.sensor = "whole"  # whole | open | short | stuck
        self.fault = ""
        self.noise_k = noise_k
        self._chance = chance
        self._integral = 0.0
        self._watch_target_c = self._watch_until_s = 0.0
        self._stable_until_s: float | None = None
        self._first_heating = False
        self._follow = 1 - math.exp(-STEP_S * spec.sensor_per_s)
        self._keep_for(0.0)

    def spare_w(self) -> float:
        """Return the power left for melting once the block's losses are paid."""
        return self.spec.power_w * self.power_factor - self.spec.loss_w_k * (self.block_c - self.ambient_c)

    def set_target(self, target_c: float, now_s: float) -> None:
        """Take a new set point, which restarts the watch period as the firmware does."""
        self.target_c = target_c
        self._integral = 0.0
        self._stable_until_s, self._first_heating = None, target_c > 0
        self._start_watch(now_s)

    def pwm(self) -> int:
        """Return the number after @."""
        return round(PWM_TOP * self.duty)

    def step(self, now_s: float) -> None:
        """Let STEP_S pass: exact exponentials for block and sensor, then control and protection."""
        spec = self.spec
        duty = 1.0 if self.is_runaway else self.duty
        if self.load_w_k != self._kept_for_w_k:
            self._keep_for(self.load_w_k)
        rest_c = self.ambient_c + duty * spec.power_w * self.power_factor / (spec.loss_w_k + self.load_w_k)
        self.block_c = rest_c + (self.block_c - rest_c) * self._keep_block
        self.sensor_c += (self.block_c - self.sensor_c) * self._follow
        if self.sensor == "whole":
            self.shown_c = self.sensor_c + self.noise_k * self._chance.normal()
        elif self.sensor != "stuck":
            self.shown_c = OPEN_C if self.sensor == "open" else SHORT_C
        self._control()
        self._protect(now_s)

    def _keep_for(self, load_w_k: float) -> None:
        self._kept_for_w_k = load_w_k
        self._keep_block = math.exp(-STEP_S * (self.spec.loss_w_k + load_w_k) / self.spec.capacity_j_k)

    def _control(self) -> None:
        if self.target_c <= 0 or self.fault:
            self.duty = 0.0
            return
        error_k = self.target_c - self.shown_c
        feed_forward = self.spec.loss_w_k * (self.target_c - self.ambient_c) / self.spec.power_w
        if abs(error_k) < 3:
            self._integral += self.spec.gain_per_k * error_k * STEP_S / self.spec.integral_s
        self.duty = min(1.0, max(0.0, feed_forward + self.spec.gain_per_k * error_k + self._integral))

    def _start_watch(self, now_s: float) -> None:
        spec = self.spec
        if self.target_c > 0 and self.shown_c < self.target_c - (spec.watch_k + spec.runaway_k + 1):
            self._watch_target_c, self._watch_until_s = self.shown_c + spec.watch_k, now_s + spec.watch_s
        else:
            self._watch_until_s = 0.0

    def _protect(self, now_s: float) -> None:
        spec = self.spec
        if self.shown_c > spec.max_c:
            self.fault = "MAXTEMP"
        elif self.target_c > 0 and self.shown_c < spec.min_c:
            self.fault = "MINTEMP"
        elif self._watch_until_s and now_s >= self._watch_until_s:
            if self.shown_c < self._watch_target_c:
                self.fault = "Heating failed"
            self._start_watch(now_s)
        if not self.fault and self.target_c > 0:
            self._watch_runaway(now_s)

    def _watch_runaway(self, now_s: float) -> None:
        if self._first_heating:
            self._first_heating = self.shown_c < self.target_c
            return
        if self._stable_until_s is None or self.shown_c >= self.target_c - self.spec.runaway_k:
            self._stable_until_s = now_s + self.spec.runaway_s
        elif now_s > self._stable_until_s:
            self.fault = "Thermal Runaway"


class SoakingCore:
    """The axis of a cylinder of ink inside its jacket: three radial modes, each a first-order lag (process.md §2)."""

    def __init__(self, bore_mm: float, start_c: float) -> None:
        radius = bore_mm / 2
        first, second = (2 / (b * j) for b, j in zip(_BETA[:2], _J1[:2], strict=True))
        self._weights = (
            first,
            second,
            1 - first - second,
        )  # the rest of the series decays with the third mode or faster
        self.taus_s = tuple(radius**2 / (b * b * DIFFUSIVITY_MM2_S) for b in _BETA)
        self._modes_c = [start_c] * 3
        self._keep = tuple(math.exp(-STEP_S / tau) for tau in self.taus_s)

    def step(self, jacket_c: float) -> None:
        """Let STEP_S pass with the jacket at `jacket_c`."""
        for i, keep in enumerate(self._keep):
            self._modes_c[i] = jacket_c + (self._modes_c[i] - jacket_c) * keep

    def axis_c(self) -> float:
        """Return the temperature on the axis."""
        return sum(w * c for w, c in zip(self._weights, self._modes_c, strict=True))

    def chill(self, below_k: float) -> None:
        """Put the axis `below_k` below where it is, to decay with the soak time."""
        self._modes_c[0] -= below_k / self._weights[0]
