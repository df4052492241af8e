"""One short job on the emulated bench, on virtual time and without a record: what the job tells is kept in a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from printcare.control.events import Event, Held, JobEnded, Progress, SafeStateSent
from printcare.control.instruments import Instruments
from printcare.control.job import Job
from printcare.control.plan import JobPlan
from printcare.domain.gate import Weighing
from printcare.domain.policy import REHEARSAL
from printcare.domain.recipe import Correction
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.program import Header
from printcare.protocol.wire import PRINTER, Command
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job

TARGET_MG = Decimal(125)  # 5 mg at 40 mg/g, the least the recipe allows
BALANCE = Weighing(Decimal("0.10"), Decimal("0.1"), Decimal("0.3"), Decimal("0.1"))
SHORT_SOAK = Decimal("0.05")
SECOND_CHUNKS = 4  # of the prime's last, fast ones; the first part's ink stands without them


@cache
def plan(units: int = 2, profile_id: str = "marlin-syringe") -> JobPlan:
    """Return a job of small units with a short soak: the bench's ink is warm from the start."""
    recipe, profile = load_recipe("cyclophosphamide-sse"), load_profile(profile_id)
    header = Header(f"{recipe.id} {recipe.version}", "lot T", "5", True)
    gate = gate_for(recipe, TARGET_MG, BALANCE)
    target = PartTarget(TARGET_MG, gate, "C-1", Decimal(10))
    made = plan_job("B-1", recipe, [target], units, profile, REHEARSAL, header)
    return with_part(made, parameters=replace(made.first.parameters, soak_min=soaking(made)))


def soaking(made: JobPlan):
    """Return the recipe's soak, shortened."""
    return replace(made.first.parameters.soak_min, target=SHORT_SOAK)


def with_part(made: JobPlan, **changes) -> JobPlan:
    """Return a plan of one part with that part changed."""
    return replace(made, parts=(replace(made.first, **changes),))


@cache
def of_two_inks(units: int = 2) -> JobPlan:
    """Return units of two parts, both printed by the one tool there is: every second unit is taken as a second part."""
    made = plan(2 * units)
    primes = [segment for segment in made.program.segments if segment.kind == "prime"]
    segments = []
    for segment in made.program.segments:
        if segment.kind == "unit":
            index, part = divmod(segment.index - 1, 2)
            segments.append(replace(segment, index=index + 1, part=part + 1))
        elif segment.kind == "prime" and segment.index > len(primes) - SECOND_CHUNKS:
            segments.append(replace(segment, part=2))
        elif segment.kind == "prime_end":  # the first part's prime ends under pressure here, the second's takes it back
            segments.append(replace(segment, part=2))
        else:
            segments.append(segment)
    limits = replace(made.first.limits, correction=Correction())  # no toolpath lies on these positions
    first = replace(made.first, limits=limits)
    no_pressure = replace(limits, detectors=None)  # the second part's prime begins under pressure here
    second = replace(first, number=2, drug="second drug", cartridge_id="C-2", limits=no_pressure)
    program = replace(made.program, segments=tuple(segments))
    return replace(made, program=program, units=units, parts=(first, second))


def warm(bench: Bench, celsius: float = 38.0) -> Bench:
    """Put jacket and ink at the print's temperature, soaked through."""
    bench.jacket.block_c = bench.jacket.sensor_c = bench.jacket.shown_c = celsius
    bench.core._modes_c[:] = [celsius] * 3
    bench.ink.settle_slow(celsius)
    return bench


class Ports(VirtualPorts):
    """The bench's ports, which also keep what was sent, and act at given moments."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.sent: list[tuple[str, bytes]] = []
        self.at_s: list[tuple[float, Callable[[], object]]] = []

    def send(self, source, data):
        """Send, and remember."""
        super().send(source, data)
        self.sent.append((source, data))

    def receive(self, timeout_s):
        """Receive, and do what is due."""
        due = [act for at_s, act in self.at_s if at_s <= self.now()]
        self.at_s = [(at_s, act) for at_s, act in self.at_s if at_s > self.now()]
        for act in due:
            act()
        return super().receive(timeout_s)

    def stop_bytes(self) -> list[bytes]:
        """Return what was sent to stop the printer."""
        return [data for source, data in self.sent if source == PRINTER and data.strip() in (b"M112", b"M410")]


class Trial:
    """A job, its bench, and everything it told."""

    def __init__(
        self,
        faults: Sequence[str] = (),
        *,
        job: JobPlan | None = None,
        bench: Bench | None = None,
        celsius: float = 38.0,
        see: Callable[[Trial, Event], None] = lambda _trial, _event: None,
    ) -> None:
        self.plan = job or plan()
        self.bench = warm(bench or Bench(self.plan.profile, faults=faults), celsius)
        self.ports = Ports(self.bench)
        self.told: list[Event] = []
        self.progress: list[Progress] = []
        self._see = see
        self.job = Job(self.plan, Instruments(self.ports, self.plan.profile), self._report)
        self.ended: JobEnded | None = None

    def run(self) -> Trial:
        """Run the job to its end."""
        self.ended = self.job.run()
        return self

    def _report(self, event: Event) -> None:
        self._see(self, event)  # as the record: what raises here is neither kept nor shown
        (self.progress if isinstance(event, Progress) else self.told).append(event)

    def of(self, kind: type) -> list:
        """Return the events of one kind."""
        return [event for event in self.told if isinstance(event, kind)]

    def is_safe(self) -> bool:
        """Whether the printer was stopped, the heater is off and nothing moves."""
        planner = self.bench.printer.planner
        before = planner.position(self.bench.now_s)
        self.bench.advance(self.bench.now_s + 5.0)
        return (
            bool(self.ports.stop_bytes())
            and self.bench.jacket.target_c == 0.0
            and planner.position(self.bench.now_s) == before
        )

    def confirmed(self) -> list[bool]:
        """Return whether each safe state was confirmed."""
        return [event.confirmed for event in self.of(SafeStateSent)]

    def post(self, name: str, user: str = "u-1", reason: str = "") -> None:
        """Give a command as a person does."""
        self.ports.post(Command(name, user, reason))


def answering(do: Callable[[Trial], object] = lambda _trial: None) -> Callable[[Trial, Event], None]:
    """Return a watcher that answers what holds the job: does something at the bench, acknowledges and resumes."""

    def see(trial: Trial, event: Event) -> None:
        if isinstance(event, Held):
            do(trial)
            trial.post("acknowledge", reason=f"{event.reason.partition(' ')[0]} looked into")
            trial.post("resume")

    return see
