"""`printcare balance`: a check is judged, kept and listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from printcare.cli.main import run
from printcare.domain.people import Role
from printcare.domain.policy import LOCKED
from printcare.workflow.recipe.set_up import Person, set_up
from printcare.workstation.opening import open_record

PASSWORD = "a long enough password"


def test_a_check_is_judged_kept_and_listed(
    tmp_path: Path, monkeypatch: Any, capsys: Any, cheap_passwords: None
) -> None:
    url = f"sqlite:///{tmp_path}/record.sqlite"
    records, _ = open_record(url, LOCKED)
    with records:
        staff = [
            Person("ada", "Ada", (Role.OPERATOR,), PASSWORD),
            Person("paula", "P", (Role.PROCESS_OWNER,), PASSWORD),
        ]
        set_up(records, Person("admin", "Avery", (Role.ADMINISTRATOR,), PASSWORD), staff)
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(secret))
    who = ["--db", url, "--json", "--user", "ada"]
    daily = ["balance", "check", "SN-1", "--kind", "daily", "--weight-mg", "100000", "--readability-mg", "0.1"]
    assert run([*daily, "--reading=-0.1", "--reading", "100000.1", *who]) == 0
    assert json.loads(capsys.readouterr().out)["figure_mg"] == "0.2"
    assert run([*daily, "--reading", "0", "--reading", "100200", *who]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "E_BALANCE_CHECK"
    assert run(["balance", "list", "SN-1", *who]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (len(told["checks"]), told["weighing"]) == (2, None)
    assert run([*daily, "--reading", "zero", *who]) == 2
    assert run([*daily, "--reading", "NaN", *who]) == 2
    schedule = ["balance", "schedule", "--db", url, "--json", "--user"]
    why = ["--below-minimum", "validated by V-12", "--daily-h", "12", "--reason", "shifts"]
    assert run([*schedule, "ada", *why]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["findings"][0]["code"] == "NOT_PERMITTED"
    assert run([*schedule, "paula", *why]) == 0
    assert run([*schedule, "ada"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["schedule"]
    assert (told["below_minimum"], told["daily_h"], told["corners_h"]) == ("validated by V-12", "12", "2232")
    for refused, code in (
        (("--zero-mg", "1"), "E_REASON_MISSING"),
        (("--zero-mg", "0", "--reason", "x"), "E_SETTING_NUMBER"),
    ):
        assert run([*schedule, "paula", *refused]) == 1
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["findings"][0]["code"] == code
