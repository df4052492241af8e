"""The restore ceremony: a new epoch that two people sign, and what every verdict says of it (T10)."""

from __future__ import annotations

import json

import pytest
from looked_after import PASSWORD, Clock, again, batch, opened, staffed

from printcare import verify
from printcare.errors import PrintcareError
from printcare.records import audit
from printcare.records.anchors import Memory
from printcare.records.copying import copy
from printcare.records.export import export
from printcare.workflow.authority import Refused
from printcare.workflow.record import anchoring
from printcare.workflow.record.restore import restore


@pytest.fixture
def lost(tmp_path, cheap_passwords):
    """Leave an older copy of a record that went on, the anchors, and what a client remembers."""
    memory = Memory.of(tmp_path / "state", "sqlite:///copy.sqlite")
    with opened(tmp_path, Clock(), memory=memory) as records:
        people = staffed(records)
        batch(records, people)
        early = records.checkpoint()
        copy(records.url, f"sqlite:///{tmp_path}/copy.sqlite")
        batch(records, people, 2)
        late = records.checkpoint()
    return tmp_path, people, early, late, memory


def restored(folder, people, anchors, reason="the disk died"):
    with opened_bare(folder) as records:
        return restore(records, people["quinn"], PASSWORD, people["ada"], PASSWORD, anchors, reason)


def opened_bare(folder):
    from printcare.records.store import Store

    with opened(folder, Clock(), "elsewhere") as other:
        context = other.context
    return Store.open(f"sqlite:///{folder}/copy.sqlite", context)


def code_of(call, *arguments):
    with pytest.raises(PrintcareError) as refused:
        call(*arguments)
    return refused.value.code


def test_an_old_copy_is_refused_by_what_the_client_remembers(lost):
    folder, _, _, _, memory = lost
    assert code_of(lambda: opened(folder, Clock(), "copy", memory=memory)) == "RECORD_TRUNCATED"


def test_a_restore_begins_an_epoch_names_what_is_lost_and_sets_open_batches_aside(lost):
    folder, people, early, late, _ = lost
    found = restored(folder, people, [early.note, late.note])
    assert found.lost == f"{found.size + 1}-{late.size}"
    url = f"sqlite:///{folder}/copy.sqlite"
    assert audit.verify(url, [early.note, late.note])["verdict"] == "OK"
    with opened(folder, Clock(), "copy") as records:
        assert records.origin().endswith("epoch-2")
        assert records.get("batch", "B-1")["status"] == "quarantined"
        assert records.get("deviation", "B-1/R2")["status"] == "open"
        made = records.checkpoint()
        export(records, folder / "audit.jsonl", again(records, "quinn").actor("quality"))
    data = (folder / "audit.jsonl").read_bytes()
    for anchors, verdict in (
        ([made.note], "OK"),
        ([made.paper], "OK"),
        ([late.paper], "UNANCHORED"),  # paper names no epoch, and two epochs have this number
        ([late.note], "UNANCHORED"),  # the lost range: said, signed for, and no proof of what came after
        ([early.note, made.note], "OK"),
        ([], "UNANCHORED"),
    ):
        assert verify.verify_export(data, anchors)["verdict"] == verdict, anchors


def test_a_client_accepts_the_new_epoch_by_a_decision_of_its_own(lost):
    folder, people, _, late, memory = lost
    restored(folder, people, [late.note])
    assert code_of(lambda: opened(folder, Clock(), "copy", memory=memory)) == "RECORD_REPLACED"
    with opened(folder, Clock(), "copy") as records:
        quinn = again(records, "quinn")
        assert code_of(anchoring.accept, records, quinn, memory, " ") == "E_REASON_MISSING"
        assert anchoring.accept(records, quinn, memory, "restored after the disk died") == late.note
    opened(folder, Clock(), "copy", memory=memory).close()


def test_a_client_accepts_no_copy_that_no_restore_explains(lost):
    folder, _, _, _, memory = lost
    with opened(folder, Clock(), "copy") as records:
        assert code_of(anchoring.accept, records, again(records, "quinn"), memory, "hurry") == "E_NOT_EXPLAINED"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"administrator": "quinn"}, "SAME_PERSON"),
        ({"administrator": "olu"}, "ROLE_NOT_HELD"),
        ({"reason": " "}, "E_REASON_MISSING"),
        ({"anchors": []}, "E_NO_ANCHOR"),
        ({"anchors": ["12 ABC"]}, "ANCHOR_UNREADABLE"),
        ({"password": "wrong"}, "LOGIN_REFUSED"),
    ],
)
def test_a_restore_wants_two_people_a_reason_and_an_anchor(lost, change, code):
    folder, people, _, late, _ = lost
    with opened_bare(folder) as records:
        administrator = people[change.get("administrator", "ada")]
        anchors, reason = change.get("anchors", [late.note]), change.get("reason", "the disk died")
        second = change.get("password", PASSWORD)
        with pytest.raises(Refused) as refused:
            restore(records, people["quinn"], PASSWORD, administrator, second, anchors, reason)
        assert refused.value.code == code
        assert records.origin().endswith("epoch-1")


def test_a_copy_that_was_changed_is_not_restored(lost):
    import sqlite3

    folder, people, _, late, _ = lost
    raw = sqlite3.connect(folder / "copy.sqlite")
    raw.execute("UPDATE batch SET status = 'released'")
    raw.commit()
    raw.close()
    with pytest.raises(Refused, match="E_COPY_UNSOUND"):
        restored(folder, people, [late.note])


@pytest.mark.parametrize("forge", ["one signature", "other words", "same person", "no epoch"])
def test_a_log_that_goes_on_without_two_signatures_is_replaced(lost, forge):
    folder, people, _, late, _ = lost
    restored(folder, people, [late.note])
    replay = verify.Replay()
    with opened(folder, Clock(), "copy") as records:
        events = records.events(limit=10_000)
    for event in events:
        content = json.loads(event.payload)
        if content["action"] == "epoch.begun":
            new = content["new"]
            if forge == "one signature":
                new["signatures"] = new["signatures"][:1]
            elif forge == "other words":
                new["restored"]["anchor_size"] = event.seq - 1
            elif forge == "same person":
                new["signatures"] = [new["signatures"][0], dict(new["signatures"][0], role="administrator")]
            else:
                content["action"] = "record.created"
        line = verify.canonical(content).encode()
        replay.take(line, verify.leaf_hash(line))
    assert replay.judge(None)["verdict"] == "REPLACED"


def test_an_anchor_beyond_what_the_two_signed_for_is_truncated(lost):
    folder, people, early, late, _ = lost
    restored(folder, people, [early.note])
    assert audit.verify(f"sqlite:///{folder}/copy.sqlite", [late.note])["verdict"] == "TRUNCATED"
