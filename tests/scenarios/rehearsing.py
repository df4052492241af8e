"""One rehearsal in one process on virtual time: the demonstration's people and files, the emulated bench, a record."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from printcare.control.events import Event, JobEnded, Progress
from printcare.domain.policy import REHEARSAL
from printcare.emulator.bench import Bench
from printcare.emulator.labelled import truths_of
from printcare.emulator.virtual import VirtualPorts
from printcare.formats.profile import load_profile
from printcare.records import audit
from printcare.records.accounts import Account
from printcare.records.store import RecordContext, Store
from printcare.workflow.demonstration import RECIPE, Demonstration

TODAY = date(2026, 3, 2)
FIRST_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = ("message", "order", "calculated", "planned", "drawn")  # what they returned, and a copy knows too
ONE_DAY = 1  # one dose and three units for retain, test and spare: a short batch


class Clock:
    """A wall clock that moves on by ten milliseconds at each look; a later start begins an hour later."""

    def __init__(self, begins: datetime) -> None:
        self.now = begins

    def __call__(self) -> datetime:
        """Return the time."""
        self.now += timedelta(milliseconds=10)
        return self.now


def open_store(
    folder: Path,
    boot_id: str = "first start",
    key: Path | None = None,
    begins: datetime = FIRST_START,
    first_tick: int = 1,
) -> Store:
    """Open or begin the record of a folder, on the clock of the test."""
    ticks = count(first_tick)
    context = RecordContext(
        site="demo-site",
        workstation="ws-1",
        app_version="0.1",
        boot_id=boot_id,
        clock=Clock(begins if boot_id == "first start" else begins + timedelta(hours=1)),
        monotonic_ns=lambda: next(ticks),
        mode=REHEARSAL.mode,
    )
    return Store.open(url_of(folder), context, key_directory=key or folder)


def url_of(folder: Path) -> str:
    """Return the database URL of a folder's record."""
    return f"sqlite:///{folder}/record.sqlite"


class Rehearsal:
    """One batch from the order to its end; every step may be taken by the test itself."""

    def __init__(
        self,
        folder: Path,
        *,
        faults: Sequence[str] = (),
        days: int | None = None,
        seed: int = 1,
        today: date = TODAY,
        recipe: str = RECIPE,
        watch: Callable[[Rehearsal, Event], None] = lambda _rehearsal, _event: None,
        begins: datetime = FIRST_START,
        first_tick: int = 1,
    ) -> None:
        self.folder = folder
        self.records = open_store(folder, begins=begins, first_tick=first_tick)
        self.demonstration = Demonstration(self.records, today, recipe_id=recipe)
        profile = load_profile(self.demonstration.profile)
        inks = truths_of(self.demonstration.recipe, profile)
        self.bench = Bench(profile, seed=seed, faults=faults, ink=inks)
        self.ports = VirtualPorts(self.bench)
        self.events: list[Event] = []
        self.days = days
        self._watch = watch
        self.ended: JobEnded | None = None
        self.decision = None

    def plan(self) -> None:
        """Receive, calculate, verify, plan and prepare."""
        self.only_plan()
        self.drawn = self.demonstration.prepare(self.planned, 1)

    def only_plan(self) -> None:
        """Do the same, and leave the batch unprepared."""
        show = self.demonstration
        show.set_up()
        self.message = show.message()
        self.order = show.receive(self.message)
        self.calculated = show.calculate_unit(self.order)
        order = replace(self.order, duration_days=self.days) if self.days else self.order
        self.planned = show.verify_and_plan_unit(order, self.calculated)

    def print(self) -> JobEnded:
        """Run the job."""
        self.ended = self.demonstration.produce(self.planned, self.ports, self._see)
        return self.ended

    def whole(self) -> Rehearsal:
        """Print what is prepared, and finish and sign where every unit was printed."""
        if self.print().outcome.value == "completed":
            self.decision = self.demonstration.close(self.planned, self.drawn)
        return self

    def _see(self, event: Event) -> None:
        if not isinstance(event, Progress):
            self.events.append(event)
        self._watch(self, event)

    # ---- what became of it

    def wait(self, **span: float) -> None:
        """Let time go by; whoever works then has signed in anew."""
        self.records.context.clock.now += timedelta(**span)
        now, people = self.records.context.clock.now, self.demonstration.people
        people.update({login: replace(account, began_at=now) for login, account in people.items()})

    @property
    def batch(self) -> dict:
        """Return the batch as the record has it."""
        return self.records.get("batch", self.planned.id)

    @property
    def units(self) -> list[dict]:
        """Return the units in their order."""
        rows = self.records.all("unit", batch_id=self.planned.id)
        return [rows[key] for key in sorted(rows)]

    @property
    def alarms(self) -> list[str]:
        """Return the ids of the alarms raised."""
        return [row["alarm"] for row in self.records.all("alarm", batch_id=self.planned.id).values()]

    def true_masses_mg(self) -> dict[str, float]:
        """Return what really lies at each position, which no device tells."""
        return self.bench.truth()["masses_mg"]

    def noted(self, what: str) -> list[str]:
        """Return the texts of one kind of note in the record."""
        found = self.records.events(object_id=self.planned.id, action="job.noted", limit=100_000)
        return [event.content["new"]["text"] for event in found if event.content["new"]["what"] == what]

    def sent_safe(self) -> list[str]:
        """Return what was sent to make the printer safe, and confirmed."""
        found = self.records.events(action="printer.made_safe")
        return [event.content["new"]["how"] for event in found if event.content["new"]["confirmed"]]

    def verdict(self) -> str:
        """Return the verdict of the record's verification."""
        return audit.verify(self.records.url)["verdict"]

    def close(self) -> None:
        """Let go of the record."""
        self.ports.close()
        self.records.close()


