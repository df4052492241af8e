"""One job: from connecting to the last weighed unit, in one thread that owns every protocol object and decides.

The order of things reads downwards. Every wait goes through `Watch`, which hands each message to the device it came
from and to the interlocks; whatever trips raises `Tripped` out of the wait, and `run` answers it with safe state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from printcare.control.alarm_list import AlarmList
from printcare.control.alarms import Stop, Trip, Tripped, trip
from printcare.control.events import (
    AlarmMoved,
    AlarmRaised,
    DeviceFound,
    Event,
    Held,
    InkUse,
    JobEnded,
    Noted,
    Outcome,
    Phase,
    PhaseBegan,
    PurgeBegan,
    Resumed,
    Soaked,
)
from printcare.control.instruments import Instruments, other_balance, other_firmware
from printcare.control.plan import JobPart, JobPlan
from printcare.control.priming import Prime
from printcare.control.safe_state import make_safe
from printcare.control.unit_control import UnitControl
from printcare.control.watch import Watch
from printcare.domain.batch import Unit, UnitState
from printcare.domain.checks import blocking
from printcare.domain.events import RecordUnwritable
from printcare.domain.sequential import cannot_pass
from printcare.errors import LinkLost, PrintcareError
from printcare.gcode.purge import way_to_park, way_to_waste
from printcare.protocol.wire import BALANCE, PRINTER, Command

Report = Callable[[Event], None]
SYSTEM = "system"
# What is not a bench instrument reports by command: the alarm it raises while its word is not empty.
INTERLOCKS = {"door": "A16", "cartridge": "A16", "enclosure": "A19"}


class _Stopped(Exception):  # noqa: N818 - a person's wish, not an error
    """A person stopped the job, or the hold lasted too long."""


class Job:
    """One batch on one bench. `report` records first and shows second; when it cannot record, the job stops."""

    def __init__(self, plan: JobPlan, instruments: Instruments, report: Report) -> None:
        self._plan = plan
        self._bench = instruments
        self._report = report
        self._watch = Watch(plan, instruments, report, self._on_command, self._alarm, self._clear)
        self._control = UnitControl(plan, self._watch, report, self._book, self._alarm)
        self._alarms = AlarmList()
        self._units: dict[int, UnitState] = dict.fromkeys(range(1, plan.units + 1), UnitState.UNPRINTED)
        self._hold_asked: Command | None = None
        self._resume_asked: Command | None = None
        self._ink_used_mm3 = dict.fromkeys((part.number for part in plan.parts), 0.0)

    def run(self) -> JobEnded:
        """Run the job and return how it ended; nothing is let out, every exit but success goes through safe state."""
        try:
            self._connect()
            self._heat_and_soak()
            self._weigh_reference()
            self._prime()
            self._print()
            self._finish()
            ended = self._ended(Outcome.COMPLETED, "every unit printed and judged", None)
            self._report(ended)
        except Tripped as stop:
            return self._end(_outcome(stop.trip), stop.trip.reason, stop.trip, stop.trip.kind.stop)
        except _Stopped as stop:
            return self._end(Outcome.STOPPED, str(stop), None, Stop.QUICK)
        except KeyboardInterrupt as asked:
            return self._end(Outcome.STOPPED, str(asked) or "interrupted at the keyboard", None, Stop.QUICK)
        except LinkLost as lost:
            lost_device = trip("A13" if lost.source == "printer" else "A11", lost.message)
            return self._end(Outcome.FAILED, lost_device.reason, lost_device, Stop.KILL)
        except RecordUnwritable as fault:
            unwritable = trip("A17", fault.message)
            return self._end(Outcome.FAILED, unwritable.reason, unwritable, Stop.QUICK)
        except PrintcareError as fault:
            return self._end(Outcome.FAILED, f"{fault.code}: {fault.message}", None, Stop.QUICK)
        except Exception as fault:  # the job lets nothing out: a printer must not be left running
            return self._end(Outcome.FAILED, f"the program failed ({type(fault).__name__})", None, Stop.KILL)
        return ended

    # ---- phases

    def _connect(self) -> None:
        self._begin(Phase.CONNECT)
        found, findings = self._bench.connect(self._plan.policy)
        for command in self._bench.set_aside:  # said while the devices were greeted
            self._on_command(command)
        for source, identity in found.items():
            self._report(DeviceFound(source, identity))
        others = (*other_balance(self._plan, found.get(BALANCE)), *other_firmware(self._plan, found[PRINTER]))
        findings = (*findings, *others)
        for finding in findings:
            self._report(Noted(finding.code, finding.reason, None))
        refused = blocking(findings)
        if refused:
            raise PrintcareError(refused[0].code, refused[0].reason, refused[0].remedy)
        self._watch.begin()

    def _heat_and_soak(self) -> None:
        self._begin(Phase.HEAT)
        program = self._plan.program
        for segment in program.of_kind("prologue"):
            self._watch.send(segment.lines)
        self._watch.until_idle()
        self._begin(Phase.SOAK)
        soak_s = 60 * max(float(part.parameters.soak_min.target) for part in self._plan.parts)
        while (soaked_s := self._watch.soaked_s()) < soak_s:
            self._watch.turn()
            self._watch.show(soaked_s / soak_s, soak_s - soaked_s)
        self._report(Soaked(soaked_s))

    def _weigh_reference(self) -> None:
        self._begin(Phase.REFERENCE)
        self._control.weigh_reference()

    def _prime(self) -> None:
        self._begin(Phase.PRIME)
        for part in self._plan.parts:
            self._watch.part = part
            Prime(self._plan, part, self._watch, self._report).run()
            self._book(part)

    def _print(self) -> None:
        self._begin(Phase.PRINT)
        consecutive = total = 0
        for index in self._units:
            self._hold_if_asked()
            self._purge_if_stopped()
            self._check_ink(index)
            self._units[index] = UnitState.PRINTING
            state = self._control.make(index)
            self._units[index] = state
            rejected = state is UnitState.REJECTED
            consecutive, total = (consecutive + 1, total + 1) if rejected else (0, total)
            if rejected and self._plan.policy.ends_at_rejects:
                self._end_at_rejects(consecutive, total)
            self._stop_where_hopeless()

    def _end_at_rejects(self, consecutive: int, total: int) -> None:
        if consecutive >= self._plan.rejects_consecutive:
            raise Tripped(trip("A08", f"{consecutive} units rejected in a row, the recipe allows fewer"))
        if total >= self._plan.rejects_total:
            raise Tripped(trip("A08", f"{total} units rejected in all, the recipe allows fewer"))

    def _stop_where_hopeless(self) -> None:
        """Stop before the next unit where the batch cannot pass any more, whatever the remaining units weigh."""
        if UnitState.UNPRINTED not in self._units.values():
            return  # every unit is printed: the review judges what there is
        units = [self._as_judged(index, state) for index, state in self._units.items()]
        for number, hopes in enumerate(self._plan.hopes, start=1):
            for found in cannot_pass(units, self._plan.drawn, hopes, number):
                self._report(Noted(found.code, found.reason, None))
                raise _Stopped(f"{found.code}: {found.reason}")

    def _as_judged(self, index: int, state: UnitState) -> Unit:
        first_mg, *further_mg = self._control.masses_mg.get(index) or [None]
        return Unit(index, self._plan.positions[index - 1], state, mass_mg=first_mg, further_mg=tuple(further_mg))

    def _finish(self) -> None:
        self._begin(Phase.FINISH)
        program = self._plan.program
        for segment in program.of_kind("epilogue"):
            self._watch.send(segment.lines)
        self._watch.until_idle()
        self._control.close_sum()
        self._hold_if_asked()  # an alarm of the last unit is answered before the batch is done

    # ---- between units

    def _check_ink(self, index: int) -> None:
        for part in self._plan.parts:
            unit = self._plan.program.unit(index, part.number)
            if self._watch.warm_s(part) >= part.warm_left_s:
                told = f"{part.drug}: its cartridge was warm for all of its time before unit {index}"
                raise Tripped(trip("A18", told))
            left_mm3 = part.ink_available_mm3 - self._ink_used_mm3[part.number]
            if left_mm3 < unit.volume_mm3 + unit.compensation_mm3:
                told = f"{left_mm3:.0f} mm³ left, unit {index} needs {unit.volume_mm3:.0f} mm³"
                raise Tripped(trip("A14", told if len(self._plan.parts) == 1 else f"{part.drug}: {told}"))

    def _purge_if_stopped(self) -> None:
        """Purge the tool whose pressure stopped the last unit and prime it anew; a prime that fails ends the job.

        A person has acknowledged the alarm and resumed by now. The stopped unit stays rejected: the next one follows.
        """
        part, self._control.to_purge = self._control.to_purge, None
        if part is None:
            return
        most_mm3 = sum(chunk.volume_mm3 for chunk in self._plan.program.of_kind("prime") if chunk.part == part.number)
        if part.ink_available_mm3 - self._ink_used_mm3[part.number] < most_mm3:
            raise Tripped(trip("A14", f"{part.drug}: too little is left to purge {most_mm3:.0f} mm³"))
        self._begin(Phase.PRIME)
        self._report(PurgeBegan(part.number, most_mm3))
        self._watch.part = part
        self._watch.send(way_to_waste(self._plan.profile, part.tool))
        self._watch.until_idle()
        Prime(self._plan, part, self._watch, self._report, is_again=True).run()
        self._watch.send(way_to_park(self._plan.profile, part.tool))
        self._watch.until_idle()
        self._book(part)
        self._begin(Phase.PRINT)

    def _hold_if_asked(self) -> None:
        """Hold where a person or an alarm asked for it, until a person resumes and every such alarm is acknowledged."""
        self._tell_moves(self._alarms.time_out(self._watch.process_s()))
        waiting = self._alarms.waiting()
        if self._hold_asked is None and not waiting:
            return
        asked = self._hold_asked or Command("hold", SYSTEM, "; ".join(cause.reason for cause in waiting))
        self._hold_asked = None
        self._report(Held(asked.reason, asked.user_id))
        began_s = self._watch.process_s()
        while self._resume_asked is None:
            self._watch.turn()
            if self._watch.process_s() - began_s > self._plan.hold_max_s:
                raise _Stopped("the hold lasted longer than the recipe allows")
        self._tell_moves(self._alarms.reset(self._resume_asked.user_id, self._watch.process_s()))
        self._report(Resumed(self._resume_asked.user_id))
        self._resume_asked = None

    def _on_command(self, command: Command) -> None:
        if command.name == "stop":
            raise _Stopped(f"stopped by {command.user_id}: {command.reason or 'no reason given'}")
        if command.name == "hold":
            self._hold_asked = command
            self._resume_asked = None  # an earlier resume must not undo a later hold
        elif command.name == "resume":
            self._resume(command)
        elif command.name in ("acknowledge", "shelve"):
            self._answer(command)
        elif command.name in INTERLOCKS:
            self._interlock(command)
        elif command.name == "placed":
            self._placed(command)
        else:
            self._report(Noted("command", f"{command.user_id}: {command.name} {command.reason}".strip(), None))

    def _placed(self, command: Command) -> None:
        """Take a person's word that a unit lies on the balance beside the printer."""
        objection = self._control.placed(command)
        if objection is not None:
            self._report(Noted("command", f"{command.user_id}: placed refused, {objection}", None))

    def _resume(self, command: Command) -> None:
        open_alarms = ", ".join(cause.kind.id for cause in self._alarms.waiting())
        if open_alarms:
            told = f"{command.user_id}: resume refused, {open_alarms} must be acknowledged and its condition gone"
            self._report(Noted("command", told, None))
            return
        self._resume_asked = command

    # ---- alarms

    def _alarm(self, cause: Trip, unit: int | None) -> None:
        """Raise an alarm that does not end the job by itself; one that pauses holds it before the next unit."""
        self._alarms.raised(cause)
        self._watch.was_alarmed = True
        self._report(AlarmRaised(cause, unit))
        if cause.kind.stop is not Stop.WARN and cause.kind.id not in INTERLOCKS.values():
            self._clear(cause.kind.id)  # a happening, not a condition: it is over as soon as it is told

    def _clear(self, alarm_id: str) -> None:
        told = self._alarms.cleared(alarm_id, self._watch.process_s())
        if told is not None:
            self._report(told)

    def _answer(self, command: Command) -> None:
        """Acknowledge or shelve the alarm a person names first in the reason; what may not be is noted."""
        alarm_id, _, reason = command.reason.strip().partition(" ")
        act = self._alarms.acknowledge if command.name == "acknowledge" else self._alarms.shelve
        try:
            self._report(act(alarm_id, command.user_id, reason.strip(), self._watch.process_s()))
        except PrintcareError as refused:
            if refused.code not in ("ALARM_MOVE", "ALARM_REASON", "ALARM_UNKNOWN"):
                raise
            told = f"{command.user_id}: {command.name} {command.reason}".strip()
            self._report(Noted("command", f"{told}: refused, {refused.message}", None))

    def _interlock(self, command: Command) -> None:
        """Take what a door, an enclosure or a scanner says: empty for good, else what is wrong."""
        alarm_id, wrong = INTERLOCKS[command.name], command.reason.strip()
        if command.name == "cartridge" and wrong in {part.cartridge_id for part in self._plan.parts}:
            wrong = ""
        if wrong:
            self._alarm(trip(alarm_id, f"{command.name}: {wrong}"), self._watch.unit)
        else:
            self._clear(alarm_id)

    def _tell_moves(self, moves: Iterable[AlarmMoved]) -> None:
        for move in moves:
            self._report(move)

    def _book(self, part: JobPart) -> None:
        """Count the ink of a prime or unit that came to its end; one that did not is counted whole where it stopped."""
        self._ink_used_mm3[part.number] += self._watch.unit_volume_mm3
        self._watch.tool_of(part).used_mm3 = self._ink_used_mm3[part.number]
        self._watch.unit_volume_mm3 = 0.0

    def _begin(self, phase: Phase) -> None:
        self._watch.phase = phase
        self._report(PhaseBegan(phase))

    # ---- ends

    def _end(self, outcome: Outcome, reason: str, cause: Trip | None, how: Stop) -> JobEnded:
        """Send the stop bytes first; then say what happened, to whoever can still hear it."""
        safe = make_safe(self._bench, how, reason, self._relief_mm())
        for index, state in self._units.items():
            if state is UnitState.PRINTING:  # begun and not judged: it is rejected, never guessed
                self._units[index] = UnitState.REJECTED
        running = self._watch.unit
        ended = self._ended(outcome, reason, cause)
        # The reason itself may be that nothing can be recorded; recovery then finds the batch open and closes it.
        with suppress(Exception):
            self._report(safe)
            self._watch.flush()
            if cause is not None:
                self._report(AlarmRaised(cause, running))
            self._report(ended)
        return ended

    def _relief_mm(self) -> float:
        """Return the plunger travel that takes back what the syringe stores, while a unit is under pressure."""
        part = self._watch.part
        units = [unit for unit in self._plan.program.units if unit.part == part.number]
        if self._watch.phase not in (Phase.PRIME, Phase.PRINT) or not units:
            return 0.0
        return units[0].compensation_mm3 / self._plan.tool(part).feedstock_area_mm2

    def _ended(self, outcome: Outcome, reason: str, cause: Trip | None) -> JobEnded:
        self._book(self._watch.part)
        inks = [
            InkUse(part.number, part.cartridge_id, self._ink_used_mm3[part.number], self._watch.warm_s(part))
            for part in self._plan.parts
        ]
        return JobEnded(
            outcome=outcome,
            reason=reason,
            trip=cause,
            last_line=self._bench.last_line,
            ink_used_mm3=inks[0].used_mm3,
            warm_s=inks[0].warm_s,
            units=tuple(self._units.items()),
            further_inks=tuple(inks[1:]),
        )


def _outcome(cause: Trip) -> Outcome:
    """Return what a trip makes of the job: a device that failed is a failure, a limit that was reached is a stop."""
    return Outcome.FAILED if cause.kind.id in ("A02", "A11", "A12", "A13", "A17") else Outcome.STOPPED
