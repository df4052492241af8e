"""What stops a print by itself: limits on temperature and silence, judged on every reading.

Times are process seconds: the device's own where it sends them, so that a busy computer does not fake a drift.
A missing or old reading is stale, and stale trips.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from printcare.control.alarms import ALARMS, Trip, trip


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