@dataclass(frozen=True)
class Kept:
    """A rehearsal as it stood when it was closed: every copy goes on from there, and none sees another."""

    files: tuple[tuple[str, int, bytes], ...]  # name, mode and content
    begins: datetime
    first_tick: int
    options: dict[str, object]
    steps: dict[str, object]
    people: dict[str, Account]
    passwords: dict[str, str]

    def copy(self, folder: Path, **options: object) -> Rehearsal:
        """Return a rehearsal in another folder that has come as far; `options` are faults, seed and watch."""
        for name, mode, content in self.files:
            (folder / name).write_bytes(content)
            (folder / name).chmod(mode)
        one = Rehearsal(folder, begins=self.begins, first_tick=self.first_tick, **self.options, **options)
        vars(one).update(self.steps)
        one.demonstration.people, one.demonstration.passwords = dict(self.people), dict(self.passwords)
        return one


def kept(one: Rehearsal, **options: object) -> Kept:
    """Close a rehearsal made with these options and keep how it stood."""
    context = one.records.context
    begins, tick = context.clock.now, context.monotonic_ns()
    one.close()
    files = [(path.name, path.stat().st_mode, path.read_bytes()) for path in one.folder.iterdir() if path.is_file()]
    steps = {name: vars(one)[name] for name in STEPS if name in vars(one)}
    show = one.demonstration
    return Kept(tuple(files), begins, tick, options, steps, show.people, show.passwords)


@cache
def _prepared(is_prepared: bool, **options: object) -> Kept:
    with TemporaryDirectory() as folder:
        one = Rehearsal(Path(folder), **options)
        one.plan() if is_prepared else one.only_plan()
        return kept(one, **options)


def prepared_in(
    folder: Path, *, days: int | None = None, recipe: str = RECIPE, is_prepared: bool = True, **options: object
) -> Rehearsal:
    """Return a rehearsal that is prepared, or only planned; people, papers and signatures are made once a process."""
    return _prepared(is_prepared, days=days, recipe=recipe).copy(folder, **options)


def mass_mg(unit: dict) -> Decimal:
    """Return a unit's weighed mass."""
    return Decimal(unit["mass_mg"])


def add_up(units: Sequence[dict], planned: int) -> bool:
    """Say whether every planned unit is there once, and is accepted, rejected or unprinted."""
    states = [unit["status"] for unit in units]
    return sorted(unit["index"] for unit in units) == list(range(1, planned + 1)) and set(states) <= {
        "accepted",
        "rejected",
        "unprinted",
    }


def printcare(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    line = [sys.executable, "-m", "printcare", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, timeout=90, check=False, **options)


def told(done: subprocess.CompletedProcess[str]) -> dict:
    """Return the one JSON object a command printed."""
    return json.loads(done.stdout)
