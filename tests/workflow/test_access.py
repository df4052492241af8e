"""Access: roles given anew count at once, sessions end, and quality signs the review."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from printcare.domain.people import Role
from printcare.records import accounts, audit, signatures
from printcare.records.passwords import Profile
from printcare.records.store import RecordContext, Store
from printcare.workflow import access, staff
from printcare.workflow.authority import Refused, allowed, in_session
from printcare.workflow.recipe.set_up import Person, set_up

PASSWORD = "seventeen grey herons"


class Clock:
    """A clock the test moves."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        """Return the time."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def records(tmp_path, clock):
    context = RecordContext("demo", "ws", "0.1", "b", clock, time.monotonic_ns, "locked")
    with Store.open(f"sqlite:///{tmp_path}/record.sqlite", context, key_directory=tmp_path) as store:
        yield store


@pytest.fixture
def people(records, cheap_passwords):
    roles = {"quinn": Role.QUALITY, "olu": Role.OPERATOR, "pat": Role.PROCESS_OWNER}
    staff = [Person(login, login.title(), (role,), PASSWORD) for login, role in roles.items()]
    return set_up(records, Person("ada", "Ada", (Role.ADMINISTRATOR,), PASSWORD), staff)


def code_of(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.code


def test_a_session_ends_after_twelve_hours_and_another_begins_by_signing_in(records, people, clock):
    clock.ahead = timedelta(hours=11, minutes=59)
    assert allowed(records, people["olu"], "batch.start").id == people["olu"].id
    clock.ahead = timedelta(hours=12, minutes=1)
    assert code_of(allowed, records, people["olu"], "batch.start") == "SESSION_ENDED"
    handed_on = in_session(records, people["olu"].id, people["olu"].session)
    assert code_of(allowed, records, handed_on, "batch.start") == "SESSION_ENDED"
    assert allowed(records, accounts.log_in(records, "olu", PASSWORD), "batch.start")


def test_a_role_taken_away_counts_at_once_in_a_session_that_goes_on(records, people):
    change = (records, people["ada"], PASSWORD, people["quinn"], "olu", ["auditor"], "left the clean room")
    staff.change_roles(*change)
    assert code_of(allowed, records, people["olu"], "batch.start") == "NOT_PERMITTED"


def test_a_locked_account_s_session_does_nothing_more(records, people):
    staff.lock(records, people["ada"], "olu", "card lost")
    assert code_of(allowed, records, people["olu"], "batch.start") == "ACCOUNT_NOT_ACTIVE"


def test_the_administrator_enters_the_password_again_to_change_roles(records, people):
    change = (records, people["ada"], "wrong", people["quinn"], "olu", ["auditor"], "r")
    assert code_of(staff.change_roles, *change) == "LOGIN_REFUSED"
    alone = (records, people["ada"], PASSWORD, None, "olu", ["auditor"], "r")
    assert code_of(staff.change_roles, *alone) == "SAME_PERSON"


def test_the_review_of_access_counts_what_happened_and_is_signed(records, people):
    with pytest.raises(Refused):
        staff.break_glass(records, "olu", PASSWORD, "ada", "curious")
    staff.seal(records, people["ada"], people["quinn"], "glass", "nine sealed envelopes")
    staff.lock(records, people["ada"], "olu", "card lost")
    staff.break_glass(records, "glass", "nine sealed envelopes", "olu", "night")
    report = access.access_report(records, people["quinn"])
    rows = {row["id"]: row for row in report["accounts"]}
    assert (rows[people["olu"].id]["logins"], rows[people["olu"].id]["locked"]) == (1, 1)
    assert len(report["break_glass"]) == 1
    assert access.names(records, report)[people["olu"].id] == "Olu"
    key = access.sign_access_review(records, people["quinn"], PASSWORD, "everybody is still here")
    (signed,) = signatures.counting(records, "access_review", key)
    assert signed.covers(records.get("access_review", key))
    again = access.access_report(records, people["quinn"])
    assert (again["last_review"], again["accounts"][0]["logins"]) == (key, 0)
    assert audit.verify(records.url)["verdict"] == "UNANCHORED"


def test_a_review_without_a_conclusion_is_refused(records, people):
    assert code_of(access.sign_access_review, records, people["quinn"], PASSWORD, " ") == "E_REASON_MISSING"


def test_a_site_s_own_profile_holds_for_the_next_password(records, people):
    asked = Profile(least=20, release_least=20)
    access.set_password_profile(records, people["pat"], PASSWORD, asked, "the insurer wants it")
    short = (records, people["ada"], "olu", "sixteen character", "forgotten")
    assert code_of(staff.reset, *short) == "PASSWORD_SHORT"
    weaker = (records, people["pat"], PASSWORD, Profile(least=4), "too long")
    assert code_of(access.set_password_profile, *weaker) == "PASSWORD_PROFILE"
    assert code_of(access.set_password_profile, records, people["pat"], PASSWORD, asked, "") == "E_REASON_MISSING"
    assert accounts.profile(records) == asked
