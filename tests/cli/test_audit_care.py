"""`printcare audit`, `user` and `site` where they look after the record: from the command line alone."""

from __future__ import annotations

import json
from functools import partial

import pytest

from printcare.cli.main import run
from printcare.records.sealing import seal

PASSWORDS = {
    "first": "seventeen grey herons",
    "second": "eleven patient otters",
    "new": "forty quiet lanterns",
    "sealed": "seven wet otters under a bridge",
}
VARIABLES = {
    "first": "PRINTCARE_PASSWORD_FILE",
    "second": "PRINTCARE_SECOND_PASSWORD_FILE",
    "new": "PRINTCARE_NEW_PASSWORD_FILE",
    "sealed": "PRINTCARE_BACKUP_PASSPHRASE_FILE",
}


@pytest.fixture
def command(tmp_path, monkeypatch, capsys, cheap_passwords):
    """Return a command: exit code and its JSON object, on a record with an administrator, quality and an owner."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def command(*words, db="record.sqlite", **passwords):
        for name, variable in VARIABLES.items():
            file = tmp_path / name
            file.write_text(passwords.get(name, PASSWORDS[name]), "utf-8")
            monkeypatch.setenv(variable, str(file))
        code = run([*map(str, words), "--db", str(tmp_path / db), "--json"])
        return code, json.loads(capsys.readouterr().out)

    command("site", "begin", "--user", "ada", "--name", "Ada", new=PASSWORDS["first"])
    add = ("--user", "ada")
    command("user", "add", "quinn", "--name", "Q", "--role", "quality", *add, new=PASSWORDS["second"])
    owner = ("--role", "process-owner", "--second-user", "quinn")
    command("user", "add", "pat", "--name", "P", *owner, *add, new=PASSWORDS["first"])
    return command


QUINN = {"first": PASSWORDS["second"]}


def test_roles_are_changed_the_glass_is_sealed_and_broken_and_access_is_reviewed(command):
    two = ("--user", "ada", "--second-user", "quinn")
    assert command("user", "roles", "pat", "--role", "auditor", "--reason", "moved", *two)[1]["roles"] == ["auditor"]
    assert command("user", "seal", "glass", *two, new="nine sealed envelopes")[0] == 0
    command("user", "lock", "pat", "--reason", "guessed at", "--user", "ada")
    broken = ("user", "break-glass", "pat", "--reason", "night", "--user", "glass")
    assert command(*broken, first="nine sealed envelopes")[1]["alarm"] == "site/break-glass/001"
    code, told = command("user", "access", "--conclusion", "all is well", "--user", "quinn", **QUINN)
    assert (code, told["review"], len(told["report"]["break_glass"])) == (0, "AR-0001", 1)


def test_what_passwords_need_is_the_site_s_own(command):
    ask = ("site", "passwords", "--least", "22", "--release-least", "22", "--reason", "insurer", "--user", "pat")
    assert command(*ask)[1]["least"] == 22
    add = ("user", "add", "olu", "--name", "O", "--role", "operator", "--user", "ada", "--second-user", "quinn")
    code, told = command(*add)
    assert (code, told["findings"][0]["code"]) == (1, "PASSWORD_SHORT")


def test_a_file_has_no_roles_to_grant(command):
    code, told = command("site", "grant", "station")
    assert (code, told["error"]["code"]) == (3, "DATABASE_ROLE")


def test_a_sealed_backup_is_restored_with_two_signatures_and_accepted(command, tmp_path, monkeypatch):
    monkeypatch.setattr("printcare.workflow.record.backup.seal", partial(seal, cost=2))
    sealed = tmp_path / "backup.sealed"
    assert command("audit", "backup", sealed, "--seal", "--user", "ada")[1]["backup"]["verdict"] == "OK"
    told = command("audit", "check-backup", sealed, "--user", "ada")[1]
    assert told["backup"]["is_of_this_record"]
    code, told = command("audit", "open-backup", sealed, "-o", tmp_path / "none.sqlite", sealed="another passphrase")
    assert (code, told["error"]["code"]) == (3, "SEAL_BROKEN")
    assert (
        command("audit", "open-backup", sealed, "-o", tmp_path / "copy.sqlite")[1]["backup"]["verdict"] == "UNANCHORED"
    )
    late = command("audit", "checkpoint", "--user", "ada")[1]
    assert command("audit", "verify")[1]["verdict"] == "OK"  # by what this client remembers
    (tmp_path / "record.sqlite").write_bytes((tmp_path / "copy.sqlite").read_bytes())
    for more in ("-wal", "-shm"):
        (tmp_path / f"record.sqlite{more}").unlink(missing_ok=True)
    assert command("audit", "verify")[1]["verdict"] == "TRUNCATED"
    code, told = command("user", "list", "--user", "ada")
    assert (code, told["error"]["code"]) == (3, "RECORD_TRUNCATED")
    two = {"first": PASSWORDS["second"], "second": PASSWORDS["first"]}
    asked = ("--anchor", late["checkpoint"], "--reason", "the disk died", "--user", "quinn", "--second-user", "ada")
    code, told = command("audit", "restore", *asked, **two)
    assert (code, told["origin"].rpartition("/")[2]) == (0, "epoch-2")
    assert told["lost"].endswith(str(late["size"]))
    assert command("user", "list", "--user", "ada")[1]["error"]["code"] == "RECORD_REPLACED"
    assert command("audit", "accept", "--reason", "restored", "--user", "quinn", **QUINN)[0] == 0
    assert command("user", "list", "--user", "ada")[0] == 0
    assert command("audit", "verify")[1]["verdict"] == "OK"


def test_checkpoints_go_to_the_sink_and_verify_the_record_from_there(command, tmp_path):
    (tmp_path / "share").mkdir()
    settings = tmp_path / "config" / "printcare" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'anchor_sink = "{tmp_path}/share"\n')
    told = command("audit", "anchor", "--user", "quinn", **QUINN)[1]
    assert (told["unanchored_since"], told["waiting"]) == (None, [])
    (file,) = (tmp_path / "share").iterdir()
    code, told = command("audit", "verify", "--anchors", file)
    assert (code, told["verdict"]) == (0, "OK")
    assert command("audit", "verify", "--anchors", tmp_path / "none")[0] == 2


def test_the_record_is_archived_searched_held_and_kept(command, tmp_path):
    as_quinn = ("--user", "quinn")
    assert command("audit", "archive", tmp_path / "a.zip", *as_quinn, **QUINN)[1]["archive"]["size"] > 5
    found = command("audit", "search", "--action", "account.created", *as_quinn, **QUINN)[1]["events"]
    assert [event["object_id"] for event in found] == ["u-0001", "u-0002", "u-0003"]
    latest = command("audit", "find", "u-0002", "--outcome", "done", *as_quinn, **QUINN)[1]["events"]
    assert latest[-1]["action"] == "account.created"
    assert {event["object_id"] for event in latest} == {"u-0002"}
    held = command("audit", "hold", "everything", "--reason", "court", *as_quinn, **QUINN)[1]["hold"]
    refused = command("audit", "lift", held, "--reason", "done", *as_quinn, **QUINN)[1]
    assert refused["findings"][0]["code"] == "SAME_PERSON"
    refused = command("audit", "erase", "person/p-0003", "--reason", "asked", *as_quinn, **QUINN)[1]
    assert "E_LEGAL_HOLD" in [finding["code"] for finding in refused["findings"]]
    kept = command("audit", "keep-for", "batch=12", "--reason", "law", "--user", "pat")[1]
    assert kept["years"]["batch"] == 12
    assert command("audit", "keep-for", "batch", "--reason", "law", "--user", "pat")[0] == 2
    refused = command("audit", "review", "B-1", "--conclusion", "fine", *as_quinn, **QUINN)[1]
    assert refused["findings"][0]["code"] == "BATCH_UNKNOWN"
