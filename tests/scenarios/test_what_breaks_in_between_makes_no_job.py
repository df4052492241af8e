"""What is tried behind the record's back between plan and start: refused by its code, and no job object ever exists."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rehearsing import ONE_DAY, TODAY, Rehearsal, prepared_in

from printcare.domain.canonical import canonical_bytes, digest
from printcare.domain.control_recipe import PartDose
from printcare.domain.people import SYSTEM
from printcare.domain.policy import LOCKED
from printcare.formats.profile import load_profile
from printcare.protocol.wire import Command
from printcare.records import audit
from printcare.records.writing import PRESENT_MODE
from printcare.runner import objection
from printcare.workflow.authority import Refused
from printcare.workflow.batch.plan import plan_batch
from printcare.workflow.batch.produce import prepare
from printcare.workflow.demonstration import BALANCE, PROFILE
from printcare.workflow.mode import switch
from printcare.workflow.recipe import versions
from printcare.workflow.recipe.approvals import effective_recipe
from printcare.workflow.recipe.controlled import RECIPE
from printcare.workflow.states import state_of

pytestmark = [pytest.mark.hazard("HZ-12")]


@pytest.fixture
def prepared(tmp_path, cheap_passwords):
    one = prepared_in(tmp_path, days=ONE_DAY)
    yield one
    one.close()


def not_started(one):
    """Return the codes the start is refused with; the refusal is an event and nothing was leased."""
    with pytest.raises(Refused) as found:
        one.print()
    told = one.records.events(action="batch.start")[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", found.value.code)
    assert one.records.all("job_lease") == {}
    assert one.batch["status"] == "prepared"
    return [finding.code for finding in found.value.findings]


def test_the_mode_is_not_switched_with_a_batch_open_and_one_switched_by_force_starts_nothing(prepared):
    show = prepared.demonstration
    with pytest.raises(Refused, match="E_MODE_BATCH_OPEN"):
        switch(prepared.records, show.people["p.owner"], show.passwords["p.owner"], LOCKED, "in between")
    with prepared.records.transaction(SYSTEM) as tx:
        tx.record("mode.forced", "mode", PRESENT_MODE, tx.get("mode", PRESENT_MODE) | {"status": "locked"})
    assert "E_MODE_DIFFERS" in not_started(prepared)


def test_a_clock_set_back_before_the_recipe_s_date_starts_nothing(prepared):
    prepared.records.context.clock.now -= timedelta(days=2)
    assert "E_VERSION_NOT_YET" in not_started(prepared)


def test_one_cartridge_is_prepared_for_one_batch_at_a_time(prepared):
    show, records = prepared.demonstration, prepared.records
    lot, cartridge = show.materials()
    doses = [PartDose(prepared.planned.recipe.verified, lot, cartridge)]
    operator = show.people["a.operator"]
    given = (prepared.order.id, show.recipe, doses, load_profile(PROFILE), BALANCE, show.policy)
    second = plan_batch(records, operator, *given, ONE_DAY, TODAY)
    people = (operator, show.passwords["a.operator"], show.people["b.pharmacist"], show.passwords["b.pharmacist"])
    with pytest.raises(Refused, match="E_CARTRIDGE_LOADED"):
        prepare(records, *people, second)
    assert records.events(action="batch.prepare")[-1].content["reason_code"] == "E_CARTRIDGE_LOADED"
    assert records.get("batch", second.id)["status"] == "planned"
    assert records.all("job_lease") == {}


def forge(one, table, key, state, **changes):
    """Sign a state with a key nobody was given, in somebody's name, and let the row stand so."""
    mine = Ed25519PrivateKey.generate()
    known = [each for each in one.records.all("signature", object_type=table, object_id=key).values()][-1]
    fields = {name: value for name, value in known.items() if name != "value"} | changes
    fields |= {"object_hash": digest(state), "id": f"{table}/{key}/99"}
    fields |= {"public_key": mine.public_key().public_bytes_raw().hex()}
    value = base64.b64encode(mine.sign(canonical_bytes(fields))).decode()
    with one.records.transaction(SYSTEM) as tx:
        tx.record(f"{table}.changed", table, key, state)
        tx.sign(fields["id"], {**fields, "value": value})


def test_a_lot_released_by_a_key_nobody_was_given_is_not_printed_from(prepared):
    lot_id = prepared.planned.recipe.lot.id
    forge(prepared, "ink_lot", lot_id, prepared.records.get("ink_lot", lot_id) | {"certificate": "another"})
    assert "E_LOT_UNSIGNED" in not_started(prepared)


def test_a_formulation_approved_by_a_key_nobody_was_given_counts_for_no_plan(prepared):
    key = "cyclophosphamide-paste-40/1"
    forge(prepared, "ink_formulation", key, prepared.records.get("ink_formulation", key) | {"authors": []})
    show = prepared.demonstration
    doses = [PartDose(prepared.planned.recipe.verified, *show.materials())]
    given = (prepared.order.id, show.recipe, doses, load_profile(PROFILE), BALANCE, show.policy)
    with pytest.raises(Refused) as found:
        plan_batch(prepared.records, show.people["a.operator"], *given, ONE_DAY, TODAY)
    assert "E_FORMULATION_UNSIGNED" in [finding.code for finding in found.value.findings]


