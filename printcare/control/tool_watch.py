"""What one tool's transmitter says, and what its plunger was told: the senses of one ink."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from statistics import median

from printcare.control.alarms import Trip
from printcare.control.force_watch import ForceWatch
from printcare.control.interlocks import Freshness
from printcare.control.plan import JobPart, JobPlan
from printcare.control.pressure_watch import PressureWatch, Surroundings
from printcare.control.unit_forecast import Forecast
from printcare.domain.machine import Toolhead
from printcare.extrusion.rheology import barrel_of, cone_of, ink_at, temperature_for, tube_of
from printcare.extrusion.syringe_model import SyringeModel, syringe_model
from printcare.protocol.ps1 import Pressure

PRESSURE_STALE_S = 1.0  # wall seconds, A12
# The printer's and the transmitter's, not the product's, so that no recipe states them.
LATE_SHARE = 0.5  # of the motion in flight: no line taken for this long, and the plunger may come to stand
SENSOR_LAG_S = 0.5  # process seconds, beside the motion in flight, until a start is seen
KEPT = 1200  # readings: a minute at 20 Hz, for the prime's identification
REST_S = 1.0  # of readings that show the pressure at rest
BEADS = ("G1 X", "G2 X", "G3 X")


class ToolWatch:
    """Pressure and feed of one part's tool, in the transmitter's own time; a filament shows its force or nothing."""

    def __init__(self, plan: JobPlan, part: JobPart, celsius: Callable[[], float | None]) -> None:
        self.part = part
        self.kpa: float | None = None
        self.device_s = 0.0
        self.fresh = Freshness(PRESSURE_STALE_S)
        self.model = _model(plan, part)
        self.used_mm3 = 0.0  # of this part's ink, as the job books it
        self.rest_change_kpa = 0.0  # before this unit, against the rest before the last
        self.forecast: Forecast | None = None  # of the running unit
        self._horizon_s = plan.profile.link.max_horizon_s
        self._rest_kpa: float | None = None
        self._primed = 1.0  # thickness at the prime
        self._tool = plan.tool(part)
        self._profile_mm3_kpa = self._tool.compliance_mm3_kpa
        self._area_mm2 = plan.tool(part).feedstock_area_mm2
        self._pressure = _pressure_watch(plan, part, celsius, self)
        self._force = _force_watch(plan, part, celsius)
        self._watch: PressureWatch | ForceWatch | None = self._pressure or self._force
        self._rows: list[tuple[float, float, str]] = []
        self._is_kept = self._began = self._was_compared = False
        self.recent: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._fed: deque[tuple[float, float]] = deque()  # sensor's time, E of the last bead line taken by then
        self._last_ms: int | None = None
        self._bead_lines_left = 0
        self.undecided = 0  # readings of the running unit that were not judged, the plunger not being fed

    @property
    def shows_pressure(self) -> bool:
        """Whether this drive has a pressure or a force to watch."""
        return self._watch is not None

    def is_stale(self, now_s: float) -> bool:
        """Whether the transmitter has been silent too long."""
        return self.shows_pressure and self.fresh.is_stale(now_s)

    # ---- readings

    def reading(self, event: Pressure, now_s: float) -> Trip | None:
        """Take one reading, `now_s` in wall seconds, and return why it stops the print, or None."""
        self.fresh.seen(now_s)
        passed_s = 0.0 if self._last_ms is None else ((event.device_ms - self._last_ms) % 2**32) / 1000
        self.device_s += passed_s
        self._last_ms = event.device_ms
        kpa = float(event.reading.value)
        self.kpa = kpa
        self.recent.append((self.device_s, kpa))
        if self._is_kept:
            self._rows.append((self.device_s, kpa, event.flag))
        if self._watch is None:
            return None
        if self.is_starved():
            self.undecided += self._was_compared and self._bead_lines_left > 0
            self._watch.disarm()
        cause = self._watch.judge(kpa, event.flag, self.device_s)
        is_settled = self._watch.is_comparing
        self._was_compared |= is_settled
        if self.forecast is not None and self._bead_lines_left > 0:
            self.forecast.step(kpa, self.fed_mm3, is_settled=is_settled, seconds=passed_s)
        return cause

    def mean_kpa(self, over_s: float) -> float:
        """Return the mean of the last readings, in the sensor's own time; 0 before the first."""
        recent = [value for at_s, value in self.recent if self.device_s - at_s <= over_s]
        return sum(recent) / len(recent) if recent else 0.0

    def taken(self) -> tuple[tuple[float, float, str], ...]:
        """Return the readings kept so far, and keep new ones."""
        rows, self._rows = tuple(self._rows), []
        return rows

    @property
    def kept_kpa(self) -> list[float]:
        """Return the pressures kept of the running unit."""
        return [value for _, value, _ in self._rows]

    # ---- what it is compared with

    def identify(self, model: SyringeModel) -> None:
        """Compare every unit with the syringe as the prime found it."""
        self.model = model
        if self._pressure is not None:
            self._pressure.model = model

    def take_force(self) -> float:
        """Take the force the prime stands at, as kPa over the filament, where one is measured; trips A05 without it.

        It is the median of the prime's end: a host that was late for a moment does not move it.
        """
        over_s = 0.0 if self._force is None else float(self._force.limits.learn_over_s)
        told = [value for at_s, value in self.recent if self.device_s - at_s <= over_s]
        if self._force is None or not told:
            return 0.0
        kpa = median(told)
        self._force.learn(kpa)
        return kpa

    def learn(self) -> float:
        """Let the model follow a share of a good unit's mean residual; return its pressure as a share of the prime's.

        Without a comparison in this unit nothing is learnt and the share is the last.
        """
        detectors = self.part.limits.detectors
        if self._pressure is None or self.model is None or detectors is None:
            return 1.0
        shares = self._pressure.shares or [0.0]
        mean = sum(shares) / len(shares)
        now = self.model.thickness * (1 + mean)
        self.identify(replace(self.model, thickness=self.model.thickness * (1 + float(detectors.adapt) * mean)))
        return now / self._primed

    @property
    def compliance_mm3_kpa(self) -> float:
        """Return C as the prime found it, or the profile's."""
        return self._profile_mm3_kpa if self.model is None else self.model.compliance_mm3_kpa

    # ---- units

    def begin_unit(self, lines: tuple[str, ...]) -> None:
        """Keep the readings from here on; the pressure is compared from the first bead to the last."""
        self._is_kept = True
        self._bead_lines_left = sum(is_bead(line) for line in lines)
        self._fed.clear()
        self._was_compared, self.undecided = False, 0
        if self._pressure is not None and self._pressure.model is not None:
            model = self._pressure.model
            self._pressure.shares.clear()
            self._primed = self._primed if self._began else model.thickness
            self._began = True
            rest_kpa = self.mean_kpa(REST_S)
            self.rest_change_kpa = 0.0 if self._rest_kpa is None else rest_kpa - self._rest_kpa
            self._rest_kpa = rest_kpa
            level_mm = _level_mm(self._tool, self.part.ink_available_mm3 - self.used_mm3)
            model = replace(model, level_mm=level_mm)
            self.identify(model)
            self.forecast = self._forecast(model, rest_kpa)

    def _forecast(self, model: SyringeModel, rest_kpa: float) -> Forecast | None:
        """Foresee a unit's mass; under a regulator there is no way of a plunger to compare with."""
        detectors = self.part.limits.detectors
        if detectors is None or not model.compliance_mm3_kpa:
            return None
        return Forecast(self.part, detectors, model, rest_kpa, self._horizon_s * self.part.flow_mm3_s)

    def cut_unit(self) -> None:
        """Compare no more: the rest of the unit is not laid."""
        self._bead_lines_left = 0
        if self._watch is not None:
            self._watch.disarm()

    @property
    def fed_mm3(self) -> float:
        """Return what the plunger was told to push since the unit began."""
        return self._fed[-1][1] * self._area_mm2 if self._fed else 0.0

    def end_unit(self) -> None:
        """Keep no more readings."""
        self._is_kept = False

    def accepted(self, line: str) -> None:
        """Note a line the printer has certainly taken."""
        if not is_bead(line):
            return
        self._bead_lines_left -= 1
        self._fed.append((self.device_s, float(line.rpartition(" E")[2])))
        if self._watch is None:
            return
        if self._bead_lines_left > 0:
            if not self.is_starved():
                self._watch.arm(self.device_s)
        else:
            self._watch.disarm()

    @property
    def bead_lines_left(self) -> int:
        """Return how many lines of the unit still lay ink."""
        return max(self._bead_lines_left, 0)

    def is_starved(self) -> bool:
        """Whether the plunger was driven slower than the print over the recipe's last seconds, or may stand by now.

        A late host or a noisy link lets the pressure fall without a fault of the ink, so there is nothing to compare.
        Times are the transmitter's own: readings that arrive late in a row are as far apart as they were taken.
        """
        told = self.part.limits.detectors or self.part.limits.force
        if told is None:
            return True
        fed, least_s = self._fed, float(told.fed_over_s)
        while len(fed) > 2 and fed[1][0] < self.device_s - least_s:
            fed.popleft()
        if len(fed) < 2 or self.device_s - fed[-1][0] > LATE_SHARE * self._horizon_s:
            return True
        over_s = max(self.device_s - fed[0][0], least_s)
        fed_mm3 = (fed[-1][1] - fed[0][1]) * self._area_mm2
        return fed_mm3 / over_s < float(told.fed_least_pct) / 100 * self.part.flow_mm3_s


