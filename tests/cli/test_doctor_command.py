"""`printcare doctor`: an answer for everything, and never a failure."""

from __future__ import annotations

import json
import subprocess

import pytest

from printcare.cli import doctor, main


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_qt", lambda: (True, "Qt", ""))

    def run(*words):
        code = main.run(["doctor", "--db", str(tmp_path / "record.sqlite"), *words])
        return code, capsys.readouterr().out

    return run


def test_every_check_says_whether_what_and_what_to_do(run):
    code, out = run("--json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert code == 0
    assert {"python", "qt", "fonts", "ports", "record", "clock", "keystore", "pseudo-terminals", "argon2"} <= set(
        checks
    )
    for check in checks.values():
        assert check["what"]
        assert check["ok"] or check["remedy"]


def test_what_does_not_work_is_an_answer_and_not_a_failure(run, monkeypatch):
    def ill():
        raise OSError("no such library")

    monkeypatch.setattr(doctor, "_fonts", ill)
    code, out = run()
    assert code == 0
    assert "MISSING  fonts" in out
    assert "no such library" in out


def test_qt_that_cannot_be_loaded_is_told_with_the_libraries_to_install(monkeypatch):
    broken = subprocess.CompletedProcess([], 1, "", "Traceback\nImportError: libEGL.so.1: cannot open")
    monkeypatch.setattr(doctor.subprocess, "run", lambda *_, **__: broken)
    is_ok, what, remedy = doctor._qt()
    assert not is_ok
    assert "libEGL.so.1" in what
    assert "libegl1" in remedy


def test_a_station_key_others_can_read_is_named(run, tmp_path):
    key = tmp_path / "station-key.pem"
    key.write_text("x")
    key.chmod(0o644)
    _, out = run("--json")
    check = next(check for check in json.loads(out)["checks"] if check["name"] == "keystore")
    assert not check["ok"]
    assert "station-key.pem" in check["what"]


def test_a_clock_before_the_program_was_made_is_wrong(monkeypatch):
    monkeypatch.setattr(doctor, "BUILT", doctor.LATEST)
    assert not doctor._clock()[0]


def test_a_file_that_is_no_record_is_told(run, tmp_path):
    (tmp_path / "record.sqlite").write_bytes(b"not a database" * 100)
    _, out = run("--json")
    check = next(check for check in json.loads(out)["checks"] if check["name"] == "record")
    assert not check["ok"]
