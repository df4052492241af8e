"""`printcare order` and the watched folder, from the outside: exit codes, JSON, passwords by file."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from printcare.cli.main import run

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
from ward import GONE, LOT_FILE, PASSWORD, open_ward, order_file

ENTRY = ["--weight", "16", "--height", "102", "--dose", "17"]
SIGNERS = ["--user", "ben", "--second-user", "cleo"]


@pytest.fixture
def site(tmp_path, monkeypatch, cheap_passwords):
    """Return the record of a pharmacy, with the passwords of both people in files."""
    open_ward(tmp_path).records.close()
    for variable in ("PRINTCARE_PASSWORD_FILE", "PRINTCARE_SECOND_PASSWORD_FILE"):
        file = tmp_path / variable
        file.write_text(PASSWORD, "utf-8")
        monkeypatch.setenv(variable, str(file))
    return tmp_path


def order(**changes: object) -> bytes:
    """Return the order as written today: the command looks at the calendar."""
    today = date.today()
    measured = (today - timedelta(days=3)).isoformat()
    dated = {"authored_on": today.isoformat()}
    dated["weight"] = {"value": "16.0", "unit": "kg", "measured_on": measured}
    dated["height"] = {"value": "102", "unit": "cm", "measured_on": measured}
    born = date(today.year - 4, 1, 1).isoformat()
    dated["patient"] = {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": born, "sex": "F"}
    return order_file(**(dated | changes))


def told(capsys, *words: str) -> tuple[int, dict]:
    capsys.readouterr()
    code = run([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def kept(site: Path, capsys, **changes: object) -> None:
    file = site / "incoming.json"
    file.write_bytes(order(**changes))
    code, shown = told(capsys, "import", str(file), "--keep", "--user", "operator", "--db", str(site / "record.sqlite"))
    assert code == 0, shown


def verify(site: Path, capsys, *more: str, entry=ENTRY) -> tuple[int, dict]:
    where = ["--db", str(site / "record.sqlite"), "--lot", str(LOT_FILE)]
    return told(capsys, "order", "verify", "RX-1", *where, *SIGNERS, *entry, *more)


def codes(shown: dict) -> list[str]:
    return [finding["code"] for finding in shown["findings"]]


def test_an_order_is_verified_by_two_people(site, capsys):
    kept(site, capsys)
    code, shown = verify(site, capsys)
    assert (code, shown["status"]) == (0, "ok")
    assert shown["verified"]["printed_dose_mg"] == "17"
    assert shown["verified"]["units_per_dose"] == 1
    listed = told(capsys, "order", "list", "--user", "ben", "--db", str(site / "record.sqlite"))[1]["orders"]
    assert [(row["id"], row["status"]) for row in listed] == [("RX-1", "verified")]


def test_a_dose_typed_otherwise_is_refused_and_leaves_the_order_waiting(site, capsys):
    kept(site, capsys)
    code, shown = verify(site, capsys, entry=[*ENTRY[:-1], "71"])
    assert (code, shown["status"], codes(shown)) == (1, "refused", ["E_SECOND_ENTRY_DOSE"])
    assert verify(site, capsys)[0] == 0


def test_one_person_alone_verifies_nothing(site, capsys):
    kept(site, capsys)
    where = ["--db", str(site / "record.sqlite"), "--lot", str(LOT_FILE), "--user", "ben", "--second-user", "ben"]
    code, shown = told(capsys, "order", "verify", "RX-1", *where, *ENTRY)
    assert (code, codes(shown)) == (1, ["E_SECOND_PERSON_SAME"])


def test_an_operator_is_no_second_pharmacist(site, capsys):
    kept(site, capsys)
    where = ["--db", str(site / "record.sqlite"), "--lot", str(LOT_FILE), "--user", "ben", "--second-user", "operator"]
    code, shown = told(capsys, "order", "verify", "RX-1", *where, *ENTRY)
    assert (code, codes(shown)) == (1, ["NOT_PERMITTED"])


def test_without_the_second_entry_it_is_wrong_usage(site, capsys):
    kept(site, capsys)
    code, shown = verify(site, capsys, entry=[])
    assert (code, shown["error"]["code"]) == (2, "USAGE")


def test_a_wrong_password_is_refused(site, capsys):
    kept(site, capsys)
    (site / "PRINTCARE_SECOND_PASSWORD_FILE").write_text("another", "utf-8")
    code, shown = verify(site, capsys)
    assert (code, codes(shown)) == (1, ["LOGIN_REFUSED"])


def test_a_warning_is_acknowledged_by_option(site, capsys):
    kept(site, capsys, allergies=["penicillin"])
    code, shown = verify(site, capsys)
    assert (code, codes(shown)) == (1, ["E_ACKNOWLEDGEMENT_MISSING"])
    code, shown = verify(site, capsys, "--acknowledge", "W_ALLERGY_STATED=rash in 2024, other class")
    assert code == 0
    assert shown["verified"]["acknowledged"][0]["reason"] == "rash in 2024, other class"


@pytest.mark.parametrize(
    "wrong", [["--acknowledge", "W_ALLERGY_STATED"], ["--given-before", "week:mg:1"], ["--given-before", "course:mg:x"]]
)
def test_a_statement_that_is_not_understood_is_wrong_usage(site, capsys, wrong):
    assert verify(site, capsys, *wrong)[0] == 2


def test_where_only_a_basis_came_the_pharmacist_enters_the_dose(site, capsys):
    kept(site, capsys, dose_mg=GONE)
    assert codes(verify(site, capsys)[1]) == ["E_DOSE_NOT_ENTERED"]
    code, shown = verify(site, capsys, "--enter-dose", "17")
    assert (code, shown["verified"]["origin"]) == (0, "entered")


def test_a_taper_is_verified_dose_by_dose(site, capsys):
    steps = [
        {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": "7"}]},
        {"days": 2, "doses": [{"at": "08:00", "dose_mg": "17"}]},
    ]
    kept(site, capsys, steps=steps, dose_mg=GONE, basis=GONE, doses_per_day=GONE, duration_days=GONE)
    body = ENTRY[:4]
    assert codes(verify(site, capsys, entry=[*body, "--dose", "10", "--dose", "7"])[1]) == ["E_SECOND_ENTRY_DOSE"]
    code, shown = verify(site, capsys, entry=[*body, "--dose", "10", "--dose", "7", "--dose", "17"])
    assert code == 0
    assert [dose["printed_dose_mg"] for step in shown["verified"]["steps"] for dose in step["doses"]] == [
        "10",
        "7",
        "17",
    ]


def test_a_second_person_at_the_terminal_types_before_any_number_is_shown(site, capsys, monkeypatch):
    kept(site, capsys)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    shown_before: list[str] = []
    answers = iter(["16", "102", "17"])

    def typed(prompt):
        shown_before.append(capsys.readouterr().out)
        return next(answers)

    monkeypatch.setattr("builtins.input", typed)
    where = ["--db", str(site / "record.sqlite"), "--lot", str(LOT_FILE)]
    assert run(["order", "verify", "RX-1", *where, *SIGNERS]) == 0
    assert "17" not in "".join(shown_before)
    printed = capsys.readouterr().out
    assert "target wet mass" in printed
    assert "VERIFIED" in printed


def test_a_record_that_is_not_there_is_not_begun(tmp_path, capsys):
    code, shown = told(capsys, "order", "list", "--user", "ben", "--db", str(tmp_path / "none.sqlite"))
    assert (code, shown["error"]["code"]) == (3, "NO_RECORD")
    assert list(tmp_path.iterdir()) == []


def watch(site: Path, capsys) -> tuple[int, dict]:
    where = ["--db", str(site / "record.sqlite"), "--user", "operator", "--settle", "0.05"]
    return told(capsys, "import", "--watch", str(site / "inbox"), "--once", *where)


def test_a_watched_folder_puts_orders_on_the_worklist_and_says_why_not(site, capsys):
    inbox = site / "inbox"
    inbox.mkdir()
    (inbox / "good.json").write_bytes(order())
    (inbox / "bad.json").write_bytes(b'{"schema": "printcare.prescription/1"}')
    code, shown = watch(site, capsys)
    assert code == 1
    assert [(each["file"], each["outcome"]) for each in shown["results"]] == [
        ("bad.json", "refused"),
        ("good.json", "accepted"),
    ]
    assert sorted(path.name for path in (inbox / "refused").iterdir()) == ["bad.json", "bad.json.findings.json"]
    listed = told(capsys, "order", "list", "--user", "ben", "--db", str(site / "record.sqlite"))[1]["orders"]
    assert [row["id"] for row in listed] == ["RX-1"]
    assert watch(site, capsys) == (0, {"status": "ok", "results": []})


@pytest.mark.parametrize("words", [["import"], ["import", "a.json", "--watch", "b"], ["import", "--watch", "b"]])
def test_a_file_or_a_folder_and_somebody_is_named(words, capsys):
    assert told(capsys, *words)[0] == 2
