"""A release stands on the signed review of the batch's trail; nothing else a releaser signs waits for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from looked_after import PASSWORD, Clock, batch, opened, staffed

from printcare.domain.release import ReleaseDecision
from printcare.records.anchors import Sink
from printcare.workflow.authority import Refused
from printcare.workflow.record import anchoring, audit_review
from printcare.workflow.release import review

SOUND = ReleaseDecision((), (), (), ("released", "rehearsed", "rejected"))


@pytest.fixture
def records(tmp_path, cheap_passwords, monkeypatch):
    """Return a record with a batch in quarantine whose figures allow everything."""
    monkeypatch.setattr(review, "review_recorded", lambda *_: SOUND)
    with opened(tmp_path, Clock()) as store:
        yield store


@pytest.fixture
def people(records):
    made = staffed(records)
    batch(records, made, status="quarantined")
    return made


def decided(records, people, wanted):
    return review.decide_recorded(records, people["rita"], PASSWORD, "B-1", SOUND, wanted)


def reviewed(records, people):
    seen = [entry["seq"] for entry in audit_review.critical_entries(records, people["quinn"], "B-1")]
    audit_review.sign_review(records, people["quinn"], PASSWORD, "B-1", seen, "nothing against it")


def test_nothing_is_released_before_quality_signed_the_review_and_the_attempt_is_recorded(records, people):
    with pytest.raises(Refused) as refused:
        decided(records, people, "released")
    told = records.events(action="batch.release")[-1].content
    assert (refused.value.code, told["outcome"], told["reason_code"]) == (
        "E_TRAIL_UNREVIEWED",
        "refused",
        "E_TRAIL_UNREVIEWED",
    )
    assert records.get("batch", "B-1")["status"] == "quarantined"


def test_a_reviewed_batch_is_released(records, people):
    reviewed(records, people)
    assert decided(records, people, "released").meaning == "released"
    assert records.get("batch", "B-1")["status"] == "released"


def test_what_happens_after_the_review_asks_for_another_one(records, people):
    reviewed(records, people)
    with records.transaction(people["olu"].actor("operator")) as tx:
        tx.record("alarm.raised", "alarm", "B-1/001", {"batch_id": "B-1", "alarm": "A_X"})
    with pytest.raises(Refused, match="E_TRAIL_UNREVIEWED"):
        decided(records, people, "released")
    reviewed(records, people)
    assert decided(records, people, "released").meaning == "released"


@pytest.mark.parametrize("wanted", ["rehearsed", "rejected"])
def test_what_reaches_nobody_waits_for_no_review(records, people, wanted):
    decided(records, people, wanted)
    assert records.get("batch", "B-1")["status"] == wanted


def test_a_release_leaves_the_site_at_once(records, people, tmp_path):
    records.context = replace(records.context, anchor_sink=tmp_path)
    reviewed(records, people)
    decided(records, people, "released")
    assert anchoring.unanchored_since(records, Sink(tmp_path)) is None
    assert Sink(tmp_path).last(records.site()) == len(records.checkpoints())


def test_a_sink_that_is_away_does_not_undo_a_release(records, people, tmp_path):
    (tmp_path / "no folder").write_text("")
    records.context = replace(records.context, anchor_sink=tmp_path / "no folder")
    reviewed(records, people)
    decided(records, people, "released")
    assert records.get("batch", "B-1")["status"] == "released"