def test_a_dose_signed_by_a_key_nobody_was_given_is_not_planned(prepared):
    order_id, show = prepared.order.id, prepared.demonstration
    forge(prepared, "verified_dose", order_id, prepared.records.get("verified_dose", order_id) | {"rule": "another"})
    doses = [PartDose(prepared.planned.recipe.verified, *show.materials())]
    given = (order_id, show.recipe, doses, load_profile(PROFILE), BALANCE, show.policy)
    with pytest.raises(Refused) as found:
        plan_batch(prepared.records, show.people["a.operator"], *given, ONE_DAY, TODAY)
    assert "E_VERIFICATION_UNSIGNED" in [finding.code for finding in found.value.findings]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("recipe_version", "replace(state, '\"40\"', '\"41\"')"),
        ("ink_lot", "replace(state, '\"released\"', '\"quarantine\"')"),
        ("mode", "replace(state, '\"rehearsal\"', '\"research\"')"),
        ("account", "replace(state, '\"operator\"', '\"releaser\"')"),
    ],
)
def test_a_row_changed_by_hand_is_found_by_the_verification(prepared, tmp_path, table, change):
    prepared.records.checkpoint()
    copied = tmp_path / "copy"
    copied.mkdir()
    with sqlite3.connect(prepared.folder / "record.sqlite") as source, sqlite3.connect(copied / "r.sqlite") as copy:
        source.backup(copy)
        changed = [key for key, old, new in copy.execute(f"SELECT key, state, {change} FROM {table}") if old != new]
        copy.execute(f"UPDATE {table} SET state = {change}")
    source.close()
    copy.close()
    shutil.copy(prepared.folder / "station-key.pem", copied)
    result = audit.verify(f"sqlite:///{copied}/r.sqlite")
    assert changed
    assert result["verdict"] == "STATE_MISMATCH"
    assert {problem["where"] for problem in result["problems"]} >= {f"{table}/{key}" for key in changed}


RACE = """
import json, sys
from datetime import datetime, timedelta
from printcare.domain.policy import LOCKED
from printcare.errors import PrintcareError
from printcare.records import accounts
from printcare.workflow.recipe import versions
from printcare.workflow.recipe.controlled import RECIPE
from printcare.workstation.opening import open_record
url, login, secret, key = sys.argv[1:]
records, _ = open_record(url, LOCKED)
with records:
    account = accounts.find(records, accounts.find_login(records, login))
    sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
    try:
        versions.take(records, account, secret, RECIPE, key, "make_effective", "race")
        print("done")
    except PrintcareError as refused:
        print(refused.code)
"""


def test_of_two_processes_that_make_two_versions_effective_at_once_one_version_is(tmp_path):
    one = Rehearsal(tmp_path)
    show = one.demonstration
    show.set_up()
    owner, secret = show.people["p.owner"], show.passwords["p.owner"]
    author, password = show.people["f.scientist"], show.passwords["f.scientist"]
    keys = []
    for number in (2, 3):
        made = replace(show.recipe, version=number)
        made = replace(made, digest=digest(state_of(made)))
        keys.append(versions.write(one.records, author, made))
        versions.take(one.records, author, password, RECIPE, keys[-1], "submit", "race")
        for verb in ("validate", "approve"):
            versions.take(one.records, owner, secret, RECIPE, keys[-1], verb, "race")
    url = one.records.url
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, url, "p.owner", secret, key],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for key in keys
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    ends = [racer.communicate("go\n", timeout=60)[0].strip() for racer in racers]
    assert sorted(ends)[0] in ("E_DIFFERENCE_OLD", "SIGNED_STATE_CHANGED")
    assert sorted(ends)[1] == "done"
    counting = [key for key, state in one.records.all("recipe_version").items() if state["status"] == "effective"]
    assert len([key for key in counting if key.startswith(f"{show.recipe.id}/")]) == 1
    one.close()


def test_an_approval_of_another_digest_is_no_approval(prepared):
    recipe = prepared.demonstration.recipe
    again = replace(recipe, version=2, title="Another")
    old = prepared.records.get("recipe_version", f"{recipe.id}/1")
    replayed = json.loads(json.dumps(old)) | {"version": 2, "digest": again.digest, "content": state_of(again)}
    with prepared.records.transaction(SYSTEM) as tx:
        tx.record("recipe.make_effective", "recipe_version", f"{recipe.id}/2", replayed)
        for signed in prepared.records.all("signature", object_id=f"{recipe.id}/1").values():
            copied = signed | {"object_id": f"{recipe.id}/2", "id": signed["id"].replace("/1/", "/2/")}
            tx.sign(copied["id"], copied)
    assert [finding.code for finding in effective_recipe(prepared.records, again)] == ["E_APPROVAL_UNSIGNED"]


@pytest.mark.parametrize(
    ("who", "name", "code"),
    [
        ("r.releaser", "resume", "NOT_PERMITTED"),
        ("b.pharmacist", "resume", "NOT_PERMITTED"),
        ("", "resume", "NO_SUCH_ACCOUNT"),
    ],
)
def test_a_command_to_a_running_job_by_who_may_not_give_it_is_an_event(prepared, who, name, code):
    user = prepared.demonstration.people[who].id if who else "my secret password"
    found = objection(prepared.records, prepared.planned.id, Command(name, user, "because"), is_present=True)
    told = prepared.records.events(action=f"batch.{name}")[-1].content
    assert found is not None
    assert (found.code, told["outcome"], told["reason_code"]) == (code, "refused", code)
    assert told["object_id"] == (user if who else "unknown")
    assert "secret" not in json.dumps(told)


def test_a_command_of_who_may_give_it_is_no_refusal(prepared):
    command = Command("resume", prepared.demonstration.people["a.operator"].id, "the tray is free")
    assert objection(prepared.records, prepared.planned.id, command, is_present=True) is None
    assert prepared.records.events(action="batch.resume") == []
