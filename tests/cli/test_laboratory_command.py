"""`printcare laboratory`: a result is entered by one person and checked by another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from printcare.cli.main import run
from printcare.domain.people import SYSTEM, Role
from printcare.domain.policy import LOCKED
from printcare.workflow.recipe.set_up import Person, set_up
from printcare.workstation.opening import open_record

PASSWORD = "a long enough password"
STAFF = {"ada": (Role.OPERATOR,), "quinn": (Role.QUALITY,), "femi": (Role.FORMULATION_SCIENTIST,)}


def test_a_result_is_entered_by_one_and_checked_by_another(
    tmp_path: Path, monkeypatch: Any, capsys: Any, cheap_passwords: None
) -> None:
    url = f"sqlite:///{tmp_path}/record.sqlite"
    records, _ = open_record(url, LOCKED)
    with records:
        staff = [Person(login, login, roles, PASSWORD) for login, roles in STAFF.items()]
        set_up(records, Person("admin", "Avery", (Role.ADMINISTRATOR,), PASSWORD), staff)
        with records.transaction(SYSTEM) as tx:
            tx.record("batch.finished", "batch", "B-1", {"status": "quarantined"})
            row = {"index": 1, "part": 1, "predicted_mg": "99", "weighed_mg": "100"}
            tx.record("unit.predicted", "job", "B-1", row)
    secret, raw = tmp_path / "secret", tmp_path / "raw.txt"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    raw.write_text("peaks")
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(secret))
    who = ["--db", url, "--json", "--user"]
    entered = ["--drug", "d", "--test", "content", "--method", "HPLC", "--analyst", "x", "--unit", "%"]
    entered += ["--value", "94", "--low", "95", "--raw", str(raw)]
    assert run(["laboratory", "enter", "B-1", *entered, *who, "ada"]) == 0
    assert json.loads(capsys.readouterr().out)["result"] == "B-1/L1"
    assert run(["laboratory", "check", "B-1/L1", *who, "ada"]) == 1
    capsys.readouterr()
    assert run(["laboratory", "check", "B-1/L1", *who, "quinn"]) == 0
    assert json.loads(capsys.readouterr().out)["investigation"] == "B-1/L1/I1"
    assert run(["laboratory", "close", "B-1/L1/I1", "--reason", "seen", *who, "quinn"]) == 0
    capsys.readouterr()
    assert run(["laboratory", "sensor", "EV-7", "--batch", "B-1", *who, "femi"]) == 0
    assert json.loads(capsys.readouterr().out)["validation"]["bias_pct"] == "-1"
    assert run(["laboratory", "sensor", "EV-7", "--batch", "B-2", *who, "femi"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "E_SOFT_SENSOR_UNITS"
