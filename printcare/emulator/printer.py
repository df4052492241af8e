"""A printer's board, in the voice of its firmware: its queue, its waiting, its reports and the way it dies."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from printcare.emulator.build import Build
from printcare.emulator.clock import Clock, Event
from printcare.emulator.heat import HeatedBlock
from printcare.emulator.link import LinkFaults
from printcare.emulator.planner import Four, Planner
from printcare.emulator.voices import VOICES
from printcare.emulator.words_tools import select_tool
from printcare.protocol.marlin_device import Command, Intake, line_number

Waiting = Generator["float | Callable[[], bool]", None, None]
"""A command that takes time: yields seconds to sleep, or a condition looked at whenever something changes."""

Handler = Callable[["Printer", Command], "Waiting | None"]
BOOT_S = 1.0
BUSY_INTERVAL_S = 2.0
_FAULT_ECHO = {
    "MAXTEMP": ("MAXTEMP triggered", "Err: MAXTEMP"),
    "MINTEMP": ("MINTEMP triggered", "Err: MINTEMP"),
    "Heating failed": ("Heating failed", "Heating Failed"),
    "Thermal Runaway": ("Thermal Runaway", "THERMAL RUNAWAY"),
}


@dataclass(slots=True)
class Modal:
    """What G-code remembers between lines; feed in mm/s, e_mm the logical E."""

    relative_xyz: bool = False
    relative_e: bool = False
    unit_mm: float = 1.0
    feed_mm_s: float = 25.0
    feed_percent: int = 100
    flow_percent: int = 100
    e_mm: float = 0.0
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)  # logical minus machine, by G92
    allow_cold: bool = False
    min_extrude_c: float = 0.0


class Printer:
    """One board on the virtual clock. Bytes come in by `receive`; what it says goes to `out`."""

    def __init__(
        self,
        build: Build,
        clock: Clock,
        jackets: Sequence[HeatedBlock],
        bed: HeatedBlock,
        link: LinkFaults,
        out: Callable[[bytes], None],
        handlers: dict[tuple[str, int], Handler],
    ) -> None:
        self.build, self.clock, self.jackets, self.bed = build, clock, tuple(jackets), bed
        self.tool = 0
        self.planner = Planner(
            clock,
            build.planner_blocks,
            build.max_feed_mm_s,
            build.max_accel_mm_s2,
            build.accel_mm_s2,
            build.junction_deviation_mm,
        )
        self.planner.on_change = self._changed
        self.modal = Modal(min_extrude_c=build.min_extrude_c)
        self.homed: set[int] = set()
        self.is_killed = self.is_user_waited = self.is_heat_waited = False
        self.endstops_work = True
        self.busy_interval_s = BUSY_INTERVAL_S
        self.fan = 0
        self.on_home: Callable[[], None] = lambda: None
        self.carriage_mm: Callable[[], tuple[float, float, float]] = lambda: self.planner.position(clock.now_s)[:3]
        self.on_tool: Callable[[int], None] = lambda _number: None
        self.on_line: Callable[[int], None] = lambda _n: None
        self._link, self._out, self._handlers = link, out, handlers
        self.voice = VOICES[build.dialect]
        self._receiver = self.voice.receiver(build)
        self._waiting: Waiting | None = None
        self._condition: Callable[[], bool] | None = None
        self._current = ""
        self._number: int | None = None
        self._resume_event: Event | None = None
        self._busy_event: Event | None = None
        self._reports: dict[str, Event] = {}
        self._is_booting = self._is_answered = self._is_pumping = False

    @property
    def jacket(self) -> HeatedBlock:
        """Return the heater of the tool in use."""
        return self.jackets[self.tool]

    # the wire -------------------------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        if self.is_killed and self.voice.wakes and self.voice.wakes in data:
            self.power_up()
        if self._is_booting or (self.is_killed and self.voice.dies_silent):
            return
        data = self._link.inbound(data)
        if not data:
            return
        intake = self._receiver.receive(data)
        for word, arguments in intake.urgent:
            self._obey(word, arguments)
        self._reply(intake)
        self._pump()

    def say(self, text: str) -> None:
        """Send one line, unless the board is dead."""
        if not (self.is_killed and self.voice.dies_silent):
            self._out(text.encode("latin-1") + b"\n")

    def power_up(self, reason: str = "PowerUp") -> None:
        """Start the board as after power-on or reset: everything forgotten, heaters off, then the boot text."""
        self.is_killed, self.started_s = False, self.clock.now_s
        self._is_booting, self._is_answered = True, False
        self._drop_waiting()
        for event in self._reports.values():
            event.cancel()
        self._reports.clear()
        self._receiver.reset()
        self.planner.stop()
        self.planner.clean_until_s = 0.0
        self.planner.place((0.0, 0.0, 0.0, self.planner.end[3]))
        self.modal = Modal(min_extrude_c=self.build.min_extrude_c)
        self.homed.clear()
        self.busy_interval_s, self.fan = BUSY_INTERVAL_S, 0
        self.take_tool(0)
        for heater in (*self.jackets, self.bed):
            heater.fault = ""
            heater.set_target(0.0, self.clock.now_s)
        self.clock.after(BOOT_S, lambda: self._boot(reason))

    def kill(self, message: str) -> None:
        """Stop for good (Marlin's kill): motors and heaters off, three lines, silence."""
        if self.voice.has_actions:
            self.say(f"echo:{message}")
        for text in self.voice.halted:
            self.say(text)
        self.is_killed = True
        self._drop_waiting()
        for event in self._reports.values():
            event.cancel()
        self.planner.stop()
        for heater in (*self.jackets, self.bed):
            heater.target_c = heater.duty = 0.0

    def check_heaters(self) -> None:
        """Die of a thermal fault in the recorded order (devices.md §4.10)."""
        if self.is_killed:
            return
        for heater in (*self.jackets, self.bed):
            if heater.fault:
                cause, echo = _FAULT_ECHO[heater.fault]
                self.say(f"Error:{cause}, system stopped! Heater_ID: {heater.spec.name}")
                if heater is not self.bed:
                    self.say("")
                if len(self.homed) < 3:
                    self.say("echo:Home XYZ First")
                    self.say("//action:notification Home XYZ First")
                self.kill(echo)
                return

    def renumber(self, number: int) -> None:
        """Take `number` for the last line received (M110)."""
        self._receiver.last_number = number

    # reports --------------------------------------------------------------------------------------------------------

    def temperatures(self) -> str:
        """Return what M105 shows after its ok."""
        return self.voice.temperatures(self)

    def position_text(self) -> str:
        """Return M114: the projected logical position, and the steps really counted."""
        return self.voice.position(self)

    def free_slots(self) -> int:
        """Return how many commands more the queue takes."""
        return self._receiver.free_slots()

    def tell_host(self, text: str) -> None:
        """Send an action for the host, where the firmware has such."""
        if self.voice.has_actions:
            self.say(f"//action:{text}")

    def logical_xyz(self) -> tuple[float, float, float]:
        """Return where the last accepted move ends, in G-code coordinates."""
        end, shift = self.planner.end, self.modal.shift_mm
        return (end[0] + shift[0], end[1] + shift[1], end[2] + shift[2])

    def counted_steps(self) -> tuple[int, int, int, int]:
        """Return the stepper counts at this moment."""
        now = self.planner.position(self.clock.now_s)
        of_carriage = (*self.build.extruder(self.tool).offset_mm, 0.0)
        carriage = (mm - off for mm, off in zip(now, of_carriage, strict=True))
        x, y, z, e = (round(mm * steps) for mm, steps in zip(carriage, self.build.steps_per_mm, strict=True))
        return x, y, z, e

    def announcement(self) -> str:
        """Return what a simulated device of another dialect adds to its identity."""
        return "" if self.build.speed is None else f" simulated:1 speed:{self.build.speed:g}"

    def report_every(self, name: str, interval_s: float, text: Callable[[], str]) -> None:
        """Start, change or (0 s) end an automatic report."""
        if name in self._reports:
            self._reports.pop(name).cancel()
        if interval_s <= 0:
            return

        def report() -> None:
            self.say(text())
            self._reports[name] = self.clock.after(interval_s, report)

        self._reports[name] = self.clock.after(interval_s, report)

    # motion ---------------------------------------------------------------------------------------------------------

    def quick_stop(self) -> None:
        """Empty the planner where the motors are (M410)."""
        self.planner.stop()
        self.modal.e_mm = round(self.modal.e_mm, 5)
        self.clock.at(self.planner.clean_until_s, self._changed)

    def is_cleaning(self) -> bool:
        """Whether a quick stop still holds the planner; moves offered meanwhile are dropped."""
        return self.clock.now_s < self.planner.clean_until_s

    def awaits_host(self) -> bool:
        """Whether the motors turn and only another line from the host will keep them turning."""
        return self._waiting is None and not self._receiver.queue and self.planner.running() and not self.is_killed

    def is_still(self) -> bool:
        """Whether M400 would return now."""
        return self.planner.idle() and not self.is_cleaning()

    def take_tool(self, number: int) -> None:
        """Drive another tool's motor from now on; the planner stands still."""
        if number == self.tool:
            return
        self.tool = number
        self.planner.limit_e(self.build.extruder(number).max_feed_mm_s)
        self.modal.min_extrude_c = self.build.extruder(number).min_extrude_c
        self.on_tool(number)

    def add_move(self, target: Four, feed_mm_s: float) -> None:
        """Plan a move that has a free slot."""
        if not self.is_cleaning():
            self.planner.add(target, feed_mm_s)

    # the queue ------------------------------------------------------------------------------------------------------

    def _obey(self, word: str, arguments: str) -> None:
        if word == "M112":
            self.kill("M112 Shutdown")
        elif word == "M108":
            self.is_user_waited = self.is_heat_waited = False
            self._changed()
        elif word == "M876" and "S0" in arguments.replace(" ", ""):
            self.is_user_waited = False
            self._changed()
        elif word == "M410":
            self.quick_stop()

    def _reply(self, intake: Intake) -> None:
        for text in self._link.replies(intake.replies):
            self.say(text)

    def _pump(self) -> None:
        if self._is_pumping:
            return
        self._is_pumping = True
        queue = self._receiver.queue
        while queue and self._waiting is None and not (self.is_killed and self.voice.dies_silent):
            self._current = queue[0]
            self._number = line_number(self._current)
            if self._number is not None:
                self.on_line(self._number)
            if (self.is_killed and self.voice.dies_silent) or not queue:
                break
            self._begin(self.voice.read(self._current))
        self._is_pumping = False

    def _begin(self, command: Command) -> None:
        if self.is_killed and self.voice.halt_reply and command.code != 999:
            self._finish(self.voice.halt_reply)
            return
        if command.letter == "M" and command.code == 105:
            self._finish(f"ok {self.temperatures()}")
            return
        in_ok = self.voice.in_ok.get(command.code) if command.letter == "M" and not self.is_killed else None
        if in_ok is not None:
            self._finish(f"ok {in_ok(self)}")
            return
        handler = select_tool if command.letter == "T" else self._handlers.get((command.letter, command.code))
        if handler is None:
            self.voice.unknown(self, command)
            self._finish()
            return
        waiting = handler(self, command)
        if waiting is None:
            self._finish()
            return
        self._waiting = waiting
        if self.voice.ok_first and command.letter == "G" and command.code <= 3:
            self._is_answered = True
            self._finish()
        self._advance(first=True)

    def _advance(self, *, first: bool = False) -> None:
        waiting = self._waiting
        if waiting is None:
            return
        self._condition = None
        for wanted in waiting:
            if callable(wanted):
                if wanted():
                    continue
                self._condition = wanted
            if first and self._busy_event is None:
                self._schedule_busy()
            if not callable(wanted):
                self._resume_event = self.clock.after(wanted, self._resume)
            return
        if (self.is_killed and self.voice.dies_silent) or self._waiting is not waiting:
            return
        self._drop_waiting()
        if self._is_answered:
            self._is_answered = False
        else:
            self._finish()
        self._pump()

    def _resume(self) -> None:
        self._resume_event = None
        self._advance()

    def _changed(self) -> None:
        if self._condition is not None and self._condition():
            self._advance()

    def _finish(self, text: str | None = None) -> None:
        if (self.is_killed and self.voice.dies_silent) or not self._receiver.queue:
            return
        planned = text or self.voice.ok(self, self._number)
        for reply in self._link.acknowledgement(planned, self._number):
            self.say(reply)
        self._receiver.queue.popleft()
        intake = Intake([], [])
        self._receiver.fill(intake)
        for word, arguments in intake.urgent:
            self._obey(word, arguments)
        self._reply(intake)

    def _schedule_busy(self) -> None:
        if self.busy_interval_s > 0 and self.voice.has_busy:
            self._busy_event = self.clock.after(self.busy_interval_s, self._busy)

    def _busy(self) -> None:
        self.say(f"echo:busy: {'paused for user' if self.is_user_waited else 'processing'}")
        self._schedule_busy()

    def _drop_waiting(self) -> None:
        self._waiting = self._condition = None
        for event in (self._resume_event, self._busy_event):
            if event:
                event.cancel()
        self._resume_event = self._busy_event = None

    def _boot(self, reason: str) -> None:
        self._is_booting = False
        for text in self.voice.boot(reason):
            self.say(text)
