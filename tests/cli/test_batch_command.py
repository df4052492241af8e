"""`printcare batch`: interrupted batches found, shown, closed, reviewed and decided on from the record alone."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime
from functools import cache

import pytest

from printcare.cli import main
from printcare.control.events import UnitBegan
from printcare.domain.policy import REHEARSAL
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.formats.profile import load_profile
from printcare.records import audit
from printcare.workflow.demonstration import PROFILE, Demonstration
from printcare.workstation.bench import bench_process
from printcare.workstation.opening import open_record


class Died(BaseException):
    """The death of a process."""


def batch_in(folder, dies, faults, closes):
    """Leave the record of one short batch in a folder, made as far as a test says, and a file for each password."""
    records, _ = open_record(f"sqlite:///{folder}/record.sqlite", REHEARSAL)
    with records:
        show = Demonstration(records, datetime.now().astimezone().date())
        show.set_up()
        order = show.receive(show.message())
        calculated = show.calculate(order)
        planned = show.verify_and_plan(replace(order, duration_days=1), calculated)
        drawn = show.prepare(planned, 1)

        def watch(event):
            if dies and isinstance(event, UnitBegan) and event.index == 2:
                raise Died

        bench = Bench(load_profile(PROFILE), faults=faults)
        try:
            ended = show.produce(planned, VirtualPorts(bench), watch)
            if ended.outcome.value == "completed" and closes:
                show.close(planned, drawn)
        except Died:
            lease = records.get("job_lease", "B-0001")
            with records.transaction(show.people["a.operator"].actor("operator")) as tx:
                tx.record("job.leased", "job_lease", "B-0001", lease | {"boot_id": "an earlier start"})
    for login, password in show.passwords.items():
        (folder / login).write_text(password)


@pytest.fixture(scope="module")
def batch(tmp_path_factory, cheap_passwords_for_all):
    """Return what leaves the record of a batch in a folder; each kind of batch is made once and copied."""

    @cache
    def made(*kind):
        folder = tmp_path_factory.mktemp("batch")
        batch_in(folder, *kind)
        return folder

    return lambda folder, *kind: shutil.copytree(made(*kind), folder, dirs_exist_ok=True)


@pytest.fixture
def record(tmp_path, monkeypatch, batch):
    """Return what leaves the record of one short batch in the test's folder, made as far as the test says."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return lambda *, dies=False, faults=(), closes=True: batch(tmp_path, dies, faults, closes)


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    def run(*words, user=None):
        line = ["batch", *words, "--db", str(tmp_path / "record.sqlite"), "--json"]
        if user:
            monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(tmp_path / user))
            line += ["--user", user]
        code = main.run(line)
        return code, json.loads(capsys.readouterr().out)

    return run


def test_an_interrupted_batch_is_listed_in_quarantine_without_an_identity(record, run):
    record(dies=True)
    code, told = run("list")
    (batch,) = told["batch"]
    assert (code, told["status"]) == (0, "ok")
    assert (batch["id"], batch["status"], batch["outcome"]) == ("B-0001", "quarantined", "interrupted")
    assert (batch["accepted"], batch["rejected"], batch["unprinted"]) == (1, 1, 2)


def test_a_batch_is_shown_with_units_alarms_and_deviations(record, run):
    record(faults=("balance-dead@unit:2",))
    code, told = run("show", "B-0001", user="r.releaser")
    batch = told["batch"]
    assert code == 0
    assert [unit["status"] for unit in batch["unit"]] == ["accepted", "rejected", "unprinted", "unprinted"]
    assert batch["alarm"][0]["alarm"] == "A11"
    assert len(batch["deviation"]) == 1
    assert "Mia" not in json.dumps(told)


def test_recover_closes_an_interrupted_batch_with_one_deviation(record, run, tmp_path):
    record(dies=True)
    for _ in range(2):
        code, told = run("recover", "B-0001", "--reason", "power cut", user="a.operator")
        assert (code, told["status"]) == (0, "quarantined")
        assert told["batch"]["deviation"] == "B-0001/D1"
        assert told["batch"]["on_the_tray"] == {"A1": "accepted", "A2": "rejected"}
        assert list(told["batch"]["cartridges"].values()) == ["quarantined"]
    with open_record(f"sqlite:///{tmp_path}/record.sqlite", REHEARSAL)[0] as records:
        assert "power cut" in str(records.events(action="deviation.explained")[-1].content)
    assert len(run("show", "B-0001")[1]["batch"]["deviation"]) == 1
    assert audit.verify(f"sqlite:///{tmp_path}/record.sqlite")["verdict"] in ("OK", "UNANCHORED")


def test_recover_makes_a_named_printer_safe_first_and_records_its_answer(record, run, tmp_path):
    record(dies=True)
    with bench_process(PROFILE, 50.0, 1, []) as urls:
        code, told = run("recover", "B-0001", "--printer", urls["printer"], user="a.operator")
    assert code == 0
    assert told["batch"]["printer"]["confirmed"]
    assert "heaters off" in told["batch"]["printer"]["sent"]
    with open_record(f"sqlite:///{tmp_path}/record.sqlite", REHEARSAL)[0] as records:
        assert len(records.events(action="printer.made_safe")) == 1


