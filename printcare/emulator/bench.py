"""The emulated bench: printer, ink, balance and pressure sensor on one virtual clock, with their true state."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from printcare.domain.machine import FirmwareProfile
from printcare.emulator import link
from printcare.emulator.aim import Aim
from printcare.emulator.balance import Balance
from printcare.emulator.build import Build, build_for
from printcare.emulator.chance import streams
from printcare.emulator.clock import Clock
from printcare.emulator.effects import strike
from printcare.emulator.event_log import DEVICE, HOST, TRUTH, EventLog
from printcare.emulator.faults import Fault, parse_fault, refuse_elsewhere
from printcare.emulator.head import Head
from printcare.emulator.heat import HeatedBlock, SoakingCore
from printcare.emulator.ink import DT_S, SLOW_EVERY, Ink, InkTruth
from printcare.emulator.modbus_twin import ModbusBalance
from printcare.emulator.mouth import Mouth
from printcare.emulator.plain_balance import PlainBalance
from printcare.emulator.pressure import PressureSensor
from printcare.emulator.printer import Printer
from printcare.emulator.schedule import Schedule
from printcare.emulator.spectrometer import SOURCE as SPECTROMETER
from printcare.emulator.spectrometer import Spectrometer, content_of
from printcare.emulator.tray import Deposits
from printcare.emulator.truth import true_state
from printcare.emulator.words_other import HANDLERS
from printcare.protocol.wire import BALANCE, PRESSURE, PRINTER

CLOSED = b""  # what a source "says" when its port disappears
_WORTH_A_LOOK = 2  # sub-steps below which it is quicker to take them than to see whether they may be skipped
_SCALES: dict[str, type[Balance]] = {"mt-sics": Balance, "modbus": ModbusBalance}


def pressure_source(tool: int) -> str:
    """Return the role of a tool's pressure sensor: `pressure`, `pressure-1` and so on."""
    return PRESSURE if tool == 0 else f"{PRESSURE}-{tool}"


