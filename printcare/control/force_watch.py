"""Judge the force that pushes a filament by its share of the prime's: no law of the melt is known (process.md §1.5).

The sensor speaks as a transmitter does, in kPa over the filament's area; every height and time is the recipe's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from printcare.control.alarms import ALARMS, Trip, Tripped, trip
from printcare.control.cause import likely_cause_of_force
from printcare.control.interlocks import Lasting
from printcare.domain.process import ForceLimits
from printcare.extrusion.detectors import Window


@dataclass(slots=True)
class ForceWatch:
    """The detectors of one filament drive; `arm` begins the comparison with the prime, `disarm` ends it."""

    limits: ForceLimits
    area_mm2: float
    settle_s: float  # from the first bead until the force may be compared: motion in flight and sensor lag
    celsius: Callable[[], float | None]
    normal_c: tuple[float, float]
    learnt_n: float | None = None  # None until primed: only the hard limit holds
    armed_s: float | None = None
    is_comparing: bool = False
    _high: Lasting = field(default_factory=Lasting)
    _window: Window = field(init=False)
    _flat: Window = field(init=False)

    def __post_init__(self) -> None:
        self._window, self._flat = Window(float(self.limits.window_s)), Window(float(self.limits.flat_over_s))

    def learn(self, kpa: float) -> None:
        """Take what the prime at the print's flow stands at; trips A05 where next to nothing is pressed."""
        force_n = self._force_n(kpa)
        if force_n < float(self.limits.min_n):
            told = f"primed at {force_n:.1f} N, least {self.limits.min_n} N"
            raise Tripped(trip("A05", f"{likely_cause_of_force(0.0)}; {told}"))
        self.learnt_n = force_n

    def arm(self, now_s: float) -> None:
        """Compare from now on, once the start has settled."""
        if self.armed_s is None:
            self.armed_s = now_s

    def disarm(self) -> None:
        """Stop comparing: the unit ends, or filament is not fed as it should be."""
        self.armed_s, self.is_comparing = None, False
        self._window.clear()
        self._flat.clear()

    def judge(self, kpa: float, flag: str, now_s: float) -> Trip | None:
        """Return why this reading stops the print, or None; `now_s` is the sensor's own time."""
        if flag in ("SAT", "FLT"):
            return trip("A12", f"the sensor reports {flag}")
        force_n, limit_n = self._force_n(kpa), float(self.limits.max_n)
        if self._high.lasted(force_n > limit_n, now_s) >= ALARMS["A03"].delay_s:
            return trip("A03", f"{force_n:.1f} N, limit {limit_n:g} N")
        if self.learnt_n is None or self.armed_s is None:
            return None
        self._flat.add(now_s, force_n)  # from the first bead on: a start moves every living sensor
        self.is_comparing = now_s - self.armed_s >= self.settle_s
        if not self.is_comparing:
            return None
        if self._flat.is_full() and self._flat.sd < float(self.limits.flat_sd_n):
            return trip("A12", f"the reading stands at {force_n:.2f} N while filament moves")
        self._window.add(now_s, force_n / self.learnt_n)
        return self._against_prime(force_n, self.learnt_n)

    def _against_prime(self, force_n: float, learnt_n: float) -> Trip | None:
        told, share = self.limits, self._window.mean
        if not self._window.is_full(float(told.window_filled_pct) / 100):
            return None
        if abs(share - 1) * 100 <= float(told.window_pct):
            return None
        seen = f"{force_n:.1f} N, {share:.0%} of the prime's {learnt_n:.1f} N over {told.window_s} s, "
        seen += f"limit ±{told.window_pct} %"
        cause = likely_cause_of_force(force_n / learnt_n)  # where it goes, not where it was on the mean
        celsius = self.celsius()
        if celsius is not None and not self.normal_c[0] <= celsius <= self.normal_c[1]:
            cause = f"{'cold' if celsius < self.normal_c[0] else 'hot'} melt: the nozzle stands at {celsius:.1f} °C"
        return trip("A04" if share > 1 else "A05", f"{cause}; {seen}")

    def _force_n(self, kpa: float) -> float:
        return kpa * self.area_mm2 / 1000
