"""A new printer goes from unknown to qualified by the command line, and its report can be filed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from care import FIRMWARE, PASSWORD, PROFILE, SERIAL, staffed

from printcare.cli import main
from printcare.domain.people import SYSTEM
from printcare.domain.policy import REHEARSAL
from printcare.workflow.site.cleaning import Contact
from printcare.workflow.site.current import Use, use_stops
from printcare.workstation.opening import open_record

OQ = """
kind = "protocol"
id = "site-oq"
version = 1
stage = "OQ"
of = "OF"
title = "A site's own OQ"
valid_days = 90
[[step]]
id = "rest"
title = "Bench at rest"
acceptance = "as demanded"
check = "CHECK"
figures = ["zero_kpa = 3", "weight_mg = 20000", "weighings = 10", "readability_mg = 0.1", "minimum_weight_mg = 500"]
[[step]]
id = "place"
title = "Place"
acceptance = "level"
question = "What does the level show?"
"""


@pytest.fixture
def site(tmp_path, monkeypatch, cheap_passwords):
    """Return the folder of a site's record in which no equipment is known."""
    records, _ = open_record(f"sqlite:///{tmp_path}/record.sqlite", REHEARSAL)
    with records:
        made = staffed(records)
        made.check_balance()
        with records.transaction(SYSTEM) as tx:
            tx.record("mode.put", "mode", "present", {"status": "rehearsal", "before": None, "by": None})
            tx.record("backup.made", "backup", "BK-1", {"status": "verified"})
    (tmp_path / "secret").write_text(PASSWORD)
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("PRINTCARE_SECOND_PASSWORD_FILE", str(tmp_path / "secret"))
    for kind, check in (("printer", "pressure"), ("balance", "repeatability")):
        (tmp_path / f"{kind}.toml").write_text(OQ.replace("OF", kind).replace("CHECK", check))
    return tmp_path


