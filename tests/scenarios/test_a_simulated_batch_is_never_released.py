"""A batch from a bench that says it is simulated can be rehearsed or rejected, never released."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH
from printcare.workflow.authority import Refused
from printcare.workflow.release.review import decide, decide_recorded, review, review_recorded

pytestmark = pytest.mark.hazard("HZ-09")


@pytest.mark.parametrize("policy", [LOCKED, REHEARSAL, RESEARCH, replace(LOCKED, allows_release=True)])
def test_no_policy_lets_it_be_released(clean, policy):
    assert "released" not in review(clean.records, clean.planned, clean.drawn, policy).may_be


def test_the_decision_made_from_the_record_alone_is_the_same(clean):
    assert review_recorded(clean.records, clean.planned.id) == clean.decision


def test_a_releaser_who_tries_is_refused_and_the_attempt_is_recorded(clean):
    show = clean.demonstration
    releaser, password = show.people["r.releaser"], show.passwords["r.releaser"]
    with pytest.raises(Refused) as refused:
        decide_recorded(clean.records, releaser, password, clean.planned.id, clean.decision, "released")
    assert "E_DECISION" in [finding.code for finding in refused.value.findings]
    last = clean.records.events(action="batch.release")[-1].content
    assert (last["outcome"], last["reason_code"]) == ("refused", "E_DECISION")


def test_a_decision_that_says_otherwise_is_not_believed(clean):
    show = clean.demonstration
    forged = replace(clean.decision, may_be=("released",))
    with pytest.raises(Refused, match="E_DECISION"):
        decide(
            clean.records, show.people["r.releaser"], show.passwords["r.releaser"], clean.planned, forged, "released"
        )
    assert clean.batch["status"] == "rehearsed"
