"""The job's senses: every wait turns here, every reading is judged here, and what trips is raised out of the wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any  # each device has its own events

from printcare.control.alarms import Stop, Trip, Tripped, trip
from printcare.control.events import Event, Noted, Phase, Progress, ReadingBlock
from printcare.control.instruments import Instruments
from printcare.control.interlocks import Freshness, TemperatureWatch
from printcare.control.plan import JobPart, JobPlan
from printcare.control.tool_watch import PRESSURE_STALE_S, ToolWatch
from printcare.control.weighing import Weigher
from printcare.domain.reading import Reading
from printcare.errors import PrintcareError
from printcare.gcode.program import Segment
from printcare.protocol import marlin_events, marlin_reply, ps1
from printcare.protocol.wire import PRINTER, Command

TURN_S = 0.1  # longest wait for a message; time-outs are looked at this often
PROGRESS_S = 0.1
TEMPERATURE_REPORT = "M155 S1"
TEMPERATURE_STALE_S = 5.0  # wall seconds; Marlin reports every second
ASLEEP_S = 5.0  # wall seconds; the motion in flight ends after one, and what has come meanwhile is judged too late
THERMAL_WORDS = ("MAXTEMP", "MINTEMP", "Heating failed", "Thermal Runaway")


@dataclass(frozen=True, slots=True)
class Features:
    """What was seen while one unit was printed."""

    pressure_mean_kpa: float | None
    pressure_max_kpa: float | None
    temperature_mean_c: float | None
    lines: int
    flow_mm3_s: float | None  # as fed, over the beads


class Watch:
    """Waits for the printer, the balance and the clock, and judges every reading on the way."""

    def __init__(
        self,
        plan: JobPlan,
        bench: Instruments,
        report: Callable[[Event], None],
        on_command: Callable[[Command], None],
        alarm: Callable[[Trip, int | None], None],
        clear: Callable[[str], None],
    ) -> None:
        self._plan = plan
        self._bench = bench
        self._report = report
        self._on_command = on_command
        self._alarm = alarm
        self._clear = clear
        self.phase = Phase.CONNECT
        self.unit: int | None = None
        self.unit_volume_mm3 = 0.0  # of a prime or unit that has begun and that the job has not booked yet
        self._heats = {part.number: _Heat(part) for part in plan.parts}
        self._tools = {part.number: ToolWatch(plan, part, self._heats[part.number].told) for part in plan.parts}
        self.part = plan.first
        self._printer_fresh = Freshness(TEMPERATURE_STALE_S)
        self._positions: list[marlin_reply.Position] = []
        self._weigher = Weigher(plan, bench, alarm, clear, self)
        self.was_alarmed = False  # during the running unit; such a unit teaches the correction nothing
        self._unit_lines = 0
        self._beads: list[tuple[float, float]] = []  # process seconds and E of the first and the last bead taken
        self._link_before = (0, 0)
        self._shown_s = -1.0
        self._looked_s = 0.0  # when this was last asked whether all is well, wall seconds
        self._print_began_s: float | None = None
        self._on: dict[type, Callable[[Any], None]] = {
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

    @property
    def speed(self) -> float:
        """Return process seconds per second of the host's clock: 1 but on a bench in scaled time."""
        return self._bench.speed

    def soaked_s(self) -> float:
        """Return for how long every cartridge has been in its band."""
        return min(heat.judge.soaked_s(self.process_s()) for heat in self._heats.values())

    def warm_s(self, part: JobPart) -> float:
        """Return for how long a part's cartridge has been at temperature in this job."""
        since_s = self._heats[part.number].warm_since_s
        return 0.0 if since_s is None else self.process_s() - since_s

    @property
    def tool(self) -> ToolWatch:
        """Return the senses of the part at work."""
        return self._tools[self.part.number]

    def tool_of(self, part: JobPart) -> ToolWatch:
        """Return the senses of one part."""
        return self._tools[part.number]

    @property
    def temperature_c(self) -> float | None:
        """Return the temperature of the cartridge at work."""
        return self._heats[self.part.number].celsius

    # ---- waiting

    def begin(self) -> None:
        """Ask for temperature reports, and take silence as a fault from now on."""
        now = self._looked_s = self._bench.ports.now()
        self._printer_fresh.seen(now)
        for tool in self._tools.values():
            tool.fresh.seen(now)
        self._bench.printer.queue([TEMPERATURE_REPORT])
        self.until_idle()

    def turn(self) -> None:
        """Let happen what happens within a tenth of a second; raises Tripped, LinkLost or what a command asks."""
        self._bench.turn(TURN_S, self._note, self._on_command)
        self._check_links(self._bench.ports.now())
        if self.phase is Phase.PRINT and self.unit is not None and self._print_began_s is not None:
            self._show_unit(self.unit, self._print_began_s)

    def send(self, lines: Iterable[str]) -> None:
        """Queue program lines; comments stay here, because Marlin gives them no ok."""
        self._bench.printer.queue(line for line in lines if line and not line.startswith(";"))

    def until_idle(self) -> None:
        """Wait until the printer has certainly taken every line."""
        while not self._bench.printer.idle:
            self.turn()

    def lay(self, lines: Iterable[str]) -> bool:
        """Send a unit's lines and wait; return whether a validated prediction took the rest of them back.

        Without a validation it only says so, once.
        """
        self.send(lines)
        is_told = False
        while not self._bench.printer.idle:
            self.turn()
            forecast = self.tool.forecast
            if is_told or forecast is None or not forecast.fails or not self.tool.bead_lines_left:
                continue
            if self.part.sensor_reach_mg is not None:
                self.cut()
                return True
            told = (
                f"unit {self.unit} lacks {forecast.lacking_mg:.1f} mg by its pressure, limit {forecast.limit_mg:.1f} mg"
            )
            self._report(Noted("forecast", f"{told}; the prediction may not stop it", self.unit))
            is_told = True
        return False

    def cut(self) -> None:
        """Take back what was not sent yet and wait until the motion in flight is through: a controlled stop."""
        self._bench.printer.withdraw()
        self.tool.cut_unit()
        self.until_idle()

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

    # ---- units

    def begin_unit(self, index: int, segment: Segment, lines: tuple[str, ...]) -> None:
        """Start watching a unit: its pressure is compared from the first bead to the last."""
        self.flush()
        if self._print_began_s is None:
            self._print_began_s = self.process_s()
        self.unit = index
        self.unit_volume_mm3 = segment.volume_mm3
        self._unit_lines = 0
        self._beads.clear()
        self.tool.begin_unit(lines)
        self.was_alarmed = False
        count = self._bench.printer.count
        self._link_before = (count.resends, count.timeouts)

    def end_unit(self) -> Features:
        """Stop watching the unit, keep its readings, and return what was seen."""
        values = self.tool.kept_kpa
        heats = [value for _, value, _ in self._heats[self.part.number].rows]
        features = Features(
            pressure_mean_kpa=sum(values) / len(values) if values else None,
            pressure_max_kpa=max(values, default=None),
            temperature_mean_c=sum(heats) / len(heats) if heats else None,
            lines=self._unit_lines,
            flow_mm3_s=self._fed_mm3_s(),
        )
        count = self._bench.printer.count
        resends, timeouts = count.resends - self._link_before[0], count.timeouts - self._link_before[1]
        if resends:
            told = (
                f"unit {self.unit}: {resends} line(s) asked for again and sent again, none sent unasked; "
                f"{timeouts} question(s) asked after a silence"
            )
            self._report(Noted("link", told, self.unit))
        if self.tool.undecided:
            told = (
                f"unit {self.unit}: {self.tool.undecided} of {len(values)} readings not judged, plunger fed too slowly"
            )
            self._report(Noted("pressure", told, self.unit))
        self.flush()
        self.tool.end_unit()
        self.unit = None
        return features

    def warn(self, cause: Trip) -> None:
        """Raise an alarm that stops nothing by itself."""
        self._alarm(cause, self.unit)

    def _fed_mm3_s(self) -> float | None:
        """Return the flow over the beads; the last is taken while as much motion is in flight as may be."""
        if len(self._beads) < 2:
            return None
        (first_s, first_mm), (last_s, last_mm) = self._beads
        seconds = last_s - first_s + self._plan.profile.link.max_horizon_s
        return (last_mm - first_mm) * self._plan.tool(self.part).feedstock_area_mm2 / seconds

    def flush(self) -> None:
        """Report the readings kept so far, as one block a sensor."""
        index = self.unit or 0
        for tool in self._tools.values():
            rows = tool.taken()
            if rows:
                self._report(ReadingBlock(tool.part.pressure_source, "kpa", index, rows))
        heat = self._heats[self.part.number]
        if heat.rows:
            self._report(ReadingBlock(PRINTER, "c", index, tuple(heat.rows)))
            heat.rows.clear()

    # ---- what arrives

    def _note(self, source: str, event: Any) -> None:
        if isinstance(event, ps1.Pressure):
            self._on_pressure(source, event)
            return
        handler = self._on.get(type(event))
        if handler is not None:
            handler(event)

    def _on_pressure(self, source: str, event: ps1.Pressure) -> None:
        for tool in self._tools.values():
            if tool.part.pressure_source != source:
                continue
            cause = tool.reading(event, self._bench.ports.now())
            if cause is not None:
                raise Tripped(cause)

    def _on_temperatures(self, event: marlin_reply.Temperatures) -> None:
        for heat in self._heats.values():
            celsius = event.actual_c(f"T{heat.part.tool}" if heat.part.tool else "T")
            if celsius is not None:
                self._on_temperature(heat, celsius)

    def _on_temperature(self, heat: _Heat, celsius: float) -> None:
        self._printer_fresh.seen(self._bench.ports.now())
        now_s = self.process_s()
        heat.celsius = celsius
        if self.unit is not None and heat.part is self.part:
            heat.rows.append((now_s, celsius, "OK"))
        cause = heat.judge.judge(celsius, now_s, printing=self.phase in (Phase.PRIME, Phase.PRINT))
        if heat.warm_since_s is None and heat.judge.in_band_since_s is not None:
            heat.warm_since_s = now_s
        if heat.judge.in_band_since_s is not None:
            self._clear("A07")
        if cause is None:
            return
        if cause.kind.stop is Stop.WARN:
            self._alarm(cause, self.unit)
        else:
            raise Tripped(cause)

    def _on_accepted(self, event: marlin_events.Accepted) -> None:
        self._bench.last_line = event.number
        if self.unit is not None:
            self._unit_lines += 1
            left = self.tool.bead_lines_left
            self.tool.accepted(event.line)
            if self.tool.bead_lines_left < left:
                self._beads[1:] = [(self.process_s(), float(event.line.rpartition(" E")[2]))]

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
        asleep_s, self._looked_s = now - self._looked_s, now
        if asleep_s > ASLEEP_S and (self.unit is not None or self.phase is Phase.PRIME):
            slept = f"Nobody watched the print for {asleep_s:.0f} s: the program slept, or waited for its record."
            raise PrintcareError("JOB_ASLEEP", slept, "See that the computer neither sleeps nor pauses programs.")
        if any(tool.is_stale(now) for tool in self._tools.values()):
            raise Tripped(trip("A12", f"no reading for {PRESSURE_STALE_S:g} s"))
        if self._printer_fresh.is_stale(now) and self.phase is not Phase.HEAT:
            raise Tripped(trip("A13", f"no temperature for {TEMPERATURE_STALE_S:g} s"))

    def show(self, done: float, left_s: float, unit: int = 0) -> None:
        """Report progress, at most ten times a second: it is for the eye only."""
        now = self._bench.ports.now()
        if now - self._shown_s < PROGRESS_S:
            return
        self._shown_s = now
        share, left_s = min(max(done, 0.0), 1.0), max(left_s, 0.0)
        self._report(Progress(self.phase, share, left_s, unit, self.tool.kpa, self.temperature_c))

    def _show_unit(self, unit: int, began_s: float) -> None:
        of_part = self._unit_lines / (self._unit_lines + self.tool.bead_lines_left + 1)
        done = self._plan.parts.index(self.part) + of_part
        share = (unit - 1 + done / len(self._plan.parts)) / self._plan.units
        spent_s = self.process_s() - began_s
        self.show(share, spent_s / share - spent_s if share else 0.0, unit)


class _Heat:
    """The temperature of one tool's cartridge."""

    def __init__(self, part: JobPart) -> None:
        self.part = part
        self.celsius: float | None = None
        self.warm_since_s: float | None = None
        self.rows: list[tuple[float, float, str]] = []
        cartridge, limits = part.parameters.cartridge_c, part.limits
        self.judge = TemperatureWatch(
            (float(cartridge.normal[0]), float(cartridge.normal[1])),
            (float(cartridge.proven[0]), float(cartridge.proven[1])),
            float(limits.temperature_max_s),
        )

    def told(self) -> float | None:
        """Return the last temperature, for the one who names a cause."""
        return self.celsius
