"""One byte changed in the export, or one row in the database: the verification says which."""

from __future__ import annotations

import random
import shutil
import sqlite3

import pytest

from printcare import verify
from printcare.records import audit
from printcare.records.export import export

pytestmark = pytest.mark.hazard("HZ-10")


@pytest.fixture(scope="module")
def exported(clogged, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "audit-export.jsonl"
    account = clogged.demonstration.people["r.releaser"]
    export(clogged.records, path, account.actor_for("audit.export"))
    return path.read_bytes()


def test_the_export_verifies(exported):
    assert verify.verify_export(exported)["verdict"] in ("OK", "UNANCHORED")


@pytest.mark.parametrize("seed", range(12))
def test_one_changed_byte_of_the_export_is_named_by_its_line(exported, seed):
    chance = random.Random(seed)
    place = chance.randrange(len(exported))
    changed = bytearray(exported)
    changed[place] ^= 1 << chance.randrange(7)
    result = verify.verify_export(bytes(changed))
    line = exported.count(b"\n", 0, place) + 1
    assert result["verdict"] not in ("OK", "UNANCHORED")
    assert f"line {line}" in str(result["problems"]) or f"line {line + 1}" in str(result["problems"])


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("unit", "replace(state, '\"rejected\"', '\"accepted\"')"),
        ("batch", "replace(state, '\"quarantined\"', '\"released\"')"),
        ("cartridge", "replace(state, '\"used\"', '\"loaded\"')"),
    ],
)
def test_one_changed_row_of_the_database_is_named(clogged, tmp_path, table, change):
    clogged.records.checkpoint()
    with sqlite3.connect(clogged.folder / "record.sqlite") as source, sqlite3.connect(tmp_path / "r.sqlite") as copy:
        source.backup(copy)
        changed = [
            key for key, before, after in copy.execute(f"SELECT key, state, {change} FROM {table}") if before != after
        ]
        copy.execute(f"UPDATE {table} SET state = {change}")
    source.close()
    copy.close()
    shutil.copy(clogged.folder / "station-key.pem", tmp_path)
    result = audit.verify(f"sqlite:///{tmp_path}/r.sqlite")
    assert changed
    assert result["verdict"] == "STATE_MISMATCH"
    assert {problem["where"] for problem in result["problems"]} >= {f"{table}/{key}" for key in changed}
