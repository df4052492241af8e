"""The composition root of the window: record, emulated bench and job process of this workstation, and Qt on top."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication

from printcare import __version__
from printcare.domain.policy import REHEARSAL
from printcare.errors import PrintcareError
from printcare.records.store import Store
from printcare.ui.conductor import Conductor
from printcare.ui.frame import Frame, tabular
from printcare.ui.models import Fact
from printcare.ui.run_plan import recorded_run_plan
from printcare.ui.station import RunningJob
from printcare.ui.tokens import DARK, LIGHT
from printcare.workflow.demonstration import PROFILE, Demonstration
from printcare.workstation.bench import BenchProcess, start_bench
from printcare.workstation.opening import open_record
from printcare.workstation.settings import workstation

SPEED = 30.0  # of the emulated bench: slow enough to watch, ten units in about a minute
RECORD, JOB, SAID = "record.sqlite", "job.json", "job.txt"
SEEDS = 2**31
LAST_WORDS = 600  # characters of what a job said before it died


class Workstation:
    """This machine as the window uses it; each rehearsal has a folder of its own and none is ever written over."""

    def __init__(self, data: Path, faults: Sequence[str] = ()) -> None:
        """Keep everything below `data`; `faults` are those of the emulated bench, for training."""
        self.policy = REHEARSAL
        self._rehearsals = data / "rehearsals"
        self._faults = tuple(faults)
        self._folder: Path | None = None
        self._bench: BenchProcess | None = None
        self._job: subprocess.Popen[bytes] | None = None
        self._job_pid: int | None = None
        self._seen_dead = 0

    def open_rehearsal(self, tell: Callable[[str], None]) -> Demonstration:
        """Return a rehearsal on a record of its own; raises PrintcareError JOB_RUNNING while a job runs."""
        if self._runs() or self.running_job() is not None:
            told = "A job is still running."
            raise PrintcareError("JOB_RUNNING", told, "Wait for its end on the page Run, or stop it.")
        self._rehearsals.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = 1 + max((int(path.name) for path in self._rehearsals.iterdir() if path.name.isdigit()), default=0)
        self._folder = self._rehearsals / f"{number:04d}"
        self._folder.mkdir(mode=0o700)
        self._job, self._job_pid = None, None
        tell("Creating the record")
        return Demonstration(self._open(self._folder), datetime.now().astimezone().date())

    def documents(self) -> Path:
        """Return where the documents go."""
        return self._current() / "documents"

    def seed(self) -> int:
        """Return a seed drawn now."""
        return secrets.randbelow(SEEDS)

    def start_job(self, demonstration: Demonstration, batch_id: str, operator_id: str, session: str) -> str:
        """Start bench and job, each in its own session; the bench lives as long as window or job holds its pipe."""
        urls = self._start_bench()
        folder = self._current()
        endpoint = _runtime_folder() / f"{folder.name}-{batch_id}.sock"
        words = [sys.executable, "-m", "printcare", "job", "--db", demonstration.records.url, "--batch", batch_id]
        words += ["--operator", operator_id, "--session", session, "--endpoint", str(endpoint)]
        for source, url in urls.items():
            words += [f"--{source}", url]
        held = self._bench.process.stdin if self._bench is not None else None
        with (folder / SAID).open("wb") as said:
            self._job = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                pass_fds=() if held is None else (held.fileno(),),
            )
        self._job_pid, self._seen_dead = self._job.pid, 0
        told = {"batch": batch_id, "operator": operator_id, "endpoint": str(endpoint), "pid": self._job.pid}
        (folder / JOB).write_text(json.dumps(told), "utf-8")
        return str(endpoint)

    def running_job(self) -> RunningJob | None:
        """Return the job an earlier window left running; a batch whose job is gone goes into quarantine."""
        folders = sorted(self._rehearsals.glob(f"*/{JOB}"))
        if not folders:
            return None
        folder = folders[-1].parent
        told = json.loads((folder / JOB).read_text("utf-8"))
        with self._open(folder) as records:
            if not _listens(told["endpoint"]):
                return None
            plan = recorded_run_plan(records, told["batch"])
        self._folder, self._job_pid = folder, int(told["pid"])
        return RunningJob(told["batch"], told["operator"], told["endpoint"], plan)

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

    def _start_bench(self) -> dict[str, str]:
        self.close()
        self._bench = start_bench(PROFILE, SPEED, self.seed(), self._faults)
        return self._bench.urls

    def _open(self, folder: Path) -> Store:
        records, _ = open_record(f"sqlite:///{folder / RECORD}", REHEARSAL)
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
    frame = Frame(REHEARSAL, _facts(data), lambda: datetime.now().astimezone(), DARK if is_dark else LIGHT)
    conductor = Conductor(frame, Workstation(data))
    sys.excepthook = lambda _kind, fault, _trace: frame.show_fault(fault)
    frame.show()
    conductor.look_for_running_job()
    return application.exec()


def _facts(data: Path) -> tuple[Fact, ...]:
    return (
        Fact("Version", __version__),
        Fact("Workstation", socket.gethostname()),
        Fact("Mode", "locked, rehearsal"),
        Fact("Printer, balance, pressure sensor", "emulated", "", "started with the job"),
        Fact("Records and documents", str(data / "rehearsals"), "", "one folder for each rehearsal"),
        Fact("Language", QLocale().nativeLanguageName() or "English"),
    )


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
