"""Roles given anew, the sealed account, and the passwords a site asks for."""

import pytest

from printcare.domain.people import Actor, Role
from printcare.errors import PrintcareError
from printcare.records import account_changes, accounts, audit
from printcare.records.passwords import DEFAULT, PROFILES, Profile, password_findings
from printcare.records.store import Store

PASSWORD = "seventeen grey herons"
SEALED = "nine sealed envelopes"


@pytest.fixture
def ids(records, cheap):
    """Make an administrator, somebody of quality and an operator, and return their ids."""
    first = accounts.create_first(records, "ada", "Ada Admin", PASSWORD, hashing=cheap)
    actor, made = Actor(first, "administrator"), {"ada": first}
    for login, role in (("quinn", "quality"), ("olu", "operator")):
        checker = made.get("quinn", accounts.FIRST_RUN)
        made[login] = accounts.create(
            records, actor, login, login.title(), [role], PASSWORD, identity_checked_by=checker, hashing=cheap
        )
    return made


@pytest.fixture
def administrator(ids):
    return Actor(ids["ada"], "administrator")


def refused(code, call, *arguments, **named):
    with pytest.raises(PrintcareError) as raised:
        call(*arguments, **named)
    assert raised.value.code == code


def test_roles_are_changed_with_a_second_person_and_the_old_ones_stay_visible(records, ids, administrator):
    roles = ["operator", "auditor", "auditor"]
    account_changes.change_roles(records, administrator, ids["olu"], roles, "covers the ward", second=ids["quinn"])
    assert accounts.find(records, ids["olu"]).roles == ("operator", "auditor")
    event = records.events(action="account.roles_changed")[0].content
    assert (event["old"]["roles"], event["new"]["roles_agreed_by"]) == (["operator"], ids["quinn"])


@pytest.mark.parametrize(
    ("roles", "reason", "second", "code"),
    [
        (["operator", "administrator"], "r", "quinn", "ROLES_CLASH"),
        (["owner"], "r", "quinn", "NO_SUCH_ROLE"),
        ([], "r", "quinn", "NO_ROLE"),
        (["auditor"], " ", "quinn", "REASON_MISSING"),
        (["auditor"], "r", "ada", "SAME_PERSON"),
        (["auditor"], "r", "olu", "SAME_PERSON"),
    ],
)
def test_a_change_of_roles_that_breaks_a_rule_is_refused_and_recorded(
    records, ids, administrator, roles, reason, second, code
):
    refused(code, account_changes.change_roles, records, administrator, ids["olu"], roles, reason, second=ids[second])
    event = records.events(action="account.manage")[-1].content
    assert (event["outcome"], event["reason_code"]) == ("refused", code)
    assert accounts.find(records, ids["olu"]).roles == ("operator",)


def test_nobody_changes_their_own_roles_nor_without_being_administrator(records, ids, administrator):
    change = account_changes.change_roles
    refused("OWN_ACCOUNT", change, records, administrator, ids["ada"], ["auditor"], "r", second=ids["quinn"])
    quality = Actor(ids["quinn"], "quality")
    refused("NOT_PERMITTED", change, records, quality, ids["olu"], ["auditor"], "r", second=ids["ada"])


def test_who_gains_release_changes_the_password_first(records, ids, administrator):
    account_changes.change_roles(records, administrator, ids["olu"], ["releaser"], "r", second=ids["quinn"])
    assert accounts.find(records, ids["olu"]).must_change_password


def seal(records, administrator, ids, cheap):
    return accounts.create_sealed(
        records, administrator, "glass", SEALED, identity_checked_by=ids["quinn"], hashing=cheap
    )


def test_the_sealed_account_unlocks_once_raises_an_alarm_and_is_spent(records, ids, administrator, cheap):
    glass = seal(records, administrator, ids, cheap)
    account_changes.lock(records, administrator, ids["olu"], "somebody guessed at it")
    key = account_changes.break_glass(records, "glass", SEALED, "olu", "night, nobody here", hashing=cheap)
    assert accounts.log_in(records, "olu", PASSWORD, hashing=cheap).id == ids["olu"]
    alarm = records.get("alarm", key)
    assert (alarm["alarm"], alarm["priority"]) == ("A_BREAK_GLASS", "critical")
    assert records.get("account", glass)["status"] == "locked"
    refused("LOGIN_REFUSED", account_changes.break_glass, records, "glass", SEALED, "olu", "again", hashing=cheap)
    assert audit.verify(records.url)["verdict"] == "UNANCHORED"


