"""The composition root of the window: record, emulated bench and job process of this workstation, and Qt on top.

What takes long to import (the record, the workflow, paper) is imported where it is needed, after the first page stands.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import PlatformDirs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from printcare import __version__
from printcare.domain.policy import LOCKED, REHEARSAL, Policy
from printcare.errors import PrintcareError
from printcare.ui.frame import Frame, tabular
from printcare.ui.models import Bench, Fact, Port
from printcare.ui.station import RunningJob
from printcare.ui.tokens import DARK, LIGHT
from printcare.ui.words import LANGUAGES, speak, tr
from printcare.workstation.bench import BenchProcess, start_bench
from printcare.workstation.settings import workstation
from printcare.workstation.urgency import Starter, stand_back

if TYPE_CHECKING:
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.recipe import MasterRecipe
    from printcare.protocol.wire import Ports
    from printcare.records.store import Store
    from printcare.ui.desk import Desk
    from printcare.workflow.demonstration import Demonstration
    from printcare.workflow.qualify.check_site import Rig

SPEED = 30.0  # of the emulated bench: slow enough to watch, ten units in about a minute
RECORD, JOB, SAID, CHOSEN, PEOPLE = "record.sqlite", "job.json", "job.txt", "devices-of-the-site.json", "people.json"
SEEDS = 2**31
LAST_WORDS = 600  # characters of what a job said before it died


class Workstation:
    """This machine as the window uses it; each rehearsal has a folder of its own and none is ever written over."""

    def __init__(self, data: Path, faults: Sequence[str] = (), starter: Starter = lambda start: start()) -> None:
        """Keep everything below `data`; `faults` are those of the emulated bench, for training.

        `starter` starts the job process: as urgent as it has to be, whatever the window is.
        """
        self._starter = starter
        self._data, self._rehearsals = data, data / "rehearsals"
        self._faults = tuple(faults)
        self._folder: Path | None = None
        self._bench: BenchProcess | None = None
        self._job: subprocess.Popen[bytes] | None = None
        self._job_pid: int | None = None
        self._seen_dead = 0

    def open_rehearsal(self, tell: Callable[[str], None]) -> Desk:
        """Return a rehearsal on a record of its own; raises PrintcareError JOB_RUNNING while a job runs."""
        from printcare.ui.desk import Desk
        from printcare.workflow.demonstration import Demonstration

        self._no_job()
        self._rehearsals.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = 1 + max((int(path.name) for path in self._rehearsals.iterdir() if path.name.isdigit()), default=0)
        folder = self._rehearsals / f"{number:04d}"
        folder.mkdir(mode=0o700)
        self._work_in(folder)
        tell(tr("Creating the record"))
        rehearsal = Demonstration(self._open(folder, REHEARSAL), datetime.now().astimezone().date())
        return Desk(rehearsal.records, folder, rehearsal, lambda: _keep_people(folder, rehearsal))

    def has_site(self) -> bool:
        """Whether the record of the site was begun here, with its first two people."""
        if not (self._data / RECORD).is_file():
            return False
        with self._open(self._data, LOCKED) as records:
            return len(records.all("account")) > 1

    def begin_site(self, site: str) -> Desk:
        """Return the site's record, with nobody in it yet; raises PrintcareError SITE_BEGUN where somebody is."""
        if self.has_site():
            told = "The record of this site was begun already."
            raise PrintcareError("SITE_BEGUN", told, "Open it on the page Start.")
        from printcare.ui.desk import Desk

        self._no_job()
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._work_in(self._data)
        desk = Desk(self._open(self._data, LOCKED, site), self._data)
        _keep_site(site)
        return desk

    def open_site(self, tell: Callable[[str], None]) -> Desk:
        """Return the site's record; raises PrintcareError NO_RECORD without one, JOB_RUNNING while a job runs."""
        from printcare.ui.desk import Desk

        self._no_job()
        if not self.has_site():
            raise PrintcareError("NO_RECORD", "There is no record there yet.", "Set up this site on the page Start.")
        tell(tr("Opening the record"))
        self._work_in(self._data)
        return Desk(self._open(self._data, LOCKED), self._data, balance_id=self.chosen().balance_id)

    def ports(self) -> tuple[Port, ...]:
        """Return the serial ports of this machine."""
        from printcare.devices.discovery import found_ports

        return tuple(Port(port.url, port.title) for port in found_ports())

    def choose(self, bench: Bench) -> None:
        """Keep devices and watched folder beside the record."""
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._data / f".{CHOSEN}.new"
        new.write_text(json.dumps(asdict(bench)), "utf-8")
        new.replace(self._data / CHOSEN)

    def chosen(self) -> Bench:
        """Return what was chosen; raises PrintcareError BENCH_UNREADABLE rather than print on another device."""
        try:
            return Bench(**json.loads((self._data / CHOSEN).read_text("utf-8")))
        except FileNotFoundError:
            return Bench()
        except (OSError, ValueError, TypeError) as fault:
            told = f"{self._data / CHOSEN}, which says which devices this site prints with, cannot be read."
            raise PrintcareError("BENCH_UNREADABLE", told, "Remove it, and choose the devices anew.") from fault

    def rig(self, profile: FirmwareProfile, master: MasterRecipe, ask: Callable[[str], None]) -> Rig:
        """Return the bench a protocol is run on; one that is emulated stands for no real printer."""
        from printcare.workstation.real_bench import RealBench
        from printcare.workstation.virtual_bench import VirtualBench

        bench = self.chosen() if self._current() == self._data else Bench()
        if bench.is_emulated:
            return VirtualBench(profile, master, self._faults)
        urls = {"printer": bench.printer, "balance": bench.balance, "pressure": bench.pressure}
        return RealBench(profile, {role: url for role, url in urls.items() if url}, ask)

    def drafts(self) -> Path:
        """Return the folder of what was typed and not taken yet."""
        return self._data / "drafts"

    def documents(self) -> Path:
        """Return where the documents go."""
        return self._current() / "documents"

    def seed(self) -> int:
        """Return a seed drawn now."""
        return secrets.randbelow(SEEDS)

    def printer_ports(self, profile: FirmwareProfile) -> Ports:
        """Return the way to the printer whose job has died: the site's, or the emulated one while it lives."""
        from printcare.workstation.bench import open_ports

        bench = self.chosen() if self._current() == self._data else Bench()
        url = bench.printer if self._bench is None else self._bench.urls["printer"]
        if not url:
            told = "The emulated bench ended with the job and the window it served."
            raise PrintcareError("BENCH_ENDED", told, "There is no printer to make safe; go on.")
        self._no_job()
        return open_ports({"printer": url}, profile.link.bauds)

    def start_job(self, desk: Desk, batch_id: str, operator_id: str, session: str) -> str:
        """Start the job, and the bench where it is emulated, each in a session of its own.

        An emulated bench lives as long as window or job holds its pipe.
        """
        urls = self._urls(desk, batch_id)
        folder = self._current()
        endpoint = _endpoint(folder, batch_id)
        words = [sys.executable, "-m", "printcare", "job", "--db", desk.records.url, "--batch", batch_id]
        words += ["--operator", operator_id, "--session", session, "--endpoint", str(endpoint)]
        for source, url in urls.items():
            words += [f"--{source}", url]
        held = self._bench.process.stdin if self._bench is not None else None
        with (folder / SAID).open("wb") as said:
            self._job = self._starter(
                lambda: subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                    pass_fds=() if held is None else (held.fileno(),),
                )
            )
        self._job_pid, self._seen_dead = self._job.pid, 0
        told = {"batch": batch_id, "endpoint": str(endpoint), "pid": self._job.pid}
        (folder / JOB).write_text(json.dumps(told), "utf-8")
        return str(endpoint)

    def running_job(self) -> RunningJob | None:
        """Return the job an earlier window left running; a batch whose job is gone goes into quarantine."""
        from printcare.ui.run_plan import recorded_run_plan

        known = [*sorted(self._rehearsals.glob(f"*/{JOB}"))[-1:], *self._data.glob(JOB)]
        for path in known:
            folder, told = path.parent, json.loads(path.read_text("utf-8"))
            desk = self._desk(folder)
            if not _listens(told["endpoint"]):
                desk.records.close()
                continue
            order_id = str((desk.records.get("batch", told["batch"]) or {}).get("prescription", ""))
            self._folder, self._job_pid = folder, int(told["pid"])
            plan = recorded_run_plan(desk.records, told["batch"])
            return RunningJob(told["batch"], order_id, told["endpoint"], plan, desk)
        return None

    def job_died(self) -> str | None:
        """Return a dead job's last words at the second look: what it sent before may still be on its way."""
        if self._job_pid is None or self._runs():
            self._seen_dead = 0
            return None
        self._seen_dead += 1
        if self._seen_dead < 2:
            return None
        with contextlib.suppress(OSError):
            return (self._current() / SAID).read_text("utf-8", errors="replace")[-LAST_WORDS:].strip()
        return ""

    def close(self) -> None:
        """Let go of the bench; it ends when the job, if one runs, has let go as well."""
        if self._bench is None:
            return
        if self._runs():
            self._bench.let_go()
        else:
            self._bench.end()
        self._bench = None

    def _runs(self) -> bool:
        if self._job is not None:
            return self._job.poll() is None
        if self._job_pid is None:
            return False
        try:
            os.kill(self._job_pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def _no_job(self) -> None:
        if self._runs():
            told = "A job is still running."
            raise PrintcareError("JOB_RUNNING", told, "Wait for its end on the page Run, or stop it.")

    def _work_in(self, folder: Path) -> None:
        self._folder, self._job, self._job_pid = folder, None, None

    def _urls(self, desk: Desk, batch_id: str) -> dict[str, str]:
        """Return where each device is: as it was chosen for the site, or on a bench that is started for this job.

        Time on a bench runs faster in a rehearsal alone: the mode of a site accepts no other clock than the wall's.
        """
        bench = Bench() if desk.rehearsal is not None else self.chosen()
        if not bench.is_emulated:
            return {"printer": bench.printer, "balance": bench.balance, "pressure": bench.pressure}
        self.close()
        state = desk.records.get("batch", batch_id) or {}
        speed = SPEED if desk.policy().accepts_scaled_time else 1.0
        recipe = str(state.get("recipe", "")).partition("/")[0] or None
        self._bench = start_bench(str(state["profile"]), speed, self.seed(), self._faults, recipe=recipe)
        return self._bench.urls

    def _desk(self, folder: Path) -> Desk:
        from printcare.ui.desk import Desk
        from printcare.workflow.entry import find

        if folder == self._data:
            return Desk(self._open(folder, LOCKED), folder, balance_id=self.chosen().balance_id)
        from printcare.workflow.demonstration import Demonstration

        records = self._open(folder, REHEARSAL)
        rehearsal = Demonstration(records, records.context.clock().date())
        with contextlib.suppress(OSError, ValueError):
            rehearsal.passwords = json.loads((folder / PEOPLE).read_text("utf-8"))
        known = {account.login: account for account in (find(records, key) for key in records.all("account"))}
        rehearsal.people = {login: known[login] for login in rehearsal.passwords if login in known}
        return Desk(records, folder, rehearsal)

    def _open(self, folder: Path, policy: Policy, site: str | None = None) -> Store:
        from printcare.workstation.opening import open_record

        records, _ = open_record(f"sqlite:///{folder / RECORD}", policy, site)
        return records

    def _current(self) -> Path:
        if self._folder is None:
            raise PrintcareError("STEP_EARLY", "No rehearsal is open.", "Begin one on the page Start.")
        return self._folder


def open_window() -> int:
    """Open the window and return its exit code when it is closed."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("printcare")
    application.setApplicationVersion(__version__)
    tabular(application)
    is_dark = application.styleHints().colorScheme() == Qt.ColorScheme.Dark
    data = workstation().data
    speak(workstation().language)
    theme = DARK if is_dark else LIGHT
    frame = Frame(REHEARSAL, _facts(data), lambda: datetime.now().astimezone(), theme, is_whole=False)
    sys.excepthook = lambda _kind, fault, _trace: frame.show_fault(fault)
    frame.resize(frame.size().boundedTo(application.primaryScreen().availableSize()))
    frame.show()
    application.processEvents()  # the page stands there while everything behind it is imported; a click waits for it
    frame.complete()
    from printcare.ui.conductor import Conductor

    conductor = Conductor(frame, Workstation(data, starter=stand_back()))
    conductor.look_around()
    return application.exec()


def _facts(data: Path) -> tuple[Fact, ...]:
    return (
        Fact(tr("Version"), __version__),
        Fact(tr("Workstation"), workstation().name),
        Fact(tr("Language"), LANGUAGES.get(workstation().language, "English")),
        Fact(tr("Records and documents"), str(data)),
    )


def _keep_site(site: str) -> None:
    """Keep the site's name in the settings of this workstation, where the command line finds it as well."""
    path = Path(PlatformDirs("printcare", appauthor=False).user_config_dir) / "settings.toml"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    lines = [line for line in lines if line.partition("=")[0].strip() != "site"]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text("\n".join([*lines, f"site = {json.dumps(site, ensure_ascii=False)}", ""]), "utf-8")


def _keep_people(folder: Path, rehearsal: Demonstration) -> None:
    """Keep the made-up passwords beside a rehearsal, so that a window opened anew can go on with it.

    They open nothing else: the people do not exist, and nothing of the record is ever released.
    """
    with os.fdopen(os.open(folder / PEOPLE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(rehearsal.passwords, file)


def _endpoint(folder: Path, batch_id: str) -> Path:
    """Return where the job of a batch listens: batches of two records may bear one number, and share no endpoint."""
    record = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    return _runtime_folder() / f"{record}-{batch_id}.sock"


def _runtime_folder() -> Path:
    """Return a folder of this user alone with a short path: a socket's name holds about a hundred characters."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / "printcare" if base else Path(tempfile.gettempdir()) / f"printcare-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        told = f"{folder} is open to others; whoever can reach it could stop or steer a print."
        raise PrintcareError("ENDPOINT_PATH", told, "Remove that folder, or give it mode 0700.")
    return folder


def _listens(endpoint: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(endpoint)
        except OSError:
            return False
    return True
