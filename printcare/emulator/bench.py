"""The emulated bench: printer, ink, balance and pressure sensor on one virtual clock, with their true state."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from functools import partial
from typing import Any

from printcare.domain.machine import FirmwareProfile
from printcare.emulator import link
from printcare.emulator.balance import Balance
from printcare.emulator.build import Build, build_for
from printcare.emulator.chance import streams
from printcare.emulator.clock import Clock
from printcare.emulator.effects import strike
from printcare.emulator.faults import Fault, parse_fault
from printcare.emulator.heat import HeatedBlock, SoakingCore
from printcare.emulator.ink import DT_S, SLOW_EVERY, Ink, InkTruth
from printcare.emulator.mouth import Mouth
from printcare.emulator.plain_balance import PlainBalance
from printcare.emulator.planner import Four
from printcare.emulator.pressure import PressureSensor
from printcare.emulator.printer import Printer
from printcare.emulator.tray import Deposits
from printcare.emulator.words_other import HANDLERS
from printcare.protocol.wire import BALANCE, PRESSURE, PRINTER

EVAPORATION_MG_MIN = 0.3
CLOSED = b""  # what a source "says" when its port disappears


class Bench:
    """All devices of one workplace; `speed` is only announced, the bench itself runs as fast as it is advanced.

    Args:
        profile: the printer to be; `build` overrides the firmware build made from it.
        seed: everything random follows from it.
        faults: specs like `clog@unit:3` or parsed faults.
        without: sources that are not there, of `balance` and `pressure`.
        balance: its protocol, `mt-sics`, `sbi`, `and`, `ohaus` or `radwag`.
    """

    def __init__(
        self,
        profile: FirmwareProfile,
        seed: int = 1,
        faults: Iterable[str | Fault] = (),
        speed: float = 1.0,
        without: frozenset[str] = frozenset(),
        ink: InkTruth | None = None,
        build: Build | None = None,
        balance: str = "mt-sics",
    ) -> None:
        self.profile, self.without = profile, without
        self.clock = Clock()
        self.clock.settle = self._settle
        chance = streams(seed)
        build = build or build_for(profile, speed)
        self.jacket = HeatedBlock(build.jacket, build.ambient_c, build.sensor_noise_k, chance["heat"])
        self.bed = HeatedBlock(build.bed, build.ambient_c, build.sensor_noise_k, chance["spare"])
        self.core = SoakingCore(build.bore_mm, build.ambient_c)
        tool = profile.tool
        truth = ink or InkTruth()
        self.ink = Ink(
            truth,
            tool.feedstock_area_mm2,
            tool.capacity_mm3,
            tool.compliance_mm3_kpa,
            chance["ink"],
            chance["density"],
        )
        self.deposits = Deposits(profile)
        self.mouth = Mouth(self.clock, lambda data: self._emit(PRINTER, data))
        self.link = link.LinkFaults(chance["link"], self.note, self.mouth.say)
        handlers = HANDLERS[build.dialect]
        self.printer = Printer(build, self.clock, self.jacket, self.bed, self.link, self.mouth.say, handlers)
        self.printer.on_home = self._homed
        self.printer.on_line = self._line_begins
        scale = Balance if balance == "mt-sics" else partial(PlainBalance, family=balance)
        self.balance: Balance = scale(
            self.clock, self.deposits.load_mg, chance["balance"], lambda data: self._emit(BALANCE, data), speed
        )
        self.balance.on_request = self._weighing
        self.sensor = PressureSensor(self.clock, chance["pressure"], lambda data: self._emit(PRESSURE, data), speed)
        self.noted: list[tuple[float, str, str]] = []
        self._out: list[tuple[str, bytes]] = []
        self._digest = hashlib.sha256()
        self._is_unplugged = False
        self._step_count = 0
        self._step_mm3 = tool.step_volume_mm3
        self._steps_per_mm = tool.steps_per_mm
        self._sensor_keep = self.sensor.keep(DT_S)
        self._position = self.printer.planner.position(0.0)
        self._looked_at: Four | None = None  # the position `_under` belongs to
        self._under: int | None = None
        self._e_steps = 0
        self._last_push_s = 0.0
        self._offset = (0.0, 0.0, 0.0)
        self._unit: int | None = None  # tray position being printed on
        self._at_unit_end: list[tuple[str, float]] = []
        self._touch_s = 0.0
        self._first_unit_s: float | None = None
        self._first_unit_mm3 = 0.0
        self._begun: list[int] = []  # units begun since the last tick
        self._pending: list[Fault] = []
        self._ticks = 0
        self.clock.at(SLOW_EVERY * DT_S, self._tick)
        for fault in faults:
            self.inject(fault)
        self.printer.power_up()

    # what the outside sees ------------------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        """Return virtual seconds since power-up."""
        return self.clock.now_s

    def receive(self, source: str, data: bytes) -> None:
        """Deliver host bytes to a device at this moment."""
        self._log(source, b"<", data)
        if source == PRINTER:
            if not self._is_unplugged:
                self.printer.receive(data)
        elif source not in self.without:
            (self.balance if source == BALANCE else self.sensor).receive(data)

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
        return self._digest.hexdigest()

    def truth(self) -> dict[str, Any]:  # a JSON-like report of mixed depth
        """Return the true state, which no device shows."""
        ink, deposits, tray = self.ink, self.deposits, self.profile.tray
        return {
            "pressure_kpa": ink.pressure_kpa,
            "flow_mm3_s": ink.flow_mm3_s,
            "plunger_force_n": ink.pressure_kpa * self.profile.tool.feedstock_area_mm2 / 1000
            + self.profile.tool.friction_n,
            "jacket_c": self.jacket.block_c,
            "core_c": self.core.axis_c(),
            "ink_c": ink.temperature_c,
            "position_mm": self.nozzle_mm(),
            "ledger_mm3": {
                "pushed": ink.pushed_mm3,
                "squeezed": ink.squeezed_mm3,
                "out": ink.out_mm3,
                "leaked": ink.leaked_mm3,
                "air": ink.air_out_mm3,
                "cavity": ink.cavity_mm3,
                "units": sum(deposits.units_mm3.values()),
                "purge": deposits.purge_mm3,
                "beside": deposits.beside_mm3,
                "left": ink.left_mm3(),
            },
            "masses_mg": {tray.name(index): deposits.units_mg[index] for index in deposits.order},
            "volumes_mm3": {tray.name(index): deposits.units_mm3[index] for index in deposits.order},
            "evaporated_mg": deposits.evaporated_mg,
            "load_mg": deposits.load_mg(),
            "units_begun": len(deposits.order),
            "faults": [{"at_s": at_s, "kind": kind, "what": what} for at_s, kind, what in self.noted],
        }

    # controls -------------------------------------------------------------------------------------------------------

    def inject(self, fault: str | Fault) -> None:
        """Add a fault; a unit or line that has already passed never strikes, a time or volume strikes at once."""
        fault = parse_fault(fault) if isinstance(fault, str) else fault
        kind = fault.kind.name
        if fault.trigger == "rate":
            self.link.at_rate(kind, fault.at, fault.value)
        elif fault.trigger == "line" and kind in link.KINDS:
            self.link.at_line(kind, int(fault.at), fault.value)
        else:
            self._pending.append(fault)

    def press_estop(self) -> None:
        """Cut the power of motors and heaters by the red button; the board dies with it."""
        self.note("estop", "pressed")
        self.printer.is_killed = True
        self.printer.planner.stop()
        for heater in (self.jacket, self.bed):
            heater.target_c = heater.duty = 0.0

    def reset(self) -> None:
        """Restart the board; its idea of the position is gone, the nozzle is where it was."""
        was = self.printer.planner.position(self.now_s)
        self.printer.power_up("echo: External Reset")
        self.shift_nozzle(was[0], was[1], was[2])
        self._e_steps = round(self.printer.planner.position(self.now_s)[3] * self._steps_per_mm)

    def unplug(self, back_after_s: float) -> None:
        """Take the printer's port away, for ever when `back_after_s` is infinite."""
        self._is_unplugged = True
        self._out.append((PRINTER, CLOSED))
        if math.isfinite(back_after_s):
            self.clock.after(back_after_s, self._replug)

    def mute(self, for_s: float) -> None:
        """Silence the printer."""
        self.mouth.silent_until_s = self.now_s + for_s

    def shift_nozzle(self, x_mm: float, y_mm: float, z_mm: float) -> None:
        """Put the nozzle off what the firmware believes, until it homes."""
        o = self._offset
        self._offset = (o[0] + x_mm, o[1] + y_mm, o[2] + z_mm)
        self._looked_at = None

    def nozzle_mm(self) -> tuple[float, float, float]:
        """Return where the nozzle really is."""
        p, o = self.printer.planner.position(self.now_s), self._offset
        return (p[0] + o[0], p[1] + o[1], p[2] + o[2])

    def drip(self, mass_mg: float) -> None:
        """Let ink fall from the nozzle on what is under it."""
        volume = mass_mg / self.ink.density()
        self.ink.out_mm3 += volume
        self.ink.pushed_mm3 += volume
        self.deposits.lay(self._unit, volume, mass_mg)

    def when_unit_ends(self, action: str, value: float) -> None:
        """Do something to the unit when the nozzle has left it."""
        self._at_unit_end.append((action, value))

    def touch_at_next_weighing(self, for_s: float) -> None:
        """Let a hand rest on the plate from the next weighing request on."""
        self._touch_s = for_s

    def note(self, kind: str, what: str) -> None:
        """Write ground truth beside the log."""
        self.noted.append((self.now_s, kind, what))
        self._log("truth", b"!", f"{kind} {what}".encode())

    # the wires ------------------------------------------------------------------------------------------------------

    def _emit(self, source: str, data: bytes) -> None:
        if source in self.without or (source == PRINTER and self._is_unplugged):
            return
        self._log(source, b">", data)
        self._out.append((source, data))

    def _log(self, source: str, way: bytes, data: bytes) -> None:
        self._digest.update(b"%.6f %s %s %s\n" % (self.clock.now_s, source.encode(), way, data))

    def _replug(self) -> None:
        self._is_unplugged = False
        self.reset()

    # triggers -------------------------------------------------------------------------------------------------------

    def _fire(self, trigger: str, at: float) -> None:
        due = [f for f in self._pending if f.trigger == trigger and f.at == at]
        for fault in due:
            self._pending.remove(fault)
            strike(self, fault.kind.name, fault.value)

    def _line_begins(self, number: int) -> None:
        if self._pending:
            self._fire("line", number)

    def _unit_begins(self, position: int) -> None:
        self._unit_ends()
        self._unit = position
        self.deposits.order.append(position)
        self.deposits.units_mm3.setdefault(position, 0.0)
        self.deposits.units_mg.setdefault(position, 0.0)
        self._begun.append(len(self.deposits.order))
        if self._first_unit_s is None:
            self._first_unit_s, self._first_unit_mm3 = self._step_count * DT_S, self.ink.out_mm3

    def _unit_ends(self) -> None:
        unit, self._unit = self._unit, None
        if unit is None:
            return
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
        begun, self._begun = self._begun, []
        for number in begun:
            self._fire("unit", number)
        passed = {"t": at_s - self._first_unit_s, "volume": self.ink.out_mm3 - self._first_unit_mm3}
        for fault in [f for f in self._pending if f.at <= passed.get(f.trigger, -1.0)]:
            self._pending.remove(fault)
            strike(self, fault.kind.name, fault.value)

    def _weighing(self) -> None:
        if self._touch_s and self._unit is None:
            self.balance.touch_until_s, self._touch_s = self.now_s + self._touch_s, 0.0

    def _homed(self) -> None:
        self._offset = (0.0, 0.0, 0.0)
        self._looked_at = None

    # physics --------------------------------------------------------------------------------------------------------

    def _settle(self, to_s: float) -> None:
        """Integrate in fixed sub-steps up to `to_s`, whoever asks and however often."""
        while (self._step_count + 1) * DT_S <= to_s:
            self._step_count += 1
            self._step(self._step_count * DT_S)

    def _step(self, at_s: float) -> None:
        ink = self.ink
        position = self.printer.planner.position(at_s)
        pushed = 0
        if position is not self._position:
            self._position = position
            steps = round(position[3] * self._steps_per_mm)
            pushed = steps - self._e_steps
            self._e_steps = steps
            if pushed > 0:
                self._last_push_s = at_s
        out = ink.step(pushed * self._step_mm3)
        if out > 0.0 or pushed:
            self._lay(out, pushed)
        sensor = self.sensor
        felt = ink.pressure_kpa + ink.bottom_kpa
        sensor.lagged_kpa = felt + (sensor.lagged_kpa - felt) * self._sensor_keep

    def _lay(self, out_mm3: float, pushed: int) -> None:
        if self._position is not self._looked_at:
            self._looked_at = self._position
            x, y, z, _ = self._position
            ox, oy, oz = self._offset
            self._under = self.deposits.under(x + ox, y + oy, z + oz)
        under = self._under
        if under != self._unit:
            if under is not None and pushed > 0 and under not in self.deposits.units_mm3:
                self._unit_begins(under)
            else:  # away, over a position not begun yet, or back over an earlier unit
                self._unit_ends()
                self._unit = under if under in self.deposits.units_mm3 else None
        if out_mm3:
            self.deposits.lay(self._unit, out_mm3, out_mm3 * self.ink.density())

    def _tick(self) -> None:
        """Do what need not be done every sub-step; an event, so that what is said has its time and order."""
        self._ticks += 1
        at_s = self.clock.now_s
        self.clock.at((self._ticks + 1) * SLOW_EVERY * DT_S, self._tick)
        self.jacket.step(at_s)
        self.bed.step(at_s)
        self.core.step(self.jacket.block_c)
        self.ink.settle_slow(self.core.axis_c())
        self.ink.rest_for(at_s - self._last_push_s)
        if self._unit is not None and self._position[2] + self._offset[2] >= self.deposits.low_mm:
            self._unit_ends()
        if self.deposits.units_mg:
            self.deposits.evaporated_mg += EVAPORATION_MG_MIN * DT_S * SLOW_EVERY / 60.0
        self.balance.sample(is_moving=self.printer.planner.running())
        if self._pending or self._begun:
            self._triggers(at_s)
        if self.jacket.fault or self.bed.fault:
            self.printer.check_heaters()