class Bench:
    """All devices of one workplace; `speed` is only announced, the bench itself runs as fast as it is advanced.

    Args:
        profile: the printer to be; `build` overrides the firmware build made from it.
        seed: everything random follows from it.
        faults: specs like `clog@unit:3` or parsed faults; one of the ink strikes the tool in use at that moment.
        without: sources that are not there, of `balance`, `pressure`, `pressure-1` …
        ink: what the tools hold, one for the first or a sequence by tool; None: the demonstration's inks.
        balance: its protocol, `mt-sics`, `sbi`, `and`, `ohaus`, `radwag` or `modbus`.
        pressure: the sensors' protocol, `ps1` or `modbus`.
        has_force: whether a filament drive carries a force sensor though its profile names none; without one such a
            tool has no `pressure`.
        has_spectrometer: whether one hangs above the tray, as the source `spectrometer`.
        log: takes the lines of the event log.

    Raises:
        PrintcareError: FAULT_DRIVE for a fault this printer's drive cannot have.
    """

    def __init__(
        self,
        profile: FirmwareProfile,
        seed: int = 1,
        faults: Iterable[str | Fault] = (),
        speed: float = 1.0,
        without: frozenset[str] = frozenset(),
        ink: InkTruth | Sequence[InkTruth | None] | None = None,
        build: Build | None = None,
        balance: str = "mt-sics",
        *,
        pressure: str = "ps1",
        has_force: bool = False,
        has_spectrometer: bool = False,
        log: Callable[[str], object] | None = None,
    ) -> None:
        self.profile = profile
        self._has_force = has_force or any(tool.has_force_sensor for tool in profile.tools)
        self.clock = Clock()
        self.clock.settle = self._settle
        self.log = EventLog(log)
        build = build or build_for(profile, speed)
        chance = streams(seed, len(profile.tools))
        truths = [ink] if ink is None or isinstance(ink, InkTruth) else list(ink)
        truths += [None] * (len(profile.tools) - len(truths))
        outs = [partial(self._emit, pressure_source(number)) for number in range(len(profile.tools))]
        self.heads = [
            Head(number, tool, build, truths[number], self.clock, chance, outs[number], pressure)
            for number, tool in enumerate(profile.tools)
        ]
        felt = [head for head in self.heads if has_force or head.tool.has_transmitter]
        more = (SPECTROMETER,) if has_spectrometer else ()
        there = (PRINTER, BALANCE, *(pressure_source(head.number) for head in felt), *more)
        self.sources = tuple(name for name in there if name not in without)
        self.bed = HeatedBlock(build.bed, build.ambient_c, build.sensor_noise_k, chance["spare"])
        self.deposits = Deposits(profile)
        self.mouth = Mouth(self.clock, lambda data: self._emit(PRINTER, data))
        self.link = link.LinkFaults(chance["link"], self.note, self.mouth.say)
        handlers = HANDLERS[build.dialect]
        jackets = [head.jacket for head in self.heads]
        self.printer = Printer(build, self.clock, jackets, self.bed, self.link, self.mouth.say, handlers)
        self.printer.on_home = lambda: self._aim.home()
        self.printer.carriage_mm = self.nozzle_mm
        self.printer.on_tool = self._tool_selected
        self.printer.on_line = lambda number: self._schedule.line_begins(number)
        scale = _SCALES.get(balance) or partial(PlainBalance, family=balance)
        self.balance: Balance = scale(
            self.clock, self.deposits.felt_mg, chance["balance"], lambda data: self._emit(BALANCE, data), speed
        )
        self.balance.on_request = self._weighing
        self.spectrometer = Spectrometer(
            self.clock, self._content_pct, chance["spectrometer"], partial(self._emit, SPECTROMETER), speed
        )
        self._instruments: dict[str, Balance | PressureSensor | Spectrometer] = {BALANCE: self.balance}
        self._instruments[SPECTROMETER] = self.spectrometer
        self._instruments |= {pressure_source(head.number): head.sensor for head in self.heads}
        self.noted: list[tuple[float, str, str]] = []
        self._out: list[tuple[str, bytes]] = []
        self._is_unplugged = False
        self.renamed = 0  # how often the printer's port came back under another name
        self._step_count = 0
        self._planner = self.printer.planner
        self._position = self._planner.position(0.0)
        self._has_others = len(self.heads) > 1
        self._aim = Aim(self.deposits, self.heads[0], self._unit_begins, self._unit_ends)
        self._at_unit_end: list[tuple[str, float]] = []
        self._touch_s = 0.0
        self._first_unit_s: float | None = None
        self._first_unit_mm3 = 0.0
        self._schedule = Schedule(lambda fault: strike(self, fault.kind.name, fault.value))
        self._ticks = 0
        self.clock.at(SLOW_EVERY * DT_S, self._tick)
        for fault in faults:
            self.inject(fault)
        self.printer.power_up()

    @property
    def ink(self) -> Ink:
        """Return the first tool's ink."""
        return self.heads[0].ink

    @property
    def jacket(self) -> HeatedBlock:
        """Return the first tool's heater."""
        return self.heads[0].jacket

    @property
    def core(self) -> SoakingCore:
        """Return the core of the first tool's ink."""
        return self.heads[0].core

    @property
    def sensor(self) -> PressureSensor:
        """Return the first tool's pressure sensor."""
        return self.heads[0].sensor

    @property
    def active(self) -> Head:
        """Return the tool in use."""
        return self._aim.active

    # what the outside sees ------------------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        """Return virtual seconds since power-up."""
        return self.clock.now_s

    def receive(self, source: str, data: bytes) -> None:
        """Deliver host bytes to a device at this moment."""
        self.log.write(self.clock.now_s, source, HOST, data)
        if source == PRINTER:
            if not self._is_unplugged:
                self.printer.receive(data)
        elif source in self.sources:
            self._instruments[source].receive(data)

    def advance(self, to_s: float, *, stop_at_output: bool = False) -> list[tuple[str, bytes]]:
        """Let time pass to `to_s`, or to the first bytes said; return what the devices said, in order."""
        clock = self.clock
        while not (stop_at_output and self._out):
            if not clock.step(to_s):
                clock.rest(to_s)
                break
        said, self._out = self._out, []
        return said

    def next_event_s(self) -> float:
        """Return the virtual time at which something may happen next."""
        return self.clock.next_s()

    def is_unplugged(self) -> bool:
        """Whether the printer's port has disappeared."""
        return self._is_unplugged

    def log_digest(self) -> str:
        """Return SHA-256 over everything received, said and noted so far; the same seed gives the same digest."""
        return self.log.digest()

    def truth(self) -> dict[str, Any]:  # a JSON-like report of mixed depth
        """Return the true state, which no device shows."""
        return true_state(self)

    # controls -------------------------------------------------------------------------------------------------------

    def inject(self, fault: str | Fault) -> None:
        """Add a fault; a unit or line that has already passed never strikes, a time or volume strikes at once."""
        fault = parse_fault(fault) if isinstance(fault, str) else fault
        if not (self._has_force and fault.kind.name.startswith("pressure-")):
            refuse_elsewhere(fault, sorted({head.kind for head in self.heads}))
        kind = fault.kind.name
        if fault.trigger == "rate":
            self.link.at_rate(kind, fault.at, fault.value)
        elif fault.trigger == "line" and kind in link.KINDS:
            self.link.at_line(kind, int(fault.at), fault.value)
        else:
            self._schedule.add(fault)

    def press_estop(self) -> None:
        """Cut the power of motors and heaters by the red button; the board dies with it."""
        self.note("estop", "pressed")
        self.printer.is_killed = True
        self.printer.planner.stop()
        for heater in (*self.printer.jackets, self.bed):
            heater.target_c = heater.duty = 0.0

    def reset(self) -> None:
        """Restart the board; its idea of the position is gone, the nozzle is where it was."""
        was = self.printer.planner.position(self.now_s)
        self.printer.power_up("echo: External Reset")
        self.shift_nozzle(was[0], was[1], was[2])
        self.active.take_over(self.printer.planner.position(self.now_s)[3])

    def unplug(self, back_after_s: float, *, is_renamed: bool = False) -> None:
        """Take the printer's port away, for ever when `back_after_s` is infinite; it may be back under another name."""
        self._is_unplugged = True
        self._out.append((PRINTER, CLOSED))
        if math.isfinite(back_after_s):
            self.clock.after(back_after_s, partial(self._replug, is_renamed=is_renamed))

    def mute(self, for_s: float) -> None:
        """Silence the printer."""
        self.mouth.silent_until_s = self.now_s + for_s

    def shift_nozzle(self, x_mm: float, y_mm: float, z_mm: float) -> None:
        """Put the nozzle off what the firmware believes, until it homes."""
        self._aim.shift(x_mm, y_mm, z_mm)

    def nozzle_mm(self, head: Head | None = None) -> tuple[float, float, float]:
        """Return where a tool's nozzle really is; the one in use unless said otherwise."""
        return self._aim.nozzle_mm(self.printer.planner.position(self.now_s), head)

    def drip(self, mass_mg: float) -> None:
        """Let ink fall from the nozzle on what is under it."""
        ink = self.active.ink
        volume = mass_mg / ink.density()
        ink.out_mm3 += volume
        ink.pushed_mm3 += volume
        self.deposits.lay(self._aim.unit, volume, mass_mg, self.active.number)

    def when_unit_ends(self, action: str, value: float) -> None:
        """Do something to the unit when the nozzle has left it."""
        self._at_unit_end.append((action, value))

    def touch_at_next_weighing(self, for_s: float) -> None:
        """Let a hand rest on the plate from the next weighing request on."""
        self._touch_s = for_s

    def note(self, kind: str, what: str) -> None:
        """Write ground truth beside the log."""
        self.noted.append((self.now_s, kind, what))
        self.log.write(self.clock.now_s, "truth", TRUTH, f"{kind} {what}".encode())

    # the wires ------------------------------------------------------------------------------------------------------

    def _emit(self, source: str, data: bytes) -> None:
        if source not in self.sources or (source == PRINTER and self._is_unplugged):
            return
        self.log.write(self.clock.now_s, source, DEVICE, data)
        self._out.append((source, data))

    def _replug(self, *, is_renamed: bool) -> None:
        self._is_unplugged = False
        self.renamed += is_renamed
        self.reset()

    # triggers -------------------------------------------------------------------------------------------------------

    def _unit_begins(self) -> None:
        self._schedule.unit_begins(len(self.deposits.order))
        if self._first_unit_s is None:
            self._first_unit_s, self._first_unit_mm3 = self._step_count * DT_S, self._out_mm3()

    def _unit_ends(self, unit: int) -> None:
        actions, self._at_unit_end = self._at_unit_end, []
        for action, value in actions:
            mass = self.deposits.units_mg.get(unit, 0.0)
            share = min(1.0, value / mass) if action == "string" and mass > 0 else 1.0
            taken_mg = self.deposits.take(unit, share)
            self.note(f"unit-{action}", f"{taken_mg:.3f} mg off {self.profile.tray.name(unit)}")

    def _triggers(self, at_s: float) -> None:
        """Let faults strike that units, time or volume since the last tick brought due."""
        if self._first_unit_s is None:
            return
        volume_mm3 = self._out_mm3() - self._first_unit_mm3
        self._schedule.look({"t": at_s - self._first_unit_s, "volume": volume_mm3})

    def _out_mm3(self) -> float:
        return sum(head.ink.out_mm3 for head in self.heads)

    def _content_pct(self) -> float | None:
        """Return the content of the unit printed last, None on an empty tray."""
        order = self.deposits.order
        if not order:
            return None
        parts = {head.number: self.deposits.part(order[-1], head.number) for head in self.heads}
        return content_of(parts, {head.number: head.ink.truth.content_pct for head in self.heads})

    def _weighing(self) -> None:
        if self._touch_s and self._aim.unit is None:
            self.balance.touch_until_s, self._touch_s = self.now_s + self._touch_s, 0.0

    def _tool_selected(self, number: int) -> None:
        e_mm = self.printer.planner.position(self.now_s)[3]
        self.active.hand_over(e_mm)
        self.heads[number].take_over(e_mm)
        self._aim.use(self.heads[number])

    # physics --------------------------------------------------------------------------------------------------------

    def _settle(self, to_s: float) -> None:
        """Integrate in fixed sub-steps up to `to_s`, whoever asks and however often."""
        last = int(to_s / DT_S)
        if (last + 1) * DT_S <= to_s:
            last += 1
        elif last * DT_S > to_s:
            last -= 1
        if last <= self._step_count:
            return
        if last - self._step_count > _WORTH_A_LOOK and self._planner.rests() and self._is_at_rest():
            for head in self.heads:
                head.rest(last - self._step_count)
            self._step_count = last
            return
        for count in range(self._step_count + 1, last + 1):
            self._step_count = count
            self._step(count * DT_S)

    def _is_at_rest(self) -> bool:
        """Whether no motor has turned since last looked and no ink would flow by itself."""
        is_seen = self._planner.position(self._step_count * DT_S) is self._position
        return is_seen and all(head.is_resting() for head in self.heads)

    def _step(self, at_s: float) -> None:
        aim, planner = self._aim, self._planner
        head, position = aim.active, planner.position(at_s)
        commanded = 0.0
        if position is not self._position:
            self._position = position
            commanded = head.follow(position[3], at_s)
            if commanded > 0 and head.is_uncalibrated:
                head.ask(planner.e_rate_mm_s())
        out = head.step(commanded)
        if out > 0.0 or commanded:
            aim.lay(position, out, is_pushed=commanded > 0)
        if self._has_others:
            for other in self.heads:
                if other is not head and (out := other.step(0.0)) > 0.0:
                    aim.ooze(position, other, out)

    def _tick(self) -> None:
        """Do what need not be done every sub-step; an event, so that what is said has its time and order."""
        self._ticks += 1
        at_s = self.clock.now_s
        self.clock.at((self._ticks + 1) * SLOW_EVERY * DT_S, self._tick)
        for head in self.heads:
            head.tick(at_s, self.printer.fan / 255)
        self.bed.step(at_s)
        if self._aim.unit is not None and self._aim.is_lifted(self._position):
            self._aim.leave()
        self.deposits.evaporate(DT_S * SLOW_EVERY)
        self.balance.sample(is_moving=self.printer.planner.running())
        if not self._schedule.is_quiet():
            self._triggers(at_s)
        if self.bed.fault or any(head.jacket.fault for head in self.heads):
            self.printer.check_heaters()