def _model(plan: JobPlan, part: JobPart) -> SyringeModel | None:
    if not part.limits.watches_pressure:
        return None
    tool = plan.tool(part)
    return syringe_model(
        ink_at(part.ink, float(part.parameters.cartridge_c.target)),
        tube_of(part.nozzle),
        tool.feedstock_diameter_mm,
        tool.compliance_mm3_kpa,
        part.flow_mm3_s,
        _level_mm(tool, part.ink_available_mm3),
        cone_of(part.nozzle),
    )


def _level_mm(tool: Toolhead, left_mm3: float) -> float:
    """Return how far ink stands in the barrel; nothing is told of one behind air."""
    barrel = barrel_of(tool, left_mm3)
    return 0.0 if barrel is None else barrel.length_mm


def _force_watch(plan: JobPlan, part: JobPart, celsius: Callable[[], float | None]) -> ForceWatch | None:
    limits, tool = part.limits.force, plan.tool(part)
    if limits is None or not tool.has_force_sensor:
        return None
    low_c, high_c = part.parameters.cartridge_c.normal
    return ForceWatch(limits, tool.feedstock_area_mm2, _settle_s(plan), celsius, (float(low_c), float(high_c)))


def _settle_s(plan: JobPlan) -> float:
    """Return how long after the first bead is taken the start has settled."""
    return plan.profile.link.max_horizon_s + SENSOR_LAG_S


def _pressure_watch(
    plan: JobPlan, part: JobPart, celsius: Callable[[], float | None], tool: ToolWatch
) -> PressureWatch | None:
    detectors = part.limits.detectors
    if detectors is None:
        return None
    low_c, high_c = part.parameters.cartridge_c.normal
    target_c = float(part.parameters.cartridge_c.target)
    around = Surroundings(
        float(part.nozzle.bore_mm),
        float(part.ink.flow_index),
        (float(low_c), float(high_c)),
        celsius,
        lambda: part.ink_available_mm3 - tool.used_mm3,
        lambda: tool.rest_change_kpa,
        lambda thickness: temperature_for(thickness, float(part.ink.activation_kj_mol), target_c),
        plan.tool(part).kind == "pneumatic",
    )
    return PressureWatch(part.limits, detectors, around, part.flow_mm3_s, _settle_s(plan))


def is_bead(line: str) -> bool:
    """Whether a line lays ink down while it moves across the unit, straight or in an arc."""
    return line.startswith(BEADS) and " E" in line
