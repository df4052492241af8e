"""The checks of program, people, clock, copies and record: each passes on a sound site and fails on its own fault."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from looked_after import Clock, opened, staffed

from printcare.domain.equipment import PRINTER, Equipment
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.workflow.qualify import checks_control
from printcare.workflow.qualify.check_site import Site
from printcare.workflow.qualify.checks_install import NEEDED_ROLES
from printcare.workflow.qualify.protocol_checks import CHECKS
from printcare.workflow.record.backup import make_backup
from printcare.workstation.virtual_bench import VirtualBench

MASTER, PROFILE = load_recipe("cyclophosphamide-sse"), load_profile("marlin-syringe")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def records(tmp_path, clock, cheap_passwords):
    with opened(tmp_path, clock) as store:
        yield store


@pytest.fixture
def people(records):
    return staffed(records)


def passed(check, records, account=None, **figures):
    own = Equipment("bench", PRINTER, "sse", "1", profile_digest=PROFILE.digest)
    rig = VirtualBench(PROFILE, MASTER)
    return CHECKS[check](Site(records, account, own, PROFILE, MASTER, "", rig, figures)).passed


def altered(tmp_path):
    """Change one byte of one event of the record itself."""
    checks_control._alter(tmp_path / "record.sqlite")


def test_another_program_than_the_protocol_states_fails(records):
    assert passed("software", records)
    assert not passed("software", records, sha256="0" * 64)


def test_a_site_without_a_role_that_batches_need_fails(records, people):
    assert not passed("users", records)  # two pharmacists are needed, and nobody is one
    with records.transaction(people["ada"].actor("administrator")) as tx:
        for role, least in NEEDED_ROLES.items():
            for number in range(least):
                row = {"status": "active", "roles": [role.value]}
                tx.record("account.created", "account", f"u-{role}-{number}", row)
    assert passed("users", records)


def test_a_clock_that_went_back_fails(records, people, clock):
    assert passed("clock", records)
    clock.ahead = -timedelta(hours=2)
    with records.transaction(people["olu"].actor("operator")) as tx:
        tx.record("batch.started", "batch", "B-1", {"status": "printing"})
    assert not passed("clock", records)


def test_no_backup_and_one_too_old_fail(records, people, clock, tmp_path):
    assert not passed("backups", records, within_days="7")
    make_backup(records, people["ada"], tmp_path / "backup.sqlite")
    assert passed("backups", records, within_days="7")
    clock.ahead = timedelta(days=8)
    assert not passed("backups", records, within_days="7")


def test_an_altered_record_fails_its_verification_its_canary_and_its_restore(records, people, tmp_path):
    checks = ("record", "canary", "restore")
    assert [passed(each, records) for each in checks] == [True, True, True]
    altered(tmp_path)
    assert [passed(each, records) for each in checks] == [False, False, False]


def test_a_verification_that_sees_no_change_fails_the_canary(records, people, monkeypatch):
    monkeypatch.setattr(checks_control, "_alter", lambda _file: None)
    assert not passed("canary", records)


def test_a_copy_that_lacks_the_last_event_fails_the_restore(records, people, monkeypatch):
    genuine = checks_control.copy

    def short(source, target):
        genuine(source, target)
        with sqlite3.connect(target.removeprefix("sqlite:///")) as connection:
            for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
                connection.execute(f'drop trigger "{name}"')
            connection.execute("delete from event where seq = (select max(seq) from event)")

    monkeypatch.setattr(checks_control, "copy", short)
    assert not passed("restore", records)


def test_a_permission_too_many_fails_the_access(records, people, monkeypatch):
    assert passed("access", records, people["olu"])
    monkeypatch.setattr(checks_control, "allowed", lambda *_: None)
    assert not passed("access", records, people["olu"])
