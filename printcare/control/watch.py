"""The job's senses: every wait turns here, every reading is judged here, and what trips is raised out of the wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any  # each device has its own events

from printcare.control.alarms import ALARMS, Stop, Tripped, trip
from printcare.control.events import AlarmRaised, Event, Noted, Phase, Progress, ReadingBlock
from printcare.control.instruments import Instruments
from printcare.control.interlocks import Freshness, PressureLimits, PressureWatch, TemperatureWatch
from printcare.control.plan import JobPlan
from printcare.control.weighing import Weigher
from printcare.domain.reading import Reading
from printcare.gcode.program import Segment
from printcare.protocol import marlin_events, marlin_reply, ps1
from printcare.protocol.wire import PRESSURE, PRINTER, Command

TURN_S = 0.1  # longest wait for a message; time-outs are looked at this often
PROGRESS_S = 0.1
TEMPERATURE_REPORT = "M155 S1"
TEMPERATURE_STALE_S = 5.0  # wall seconds; Marlin reports every second
PRESSURE_STALE_S = 1.0  # wall seconds, A12
FED_OVER_S = 2.0  # process seconds over which the plunger's feed is reckoned
STARVED_SHARE = 0.75  # of the print's flow; below it the host or the link is late and a low pressure says nothing
START_SETTLES_S = 4.0  # process seconds from the first bead until the pressure must stand at reference
THERMAL_WORDS = ("MAXTEMP", "MINTEMP", "Heating failed", "Thermal Runaway")


@dataclass(frozen=True, slots=True)
class Features:
    """What was seen while one unit was printed."""

    pressure_mean_kpa: float | None
    pressure_max_kpa: float | None
    temperature_mean_c: float | None
    lines: int


class Watch:
    """Waits for the printer, the balance and the clock, and judges every reading on the way."""

    def __init__(
        self,
        plan: JobPlan,
        bench: Instruments,
        report: Callable[[Event], None],
        on_command: Callable[[Command], None],
    ) -> None:
        self._plan = plan
        self._bench = bench
        self._report = report
        self._on_command = on_command
        self.phase = Phase.CONNECT
        self.unit: int | None = None
        self.unit_volume_mm3 = 0.0  # of a prime or unit that has begun and that the job has not booked yet
        self.pressure_kpa: float | None = None
        self.temperature_c: float | None = None
        parameters, limits = plan.parameters, plan.limits
        self._temperature = TemperatureWatch(
            _floats(parameters.cartridge_c.normal),
            _floats(parameters.cartridge_c.proven),
            float(limits.temperature_max_s),
        )
        self._pressure: PressureWatch | None = None
        self._fresh = {PRESSURE: Freshness(PRESSURE_STALE_S), PRINTER: Freshness(TEMPERATURE_STALE_S)}
        self._positions: list[marlin_reply.Position] = []
        self._weigher = Weigher(plan, bench, report, self)
        self._pressures: list[tuple[float, float, str]] = []
        self._temperatures: list[tuple[float, float, str]] = []
        self._recent: deque[tuple[float, float]] = deque(maxlen=200)
        self._fed: deque[tuple[float, float]] = deque()  # sensor's time, E of the last bead line taken by then
        self._device_s = 0.0
        self._last_ms: int | None = None
        self._bead_lines_left = 0
        self._unit_lines = 0
        self._link_before = (0, 0)
        self._shown_s = -1.0
        self._warm_since_s: float | None = None
        self._print_began_s = 0.0
        self._on: dict[type, Callable[[Any], None]] = {
            ps1.Pressure: self._on_pressure,
            marlin_reply.Temperatures: self._on_temperatures,
            marlin_reply.Position: self._on_position,
            marlin_reply.Fatal: self._on_fatal,
            marlin_events.Accepted: self._on_accepted,
            marlin_events.CommandFailed: self._on_failed,
            marlin_events.ForeignLine: self._on_foreign,
            marlin_events.UnsafeForeignLine: self._on_unsafe,
            marlin_events.Booted: self._on_boot,
            marlin_events.Ended: self._on_ended,
            **self._weigher.on,
        }

    # ---- time

    def process_s(self) -> float:
        """Return process seconds: the host's clock times the bench's speed."""
        return self._bench.ports.now() * self._bench.speed

    def soaked_s(self) -> float:
        """Return for how long the cartridge has been in its band."""
        return self._temperature.soaked_s(self.process_s())

    def warm_s(self) -> float:
        """Return for how long the cartridge has been at temperature in this job."""
        return 0.0 if self._warm_since_s is None else self.process_s() - self._warm_since_s

    # ---- waiting

    def begin(self) -> None:
        """Ask for temperature reports, and take silence as a fault from now on."""
        now = self._bench.ports.now()
        for freshness in self._fresh.values():
            freshness.seen(now)
        self._bench.printer.queue([TEMPERATURE_REPORT])
        self.until_idle()

    def turn(self) -> None:
        """Let happen what happens within a tenth of a second; raises Tripped, LinkLost or what a command asks."""
        self._bench.turn(TURN_S, self._note, self._on_command)
        self._check_links(self._bench.ports.now())
        if self.phase is Phase.PRINT and self.unit is not None:
            self._show_unit(self.unit)

    def send(self, lines: Iterable[str]) -> None:
        """Queue program lines; comments stay here, because Marlin gives them no ok."""
        self._bench.printer.queue(line for line in lines if line and not line.startswith(";"))

    def until_idle(self) -> None:
        """Wait until the printer has certainly taken every line."""
        while not self._bench.printer.idle:
            self.turn()

    def pause(self, seconds: float) -> None:
        """Wait process seconds, with every interlock awake."""
        end_s = self.process_s() + seconds
        while (left_s := end_s - self.process_s()) > 0:
            self._bench.turn(min(TURN_S, left_s / self._bench.speed), self._note, self._on_command)
            self._check_links(self._bench.ports.now())

    def position(self) -> marlin_reply.Position:
        """Return where the printer says it stands; the caller has waited for M400."""
        for _ in range(3):  # the answer has no number: it may be lost on a noisy wire, and asking again moves nothing
            self._positions.clear()
            self._bench.printer.queue(["M114"])
            self.until_idle()
            if self._positions:
                return self._positions[-1]
        raise Tripped(trip("A20", "the printer does not say where it stands"))

    def weigh(self) -> Reading:
        """Return the balance's value once it stands still; trips A11 when it never does or does not answer."""
        return self._weigher.weigh(self.unit)

    # ---- priming and units

    def begin_prime(self) -> None:
        """Watch for the pressure limit alone: there is no reference yet."""
        limits = self._plan.limits
        self._pressure = self._watch_pressure(float(limits.pressure_max_kpa))

    def set_reference(self, reference_kpa: float) -> None:
        """Compare every unit's pressure with what the prime reached."""
        self._pressure = self._watch_pressure(reference_kpa)

    def _watch_pressure(self, reference_kpa: float) -> PressureWatch:
        limits = self._plan.limits
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

    def mean_pressure_kpa(self, over_s: float) -> float:
        """Return the mean of the last readings, in the sensor's own time; 0 before the first."""
        recent = [value for at_s, value in self._recent if self._device_s - at_s <= over_s]
        return sum(recent) / len(recent) if recent else 0.0

    def pressure_slope_kpa_s(self) -> float:
        """Return how fast the pressure changes now."""
        return self._pressure.slope_kpa_s(self._device_s) if self._pressure is not None else 0.0

    def begin_unit(self, index: int, segment: Segment) -> None:
        """Start watching a unit: its pressure is compared from the first bead to the last."""
        lines = self._plan.program.lines_of(segment)
        self.flush()
        if self.unit is None and index == 1:
            self._print_began_s = self.process_s()
        self.unit = index
        self.unit_volume_mm3 = segment.volume_mm3
        self._bead_lines_left = sum(_is_bead(line) for line in lines)
        self._unit_lines = 0
        self._fed.clear()
        count = self._bench.printer.count
        self._link_before = (count.resends, count.timeouts)

    def end_unit(self) -> Features:
        """Stop watching the unit, keep its readings, and return what was seen."""
        values = [value for _, value, _ in self._pressures]
        heats = [value for _, value, _ in self._temperatures]
        features = Features(
            pressure_mean_kpa=sum(values) / len(values) if values else None,
            pressure_max_kpa=max(values, default=None),
            temperature_mean_c=sum(heats) / len(heats) if heats else None,
            lines=self._unit_lines,
        )
        count = self._bench.printer.count
        resends, timeouts = count.resends - self._link_before[0], count.timeouts - self._link_before[1]
        if resends:
            told = (
                f"unit {self.unit}: {resends} line(s) asked for again and sent again, none sent unasked; "
                f"{timeouts} question(s) asked after a silence"
            )
            self._report(Noted("link", told, self.unit))
        self.flush()
        self.unit = None
        return features

    def flush(self) -> None:
        """Report the readings kept so far, as one block a sensor."""
        for source, unit, rows in ((PRESSURE, "kpa", self._pressures), (PRINTER, "c", self._temperatures)):
            if rows:
                self._report(ReadingBlock(source, unit, self.unit or 0, tuple(rows)))
                rows.clear()

    # ---- what arrives

    def _note(self, _source: str, event: Any) -> None:
        handler = self._on.get(type(event))
        if handler is not None:
            handler(event)

    def _on_pressure(self, event: ps1.Pressure) -> None:
        now = self._bench.ports.now()
        self._fresh[PRESSURE].seen(now)
        if self._last_ms is not None:
            self._device_s += ((event.device_ms - self._last_ms) % 2**32) / 1000
        self._last_ms = event.device_ms
        kpa = float(event.reading.value)
        self.pressure_kpa = kpa
        self._recent.append((self._device_s, kpa))
        if self.unit is not None:
            self._pressures.append((self._device_s, kpa, event.flag))
        if self._pressure is None:
            return
        if self._is_starved():
            self._pressure.disarm()
        cause = self._pressure.judge(kpa, event.flag, self._device_s)
        if cause is not None:
            raise Tripped(cause)

    def _is_starved(self) -> bool:
        """Whether the plunger was driven clearly slower than the print over the last two seconds.

        A late host or a noisy link lets the pressure fall without a fault of the ink, so there is nothing to compare.
        """
        fed = self._fed
        while len(fed) > 2 and fed[1][0] < self._device_s - FED_OVER_S:
            fed.popleft()
        if len(fed) < 2:
            return True
        over_s = max(self._device_s - fed[0][0], FED_OVER_S)
        fed_mm3 = (fed[-1][1] - fed[0][1]) * self._plan.profile.tool.feedstock_area_mm2
        return fed_mm3 / over_s < STARVED_SHARE * self._plan.flow_mm3_s

    def _on_temperatures(self, event: marlin_reply.Temperatures) -> None:
        celsius = event.actual_c("T")
        if celsius is None:
            return
        self._fresh[PRINTER].seen(self._bench.ports.now())
        now_s = self.process_s()
        self.temperature_c = celsius
        if self.unit is not None:
            self._temperatures.append((now_s, celsius, "OK"))
        is_printing = self.phase in (Phase.PRIME, Phase.PRINT)
        cause = self._temperature.judge(celsius, now_s, printing=is_printing)
        if self._warm_since_s is None and self._temperature.in_band_since_s is not None:
            self._warm_since_s = now_s
        if cause is None:
            return
        if cause.kind.stop is Stop.WARN:
            self._report(AlarmRaised(cause, self.unit))
        else:
            raise Tripped(cause)

    def _on_accepted(self, event: marlin_events.Accepted) -> None:
        self._bench.last_line = event.number
        if self.unit is None:
            return
        self._unit_lines += 1
        if not _is_bead(event.line) or self._pressure is None:
            return
        self._bead_lines_left -= 1
        self._fed.append((self._device_s, float(event.line.rpartition(" E")[2])))
        if self._bead_lines_left > 0:
            if not self._is_starved():
                self._pressure.arm(self._device_s)
        else:
            self._pressure.disarm()

    def _on_position(self, event: marlin_reply.Position) -> None:
        self._positions.append(event)

    def _on_failed(self, event: marlin_events.CommandFailed) -> None:
        raise Tripped(trip("A20", f"the printer refused {event.line or 'a line'}: {event.text}"))

    def _on_foreign(self, event: marlin_events.ForeignLine) -> None:
        told = f"a line whose number was damaged arrived as {event.text!r} and was not executed"
        self._report(Noted("foreign line", told, self.unit))

    def _on_unsafe(self, event: marlin_events.UnsafeForeignLine) -> None:
        raise Tripped(trip("A20", f"a line may have been executed unchecked: {event.text or 'its text is lost'}"))

    def _on_boot(self, _: marlin_events.Booted) -> None:
        raise Tripped(trip("A13", "the board restarted in the middle of the job; its position is unknown"))

    def _on_fatal(self, event: marlin_reply.Fatal) -> None:
        is_thermal = any(word in event.text for word in THERMAL_WORDS)
        raise Tripped(trip("A02" if is_thermal else "A01", f"the printer says {event.text!r}"))

    def _on_ended(self, event: marlin_events.Ended) -> None:
        raise Tripped(trip("A13", event.reason))

    # ---- silence and show

    def _check_links(self, now: float) -> None:
        if self._fresh[PRESSURE].is_stale(now):
            raise Tripped(trip("A12", f"no reading for {PRESSURE_STALE_S:g} s"))
        if self._fresh[PRINTER].is_stale(now) and self.phase is not Phase.HEAT:
            raise Tripped(trip("A13", f"no temperature for {TEMPERATURE_STALE_S:g} s"))

    def show(self, done: float, left_s: float, unit: int = 0) -> None:
        """Report progress, at most ten times a second: it is for the eye only."""
        now = self._bench.ports.now()
        if now - self._shown_s < PROGRESS_S:
            return
        self._shown_s = now
        share, left_s = min(max(done, 0.0), 1.0), max(left_s, 0.0)
        self._report(Progress(self.phase, share, left_s, unit, self.pressure_kpa, self.temperature_c))

    def _show_unit(self, unit: int) -> None:
        of_unit = self._unit_lines / (self._unit_lines + max(self._bead_lines_left, 0) + 1)
        share = (unit - 1 + of_unit) / self._plan.units
        spent_s = self.process_s() - self._print_began_s
        self.show(share, spent_s / share - spent_s if share else 0.0, unit)


def _floats(limits: tuple[Any, Any]) -> tuple[float, float]:
    return float(limits[0]), float(limits[1])


def _is_bead(line: str) -> bool:
    """Whether a line lays ink down while it moves across the unit."""
    return line.startswith("G1 X") and " E" in line
