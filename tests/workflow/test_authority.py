"""Who may do what: refusals are recorded, and a session is what the record says it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from printcare.domain.people import Role
from printcare.records.account_changes import deactivate
from printcare.records.accounts import log_in, log_out
from printcare.records.store import RecordContext, Store
from printcare.workflow.authority import Refused, allowed, in_session
from printcare.workflow.recipe.set_up import Person, set_up

PASSWORD = "seventeen grey herons"


@pytest.fixture
def records(tmp_path):
    context = RecordContext("demo", "ws", "0.1", "b", lambda: datetime.now(UTC), time.monotonic_ns, "locked")
    with Store.open(f"sqlite:///{tmp_path}/record.sqlite", context, key_directory=tmp_path) as store:
        yield store


@pytest.fixture
def people(records, cheap_passwords):
    staff = [Person("op", "Op", (Role.OPERATOR,), PASSWORD), Person("ph", "Ph", (Role.PHARMACIST,), PASSWORD)]
    return set_up(records, Person("ada", "Ada", (Role.ADMINISTRATOR,), PASSWORD), staff)


def test_a_permitted_command_gives_the_actor_in_the_role_that_permits_it(records, people):
    actor = allowed(records, people["op"], "batch.start")
    assert (actor.id, actor.role, actor.session) == (people["op"].id, "operator", people["op"].session)


def test_a_command_without_the_role_is_refused_and_the_refusal_recorded(records, people):
    with pytest.raises(Refused) as refused:
        allowed(records, people["op"], "batch.release")
    assert refused.value.code == "NOT_PERMITTED"
    last = records.events(action="batch.release")[-1].content
    assert (last["outcome"], last["actor_id"]) == ("refused", people["op"].id)


def test_a_recorded_login_is_an_open_session(records, people):
    account = in_session(records, people["op"].id, people["op"].session)
    assert account == people["op"]


def test_the_session_of_one_person_is_not_another_s(records, people):
    with pytest.raises(Refused, match="SESSION_UNKNOWN"):
        in_session(records, people["ph"].id, people["op"].session)


def test_a_session_that_was_closed_is_closed_and_a_later_one_is_open(records, people):
    log_out(records, people["op"])
    with pytest.raises(Refused, match="SESSION_UNKNOWN"):
        in_session(records, people["op"].id, people["op"].session)
    again = log_in(records, "op", PASSWORD)
    assert in_session(records, again.id, again.session).session == again.session


def test_a_withdrawn_account_has_no_session(records, people):
    deactivate(records, people["ada"].actor("administrator"), people["op"].id, "left")
    with pytest.raises(Refused, match="SESSION_UNKNOWN"):
        in_session(records, people["op"].id, people["op"].session)


@pytest.mark.parametrize("session", ["", "s-unknown"])
def test_a_made_up_session_is_none(records, people, session):
    with pytest.raises(Refused, match="SESSION_UNKNOWN"):
        in_session(records, people["op"].id, session)


def test_an_account_nobody_has_opens_nothing(records, people):
    with pytest.raises(Refused, match="SESSION_UNKNOWN"):
        in_session(records, "u-9999", people["op"].session)
