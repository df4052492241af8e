"""Whoever printed a batch never decides on it, whatever roles the account holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.domain.people import SYSTEM, Role
from printcare.workflow.authority import Refused
from printcare.workflow.release.review import decide_recorded, review_recorded

pytestmark = pytest.mark.hazard("HZ-11")


@pytest.mark.parametrize("wanted", ["released", "rehearsed", "rejected"])
def test_the_operator_is_refused_every_decision(clogged, wanted):
    show = clogged.demonstration
    operator, password = show.people["a.operator"], show.passwords["a.operator"]
    decision = review_recorded(clogged.records, clogged.planned.id)
    with pytest.raises(Refused) as refused:
        decide_recorded(clogged.records, operator, password, clogged.planned.id, decision, wanted)
    assert refused.value.code == "NOT_PERMITTED"


@pytest.fixture
def both(clogged):
    """Give who printed the role of a releaser too, in the record, until the test is over."""
    operator = clogged.demonstration.people["a.operator"]
    before = clogged.records.get("account", operator.id)
    roles = (Role.OPERATOR, Role.RELEASER)
    for state in ({"roles": list(roles)}, {}):
        with clogged.records.transaction(SYSTEM) as tx:
            tx.record("account.roles_changed", "account", operator.id, before | state)
        if state:
            yield replace(operator, roles=roles)


@pytest.mark.parametrize("wanted", ["rehearsed", "rejected"])
def test_the_role_of_a_releaser_changes_nothing_for_the_person_who_printed(clogged, both, wanted):
    show = clogged.demonstration
    decision = review_recorded(clogged.records, clogged.planned.id)
    with pytest.raises(Refused) as refused:
        decide_recorded(clogged.records, both, show.passwords["a.operator"], clogged.planned.id, decision, wanted)
    assert refused.value.findings[0].code == "OPERATOR_RELEASES"
    assert clogged.batch["status"] == "quarantined"