@pytest.fixture
def told(site, capsys):
    """Return what runs a command as somebody and returns its exit code and object."""

    def run(who, *words):
        code = main.run([*words, "--db", f"sqlite:///{site}/record.sqlite", "--user", who, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def enter(told):
    """Enter printer and balance, and take both into use."""
    printer = ("--profile", PROFILE.id, "--serial", "P-1", "--firmware", FIRMWARE)
    balance = ("--kind", "balance", "--model", "EMU204", "--serial", SERIAL)
    for name, words in (("bench", printer), ("scale", balance)):
        assert told("max", "printer", "register", name, *words)[0] == 0
        assert told("max", "printer", "use", name, "--reason", "delivered")[0] == 0


def stops(site):
    """Return what speaks against the printer, beside recipe, person and cleaning."""
    records, _ = open_record(f"sqlite:///{site}/record.sqlite", REHEARSAL)
    with records:
        account = staffed_account(records)
        use = Use("bench", PROFILE, SERIAL, "none/1", (Contact(0, "ink", "L"),), account)
        found = use_stops(records, use, REHEARSAL, at_start=False)
    of_equipment = ("E_PRINTER", "E_BALANCE", "E_QUALIFICATION", "E_REQUALIFICATION")
    return {each.code for each in found if each.code.startswith(of_equipment)}


def staffed_account(records):
    from printcare.records.accounts import find, find_login

    return find(records, find_login(records, "ben"))


def test_a_new_printer_goes_from_unknown_to_qualified(site, told):
    assert stops(site) == {"E_PRINTER_UNREGISTERED", "E_QUALIFICATION_MISSING", "E_BALANCE_UNREGISTERED"}
    enter(told)
    assert stops(site) == {"E_QUALIFICATION_MISSING", "E_BALANCE_UNQUALIFIED"}
    code, made = told("max", "qualify", "run", "iq", "--printer", "bench")
    assert (code, made["run"]) == (0, "finished"), made["steps"]
    assert told("quinn", "qualify", "approve", made["id"])[0] == 0
    for kind, name in (("printer", "bench"), ("balance", "scale")):
        file = str(site / f"{kind}.toml")
        code, made = told("max", "qualify", name, "--protocol", file)
        assert (code, made["run"], made["questions"]) == (0, "running", ["place"])
        of_run = (made["id"], "--protocol", file)
        assert told("max", "qualify", "answer", *of_run, "--step", "place", "--seen", "centred")[1]["run"] == "finished"
        assert told("quinn", "qualify", "approve", *of_run)[0] == 0
        report = site / f"{name}.pdf"
        assert told("quinn", "qualify", "report", *of_run, "-o", str(report))[0] == 0
        assert report.read_bytes().startswith(b"%PDF")
    assert stops(site) == set()


def test_a_site_sets_how_often_maintenance_and_calibration_come_round(told):
    own = ("--every", "pressure=90", "--every", "service=0", "--reason", "V-7")
    assert told("owner", "printer", "schedule", *own)[0] == 0
    lamp = ("--every", "lamp=30", "--new", "calibration/printer", "--reason", "V-8")
    assert told("owner", "printer", "schedule", *lamp)[0] == 0
    shown = told("max", "printer", "schedule")[1]["schedule"]["tasks"]
    assert {task["name"]: task["every_days"] for task in shown} == {
        "axes and seals": 90, "temperature": 365, "pressure": 90, "lamp": 30,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "words", "code"),
    [
        ("max", ("--every", "pressure=90", "--reason", "less work"), 1),
        ("owner", ("--every", "pressure=90"), 1),
        ("owner", ("--every", "lamp=30", "--reason", "new"), 2),
        ("owner", ("--every", "pressure=often", "--reason", "new"), 2),
    ],
)
def test_a_schedule_is_changed_by_its_owner_for_a_reason_and_by_days(told, who, words, code):
    assert told(who, "printer", "schedule", *words)[0] == code


def test_a_site_sets_the_limits_of_its_cleaning_validation(told):
    own = ("--dirty-hold-h", "12", "--campaign-batches", "3", "--dedicated", "tamoxifen", "--never", "a:b")
    assert told("owner", "clean", "rules", *own, "--reason", "V-3")[0] == 0
    rules = told("max", "clean", "rules")[1]["rules"]
    assert (rules["dirty_hold_h"], rules["campaign_batches"], rules["clean_hold_h"]) == ("12", 3, "168")
    assert (rules["dedicated"], rules["excluded"]) == (["tamoxifen"], [["a", "b"]])


@pytest.mark.parametrize(
    ("who", "words", "code"),
    [
        ("max", ("--dirty-hold-h", "48", "--reason", "less work"), 1),
        ("owner", ("--dirty-hold-h", "48"), 1),
        ("owner", ("--dirty-hold-h", "0", "--reason", "none"), 1),
        ("owner", ("--dirty-hold-h", "long", "--reason", "none"), 2),
        ("owner", ("--dirty-hold-h", "NaN", "--reason", "none"), 2),
        ("owner", ("--never", "a", "--reason", "none"), 2),
    ],
)
def test_limits_of_cleaning_are_changed_by_their_owner_for_a_reason_and_by_numbers(told, who, words, code):
    assert told(who, "clean", "rules", *words)[0] == code


def test_a_bench_with_a_fault_is_not_qualified(site, told):
    enter(told)
    words = ("bench", "--protocol", str(site / "printer.toml"), "--fault", "pressure-offset@t:0")
    code, made = told("max", "qualify", *words)
    assert [step["outcome"] for step in made["steps"]] == ["failed"]
    of_run = (made["id"], "--protocol", str(site / "printer.toml"))
    told("max", "qualify", "answer", *of_run, "--step", "place", "--seen", "centred")
    code, refused = told("quinn", "qualify", "approve", *of_run)
    assert (code, refused["findings"][0]["code"]) == (1, "E_QUALIFICATION_STATE")
    assert "E_QUALIFICATION_MISSING" in stops(site)


def test_upkeep_training_cleaning_and_deviations_have_their_commands(told, site):
    enter(told)
    given = ("--task", "pressure", "--reason", "zeroed", "--reference", "gauge", "--certificate", "C-1")
    assert told("max", "printer", "calibrate", "bench", *given, "--certificate-until", "2199-12-31")[0] == 0
    assert told("max", "printer", "maintain", "bench", "--task", "axes and seals", "--reason", "greased")[0] == 0
    code, matrix = told(
        "quinn", "train", "record", "ada", "--module", "printer", "--printer", "bench", "--version", "2", "--note", "ok"
    )
    assert (code, matrix["matrix"][0]["counts"]) == (0, True)
    assert told("ada", "clean", "step", "bench", "tray", "washed", "--agent", "water")[1]["state"] == "washed"
    assert told("ada", "clean", "step", "bench", "tray", "clean", "--seen", "dry")[0] == 1
    assert told("ada", "clean", "steps", "unknown")[1]["steps"][0]["name"] == "protect"
    opened = told("ada", "deviation", "open", "--equipment", "bench", "--what", "it rattles")[1]["id"]
    assert told("quinn", "deviation", "close", opened, "--cause", "belt", "--impact", "none")[0] == 0
    shown = told("ada", "printer", "show", "bench")[1]
    assert set(shown["upkeep"]) == {"bench/pressure", "bench/axes and seals"}
    assert told("ada", "qualify", "list")[1]["runs"] == []
    assert told("ada", "deviation", "list")[1]["deviation"][opened]["status"] == "closed"
