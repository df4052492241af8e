"""A short job of a protocol: printed on the rig by the job that prints patients' units, told to a list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from printcare.control.alarms import Stop
from printcare.control.events import AlarmRaised, Event, JobEnded, SafeStateSent, UnitBegan, UnitEnded
from printcare.control.instruments import Instruments
from printcare.control.job import Job
from printcare.control.plan import JobPlan
from printcare.domain.checks import Finding
from printcare.domain.gate import MassGate, Weighing
from printcare.domain.policy import REHEARSAL, Policy
from printcare.errors import PrintcareError
from printcare.gcode.program import Header
from printcare.protocol.wire import PRINTER, Command, Message, Ports
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job
from printcare.workflow.qualify.check_site import Rig, Site
from printcare.workflow.site.balance import weighing_of

INK_G = Decimal(10)
HOLD_S = 30.0  # nobody answers an alarm of a protocol
LOOK_S = 0.01  # how often is looked whether the printer stands
PROTOCOL = "protocol"
# A protocol's job is held to every rule of a locked print, marked, and never released.
POLICY: Policy = REHEARSAL


@dataclass
class Told:
    """What a job told, with the ports' time of each event, and when stop bytes went out."""

    events: list[tuple[float, Event]] = field(default_factory=list)
    stops_s: list[float] = field(default_factory=list)
    asked_s: float | None = None  # when a person's stop was given
    still_s: float | None = None  # when nothing moved any more after the stop went out; None where nobody can see it
    ended: JobEnded | None = None

    def of(self, kind: type) -> list[tuple[float, Event]]:
        """Return the events of one kind with their times."""
        return [each for each in self.events if isinstance(each[1], kind)]

    def units(self) -> list[UnitEnded]:
        """Return the units as judged."""
        return [event for _, event in self.events if isinstance(event, UnitEnded)]

    def first_alarm(self, since_s: float) -> tuple[float, str] | None:
        """Return time and id of the first alarm that stops anything, a mere warning where nothing else came."""
        found = [(at, event.trip.kind) for at, event in self.events if isinstance(event, AlarmRaised) and at >= since_s]
        firm = [each for each in found if each[1].stop is not Stop.WARN] or found
        return (firm[0][0], firm[0][1].id) if firm else None

    def is_safe(self) -> bool:
        """Whether the printer was made safe."""
        return any(isinstance(event, SafeStateSent) for _, event in self.events)


class _Noting:
    """Ports that note when a stop went out and when the printer stood; `ask_s` is when a person asks for the stop."""

    def __init__(self, rig: Rig, ports: Ports, words: frozenset[bytes], told: Told) -> None:
        self._rig, self._ports, self._words, self._told = rig, ports, words, told
        self.ask_s: float | None = None
        self.now, self.close = ports.now, ports.close

    def send(self, source: str, data: bytes) -> None:
        """Send, and note a stop."""
        if source == PRINTER and data.strip() in self._words:
            self._told.stops_s.append(self._ports.now())
        self._ports.send(source, data)

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, the person's stop in its time; look often while the printer comes to a stand."""
        told, now = self._told, self._ports.now()
        if self.ask_s is not None and told.asked_s is None:
            if now >= self.ask_s and self._rig.moves() is not False:  # a stop of what stands would measure nothing
                told.asked_s = now
                return Command("stop", PROTOCOL, "asked by the protocol", now)
            timeout_s = min(timeout_s, max(LOOK_S, self.ask_s - now))
        if told.stops_s and told.still_s is None and (moves := self._rig.moves()) is not None:
            told.still_s = None if moves else now
            timeout_s = min(timeout_s, LOOK_S)
        return self._ports.receive(timeout_s)

    def post(self, command: Command) -> None:
        """Hand on a person's command; a protocol's job has nobody to give one."""
        raise PrintcareError("STEP_COMMAND", f"{command.name} was given to a protocol's job.", "Wait for its end.")


def figures_of(site: Site) -> Weighing:
    """Return what is known of the balance for the gate; raises PrintcareError BALANCE_FIGURES where nothing is."""
    known = weighing_of(site.records, site.balance)
    if known is None:
        told = f"Balance {site.balance} has no repeatability and daily check on record."
        raise PrintcareError("BALANCE_FIGURES", told, "Check it: `printcare balance check`.")
    return known


def short_job(site: Site, dose_mg: Decimal, units: int) -> JobPlan:
    """Return the plan of a protocol's job; raises PrintcareError STEP_PLAN with why there is none."""
    master = site.master
    target_mg = (dose_mg * 1000 / master.ink.nominal_strength_mg_per_g).quantize(Decimal("0.01"))
    gate = gate_for(master, target_mg, figures_of(site))
    if isinstance(gate, Finding):
        raise PrintcareError("STEP_PLAN", gate.reason, gate.remedy)
    header = Header(f"{master.id} {master.version}", PROTOCOL, str(dose_mg), True)
    made = plan_job(PROTOCOL, master, [_target(target_mg, gate)], units, site.profile, POLICY, header)
    if isinstance(made, tuple):
        raise PrintcareError("STEP_PLAN", made[0].reason, made[0].remedy)
    return replace(made, parts=(made.first,), hold_max_s=HOLD_S)


def _target(target_mg: Decimal, gate: MassGate) -> PartTarget:
    return PartTarget(target_mg, gate, PROTOCOL, INK_G)


def run_job(
    rig: Rig, job: JobPlan, faults: tuple[str, ...] = (), seed: int = 1, *, stop_after_s: float | None = None
) -> Told:
    """Print the job on the rig and return what it told; on a simulated rig under the given faults.

    With `stop_after_s` a person asks for the stop so long after the first unit began.
    """
    told = Told()
    ports = rig.ports(faults, seed)
    noting = _Noting(rig, ports, frozenset({b"M410", b"M112"}), told)

    def keep(event: Event) -> None:
        told.events.append((ports.now(), event))
        if isinstance(event, UnitBegan) and noting.ask_s is None and stop_after_s is not None:
            noting.ask_s = ports.now() + stop_after_s

    told.ended = Job(job, Instruments(noting, job.profile), keep).run()
    return told
