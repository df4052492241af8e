"""The command line's front door: exit codes, one JSON object, and nothing heavy loaded before it is needed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from printcare.cli import main
from printcare.domain.checks import error
from printcare.errors import PrintcareError
from printcare.workflow.authority import Refused

HEAVY = ("sqlalchemy", "pint", "scipy", "trimesh", "pydantic", "PySide6", "keyring")
LISTING = """
import io, sys, contextlib
from printcare.cli.main import run
try:
    with contextlib.redirect_stdout(io.StringIO()):
        run(sys.argv[1:])
except SystemExit:
    pass
print(" ".join(sorted(name for name in sys.modules if "." not in name)))
"""
CASE = {
    "patient": {"birth_date": "2020-01-01"},
    "order": {},
    "ink": {},
    "recipe": {},
}


def loaded(*words, **options):
    line = [sys.executable, "-c", LISTING, *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, check=True, **options)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("dose", "-"),
        ("gcode", "--recipe", "cyclophosphamide-sse", "--dose-mg", "17", "--units", "2", "--profile", "marlin-syringe"),
    ],
    ids=lambda words: words[0],
)
def test_a_light_command_loads_nothing_heavy(words, tmp_path):
    if words[0] == "gcode":
        words = (*words, "-o", tmp_path / "a.gcode")
    modules = loaded(*words, input=json.dumps(CASE))
    assert "printcare" in modules
    assert not modules & set(HEAVY)


def test_checking_a_file_loads_nothing_heavy(tmp_path):
    path = tmp_path / "a.gcode"
    path.write_text("G28\n")
    assert not loaded("check", path, "--profile", "marlin-syringe") & set(HEAVY)


@pytest.fixture
def module(monkeypatch):
    """Put a command in place of `doctor` and let the test say what it does."""

    class Command:
        def __init__(self):
            self.does = lambda _: 0

        def add_parser(self, subparsers):
            """Add the command."""
            subparsers.add_parser("doctor").add_argument("--json", action="store_true")

        def run(self, arguments):
            """Do what the test says."""
            return self.does(arguments)

    made = Command()
    monkeypatch.setattr(main, "import_module", lambda _name: made)
    return made


def raising(fault):
    def does(_arguments):
        raise fault

    return does


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Refused((error("E_LOT_EXPIRED", "It expired.", "Take another."),)), 1),
        (PrintcareError("USAGE", "Wrong.", "Right."), 2),
        (PrintcareError("FILE_UNREADABLE", "Gone.", "Look."), 2),
        (PrintcareError("PORT_UNAVAILABLE", "No port.", "Plug it in."), 3),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_exit_code_says_what_became_of_the_command(module, fault, code, capsys):
    module.does = raising(fault)
    assert main.run(["doctor"]) == code
    assert capsys.readouterr().out == ""


def test_a_refusal_is_one_json_object_with_every_finding(module, capsys):
    module.does = raising(Refused((error("E_A", "a", "do a"), error("E_B", "b", "do b"))))
    assert main.run(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "refused"
    assert [finding["code"] for finding in told["findings"]] == ["E_A", "E_B"]
    assert all({"code", "severity", "reason", "remedy"} <= finding.keys() for finding in told["findings"])


def test_a_failure_is_one_json_object_with_its_remedy(module, capsys):
    module.does = raising(PrintcareError("PORT_UNAVAILABLE", "No port.", "Plug it in."))
    assert main.run(["doctor", "--json"]) == 3
    assert json.loads(capsys.readouterr().out) == {
        "status": "failed",
        "error": {"code": "PORT_UNAVAILABLE", "message": "No port.", "remedy": "Plug it in."},
    }


def test_an_exit_code_does_not_need_anybody_to_be_told(module, monkeypatch):
    module.does = raising(PrintcareError("RECORD_UNWRITABLE", "The disk is full.", "Free it."))
    monkeypatch.setattr(main, "print", lambda *_, **__: raising(OSError("no space left"))(None), raising=False)
    assert main.run(["doctor"]) == 3


def test_a_crash_leaves_a_file_without_values_and_says_what_to_do(module, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    module.does = raising(ValueError("Mia Muster, born 2020"))
    assert main.run(["doctor"]) == 3
    told = capsys.readouterr().err
    assert "CRASH" in told
    kept = "".join(path.read_text() for path in tmp_path.rglob("crash-*.txt"))
    assert "ValueError" in kept
    assert "Muster" not in told + kept


def test_a_reader_that_went_away_is_no_failure(module, monkeypatch):
    monkeypatch.setattr(sys, "stderr", open(os.devnull, "w", encoding="utf-8"))  # run closes it
    module.does = raising(BrokenPipeError())
    assert main.run(["doctor"]) == 0


def test_an_unknown_command_is_wrong_usage(capsys):
    assert main.run(["prnit"]) == 2
    assert "prnit" in capsys.readouterr().err


def test_wrong_usage_is_one_json_object_too_where_json_is_asked_for(capsys):
    assert main.run(["gcode", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["error"]["code"]) == ("failed", "USAGE")
    assert "--profile" in told["error"]["message"]


def test_the_hidden_command_is_not_listed(capsys):
    with pytest.raises(SystemExit):
        main.run(["--help"])
    listed = capsys.readouterr().out
    assert "doctor" in listed
    assert ["job"] not in [line.split()[:1] for line in listed.splitlines()]


@pytest.fixture
def deaf():
    """Ignore what asks a program to end, as a script's background does, and hear it again afterwards."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_an_interruption_is_heard_where_a_script_made_it_ignored(capsys, module, deaf):
    module.does = lambda _arguments: signal.raise_signal(signal.SIGINT)
    assert main.run(["doctor"]) == 130


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_who_asks_again_does_not_disturb_the_answer(name, capsys, module, deaf):
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)
    made_safe = []

    def printing(_arguments):
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            signal.raise_signal(number)
            made_safe.append(True)
            raise

    module.does = printing
    try:
        assert main.run(["doctor"]) == 130
    finally:
        signal.signal(number, before)
    assert made_safe == [True]


def test_nohup_is_respected(capsys, module):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        module.does = lambda _arguments: signal.raise_signal(signal.SIGHUP) or 0
        assert main.run(["doctor"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
