"""`printcare steer`: a running job is steered from the command line, by who signed in and may."""

from __future__ import annotations

import json
import queue
import socket

import pytest
from staffed_site import site_with_staff

from printcare.cli.main import run
from printcare.control.endpoint import Endpoint
from printcare.domain.people import SYSTEM
from printcare.runner import objection
from printcare.workflow.batch.job_access import not_admitted
from printcare.workstation.steering import Steering

BATCH = "B-0001"
ROW = {"status": "printing", "prescription": "", "lot": "", "cartridge": ""}

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs socket files")


@pytest.fixture
def job(tmp_path, monkeypatch, cheap_passwords):
    """Return what a job listens with, on a record that has a batch and an alarm."""
    records = site_with_staff(tmp_path, monkeypatch)
    lease = {"batch_id": BATCH, "status": "running", "pid": 1, "boot_id": "x", "workstation": "another"}
    with records.transaction(SYSTEM) as tx:
        tx.record("batch.started", "batch", BATCH, ROW)
        tx.record("job.leased", "job_lease", BATCH, lease)
        tx.record("alarm.raised", "alarm", f"{BATCH}/001", {"batch_id": BATCH, "alarm": "A16"})
    inbox = queue.SimpleQueue()
    path = tmp_path / "private" / "job.sock"
    made = Endpoint(
        path,
        inbox.put,
        lambda user, ticket: not_admitted(records, BATCH, user, ticket),
        lambda command, is_present: objection(records, BATCH, command, is_present=is_present),
        lambda: 0.0,
    )
    yield inbox, ["--endpoint", str(path), "--db", records.url, "--json"]
    made.close()
    records.close()


def steer(job, verb, *words, user="ada"):
    return run(["steer", verb, BATCH, *job[1], *words, *(["--user", user] if user else [])])


def heard(job):
    command = job[0].get(timeout=10.0)
    return command.name, command.reason


def test_who_signs_in_resumes_the_job(job, capsys):
    assert steer(job, "resume", "--reason", "looked at the tray") == 0
    assert heard(job) == ("resume", "looked at the tray")
    assert json.loads(capsys.readouterr().out) == {"status": "ok", "batch": BATCH, "command": "resume"}


def test_an_alarm_that_wants_a_signature_is_signed_and_answered(job):
    assert steer(job, "acknowledge", "--alarm", "A16", "--reason", "closed the door") == 0
    assert heard(job) == ("acknowledge", "A16 closed the door")


def test_an_alarm_nobody_raised_is_refused_in_words(job, capsys):
    assert steer(job, "acknowledge", "--alarm", "A19", "--reason", "nothing") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "ALARM_UNKNOWN"
    assert job[0].empty()


def test_who_may_not_resume_is_refused(job, capsys):
    assert steer(job, "resume", user="rita") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "NOT_PERMITTED"
    assert job[0].empty()


def test_a_unit_on_the_balance_is_told_with_its_number(job):
    assert steer(job, "placed", "--unit", "3") == 0
    assert heard(job) == ("placed", "3")


@pytest.mark.parametrize("verb", ["hold", "stop"])
def test_nobody_needs_a_name_to_make_it_safe(job, verb):
    assert steer(job, verb, user="") == 0
    assert heard(job) == (verb, "")


def test_a_resume_without_a_name_is_wrong_usage(job):
    assert steer(job, "resume", user="") == 2


def test_where_nobody_listens_is_said(tmp_path, capsys):
    assert run(["steer", "stop", BATCH, "--endpoint", str(tmp_path / "gone.sock"), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "ENDPOINT_SILENT"


def test_a_job_that_ends_while_it_is_asked_is_said(tmp_path):
    path = tmp_path / "short.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with Steering(path) as steering:
            listener.accept()[0].close()
            with pytest.raises(Exception, match="ENDPOINT_SILENT"):
                steering.command("stop", "", "")


def test_a_system_without_socket_files_says_so(tmp_path, monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(Exception, match="ENDPOINT_UNSUPPORTED"):
        Steering(tmp_path / "x")
