"""`printcare print`: a verified order becomes a batch in quarantine, without a window, and nothing else does."""

from __future__ import annotations

import json
import shutil
from datetime import datetime

import pytest

from printcare.cli import main
from printcare.cli.print_ import is_finished_at_once
from printcare.domain.policy import REHEARSAL
from printcare.workflow.demonstration import PROFILE, Demonstration, typed_again
from printcare.workflow.order.verify import verify_order
from printcare.workstation.bench import bench_process
from printcare.workstation.opening import open_record

CARTRIDGE = "CP-2601-A-07"


@pytest.fixture(scope="module")
def house(tmp_path_factory, cheap_passwords_for_all):
    """Return the folder of a record in rehearsal, with an order two people verified; every test gets its copy."""
    folder = tmp_path_factory.mktemp("house")
    records, _ = open_record(f"sqlite:///{folder}/record.sqlite", REHEARSAL)
    with records:
        show = Demonstration(records, datetime.now().astimezone().date())
        show.set_up()
        order = show.receive(show.message())
        calculated = show.calculate(order)
        ben, cleo = show.people["b.pharmacist"], show.people["c.pharmacist"]
        passwords = show.passwords["b.pharmacist"], show.passwords["c.pharmacist"]
        given = show.acknowledged(calculated)
        verify_order(records, ben, *passwords, order, calculated, cleo, typed_again(order, cleo.id), given)
    (folder / "order").write_text(order.id)
    for login, password in show.passwords.items():
        (folder / login).write_text(password)
    return folder


@pytest.fixture
def site(house, tmp_path, monkeypatch):
    shutil.copytree(house, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(tmp_path / "a.operator"))
    monkeypatch.setenv("PRINTCARE_SECOND_PASSWORD_FILE", str(tmp_path / "b.pharmacist"))
    return tmp_path


def printed(site, capsys, urls, *words):
    """Run the command and return its exit code and the one object it printed."""
    line = [
        "print",
        "--order",
        (site / "order").read_text(),
        "--cartridge",
        CARTRIDGE,
        "--profile",
        PROFILE,
        "--days",
        "1",
    ]
    line += ["--db", f"sqlite:///{site}/record.sqlite", "--user", "a.operator", "--second-user", "b.pharmacist"]
    line += ["--out", str(site / "papers"), "--json"]
    for source in ("printer", "balance", "pressure"):
        line += [f"--{source}", urls[source]]
    code = main.run([*line, *words])
    return code, json.loads(capsys.readouterr().out)


def test_a_verified_order_is_printed_and_waits_in_quarantine_for_another_person(site, capsys, monkeypatch):
    with bench_process(PROFILE, 60.0, 1, []) as urls:
        words = ("--printer-name", f"simulated {PROFILE}", "--room", "ISO 8", "21.5", "45")
        code, told = printed(site, capsys, urls, "--endpoint", str(site / "own" / "job.sock"), *words)
    assert (site / "own").is_dir()  # it listened there, and is gone with its job
    assert not (site / "own" / "job.sock").exists()
    assert (code, told["status"]) == (3, "quarantined")
    assert told["reason"] == "every unit printed and judged"
    assert (told["units"], told["accepted"], told["may_be"]) == (4, 4, ["rehearsed", "rejected"])
    assert all((site / "papers" / name).is_file() for name in told["files"])
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(site / "r.releaser"))
    line = ["batch", "release", told["batch"], "--rehearsed", "--user", "r.releaser", "--json"]
    assert main.run([*line, "--db", f"sqlite:///{site}/record.sqlite"]) == 0
    assert json.loads(capsys.readouterr().out)["batch"]["status"] == "rehearsed"


@pytest.mark.parametrize(
    ("status", "simulated", "is_finished"),
    [("finishing", True, True), ("finishing", False, False), ("quarantined", True, False)],
)
def test_nobody_signs_for_drying_and_packing_real_units_before_it_is_done(status, simulated, is_finished):
    assert is_finished_at_once({"status": status, "simulated": simulated}) is is_finished


NOWHERE = {source: f"/dev/no-{source}" for source in ("printer", "balance", "pressure")}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--order", "RX-NONE"], "E_ORDER_UNKNOWN"),
        (["--cartridge", "K-NONE"], "E_CARTRIDGE_UNKNOWN"),
        (["--recipe", "sildenafil-sse", "--cartridge", CARTRIDGE], "E_CARTRIDGE_COUNT"),
        (["--days", "99"], "E_COURSE_LENGTH"),
        (["--step", "1", "--at", "08:00"], "E_ORDER_KIND"),
        (["--printer-name", "the other one"], "E_PRINTER_UNREGISTERED"),
    ],
)
def test_what_is_not_in_order_is_refused_before_any_port_is_opened(site, capsys, words, expected):
    code, told = printed(site, capsys, NOWHERE, *words)
    assert (code, told["status"]) == (1, "refused")
    assert expected in [finding["code"] for finding in told["findings"]]


def test_a_port_that_is_not_there_leaves_no_prepared_batch_to_keep_the_cartridge(site, capsys):
    for _ in range(2):
        code, told = printed(site, capsys, NOWHERE, "--room", "ISO 8", "21.5", "45")
        assert (code, told["error"]["code"]) == (3, "PORT_UNAVAILABLE")
    with open_record(f"sqlite:///{site}/record.sqlite", REHEARSAL)[0] as records:
        assert {state["status"] for state in records.all("batch").values()} == {"planned"}


@pytest.mark.parametrize("words", [["--step", "1"], ["--at", "08:00"], ["--room", "D", "warm", "45"]])
def test_words_that_do_not_belong_together_are_wrong_usage(site, capsys, words):
    code, told = printed(site, capsys, NOWHERE, *words)
    assert (code, told["error"]["code"]) == (2, "USAGE")