def test_the_sealed_account_opens_an_administrator_too_and_does_nothing_else(records, ids, administrator, cheap):
    glass = accounts.find(records, seal(records, administrator, ids, cheap))
    assert glass.roles == ()
    refused("NOT_PERMITTED", glass.actor_for, "account.unlock")
    refused("BREAK_GLASS", account_changes.change_roles, records, administrator, glass.id, ["operator"], "r",
            second=ids["quinn"])  # fmt: skip
    account_changes.break_glass(records, "glass", SEALED, "ada", "locked out", hashing=cheap)
    assert records.events(action="account.unlocked")[-1].content["object_id"] == ids["ada"]


def test_there_is_one_sealed_account_and_everyday_accounts_break_no_glass(records, ids, administrator, cheap):
    refused("NOT_BREAK_GLASS", account_changes.break_glass, records, "quinn", PASSWORD, "olu", "r", hashing=cheap)
    seal(records, administrator, ids, cheap)
    with pytest.raises(PrintcareError, match="BREAK_GLASS_EXISTS"):
        accounts.create_sealed(records, administrator, "g2", SEALED, identity_checked_by=ids["quinn"], hashing=cheap)


def test_failures_delay_the_sealed_account_and_never_lock_it(records, ids, administrator, cheap, clock, url, context):
    glass = seal(records, administrator, ids, cheap)
    for _ in range(30):
        refused("LOGIN_REFUSED", accounts.log_in, records, "glass", "wrong", hashing=cheap)
        clock.step(901)
    with Store.open(url, context) as again:
        assert again.get("account", glass)["status"] == "active"
        assert account_changes.break_glass(again, "glass", SEALED, "olu", "needed", hashing=cheap)


def test_the_delay_survives_a_restart(records, ids, cheap, url, context):
    for _ in range(3):
        refused("LOGIN_REFUSED", accounts.log_in, records, "olu", "wrong", hashing=cheap)
    with Store.open(url, context) as again:
        refused("LOGIN_REFUSED", accounts.log_in, again, "olu", PASSWORD, hashing=cheap)
        assert again.events(action="account.login")[-1].content["reason_code"] == "WAITING_AFTER_FAILURES"


@pytest.mark.parametrize(
    "weak",
    ["p@$$w0rd", "drowssap1", "qwertyuiop", "lkjhgfdsa", "abcdefgh12345", "asdfghjkl;zxcvbnm"[:9], "Tr0ubleMaker"[:4]],
)
def test_disguised_reversed_and_keyboard_passwords_are_refused(weak):
    assert {found.code for found in password_findings(weak, [Role.AUDITOR])} <= {"PASSWORD_COMMON", "PASSWORD_SHORT"}
    assert password_findings(weak, [Role.AUDITOR])


def test_a_profile_may_ask_for_more_and_never_for_less():
    draft = PROFILES["annex-11-draft"]
    assert [found.code for found in password_findings("twelve otters", [Role.AUDITOR], profile=draft)] == [
        "PASSWORD_CLASSES"
    ]
    assert password_findings("Twelve otters 9", [Role.AUDITOR], profile=draft) == ()
    assert DEFAULT.findings() == draft.findings() == ()
    for weaker in (Profile(least=7), Profile(release_least=14), Profile(least=20), Profile(classes=5)):
        assert [found.code for found in weaker.findings()] == ["PASSWORD_PROFILE"]


def test_a_word_the_site_adds_is_a_word_of_the_place():
    profile = Profile(blocked=("northwing",))
    assert [found.code for found in password_findings("northwing-7", [Role.AUDITOR], profile=profile)] == [
        "PASSWORD_CONTEXT"
    ]
