"""`printcare emulator` from outside: its first line, its refusals and its end."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "printcare", "emulator"]


def refused(*words: str) -> str:
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr


def test_the_first_line_names_the_ports_and_an_interrupt_ends_it(tmp_path):
    words = ["--profile", "marlin-syringe", "--link-dir", str(tmp_path), "--speed", "50", "--without", "balance"]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, text=True) as served:
        ports = json.loads(served.stdout.readline())
        assert ports == {"printer": f"{tmp_path}/printer", "balance": None, "pressure": f"{tmp_path}/pressure"}
        assert f"Another emulator serves its devices in {tmp_path}" in refused(*words)
        assert (tmp_path / "printer").is_symlink()  # the first one's, as it was
        served.send_signal(signal.SIGINT)
        assert served.wait(timeout=30) in (0, 130)
    assert not list(tmp_path.iterdir())


def test_what_a_killed_emulator_left_behind_is_taken_over(tmp_path):
    words = [*COMMAND, "--profile", "marlin-syringe", "--link-dir", str(tmp_path), "--until-stdin-closes"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as killed:
        assert json.loads(killed.stdout.readline())["printer"]
        killed.kill()
    assert (tmp_path / "printer").is_symlink()  # it had no time to take its links away
    with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as served:
        assert json.loads(served.stdout.readline())["printer"] == f"{tmp_path}/printer"
        assert (tmp_path / "printer").exists()  # leads to a terminal that is there
        served.stdin.close()
        assert served.wait(timeout=30) == 0


def test_the_service_ends_with_its_parents_pipe_when_asked_to():
    words = ["--profile", "marlin-syringe", "--until-stdin-closes"]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as served:
        assert json.loads(served.stdout.readline())["printer"]
        served.stdin.close()
        assert served.wait(timeout=30) == 0


def test_the_table_of_faults_is_printed():
    done = subprocess.run([*COMMAND, "--list-faults"], capture_output=True, text=True, timeout=60, check=True)
    assert any(line.startswith("clog ") and "unit,line,t,volume" in line for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--fault", "clog@rate:1"), "clog@unit:N"),
        (("--fault", "nonsense@unit:1"), "Legal kinds"),
        (("--fault", "grinding@unit:1"), "FAULT_DRIVE"),
        (("--ink", "k=3"), "Legal names"),
        (("--ink", "1:bias=5"), "Tools are 0 to 0"),
        (("--noise", "balance=many"), "from 0 to 100"),
        (("--without", "printer"), "balance,pressure"),
        (("--speed", "0"), "--speed"),
        (("--seed", "-1"), "--seed"),
        (("--tcp", "70000"), "--tcp"),
        (("--link-dir", "/dev/null/links"), "/dev/null/links cannot be made"),
        (("--log", "/dev/null/log"), "/dev/null/log cannot be made"),
    ],
)
def test_wrong_usage_is_refused_with_the_legal_forms(words, told):
    assert told in refused("--profile", "marlin-syringe", *words)


def test_a_filament_bench_has_no_pressure_port_and_writes_its_log_with_a_hash(tmp_path):
    words = ["--profile", "marlin-filament", "--link-dir", str(tmp_path / "links"), "--log", str(tmp_path / "log")]
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, text=True) as served:
        assert json.loads(served.stdout.readline())["pressure"] is None
        served.send_signal(signal.SIGTERM)
        served.wait(timeout=30)
    lines = (tmp_path / "log").read_bytes().splitlines(keepends=True)
    assert json.loads(lines[-1])["sha256"] == hashlib.sha256(b"".join(lines[:-1])).hexdigest()


def test_a_profile_must_be_named():
    assert "--profile" in refused()


def test_the_help_says_what_is_not_modelled():
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert "Not modelled" in done.stdout
