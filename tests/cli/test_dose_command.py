"""`printcare dose` to its contract: one object, exit codes, standard input, nothing heavy loaded."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from printcare.cli import dose
from printcare.formats.dose_case import MAX_CASE_BYTES

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "data" / "dosing-cases.json").read_text("utf-8"))["e2e"]
}


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    dose.add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["dose", *arguments])
    return int(parsed.run(parsed))


@pytest.fixture
def case_file(tmp_path):
    def write(case_id: str) -> str:
        path = tmp_path / f"{case_id}.json"
        path.write_text(json.dumps(CASES[case_id]), "utf-8")
        return str(path)

    return write


def test_json_is_one_object_with_the_expected_figures(case_file, capsys):
    assert run(case_file("V02"), "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert {name: printed[name] for name in CASES["V02"]["expect"]} == CASES["V02"]["expect"]


def test_without_json_the_sheet_is_printed(case_file, capsys):
    assert run(case_file("V01")) == 0
    assert "√(102 × 16 ÷ 3600)" in capsys.readouterr().out


def test_a_refusal_is_exit_one_with_findings_only(case_file, capsys):
    assert run(case_file("R08"), "--json") == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() == {"status", "findings"}
    assert printed["status"] == "refused"
    assert {"code", "severity", "reason", "remedy"} <= printed["findings"][0].keys()
    assert printed["findings"][0]["code"] == "E_BMI_IMPLAUSIBLE"


def test_a_refusal_in_words_says_no_dose(case_file, capsys):
    assert run(case_file("R08")) == 1
    assert capsys.readouterr().out.startswith("NO DOSE")


def test_a_dash_reads_standard_input(monkeypatch, capsys):
    received = io.TextIOWrapper(io.BytesIO(json.dumps(CASES["V01"]).encode()))
    monkeypatch.setattr(sys, "stdin", received)
    assert run("-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["dose_rounded_mg"] == "17"


def test_broken_json_is_a_refusal(tmp_path, capsys):
    path = tmp_path / "broken.json"
    path.write_bytes(b"{")
    assert run(str(path), "--json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "E_CASE_JSON"


def test_a_file_too_large_is_refused_without_being_read_whole(tmp_path, capsys):
    path = tmp_path / "large.json"
    path.write_bytes(b" " * (MAX_CASE_BYTES + 100))
    assert run(str(path), "--json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "E_CASE_SIZE"


def test_an_unreadable_file_is_wrong_usage_and_says_so_on_standard_error(tmp_path, capsys):
    assert run(str(tmp_path / "absent.json"), "--json") == 2
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "status": "failed",
        "error": json.loads(told.out)["error"],
    }
    assert json.loads(told.out)["error"].keys() == {"code", "message", "remedy"}
    assert "E_FILE_UNREADABLE" in told.err


def test_an_unreadable_file_prints_nothing_on_standard_output_without_json(tmp_path, capsys):
    assert run(str(tmp_path)) == 2
    assert capsys.readouterr().out == ""


def test_nothing_heavy_is_loaded():
    script = (
        "import sys, printcare.cli.dose; "
        "print([m for m in ('numpy','scipy','sqlalchemy','pint','pydantic','trimesh','PySide6','shapely') "
        "if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