def test_recover_goes_on_without_a_printer_that_is_gone_and_says_so(record, run, tmp_path):
    record(dies=True)
    code, told = run("recover", "B-0001", "--printer", str(tmp_path / "unplugged"), user="a.operator")
    assert (code, told["batch"]["deviation"]) == (3, "B-0001/D1")
    assert not told["batch"]["printer"]["confirmed"]
    with open_record(f"sqlite:///{tmp_path}/record.sqlite", REHEARSAL)[0] as records:
        (recorded,) = records.events(action="printer.made_safe")
        assert recorded.content["new"]["how"] == "nothing"
        assert "unplugged" in recorded.content["new"]["reason"]


def test_recover_sends_nothing_to_the_printer_of_a_batch_that_was_not_interrupted(record, run, tmp_path):
    record()
    code, told = run("recover", "B-0001", "--printer", str(tmp_path / "unplugged"), user="a.operator")
    assert (code, told["error"]["code"]) == (3, "BATCH_NOT_INTERRUPTED")


def test_whoever_starts_next_is_told_of_the_lost_job_once(record, run, capsys, tmp_path):
    record(dies=True)
    line = ["batch", "list", "--db", str(tmp_path / "record.sqlite")]
    told = []
    for _ in range(2):
        main.run(line)
        told.append(capsys.readouterr().err)
    assert "printcare batch recover B-0001" in told[0]
    assert told[1] == ""


def test_a_batch_whose_program_died_after_its_last_unit_is_finished_by_command(record, run):
    record(closes=False)
    assert run("show", "B-0001")[1]["batch"]["status"] == "finishing"
    code, told = run("finish", "B-0001", user="a.operator")
    assert (code, told["status"], told["batch"]["status"]) == (0, "quarantined", "quarantined")
    uses = [unit["use"] for unit in run("show", "B-0001")[1]["batch"]["unit"]]
    assert uses == ["patient", "retain", "test", "spare"]


def test_review_and_reject_of_an_interrupted_batch(record, run):
    record(dies=True)
    code, told = run("review", "B-0001", user="r.releaser")
    assert code == 1  # the verdict says no
    assert told["batch"]["may_be"] == ["rejected"]
    assert "E_BATCH_INCOMPLETE" in [finding["code"] for finding in told["batch"]["findings"]]
    assert run("release", "B-0001", user="r.releaser")[0] == 1
    code, told = run("reject", "B-0001", user="r.releaser")
    assert (code, told["status"], told["batch"]["status"]) == (0, "rejected", "rejected")


def test_who_printed_never_decides(record, run):
    record(dies=True)
    for verb in ("release", "reject", "review"):
        code, told = run(verb, "B-0001", user="a.operator")
        assert (code, told["status"]) == (1, "refused")
        assert told["findings"][0]["code"] == "NOT_PERMITTED"


def test_a_simulated_batch_is_never_released(record, run):
    record()
    code, told = run("release", "B-0001", user="r.releaser")
    assert (code, told["status"]) == (1, "refused")
    assert told["findings"][0]["code"] == "E_DECISION"


def test_a_batch_of_a_finished_rehearsal_is_no_interrupted_one(record, run):
    record()
    code, told = run("recover", "B-0001", user="a.operator")
    assert (code, told["error"]["code"]) == (3, "BATCH_NOT_INTERRUPTED")


def test_a_wrong_password_is_a_refusal(record, run, tmp_path):
    folder = record(dies=True)
    (folder / "r.releaser").write_text("not the password")
    code, told = run("review", "B-0001", user="r.releaser")
    assert (code, told["findings"][0]["code"]) == (1, "LOGIN_REFUSED")


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("show", "B-9999"), 3, "BATCH_UNKNOWN"),
        (("recover", "B-0001"), 2, "USAGE"),
        (("recover", "B-0001", "--printer", "x"), 2, "USAGE"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_remedy(record, run, words, code, error):
    record(dies=True)
    exit_code, told = run(*words)
    assert (exit_code, told["error"]["code"]) == (code, error)
    assert told["error"]["remedy"]


def test_no_record_is_told_and_none_is_made(run, tmp_path):
    code, told = run("list")
    assert (code, told["error"]["code"]) == (3, "NO_RECORD")
    assert not (tmp_path / "record.sqlite").exists()


def test_in_words_a_line_says_what_became_of_a_batch(record, capsys, tmp_path):
    record(dies=True)
    assert main.run(["batch", "list", "--db", str(tmp_path / "record.sqlite")]) == 0
    line = capsys.readouterr().out
    assert line.startswith("B-0001  quarantined  cyclophosphamide-sse/")
    assert "1 of 4 accepted, 1 rejected" in line
    assert main.run(["batch", "show", "B-0001", "--db", str(tmp_path / "record.sqlite")]) == 0
    assert "rejected" in capsys.readouterr().out
