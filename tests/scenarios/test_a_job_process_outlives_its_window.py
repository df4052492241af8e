"""A job in a process of its own: a window attaches, goes, comes back and reads on; a person's stop ends it safely."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rehearsing import ONE_DAY, Rehearsal, kept, prepared_in, url_of

import printcare
from printcare.domain.policy import REHEARSAL
from printcare.errors import PrintcareError
from printcare.records import audit
from printcare.runner import Task, run_job
from printcare.workflow.batch.job_access import admit
from printcare.workflow.demonstration import PROFILE
from printcare.workstation.bench import bench_process
from printcare.workstation.opening import open_record

SPEED = 100.0
LIMIT_S = 60.0
AHEAD_AT_MOST = timedelta(minutes=10)

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs socket files")


class Window:
    """The window's end of the endpoint."""

    def __init__(self, path, seen):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(LIMIT_S)
        end_s = time.monotonic() + LIMIT_S
        while True:
            try:
                self.link.connect(str(path))
                break
            except OSError:
                assert time.monotonic() < end_s
                time.sleep(0.05)
        self.lines = self.link.makefile("rb")
        self.say(**{"from": seen})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.link.close()

    def say(self, **message):
        """Send one message."""
        self.link.sendall(json.dumps(message).encode() + b"\n")

    def sign_in(self, admission):
        """Speak for somebody from now on."""
        self.say(sign_in=admission.account.id, ticket=admission.ticket)
        self.until("SignedIn")

    def until(self, name, told=lambda _data: True):
        """Return every message up to the first event of this name."""
        heard = []
        while not heard or heard[-1]["event"] != name or not told(heard[-1]["data"]):
            line = self.lines.readline()
            assert line, f"the endpoint closed before {name}: {heard[-3:]}"
            heard.append(json.loads(line))
        return heard


# What each driver's emulated balance calls itself; a family without serial numbers bears the record's own mark.
SERIALS = {"mt-sics": "0123456789", "modbus-balance": "4711", "sbi": "Sartorius SBI:BAL-2"}


@cache
def prepared_for(balance):
    """Keep a batch prepared just before now: the job process looks at the real clock, and ink has its time.

    The rehearsal's clock steps at each look, so that on a quick machine it would run ahead of the real one.
    """
    options = {"days": ONE_DAY, "today": date.today()}
    with TemporaryDirectory() as folder:
        one = Rehearsal(Path(folder), begins=datetime.now().astimezone() - AHEAD_AT_MOST, **options)
        one.records.context = replace(one.records.context, app_version=printcare.__version__)
        one.demonstration.balance = SERIALS[balance]
        one.plan()
        return kept(one, **options)


def prepared_now(folder, balance="mt-sics"):
    """Return a copy of it, on the real clock."""
    one = prepared_for(balance).copy(folder)
    one.records.context = replace(
        one.records.context, clock=lambda: datetime.now().astimezone(), app_version=printcare.__version__
    )
    return one


@pytest.fixture
def job(tmp_path, request):
    """Start the job process of a prepared batch on a bench of its own, with the drivers a test asks for."""
    balance, pressure = getattr(request, "param", ("mt-sics", "ps1"))
    one = prepared_now(tmp_path, balance)
    people, passwords = one.demonstration.people, one.demonstration.passwords
    operator, pharmacist = (
        admit(one.records, login, passwords[login], "B-0001", people[login]) for login in ("a.operator", "b.pharmacist")
    )
    one.close()
    with bench_process(PROFILE, SPEED, 1, [], balance, pressure) as urls:
        words = [
            "job",
            "--balance-driver",
            balance,
            "--pressure-driver",
            pressure,
            "--db",
            url_of(tmp_path),
            "--batch",
            "B-0001",
            "--operator",
            operator.account.id,
        ]
        words += ["--session", operator.account.session, "--endpoint", str(tmp_path / "private" / "job.sock")]
        assert list(urls) == ["printer", "balance", "pressure"]
        for source, url in urls.items():
            words += [f"--{source}", url]
        environment = os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        line = [sys.executable, "-m", "printcare", *words]
        with subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, text=True) as process:
            yield process, tmp_path / "private" / "job.sock", operator, pharmacist
            process.kill()


