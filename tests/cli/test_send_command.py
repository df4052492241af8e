"""`printcare send`: a file arrives verbatim, and the report says what happened on the way."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "devices"))
from marlin_on_pty import marlin

from printcare.cli.main import run

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="pseudo-terminals only exist on POSIX systems")

PROGRAM = "; a square\nG28\n\nG1 X10 Y0 ; first side\nG1 X10 Y10\r\nG1 X1.5 Y2.5 Z0.25 E3.75\n"
LINES = ["G28", "G1 X10 Y0", "G1 X10 Y10", "G1 X1.5 Y2.5 Z0.25 E3.75"]
KEYS = {"lines", "seconds", "lines_per_s", "resends", "timeouts", "foreign_lines", "ended", "position", "warnings"}


@pytest.fixture
def program(tmp_path: Path) -> str:
    file = tmp_path / "square.gcode"
    file.write_text(PROGRAM)
    return str(file)


def sent(program: str, url: str, *options: str) -> int:
    return run(["send", program, "--printer", url, "--profile", "marlin-syringe", *options])


def test_every_line_arrives_verbatim_and_the_report_keeps_the_contract(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with marlin() as printer:
        assert sent(program, printer.url, "--json") == 0
        executed = printer.executed
    report = json.loads(capsys.readouterr().out)
    assert report.keys() >= KEYS
    assert executed[-6:] == [*LINES, "M400", "M114"]
    assert report["lines"] == len(LINES)
    assert report["position"] == {"x": 1.5, "y": 2.5, "z": 0.25, "e": 3.75}
    assert (report["ended"], report["warnings"], report["status"]) == ("done", [], "ok")


def test_differences_of_identity_and_refused_lines_are_warnings(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with marlin({"M115": "FIRMWARE_NAME:Other 1.0\n", "G28": "echo: cold extrusion prevented\n"}) as printer:
        assert sent(program, printer.url, "--window", "9") == 0
    shown = capsys.readouterr()
    assert "4 lines in" in shown.out
    assert "PRINTER_IDENTITY" in shown.err
    assert "The printer refused G28" in shown.err
    assert "The window is 3" in shown.err


def test_a_printer_of_another_dialect_gets_no_line_of_the_file(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with marlin({"M115": "FIRMWARE_NAME:Klipper v0.13\n"}) as printer:
        assert sent(program, printer.url, "--json") == 3
        assert not set(LINES) & set(printer.executed)
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "E_PRINTER_DIALECT"


def test_a_printer_that_restarts_ends_the_file_with_exit_code_3(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with marlin({"G28": "start\n"}) as printer:
        assert sent(program, printer.url, "--json") == 3
    report = json.loads(capsys.readouterr().out)
    assert (report["ended"], report["position"], report["status"]) == ("PRINTER_RESTARTED", None, "failed")


def test_a_port_that_is_not_there_is_told_as_a_failure(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sent(program, "/dev/no-such-printer", "--json") == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "PORT_UNAVAILABLE"


def test_a_file_that_is_not_gcode_or_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "picture.gcode"
    picture.write_bytes(b"G28\n\x89PNG\n")
    assert sent(str(picture), "/dev/no-such-printer", "--json") == 3
    refusal = json.loads(capsys.readouterr().out)["error"]
    assert refusal["code"] == "FILE_NOT_GCODE"
    assert refusal["message"].startswith("Line 2 ")
    assert sent(str(tmp_path / "none.gcode"), "/dev/no-such-printer", "--json") == 2


def test_a_file_without_a_line_is_told_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.gcode").write_text("; nothing yet\n\n")
    with marlin() as printer:
        assert sent(str(tmp_path / "empty.gcode"), printer.url, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["lines"] == 0
    assert "only comments" in report["warnings"][0]


@pytest.mark.parametrize("count", ["0", "-1", "x"])
def test_a_window_that_is_no_number_of_lines_is_wrong_usage(program: str, count: str) -> None:
    assert sent(program, "/dev/no-such-printer", "--window", count) == 2
