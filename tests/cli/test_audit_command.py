"""`printcare audit` as the command line's contract says."""

import json
import sqlite3
import time
from datetime import UTC, datetime

import pytest

from printcare.cli import main
from printcare.records import accounts
from printcare.records.passwords import Hashing
from printcare.records.store import RecordContext, Store

PASSWORD = "seventeen grey herons"


@pytest.fixture
def url(tmp_path, monkeypatch):
    """Make a record with an administrator and an auditor, and their passwords in a file."""
    url = f"sqlite:///{tmp_path}/record.sqlite"
    context = RecordContext("demo-site", "ws", "0.1", "b", lambda: datetime.now(UTC), time.monotonic_ns, "locked")
    cheap = Hashing(1, 8, 1)
    with Store.open(url, context, key_directory=tmp_path) as records:
        first = accounts.create_first(records, "ada", "Ada", PASSWORD, hashing=cheap)
        actor = accounts.find(records, first).actor("administrator")
        with records.transaction(actor) as tx:
            tx.record("account.created", "account", "u-x", new={"status": "active"})
        accounts.create(records, actor, "aud", "Aud", ["auditor"], PASSWORD, identity_checked_by="u-x", hashing=cheap)
    (tmp_path / "password").write_text(PASSWORD + "\n")
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(tmp_path / "password"))
    return url


@pytest.fixture
def run(capsys):
    def run(*words):
        code = main.run(["audit", *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_a_plain_path_names_a_record_as_in_every_other_command(run, url):
    assert run("verify", "--db", url.removeprefix("sqlite:///")) == run("verify", "--db", url)


def test_verify_gives_the_verdict_of_the_database_without_an_identity(run, url):
    code, shown = run("verify", "--db", url)
    assert (code, shown["verdict"], shown["problems"]) == (0, "UNANCHORED", [])
    assert {"verdict", "size", "root", "problems"} <= shown.keys()


def test_a_changed_row_exits_with_4_and_is_named(run, url, tmp_path):
    raw = sqlite3.connect(tmp_path / "record.sqlite")
    raw.execute("UPDATE account SET state = replace(state, 'auditor', 'releaser')")
    raw.commit()
    raw.close()
    code, shown = run("verify", "--db", url)
    assert code == 4
    assert (shown["verdict"], shown["problems"][0]["where"]) == ("STATE_MISMATCH", "account/u-0003")


def test_an_export_verifies_and_a_changed_byte_of_it_exits_with_4(run, url, tmp_path):
    path = tmp_path / "audit.jsonl"
    code, made = run("export", "--db", url, "--user", "aud", "-o", path)
    assert code == 0
    code, shown = run("verify", path)
    assert (code, shown["verdict"], shown["size"], shown["root"]) == (0, "UNANCHORED", made["size"], made["root"])
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    code, shown = run("verify", path)
    number = data.count(b"\n", 0, len(data) // 2) + 1
    assert (code, shown["verdict"], shown["problems"][0]["where"]) == (4, "MODIFIED", f"line {number}")


def test_a_checkpoint_s_paper_line_anchors_database_and_export(run, url, tmp_path):
    _, made = run("checkpoint", "--db", url, "--user", "ada")
    run("export", "--db", url, "--user", "aud", "-o", tmp_path / "audit.jsonl")
    for anchor in (made["anchor"], made["checkpoint"]):
        assert run("verify", "--db", url, "--anchor", anchor)[1]["verdict"] == "OK"
        assert run("verify", tmp_path / "audit.jsonl", "--anchor", anchor)[1]["verdict"] == "OK"


def test_export_and_checkpoint_ask_who_wants_them_and_whether_they_may(run, url, tmp_path):
    path = tmp_path / "audit.jsonl"
    code, told = run("export", "--db", url, "-o", path)
    assert (code, told["error"]["code"]) == (2, "USAGE")
    for words, refusal in (
        (("export", "--db", url, "--user", "ada", "-o", path), "NOT_PERMITTED"),
        (("checkpoint", "--db", url, "--user", "eve"), "LOGIN_REFUSED"),
    ):
        code, told = run(*words)
        assert (code, told["status"], told["findings"][0]["code"]) == (1, "refused", refusal)
    assert not path.exists()


def test_tables_are_listed_with_the_reason_where_one_is_not_bound(run):
    code, shown = run("tables")
    listed = {row["name"]: row for row in shown["tables"]}
    assert code == 0
    assert listed["unit"]["bound"]
    assert not listed["credential"]["bound"]
    assert "password hash" in listed["credential"]["reason"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["verify", "--db", "sqlite:////nowhere/record.sqlite"], 3, "NO_RECORD"),
        (["export", "--db", "sqlite:////nowhere/record.sqlite", "-o", "x"], 3, "NO_RECORD"),
        (["verify", "/nowhere/audit.jsonl"], 3, "EXPORT_UNREADABLE"),
        (["verify", "x", "--db", "y"], 2, "ONE_OR_THE_OTHER"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_remedy(run, words, code, told):
    exit_code, shown = run(*words)
    assert (exit_code, shown["status"], shown["error"]["code"]) == (code, "failed", told)
    assert shown["error"]["remedy"]


def test_an_anchor_that_cannot_be_read_is_wrong_usage(run, url):
    code, shown = run("verify", "--db", url, "--anchor", "nonsense")
    assert (code, shown["error"]["code"]) == (2, "ANCHOR_UNREADABLE")


def test_without_json_the_verdict_is_told_in_words(url, capsys):
    assert main.run(["audit", "verify", "--db", url]) == 0
    assert capsys.readouterr().out.startswith("UNANCHORED: ")
