"""A batch stands prepared or decided only with the signatures for it, and a decision only on what the record holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rehearsing import ONE_DAY, Rehearsal, kept, prepared_in

from printcare.domain.people import SYSTEM, Role
from printcare.domain.policy import RESEARCH
from printcare.errors import PrintcareError
from printcare.records.signatures import signatures_of
from printcare.workflow.authority import Refused
from printcare.workflow.batch.produce import prepare
from printcare.workflow.release.review import decide_recorded, finish, review

WRONG = "not the password of anybody here"


@pytest.fixture
def only_planned(tmp_path):
    """Return a rehearsal whose batch is planned and not yet prepared."""
    one = prepared_in(tmp_path, days=ONE_DAY, is_prepared=False)
    yield one
    one.close()


def people_of(show, *logins):
    return [each for login in logins for each in (show.people[login], show.passwords[login])]


def test_in_locked_mode_and_its_rehearsal_a_second_person_checks_every_preparation(only_planned):
    operator, password = people_of(only_planned.demonstration, "a.operator")
    with pytest.raises(Refused) as refused:
        prepare(only_planned.records, operator, password, None, "", only_planned.planned)
    told = only_planned.records.events(action="batch.prepare")[-1].content
    assert (refused.value.code, told["reason_code"]) == ("E_SECOND_PERSON", "E_SECOND_PERSON")
    assert only_planned.batch["status"] == "planned"


def test_a_second_person_without_the_role_checks_nothing_and_the_refusal_is_recorded(only_planned):
    words = people_of(only_planned.demonstration, "a.operator", "r.releaser")
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        prepare(only_planned.records, *words, only_planned.planned)
    assert only_planned.records.events(action="batch.check_preparation")[-1].content["outcome"] == "refused"
    assert only_planned.batch["status"] == "planned"


def test_research_prepares_with_one_signature_and_its_batch_is_never_released(tmp_path):
    rehearsal = Rehearsal(tmp_path, days=ONE_DAY)
    show = rehearsal.demonstration
    show.policy = RESEARCH
    try:
        show.set_up()
        order = show.receive(show.message())
        planned = show.verify_and_plan(replace(order, duration_days=ONE_DAY), show.calculate(order))
        operator, password = people_of(show, "a.operator")
        prepare(rehearsal.records, operator, password, None, "", planned)
        batch = rehearsal.records.get("batch", planned.id)
        assert (batch["status"], batch["mode"], batch["allows_release"]) == ("prepared", "research", False)
        signed = signatures_of(rehearsal.records, "batch", planned.id)
        assert [(each.role, each.meaning) for each in signed] == [("operator", "prepared")]
        assert signed[0].covers(batch)
    finally:
        rehearsal.close()


@pytest.mark.parametrize("wrong", [1, 3])
def test_a_preparation_that_one_of_two_did_not_sign_starts_no_print(only_planned, wrong):
    show, words = only_planned.demonstration, people_of(only_planned.demonstration, "a.operator", "b.pharmacist")
    words[wrong] = WRONG
    with pytest.raises(PrintcareError, match="LOGIN_REFUSED"):
        prepare(only_planned.records, *words, only_planned.planned)
    assert only_planned.batch["status"] == "planned"
    with pytest.raises(PrintcareError, match="BATCH_NOT_PREPARED"):
        show.produce(only_planned.planned, only_planned.ports, lambda _: None)


def test_a_preparation_is_not_checked_by_the_person_who_did_it(only_planned):
    words = people_of(only_planned.demonstration, "a.operator", "a.operator")
    with pytest.raises(Refused) as refused:
        prepare(only_planned.records, *words, only_planned.planned)
    assert refused.value.code == "SAME_PERSON"
    told = only_planned.records.events(action="batch.prepare")[-1].content
    assert (told["outcome"], only_planned.batch["status"]) == ("refused", "planned")


@pytest.fixture(scope="module")
def once_finished(tmp_path_factory):
    """Return a rehearsal that waits for its decision, as it stood."""
    one = prepared_in(tmp_path_factory.mktemp("finished"), days=ONE_DAY)
    one.print()
    show = one.demonstration
    finish(one.records, show.people["a.operator"], one.planned, show.passwords["a.operator"])
    return kept(one, days=ONE_DAY)


@pytest.fixture
def finished(once_finished, tmp_path):
    """Return a copy of it, with the review."""
    one = once_finished.copy(tmp_path)
    one.decision = review(one.records, one.planned, one.drawn, one.demonstration.policy)
    yield one
    one.close()


def decided(rehearsal, releaser, password, wanted, decision=None):
    return decide_recorded(
        rehearsal.records, releaser, password, rehearsal.planned.id, decision or rehearsal.decision, wanted
    )


def test_a_decision_that_fails_to_be_signed_leaves_the_batch_in_quarantine(finished):
    with pytest.raises(PrintcareError, match="LOGIN_REFUSED"):
        decided(finished, finished.demonstration.people["r.releaser"], WRONG, "rehearsed")
    assert finished.batch["status"] == "quarantined"


def test_a_decision_made_up_by_its_caller_releases_nothing(finished):
    words = people_of(finished.demonstration, "r.releaser")
    with pytest.raises(Refused) as refused:
        decided(finished, *words, "released", replace(finished.decision, may_be=("released",), findings=()))
    assert "E_DECISION" in [finding.code for finding in refused.value.findings]
    assert finished.batch["status"] == "quarantined"


def test_a_deviation_opened_after_the_review_stops_the_decision(finished):
    deviation = {"batch_id": finished.planned.id, "status": "open", "what": "a unit fell", "opened_by": "quality"}
    show = finished.demonstration
    with finished.records.transaction(show.people["a.operator"].actor_for("deviation.open")) as tx:
        tx.record("deviation.opened", "deviation", f"{finished.planned.id}/D9", deviation)
    with pytest.raises(Refused) as refused:
        decided(finished, *people_of(show, "r.releaser"), "rehearsed")
    assert "E_DEVIATION_OPEN" in [finding.code for finding in refused.value.findings]


def test_a_second_decision_is_refused_and_the_attempt_recorded(finished):
    words = people_of(finished.demonstration, "r.releaser")
    decided(finished, *words, "rehearsed")
    with pytest.raises(Refused) as refused:
        decided(finished, *words, "rejected")
    assert refused.value.code == "E_BATCH_STATE"
    assert finished.records.events(action="batch.reject")[-1].content["outcome"] == "refused"


def test_who_signed_as_operator_without_starting_the_job_decides_nothing_either(finished):
    show = finished.demonstration
    state = finished.batch
    with finished.records.transaction(show.people["a.operator"].actor_for("batch.start")) as tx:
        tx.record("batch.started", "batch", finished.planned.id, state | {"operator": "somebody else"})
    both = replace(show.people["a.operator"], roles=(Role.OPERATOR, Role.RELEASER))
    with finished.records.transaction(SYSTEM) as tx:
        held = tx.get("account", both.id) or {}
        tx.record("account.roles_changed", "account", both.id, held | {"roles": list(both.roles)})
    with pytest.raises(Refused) as refused:
        decided(finished, both, show.passwords["a.operator"], "rehearsed")
    assert refused.value.code == "OPERATOR_RELEASES"
