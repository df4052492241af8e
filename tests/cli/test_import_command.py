"""`printcare import`: its own keys whatever the exit code, and nothing heavy before it is needed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from printcare.cli.main import run
from printcare.errors import PrintcareError
from printcare.records.store import RecordContext

ORDER = Path(__file__).parents[2] / "recipes" / "demonstration" / "order-cyclophosphamide.fhir.json"


def test_an_order_is_shown_with_its_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(ORDER), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["status"] == "ok"
    assert shown["findings"] == []
    assert shown["prescription"]["ordered_dose_mg"] == "17"
    assert "pseudonym" not in shown["prescription"]["patient"]


def test_a_refused_order_prints_its_own_keys_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "order.json"
    file.write_bytes(ORDER.read_bytes().replace(b'"status": "active"', b'"status": "draft"'))
    assert run(["import", str(file), "--as", "fhir", "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["status"], shown["prescription"]) == ("refused", None)
    assert [finding["code"] for finding in shown["findings"]] == ["FHIR_STATUS"]
    assert {"severity", "reason", "remedy", "where"} <= shown["findings"][0].keys()


def test_the_text_names_what_was_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(ORDER)]) == 0
    printed = capsys.readouterr().out
    assert "Prescription RX-2026-000417" in printed
    assert "Seen and not used" in printed


def test_the_own_format_is_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "order.json"
    file.write_text('{"schema": "printcare.prescription/1"}', "utf-8")
    assert run(["import", str(file), "--json"]) == 1
    assert {finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]} >= {"PJSON_MISSING"}


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ORDER.read_bytes())))
    assert run(["import", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["prescription"]["id"] == "RX-2026-000417"


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert run(["import", str(tmp_path / "none.json")]) == 2


def test_keeping_needs_somebody_who_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = f"sqlite:///{tmp_path / 'record.sqlite'}"
    assert run(["import", str(ORDER), "--keep", "--db", database, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "USAGE"


def test_the_site_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    from printcare.workflow.order.receive import pseudonym_key

    path = tmp_path / "pseudonym.key"
    assert pseudonym_key(tmp_path) == pseudonym_key(tmp_path)
    assert len(path.read_bytes()) == 32
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0


def test_a_broken_site_key_is_refused_and_never_replaced(tmp_path: Path) -> None:
    from printcare.workflow.order.receive import pseudonym_key

    path = tmp_path / "pseudonym.key"
    path.write_bytes(b"half")
    with pytest.raises(PrintcareError, match="PSEUDONYM_KEY"):
        pseudonym_key(tmp_path)
    assert path.read_bytes() == b"half"


def test_importing_loads_no_database_and_no_window() -> None:
    code = f"import sys; from printcare.cli.main import run; run(['import', {str(ORDER)!r}]); " + (
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'PySide6', 'pint', 'scipy', 'trimesh')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False).returncode == 0


def test_a_kept_order_stands_on_the_worklist_under_its_pseudonym(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from printcare.records.accounts import FIRST_RUN, create, create_first, find
    from printcare.records.store import Store

    url, password = f"sqlite:///{tmp_path / 'record.sqlite'}", "long enough to be a passphrase"
    (tmp_path / "password").write_text(password, "utf-8")
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(tmp_path / "password"))
    context = RecordContext(
        "demo-site", "ws-1", "0.1.0", "boot", lambda: datetime.now().astimezone(), lambda: 1, "locked"
    )
    with Store.open(url, context, key_directory=tmp_path) as records:
        administrator = find(records, create_first(records, "ada", "Ada Admin", password))
        create(
            records,
            administrator.actor("administrator"),
            "olu",
            "Olu Operator",
            ["operator"],
            password,
            identity_checked_by=FIRST_RUN,
        )
    capsys.readouterr()
    assert run(["import", str(ORDER), "--keep", "--user", "olu", "--db", url, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["prescription"]
    with Store.open(url, context, key_directory=tmp_path) as records:
        kept = records.get("prescription", "RX-2026-000417")
        assert records.kept("received_message", shown["received_sha256"]) == ORDER.read_bytes()
    assert kept is not None
    assert (kept["patient"], kept["status"]) == (shown["patient"]["pseudonym"], "to verify")
    assert "Specimen" not in json.dumps(kept)
    assert run(["import", str(ORDER), "--keep", "--user", "olu", "--db", url, "--json"]) == 1