def batch_of(folder):
    records, found = open_record(url_of(folder), REHEARSAL)
    with records:
        return records.get("batch", "B-0001"), found, audit.verify(records.url)["verdict"]


def test_a_window_reads_on_where_it_was_and_a_stop_ends_the_job_safely(job, tmp_path):
    process, path, operator, pharmacist = job
    with Window(path, 0) as window:
        first = window.until("DeviceFound")
    last = first[-1]["seq"]
    with Window(path, last) as window:
        heard = window.until("PhaseBegan", lambda data: data["phase"] == "soak")
        assert heard[0]["seq"] == last + 1
        window.say(command="resume", user=operator.account.id, reason="re-attached, and no password given")
        assert window.until("Refused")[-1]["data"]["code"] == "ENDPOINT_SIGN_IN"
        window.sign_in(pharmacist)
        window.say(command="resume", user=pharmacist.account.id, reason="I may not")
        assert window.until("Refused")[-1]["data"]["code"] == "NOT_PERMITTED"
        window.say(command="stop", user=pharmacist.account.id, reason="fire drill")
        ended = window.until("JobEnded")[-1]["data"]
    assert ended["outcome"] == "stopped"
    assert process.wait(LIMIT_S) == 3
    batch, found, verdict = batch_of(tmp_path)
    assert (batch["status"], found) == ("quarantined", ())
    assert batch["reason"] == f"stopped by {pharmacist.account.id}: fire drill"
    assert verdict in ("OK", "UNANCHORED")
    assert not path.exists()


def test_a_request_to_end_stops_in_safe_state(job, tmp_path):
    process, path, _, _ = job
    with Window(path, 0) as window:
        window.until("PhaseBegan", lambda data: data["phase"] == "heat")
        process.send_signal(signal.SIGTERM)
        assert window.until("SafeStateSent")[-1]["data"]["confirmed"]
    assert process.wait(LIMIT_S) == 3
    assert batch_of(tmp_path)[0]["status"] == "quarantined"


@pytest.mark.parametrize("session", ["s-0000000000000000", ""])
def test_a_session_the_record_does_not_hold_starts_nothing(tmp_path, session):
    one = prepared_in(tmp_path, days=ONE_DAY)
    one.close()
    words = ["--db", url_of(tmp_path), "--batch", "B-0001", "--operator", "u-0004", "--session", session]
    words += [
        "--endpoint",
        str(tmp_path / "private" / "job.sock"),
        "--printer",
        "x",
        "--balance",
        "x",
        "--pressure",
        "x",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "printcare", "job", *words], capture_output=True, text=True, check=False, timeout=LIMIT_S
    )
    assert done.returncode == 1
    assert "SESSION_UNKNOWN" in done.stderr
    assert batch_of(tmp_path)[0]["status"] == "prepared"


@pytest.mark.parametrize("job", [("modbus-balance", "modbus-pressure"), ("sbi", "ps1")], indirect=True)
def test_the_job_speaks_to_its_instruments_by_the_drivers_it_was_given(job, tmp_path):
    process, path, _, _ = job
    with Window(path, 0) as window:
        window.until("PhaseBegan", lambda data: data["phase"] == "soak")
        window.say(command="stop", reason="seen enough")
        window.until("JobEnded")
    assert process.wait(LIMIT_S) == 3
    batch = batch_of(tmp_path)[0]
    assert batch["reason"] == "stopped by somebody at the workstation: seen enough"
    assert batch["recording"]["whole"]
    assert (tmp_path / "recordings" / batch["recording"]["file"]).stat().st_size == batch["recording"]["bytes"]
    assert (tmp_path / "devices.json").exists()


def test_a_job_without_a_port_for_every_device_starts_nothing(tmp_path):
    one = prepared_now(tmp_path)
    operator = one.demonstration.people["a.operator"]
    task = Task("B-0001", operator.id, operator.session, tmp_path / "private" / "job.sock", {"printer": "p"})
    with pytest.raises(PrintcareError) as refused:
        run_job(one.records, task, time.monotonic)
    assert refused.value.code == "PORT_UNNAMED"
    assert "balance, pressure" in refused.value.message
    assert one.batch["status"] == "prepared"
    one.close()
