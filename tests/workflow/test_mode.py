"""The site's mode: switched by a signature, never with a batch open, and stamped on what happens in it."""

from __future__ import annotations

import pytest
from ward import PASSWORD, Ward

from printcare.domain.batch import BatchState
from printcare.domain.people import SYSTEM
from printcare.domain.policy import LOCKED, POLICIES, REHEARSAL, RESEARCH
from printcare.records import audit
from printcare.records.signatures import signatures_of
from printcare.workflow import mode
from printcare.workflow.authority import Refused
from printcare.workflow.mode import DECIDED, open_batches, other_than_present, present, switch

WHY = "training of new staff"
OPEN = [state for state in BatchState if state not in DECIDED]


def switched(ward: Ward, policy=RESEARCH, who="owner", reason=WHY):
    switch(ward.records, ward.people[who], PASSWORD, policy, reason)


def codes(call, *given, **named):
    with pytest.raises(Refused) as refused:
        call(*given, **named)
    return [finding.code for finding in refused.value.findings]


def put_batch(ward: Ward, status: str) -> None:
    with ward.records.transaction(SYSTEM) as tx:
        tx.record("batch.planned", "batch", "B-1", {"status": status, "prescription": "RX-1"})


def test_a_site_that_never_chose_is_in_locked_mode(ward: Ward):
    assert present(ward.records) is LOCKED


def test_a_switch_is_signed_and_says_why(ward: Ward):
    switched(ward)
    assert present(ward.records) is RESEARCH
    (signed,) = signatures_of(ward.records, "mode", "present")
    assert (signed.role, signed.meaning) == ("process owner", "switched to research mode")
    assert signed.covers(ward.records.get("mode", "present"))
    assert ward.records.events(action="mode.switch")[-1].content["reason_text"] == WHY


def test_every_event_bears_the_mode_it_happened_in(ward: Ward):
    switched(ward)
    switch_event = ward.records.events(action="mode.switch")[-1].content
    ward.receive()
    received = ward.records.events(action="order.received")[-1].content
    assert (switch_event["mode"], received["mode"]) == ("locked", "research")
    assert audit.verify(ward.records.url)["verdict"] in ("OK", "UNANCHORED")


@pytest.mark.parametrize("state", OPEN)
def test_the_mode_is_never_switched_with_a_batch_open(ward: Ward, state):
    put_batch(ward, state.value)
    assert codes(switched, ward) == ["E_MODE_BATCH_OPEN"]
    told = ward.records.events(action="mode.switch")[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", "E_MODE_BATCH_OPEN")
    assert present(ward.records) is LOCKED


@pytest.mark.parametrize("state", sorted(DECIDED))
def test_a_batch_that_was_decided_on_is_not_open(ward: Ward, state):
    put_batch(ward, state.value)
    assert open_batches(ward.records) == ()


def test_a_batch_opened_while_the_switch_is_being_signed_forbids_it(ward: Ward, monkeypatch):
    real = mode.sign

    def slow(*given, **named):
        put_batch(ward, "planned")
        return real(*given, **named)

    monkeypatch.setattr(mode, "sign", slow)
    assert codes(switched, ward) == ["E_MODE_BATCH_OPEN"]
    assert ward.records.events(action="mode.switch")[-1].content["reason_code"] == "E_MODE_BATCH_OPEN"
    assert present(ward.records) is LOCKED


def test_a_switch_without_a_reason_or_to_where_the_site_is_is_refused(ward: Ward):
    assert codes(switched, ward, reason="") == ["E_REASON_MISSING"]
    assert codes(switched, ward, policy=LOCKED) == ["E_MODE_SAME"]


def test_only_a_process_owner_switches(ward: Ward):
    assert codes(switched, ward, who="operator") == ["NOT_PERMITTED"]


def test_nothing_is_done_under_another_policy_than_the_present_one(ward: Ward):
    assert other_than_present(ward.records, LOCKED) == ()
    assert [finding.code for finding in other_than_present(ward.records, REHEARSAL)] == ["E_MODE_DIFFERS"]
    switched(ward, policy=REHEARSAL)
    assert other_than_present(ward.records, REHEARSAL) == ()


def test_only_locked_mode_releases_and_everything_else_is_marked():
    assert [policy.mode for policy in POLICIES.values() if policy.allows_release] == ["locked"]
    assert [policy.mode for policy in POLICIES.values() if not policy.is_marked] == ["locked"]
