"""Who may speak to a running job: a ticket for a password, and an acknowledgement that bears its signature."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ward import PASSWORD

from printcare.control.alarm_table import ALARMS
from printcare.domain.people import SYSTEM
from printcare.errors import PrintcareError
from printcare.protocol.wire import Command
from printcare.records.account_changes import deactivate
from printcare.records.accounts import log_in, log_out
from printcare.runner import objection
from printcare.workflow.batch.job_access import admit, not_admitted
from printcare.workflow.entry import sign_alarm

BATCH = "B-0001"


@pytest.fixture
def running(ward):
    """Return a pharmacy with a batch under way."""
    raise_alarm(ward, 1, "A16")
    with ward.records.transaction(SYSTEM) as tx:
        tx.record(
            "batch.started", "batch", BATCH, {"status": "printing", "prescription": "", "lot": "", "cartridge": ""}
        )
    return ward


def raise_alarm(ward, number, alarm):
    with ward.records.transaction(SYSTEM) as tx:
        tx.record("alarm.raised", "alarm", f"{BATCH}/{number:03d}", {"batch_id": BATCH, "alarm": alarm})


def code_of(finding):
    return None if finding is None else finding.code


def test_a_password_gives_a_ticket_that_opens_this_job_and_no_other(running):
    given = admit(running.records, "operator", PASSWORD, BATCH)
    assert not_admitted(running.records, BATCH, given.account.id, given.ticket) is None
    assert not_admitted(running.records, BATCH, given.account.id, given.ticket) is None  # the same window comes back
    assert code_of(not_admitted(running.records, "B-0002", given.account.id, given.ticket)) == "ENDPOINT_TICKET"


@pytest.mark.parametrize("ticket", ["", "guessed", "ticket_sha256"])
def test_what_was_not_given_opens_nothing(running, ticket):
    given = admit(running.records, "operator", PASSWORD, BATCH)
    assert code_of(not_admitted(running.records, BATCH, given.account.id, ticket)) == "ENDPOINT_TICKET"


def test_a_ticket_is_its_account_s_alone(running):
    given = admit(running.records, "operator", PASSWORD, BATCH)
    other = running.people["ben"].id
    assert code_of(not_admitted(running.records, BATCH, other, given.ticket)) == "ENDPOINT_TICKET"


def test_the_record_does_not_hold_the_ticket(running):
    given = admit(running.records, "operator", PASSWORD, BATCH)
    told = b"".join(event.payload for event in running.records.events(limit=10_000))
    assert given.ticket.encode() not in told


def test_a_wrong_password_gives_no_ticket(running):
    with pytest.raises(PrintcareError, match="LOGIN_REFUSED"):
        admit(running.records, "operator", "not this one at all", BATCH)
    assert running.records.events(action="job.admitted") == []


def test_a_ticket_of_a_batch_that_is_none_is_not_given(running):
    with pytest.raises(PrintcareError, match="BATCH_UNKNOWN"):
        admit(running.records, "operator", PASSWORD, "B-0009")


def test_who_is_signed_in_already_keeps_the_session(running):
    here = log_in(running.records, "operator", PASSWORD)
    given = admit(running.records, "operator", PASSWORD, BATCH, here)
    assert given.account == here
    assert not_admitted(running.records, BATCH, here.id, given.ticket) is None


def test_another_s_password_opens_no_session_of_mine(running):
    here = log_in(running.records, "operator", PASSWORD)
    with pytest.raises(PrintcareError, match="SESSION_NONE"):
        admit(running.records, "ben", PASSWORD, BATCH, here)
    with pytest.raises(PrintcareError, match="SESSION_NONE"):
        admit(running.records, "operator", PASSWORD, BATCH, replace(here, session=None))


def test_a_ticket_ends_with_its_session(running):
    given = admit(running.records, "operator", PASSWORD, BATCH)
    log_out(running.records, given.account)
    assert code_of(not_admitted(running.records, BATCH, given.account.id, given.ticket)) == "SESSION_UNKNOWN"


def test_a_withdrawn_account_s_ticket_opens_nothing(running):
    given = admit(running.records, "operator", PASSWORD, BATCH)
    deactivate(running.records, running.people["admin"].actor("administrator"), given.account.id, "left the pharmacy")
    assert code_of(not_admitted(running.records, BATCH, given.account.id, given.ticket)) == "SESSION_UNKNOWN"


# ---- what the job process makes of a command


def answer(running, reason="A16 closed the door", *, who="operator", is_present=True, name="acknowledge"):
    command = Command(name, running.people[who].id, reason)
    return code_of(objection(running.records, BATCH, command, is_present=is_present))


def sign(running, number=1, who="operator", meaning="acknowledged: closed the door"):
    sign_alarm(running.records, running.people[who], PASSWORD, BATCH, number, meaning)


def test_an_unsigned_acknowledgement_of_an_alarm_that_wants_one_is_refused_and_recorded(running):
    assert ALARMS["A16"].needs_signature
    assert answer(running) == "ALARM_UNSIGNED"
    told = running.records.events(action="alarm.acknowledge")[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", "ALARM_UNSIGNED")


@pytest.mark.parametrize("is_present", [True, False])
def test_the_signature_on_the_alarm_s_row_answers_it_whoever_is_signed_in(running, is_present):
    sign(running)
    assert answer(running, is_present=is_present) is None


def test_a_signature_of_another_person_is_not_mine(running):
    sign(running, who="ben")
    assert answer(running) == "ALARM_UNSIGNED"
    assert answer(running, who="ben") is None


def test_a_signature_that_means_something_else_acknowledges_nothing(running):
    sign(running, meaning="seen")
    assert answer(running) == "ALARM_UNSIGNED"


def test_an_alarm_raised_again_wants_its_own_signature(running):
    sign(running)
    raise_alarm(running, 2, "A16")
    assert answer(running) == "ALARM_UNSIGNED"
    sign(running, number=2)
    assert answer(running) is None


def test_an_alarm_that_was_not_raised_takes_no_acknowledgement(running):
    assert answer(running, "A19 nothing") == "ALARM_UNKNOWN"


@pytest.mark.parametrize("name", ["resume", "acknowledge", "shelve", "placed"])
def test_nobody_speaks_under_an_id_who_has_not_signed_in(running, name):
    assert not ALARMS["A09"].needs_signature
    assert answer(running, "A09 looked at the chart", name=name, is_present=False) == "ENDPOINT_SIGN_IN"
    assert answer(running, "A09 looked at the chart", name=name) is None
