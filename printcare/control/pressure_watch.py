"""Judge every pressure reading against the syringe's model: limits, slope, window and drift (process.md §3.2).

Every height and time comes from the recipe's detectors; the model is started from the measured pressure and follows
the plunger, so that a start or a retraction alarms nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from printcare.control.alarms import ALARMS, Trip, trip
from printcare.control.cause import Evidence, likely_cause
from printcare.control.interlocks import Lasting
from printcare.domain.recipe import Detectors, InProcessLimits
from printcare.extrusion.detectors import Ewma, Window, weight_of
from printcare.extrusion.syringe_model import SyringeModel


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the cause is named by beside the pressure."""

    bore_mm: float
    flow_index: float
    normal_c: tuple[float, float]
    celsius: Callable[[], float | None]
    ink_left_mm3: Callable[[], float]
    rest_change_kpa: Callable[[], float]
    core_c: Callable[[float], float]  # of ink this many times as thick as the recipe's
    is_regulated: bool = False


@dataclass(slots=True)
class PressureWatch:
    """The detectors of one tool; `arm` begins the comparison once the start has settled, `disarm` ends it."""

    limits: InProcessLimits
    detectors: Detectors
    around: Surroundings
    flow_mm3_s: float
    settle_s: float  # from the first bead until the pressure may be compared: motion in flight and sensor lag
    model: SyringeModel | None = None  # None while priming: only the hard limits hold
    armed_s: float | None = None
    expected_kpa: float | None = None
    shares: list[float] = field(default_factory=list)  # residuals of the running unit
    _last_s: float = 0.0
    _high: Lasting = field(default_factory=Lasting)
    _least: Lasting = field(default_factory=Lasting)
    _above: Lasting = field(default_factory=Lasting)
    _flat: Window = field(init=False)
    _window: Window = field(init=False)
    _slope: Window = field(init=False)
    _quick: Window = field(init=False)
    _drift: Ewma = field(init=False)
    _steepest: float = 0.0

    def __post_init__(self) -> None:
        told = self.detectors
        self._flat = Window(float(told.flat_over_s))
        self._window, self._slope = Window(float(told.window_s)), Window(float(told.slope_over_s))
        self._quick = Window(float(told.cause.quick_s))
        self._drift = Ewma(0.0, 1.0)  # weighed by the time since the last reading, whatever the transmitter's rate

    def arm(self, now_s: float) -> None:
        """Compare from now on, once the start has settled."""
        if self.armed_s is None:
            self.armed_s = now_s

    def disarm(self) -> None:
        """Stop comparing: the unit ends, or the plunger is not fed as it should be."""
        self.armed_s = self.expected_kpa = None
        for window in (self._window, self._slope, self._quick, self._flat):
            window.clear()
        self._drift.value, self._steepest = 0.0, 0.0
        self._least, self._above = Lasting(), Lasting()

    @property
    def is_comparing(self) -> bool:
        """Whether readings are compared with the model by now."""
        return self.expected_kpa is not None

    def judge(self, kpa: float, flag: str, now_s: float) -> Trip | None:
        """Return why this reading stops the print, or None; `now_s` is the transmitter's own time."""
        if flag in ("SAT", "FLT"):
            return trip("A12", f"the sensor reports {flag}")
        passed_s, self._last_s = now_s - self._last_s, now_s
        limit_kpa = float(self.limits.pressure_max_kpa)
        if self._high.lasted(kpa > limit_kpa, now_s) >= ALARMS["A03"].delay_s:
            return trip("A03", f"{kpa:.0f} kPa, limit {limit_kpa:.0f} kPa")
        if self.model is None or self.armed_s is None:
            return None
        self._flat.add(now_s, kpa)  # from the first bead on: a start moves every living sensor
        if now_s - self.armed_s < self.settle_s:
            return self._at_start(kpa, self.model.steady_kpa(self.flow_mm3_s), now_s)
        if self._flat.is_full() and self._flat.sd < float(self.detectors.flat_sd_kpa):
            return trip("A12", f"the reading stands at {kpa:.2f} kPa while the plunger moves")
        if self.expected_kpa is None:
            self.expected_kpa = kpa
            return None
        self.expected_kpa = self.model.after(self.expected_kpa, self.flow_mm3_s, passed_s)
        self._drift.weight = weight_of(passed_s, float(self.detectors.drift_tau_s))
        return self._against_model(kpa, self.expected_kpa, now_s)

    def _at_start(self, kpa: float, steady_kpa: float, now_s: float) -> Trip | None:
        """Judge a pressure that still rises: whatever the start was, it never passes what the print's flow needs."""
        wide, longest_s = float(self.limits.pressure_window_pct) / 100, self.detectors.start_above_s
        if self._above.lasted(kpa > steady_kpa * (1 + wide), now_s) < float(longest_s):
            return None
        told = f"more than {wide:.0%} above what the flow needs for {longest_s} s"
        seen = self._evidence(kpa, steady_kpa, now_s)
        return trip("A04", f"{likely_cause(seen)}; {seen.told()}; {told}")

    def _against_model(self, kpa: float, expected_kpa: float, now_s: float) -> Trip | None:
        off = (kpa - expected_kpa) / expected_kpa
        self.shares.append(off)
        self._window.add(now_s, off)
        self._slope.add(now_s, kpa - expected_kpa)
        self._quick.add(now_s, kpa - expected_kpa)
        self._drift.add(off)
        if self._quick.is_full():
            quick = self._quick.slope
            self._steepest = quick if abs(quick) > abs(self._steepest) else self._steepest
        reason = self._reason(off, kpa, now_s)
        if reason is None:
            return None
        alarm, told = reason
        seen = self._evidence(kpa, expected_kpa, now_s)
        return trip(alarm, f"{likely_cause(seen)}; {seen.told()}; {told}")

    def _reason(self, off: float, kpa: float, now_s: float) -> tuple[str, str] | None:
        limits, told = self.limits, self.detectors
        least_kpa, filled = float(limits.pressure_min_kpa), float(told.window_filled_pct) / 100
        if self._least.lasted(kpa < least_kpa, now_s) >= float(told.below_s):
            return "A05", f"below {least_kpa:.0f} kPa for {told.below_s} s"
        slope, steep = self._slope.slope, float(limits.pressure_slope_kpa_s)
        if self._slope.is_full(filled) and abs(slope) > steep and slope * off > 0:
            return _side(slope), f"slope {slope:+.0f} kPa/s over {told.slope_over_s} s, limit {steep:.0f}"
        mean, wide = self._window.mean, float(limits.pressure_window_pct) / 100
        if self._window.is_full(filled) and abs(mean) > wide:
            return _side(mean), f"{mean:+.0%} over {told.window_s} s, limit {wide:.0%}"
        drift, far = self._drift.value, float(told.drift_pct) / 100
        if abs(drift) > far:
            self._steepest = slope  # what drifts is slow; the steepest moment was noise
            return _side(drift), f"{drift:+.1%} with a time constant of {told.drift_tau_s} s, limit {far:.1%}"
        return None

    def _evidence(self, kpa: float, expected_kpa: float, now_s: float) -> Evidence:
        around, model = self.around, self.model
        ramp = self.flow_mm3_s / model.compliance_mm3_kpa if model is not None and model.compliance_mm3_kpa else 1.0
        return Evidence(
            kpa=kpa,
            expected_kpa=expected_kpa,
            steepest_kpa_s=self._steepest,
            since_s=now_s - self.settle_s - (now_s if self.armed_s is None else self.armed_s),
            rest_change_kpa=around.rest_change_kpa(),
            ramp_kpa_s=ramp,
            flow_index=around.flow_index,
            bore_mm=around.bore_mm,
            ink_left_mm3=around.ink_left_mm3(),
            celsius=around.celsius(),
            normal_c=around.normal_c,
            is_regulated=around.is_regulated,
            core_c=around.core_c,
            of=self.detectors.cause,
        )


def _side(value: float) -> str:
    return "A04" if value > 0 else "A05"
