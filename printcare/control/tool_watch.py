"""What one tool's transmitter says, and what its plunger was told: the senses of one ink."""

from __future__ import annotations

from collections import deque

from printcare.control.alarms import ALARMS, Trip
from printcare.control.interlocks import Freshness, PressureLimits, PressureWatch
from printcare.control.plan import JobPart, JobPlan
from printcare.protocol.ps1 import Pressure

PRESSURE_STALE_S = 1.0  # wall seconds, A12
FED_OVER_S = 2.0  # process seconds over which the plunger's feed is reckoned
STARVED_SHARE = 0.75  # of the print's flow; below it the host or the link is late and a low pressure says nothing
START_SETTLES_S = 4.0  # process seconds from the first bead until the pressure must stand at reference


class ToolWatch:
    """Pressure and feed of one part's tool, in the transmitter's own time."""

    def __init__(self, plan: JobPlan, part: JobPart) -> None:
        self.part = part
        self.kpa: float | None = None
        self.device_s = 0.0
        self.fresh = Freshness(PRESSURE_STALE_S)
        self._area_mm2 = plan.tool(part).feedstock_area_mm2
        self._watch: PressureWatch | None = None
        self._rows: list[tuple[float, float, str]] = []
        self._is_kept = False
        self._recent: deque[tuple[float, float]] = deque(maxlen=200)
        self._fed: deque[tuple[float, float]] = deque()  # sensor's time, E of the last bead line taken by then
        self._last_ms: int | None = None
        self._bead_lines_left = 0

    # ---- readings

    def reading(self, event: Pressure, now_s: float) -> Trip | None:
        """Take one reading, `now_s` in wall seconds, and return why it stops the print, or None."""
        self.fresh.seen(now_s)
        if self._last_ms is not None:
            self.device_s += ((event.device_ms - self._last_ms) % 2**32) / 1000
        self._last_ms = event.device_ms
        kpa = float(event.reading.value)
        self.kpa = kpa
        self._recent.append((self.device_s, kpa))
        if self._is_kept:
            self._rows.append((self.device_s, kpa, event.flag))
        if self._watch is None:
            return None
        if self.is_starved():
            self._watch.disarm()
        return self._watch.judge(kpa, event.flag, self.device_s)

    def mean_kpa(self, over_s: float) -> float:
        """Return the mean of the last readings, in the sensor's own time; 0 before the first."""
        recent = [value for at_s, value in self._recent if self.device_s - at_s <= over_s]
        return sum(recent) / len(recent) if recent else 0.0

    def slope_kpa_s(self) -> float:
        """Return how fast the pressure changes now."""
        return self._watch.slope_kpa_s(self.device_s) if self._watch is not None else 0.0

    def taken(self) -> tuple[tuple[float, float, str], ...]:
        """Return the readings kept so far, and keep new ones."""
        rows, self._rows = tuple(self._rows), []
        return rows

    @property
    def kept_kpa(self) -> list[float]:
        """Return the pressures kept of the running unit."""
        return [value for _, value, _ in self._rows]

    # ---- what it is compared with

    def begin_prime(self) -> None:
        """Watch for the pressure limit alone: there is no reference yet."""
        self._watch = self._watch_against(float(self.part.limits.pressure_max_kpa))

    def set_reference(self, reference_kpa: float) -> None:
        """Compare every unit's pressure with what the prime reached."""
        self._watch = self._watch_against(reference_kpa)

    def _watch_against(self, reference_kpa: float) -> PressureWatch:
        limits = self.part.limits
        return PressureWatch(
            PressureLimits(
                max_kpa=float(limits.pressure_max_kpa),
                min_kpa=float(limits.pressure_min_kpa),
                reference_kpa=reference_kpa,
                window_pct=float(limits.pressure_window_pct),
                slope_kpa_s=float(limits.pressure_slope_kpa_s),
            ),
            low_delay_s=ALARMS["A05"].delay_s,
            settle_s=START_SETTLES_S,
        )

    # ---- units

    def begin_unit(self, lines: tuple[str, ...]) -> None:
        """Keep the readings from here on; the pressure is compared from the first bead to the last."""
        self._is_kept = True
        self._bead_lines_left = sum(_is_bead(line) for line in lines)
        self._fed.clear()

    def end_unit(self) -> None:
        """Keep no more readings."""
        self._is_kept = False

    def accepted(self, line: str) -> None:
        """Note a line the printer has certainly taken."""
        if not _is_bead(line) or self._watch is None:
            return
        self._bead_lines_left -= 1
        self._fed.append((self.device_s, float(line.rpartition(" E")[2])))
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
        """Whether the plunger was driven clearly slower than the print over the last two seconds.

        A late host or a noisy link lets the pressure fall without a fault of the ink, so there is nothing to compare.
        """
        fed = self._fed
        while len(fed) > 2 and fed[1][0] < self.device_s - FED_OVER_S:
            fed.popleft()
        if len(fed) < 2:
            return True
        over_s = max(self.device_s - fed[0][0], FED_OVER_S)
        fed_mm3 = (fed[-1][1] - fed[0][1]) * self._area_mm2
        return fed_mm3 / over_s < STARVED_SHARE * self.part.flow_mm3_s


def _is_bead(line: str) -> bool:
    """Whether a line lays ink down while it moves across the unit."""
    return line.startswith("G1 X") and " E" in line
