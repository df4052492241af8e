"""`printcare demo` from outside: one real run over pseudo-terminals, its documents, and what it never loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal

import pytest

from printcare import verify

RUN = """
import sys
from printcare.cli.main import run
code = run(sys.argv[1:])
print(" ".join(sorted(name for name in sys.modules if "." not in name)), file=sys.stderr)
sys.exit(code)
"""


def demo(folder, *words):
    line = [sys.executable, "-c", RUN, "demo", "--out", str(folder / "out"), "--json", *words]
    environment = os.environ | {"HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    return subprocess.run(line, capture_output=True, text=True, timeout=110, check=False, env=environment)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder / "out", demo(folder, "--seed", "7")


def test_the_main_job_ends_rehearsed_with_ten_accepted_units(done):
    _, process = done
    told = json.loads(process.stdout)
    assert process.returncode == 0
    assert (told["status"], told["units"], told["accepted"], told["rejected"]) == ("rehearsed", 10, 10, 0)
    assert {alarm["id"] for alarm in told["alarms"]} <= {"A21"}  # over real ports no two primes scatter alike
    assert Decimal(told["acceptance_value"]) < 15


def test_every_document_it_names_is_there(done):
    folder, process = done
    files = json.loads(process.stdout)["files"]
    assert {"batch-record.pdf", "label.pdf", "units.csv", "calculation-sheet.json"} <= set(files)
    assert any("audit" in name for name in files)
    assert all((folder / name).stat().st_size > 0 for name in files)
    assert (folder / "batch-record.pdf").read_bytes().startswith(b"%PDF")


def test_the_calculation_sheet_says_of_which_batch_and_order_it_is_and_that_it_is_for_nobody(done):
    folder, _ = done
    head = (folder / "calculation-sheet.txt").read_text("utf-8").partition("\n\n")[0].splitlines()
    assert head[1] == "SIMULATED – NOT FOR PATIENTS"
    assert [line.partition(": ")[0] for line in head[2:]] == [
        "Batch", "Product", "Recipe", "Prescription", "Patient", "Dosing rule",
    ]  # fmt: skip


def test_its_export_verifies_without_the_application(done):
    folder, _ = done
    assert verify.verify_export((folder / "audit-export.jsonl").read_bytes())["verdict"] in ("OK", "UNANCHORED")


def test_it_never_loads_qt(done):
    _, process = done
    modules = process.stderr.splitlines()[-1].split()
    assert "printcare" in modules
    assert "PySide6" not in modules


def test_a_pipe_gets_one_json_object_and_no_progress_bar(done):
    _, process = done
    assert len(process.stdout.splitlines()) == 1
    assert "█" not in process.stderr


def test_a_fault_nobody_knows_is_wrong_usage_and_begins_nothing(tmp_path):
    process = demo(tmp_path, "--fault", "nonsense@unit:1")
    assert process.returncode == 2
    assert json.loads(process.stdout)["status"] == "failed"


def test_an_earlier_record_is_kept_beside_the_new_one(tmp_path, capsys):
    from printcare.cli.demo import _fresh_record

    for name in ("record.sqlite", "record.sqlite-wal", "record-1.sqlite"):
        (tmp_path / name).write_text(name)
    url = _fresh_record(tmp_path)
    assert url.endswith("/record.sqlite")
    assert (tmp_path / "record-2.sqlite").read_text() == "record.sqlite"
    assert (tmp_path / "record-2.sqlite-wal").read_text() == "record.sqlite-wal"
    assert not (tmp_path / "record.sqlite").exists()
    assert "record-2.sqlite" in capsys.readouterr().err


def failure_of(process):
    assert process.returncode == 3
    return json.loads(process.stdout)["error"]["code"]


def test_a_folder_that_is_a_file_is_said_in_plain_words(tmp_path):
    (tmp_path / "out").write_text("not a folder")
    assert failure_of(demo(tmp_path)) == "FOLDER_UNUSABLE"


@pytest.mark.skipif(os.name == "nt", reason="there an open record cannot be moved away")
def test_a_second_demonstration_leaves_the_record_of_a_running_one_alone(tmp_path):
    import fcntl

    record = tmp_path / "out" / "record.sqlite"
    record.parent.mkdir()
    record.write_bytes(b"in use")
    with (record.parent / ".demonstration").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert failure_of(demo(tmp_path)) == "FOLDER_BUSY"
    assert record.read_bytes() == b"in use"
