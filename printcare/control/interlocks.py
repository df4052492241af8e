"""What stops a print by itself: limits on temperature, pressure and silence, judged on every reading.

Times are process seconds: the device's own where it sends them, so that a busy computer does not fake a drift.
A missing or old reading is stale, and stale trips.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from printcare.control.alarms import ALARMS, Trip, trip

SLOPE_WINDOW_S = 1.0
LOWEST_NOISE_KPA = 0.01  # a living sensor never repeats itself more exactly than this
FROZEN_READINGS = 40  # 2 s at 20 Hz


@dataclass(frozen=True, slots=True)
class PressureLimits:
    """The recipe's limits, in kPa gauge; `reference_kpa` is what the prime reached."""

    max_kpa: float
    min_kpa: float
    reference_kpa: float
    window_pct: float
    slope_kpa_s: float


@dataclass(slots=True)
class Lasting:
    """How long a condition has held, in the seconds it is told."""

    since_s: float | None = None

    def lasted(self, holds: bool, now_s: float) -> float:
        """Return for how long the condition has held without a break; −1 while it does not."""
        if not holds:
            self.since_s = None
            return -1.0
        if self.since_s is None:
            self.since_s = now_s
        return now_s - self.since_s


@dataclass(slots=True)
class PressureWatch:
    """Judges every pressure reading; `extruding_since_s` arms the comparison with the reference."""

    limits: PressureLimits
    low_delay_s: float
    settle_s: float  # after the start of a unit, before the pressure must stand at reference
    extruding_since_s: float | None = None
    _high: Lasting = field(default_factory=Lasting)
    _above: Lasting = field(default_factory=Lasting)
    _below: Lasting = field(default_factory=Lasting)
    _recent: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=200))
    _same: int = 0

    def arm(self, now_s: float) -> None:
        """Compare with the reference from now on, once the start has settled."""
        if self.extruding_since_s is None:
            self.extruding_since_s = now_s

    def disarm(self) -> None:
        """Stop comparing: the unit ends, pressure falls by design."""
        self.extruding_since_s = None
        self._above = Lasting()
        self._below = Lasting()

    def judge(self, kpa: float, flag: str, now_s: float) -> Trip | None:
        """Return why this reading stops the print, or None."""
        if flag in ("SAT", "FLT"):
            return trip("A12", f"the sensor reports {flag}")
        frozen = self._frozen(kpa)
        self._recent.append((now_s, kpa))
        if self._high.lasted(kpa > self.limits.max_kpa, now_s) >= ALARMS["A03"].delay_s:
            return trip("A03", f"{kpa:.0f} kPa, limit {self.limits.max_kpa:.0f} kPa")
        if self.extruding_since_s is None or now_s - self.extruding_since_s < self.settle_s:
            return None
        if frozen:
            return trip("A12", f"the reading stands at exactly {kpa:.2f} kPa while the plunger moves")
        return self._against_reference(kpa, now_s)

    def _against_reference(self, kpa: float, now_s: float) -> Trip | None:
        reference = self.limits.reference_kpa
        upper = reference * (1 + self.limits.window_pct / 100)
        lower = max(self.limits.min_kpa, reference * (1 - self.limits.window_pct / 100))
        if self._above.lasted(kpa > upper, now_s) >= ALARMS["A04"].delay_s:
            return trip("A04", f"{kpa:.0f} kPa for 1 s, reference {reference:.0f} kPa, upper edge {upper:.0f} kPa")
        slope = self.slope_kpa_s(now_s)
        if slope > self.limits.slope_kpa_s and kpa > reference:
            return trip("A04", f"rising at {slope:.0f} kPa/s, limit {self.limits.slope_kpa_s:.0f} kPa/s")
        if self._below.lasted(kpa < lower, now_s) >= self.low_delay_s:
            return trip("A05", f"{kpa:.0f} kPa, reference {reference:.0f} kPa, lower edge {lower:.0f} kPa")
        return None

    def _frozen(self, kpa: float) -> bool:
        last = self._recent[-1][1] if self._recent else None
        self._same = self._same + 1 if last is not None and abs(kpa - last) < LOWEST_NOISE_KPA else 0
        return self._same >= FROZEN_READINGS

    def slope_kpa_s(self, now_s: float) -> float:
        """Return the least-squares slope over the last second; 0 before a second is full."""
        points = [(at, value) for at, value in self._recent if now_s - at <= SLOPE_WINDOW_S]
        if len(points) < 8 or points[-1][0] - points[0][0] < 0.7 * SLOPE_WINDOW_S:
            return 0.0
        mean_t = sum(at for at, _ in points) / len(points)
        mean_p = sum(value for _, value in points) / len(points)
        spread = sum((at - mean_t) ** 2 for at, _ in points)
        return sum((at - mean_t) * (value - mean_p) for at, value in points) / spread


@dataclass(slots=True)
class TemperatureWatch:
    """Judges every cartridge temperature against the NOR and PAR of the recipe."""

    normal_c: tuple[float, float]
    proven_c: tuple[float, float]
    longest_s: float  # outside the PAR before it trips
    _outside: Lasting = field(default_factory=Lasting)
    _beside: Lasting = field(default_factory=Lasting)
    in_band_since_s: float | None = None

    def judge(self, celsius: float, now_s: float, *, printing: bool) -> Trip | None:
        """Return why this temperature stops or warns, or None; heating up never trips."""
        inside = self.normal_c[0] <= celsius <= self.normal_c[1]
        if not inside:
            self.in_band_since_s = None
        elif self.in_band_since_s is None:
            self.in_band_since_s = now_s
        if not printing:
            return None
        proven = self.proven_c[0] <= celsius <= self.proven_c[1]
        if self._outside.lasted(not proven, now_s) >= self.longest_s:
            low, high = self.proven_c
            return trip("A06", f"{celsius:.1f} °C for {self.longest_s:.0f} s, proven {low:g} to {high:g} °C")
        if self._beside.lasted(proven and not inside, now_s) >= ALARMS["A07"].delay_s:
            low, high = self.normal_c
            self._beside = Lasting(now_s)
            return trip("A07", f"{celsius:.1f} °C, normal {low:g} to {high:g} °C")
        return None

    def soaked_s(self, now_s: float) -> float:
        """Return for how long the sensor has been in its band; an excursion starts it again."""
        return 0.0 if self.in_band_since_s is None else now_s - self.in_band_since_s


@dataclass(slots=True)
class Freshness:
    """How old the last word of a device may be, in wall seconds: a link's time-out is never scaled."""

    limit_s: float
    last_s: float | None = None

    def seen(self, now_s: float) -> None:
        """Note that the device spoke."""
        self.last_s = now_s

    def is_stale(self, now_s: float) -> bool:
        """Whether the device has been silent too long; one that never spoke is stale."""
        return self.last_s is None or now_s - self.last_s > self.limit_s
