"""Accounts, passwords and log-in."""

import pytest
from sqlalchemy import text

from printcare.domain.people import Actor, Role
from printcare.errors import PrintcareError
from printcare.records import account_changes, accounts, audit, personal_keys
from printcare.records.passwords import LOW_MEMORY, Hashing, password_findings
from printcare.records.store import Store

PASSWORD = "seventeen grey herons"
OTHER = "eleven patient otters"


@pytest.fixture
def administrator(records, cheap):
    first = accounts.create_first(records, "ada", "Ada Admin", PASSWORD, hashing=cheap)
    return Actor(first, "administrator")


@pytest.fixture
def checker(records, administrator, cheap):
    """Make a second account directly, whose owner checks identities."""
    with records.transaction(administrator) as tx:
        tx.record(
            "account.created", "account", "u-checker", {"status": "active", "roles": ["quality"], "person": "p-0"}
        )
    return "u-checker"


@pytest.fixture
def make(records, administrator, checker, cheap):
    def make(login="olu", name="Olu Operator", roles=("operator",), password=PASSWORD, checked_by=checker):
        return accounts.create(
            records, administrator, login, name, roles, password, identity_checked_by=checked_by, hashing=cheap
        )

    return make


def refused(code, call, *arguments, **named):
    with pytest.raises(PrintcareError) as raised:
        call(*arguments, **named)
    assert raised.value.code == code
    return raised.value


def test_the_first_account_is_an_administrator_with_a_password_of_their_own(records, administrator, cheap):
    entered = accounts.log_in(records, "ada", PASSWORD, hashing=cheap)
    assert (entered.id, entered.name, entered.roles) == (administrator.id, "Ada Admin", ("administrator",))
    assert records.get("account", entered.id)["identity_checked_by"] == "first run"


def test_there_is_no_second_first_run(records, administrator, cheap):
    refused("NOT_FIRST_RUN", accounts.create_first, records, "eve", "Eve", PASSWORD, hashing=cheap)


def test_an_account_needs_an_identity_check_by_a_second_person(make, administrator):
    refused("SAME_PERSON", make, checked_by=administrator.id)
    refused("NO_SUCH_ACCOUNT", make, checked_by="u-9999")


def test_only_an_administrator_makes_accounts(records, checker, cheap):
    actor = Actor("u-1", "quality")
    refused(
        "NOT_PERMITTED", accounts.create, records, actor, "x", "X", ["operator"], PASSWORD,
        identity_checked_by=checker, hashing=cheap,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "code"), [(["owner"], "NO_SUCH_ROLE"), (["administrator", "releaser"], "ROLES_CLASH")]
)
def test_roles_that_do_not_exist_or_clash_are_refused(make, roles, code):
    refused(code, make, roles=roles)


def test_a_login_is_never_given_twice(make):
    make()
    refused("LOGIN_TAKEN", make)


def test_names_stay_out_of_the_events(records, make):
    make(name="Oluwaseun Operator")
    assert not any(b"Oluwaseun" in event.payload or b'"olu"' in event.payload for event in records.events())


def test_a_log_in_and_a_log_out_are_recorded_with_their_session(records, make, cheap):
    account = make()
    entered = accounts.log_in(records, "olu", PASSWORD, hashing=cheap)
    accounts.log_out(records, entered)
    events = [event.content for event in records.events(object_id=account)][-2:]
    assert [(event["action"], event["session"], event["actor_id"]) for event in events] == [
        ("account.login", entered.session, account),
        ("account.logout", entered.session, account),
    ]


def test_unknown_name_wrong_password_and_locked_account_are_refused_in_the_same_words(records, make, cheap, clock):
    make()
    said = [refused("LOGIN_REFUSED", accounts.log_in, records, "nobody", PASSWORD, hashing=cheap)]
    for _ in range(5):
        said.append(refused("LOGIN_REFUSED", accounts.log_in, records, "olu", "wrong", hashing=cheap))
        clock.step(60)
    said.append(refused("LOGIN_REFUSED", accounts.log_in, records, "olu", PASSWORD, hashing=cheap))
    assert len({(error.message, error.remedy) for error in said}) == 1


def test_an_unknown_name_costs_one_hash_like_a_known_one(records, make, monkeypatch, cheap):
    make()
    calls = []
    fits = Hashing.fits
    monkeypatch.setattr(Hashing, "fits", lambda self, *arguments: calls.append(self) or fits(self, *arguments))
    for login in ("nobody", "olu"):
        refused("LOGIN_REFUSED", accounts.log_in, records, login, "wrong", hashing=cheap)
    assert calls == [cheap, cheap]


def test_what_was_typed_as_a_name_is_never_recorded(records, administrator, cheap):
    refused("LOGIN_REFUSED", accounts.log_in, records, "my secret password", "", hashing=cheap)
    event = records.events(action="account.login")[-1]
    assert b"secret" not in event.payload
    assert (event.content["object_id"], event.content["outcome"]) == ("unknown", "refused")


def test_the_delay_doubles_from_the_third_failure(records, make, cheap, clock):
    make()
    for _ in range(3):
        refused("LOGIN_REFUSED", accounts.log_in, records, "olu", "wrong", hashing=cheap)
    refused("LOGIN_REFUSED", accounts.log_in, records, "olu", PASSWORD, hashing=cheap)
    assert records.events(action="account.login")[-1].content["reason_code"] == "WAITING_AFTER_FAILURES"
    clock.step(2)
    refused("LOGIN_REFUSED", accounts.log_in, records, "olu", "wrong", hashing=cheap)
    clock.step(3.5)
    refused("LOGIN_REFUSED", accounts.log_in, records, "olu", PASSWORD, hashing=cheap)
    clock.step(1)
    assert accounts.log_in(records, "olu", PASSWORD, hashing=cheap).login == "olu"


def test_the_fifth_failure_locks_across_a_restart_until_an_administrator_unlocks(
    records, make, administrator, cheap, clock, url, context
):
    account = make()
    for _ in range(5):
        refused("LOGIN_REFUSED", accounts.log_in, records, "olu", "wrong", hashing=cheap)
        clock.step(3600)
    with Store.open(url, context) as again:
        assert again.get("account", account)["status"] == "locked"
        refused("LOGIN_REFUSED", accounts.log_in, again, "olu", PASSWORD, hashing=cheap)
        refused("REASON_MISSING", account_changes.unlock, again, administrator, account, " ")
        refused("NOT_PERMITTED", account_changes.unlock, again, Actor("u", "operator"), account, "please")
        account_changes.unlock(again, administrator, account, "identity shown at the desk")
        assert accounts.log_in(again, "olu", PASSWORD, hashing=cheap).id == account


def test_a_success_clears_the_failures(records, make, cheap):
    make()
    for _ in range(4):
        refused("LOGIN_REFUSED", accounts.log_in, records, "olu", "wrong", hashing=cheap)
        records.context.clock.step(60)
        accounts.log_in(records, "olu", PASSWORD, hashing=cheap)
    with records.reading() as connection:
        assert connection.execute(text("SELECT failures FROM credential WHERE login = 'olu'")).scalar() == 0


def test_a_withdrawn_account_opens_no_more_and_its_id_stays(records, make, administrator, cheap):
    account = make()
    account_changes.deactivate(records, administrator, account, "left the hospital")
    refused("LOGIN_REFUSED", accounts.log_in, records, "olu", PASSWORD, hashing=cheap)
    refused("NO_SUCH_ACCOUNT", accounts.find, records, "u-9999")
    assert accounts.find(records, account).name == "Olu Operator"
    assert accounts.find_login(records, "olu") == account
    assert accounts.find_login(records, "nobody") is None


def test_a_changed_password_keeps_the_signing_key_and_needs_the_old_one(records, make, cheap):
    account = make()
    key = records.get("account", account)["public_key"]
    refused("LOGIN_REFUSED", accounts.change_password, records, "olu", "wrong", OTHER, hashing=cheap)
    refused("PASSWORD_SHORT", accounts.change_password, records, "olu", PASSWORD, "short", hashing=cheap)
    accounts.change_password(records, "olu", PASSWORD, OTHER, hashing=cheap)
    refused("LOGIN_REFUSED", accounts.log_in, records, "olu", PASSWORD, hashing=cheap)
    assert accounts.log_in(records, "olu", OTHER, hashing=cheap).id == account
    assert records.get("account", account)["public_key"] == key
    assert audit.verify(records.url)["verdict"] == "UNANCHORED"


def test_a_reset_gives_a_new_signing_key_and_a_password_to_be_changed(records, make, administrator, cheap):
    account = make()
    key = records.get("account", account)["public_key"]
    refused(
        "OWN_ACCOUNT",
        account_changes.reset_password,
        records,
        administrator,
        administrator.id,
        OTHER,
        "x",
        hashing=cheap,
    )
    account_changes.reset_password(records, administrator, account, OTHER, "forgotten", hashing=cheap)
    assert records.get("account", account)["public_key"] != key
    assert accounts.log_in(records, "olu", OTHER, hashing=cheap).must_change_password
    accounts.change_password(records, "olu", OTHER, PASSWORD, hashing=cheap)
    assert not accounts.log_in(records, "olu", PASSWORD, hashing=cheap).must_change_password


def test_an_account_acts_only_in_roles_it_holds(records, make):
    account = accounts.find(records, make(roles=("operator", "auditor")))
    assert account.actor("operator").role == "operator"
    assert account.actor_for("batch.start").role == "operator"
    refused("ROLE_NOT_HELD", account.actor, "releaser")
    refused("NOT_PERMITTED", account.actor_for, "batch.release")


@pytest.mark.parametrize(
    ("password", "roles", "code"),
    [
        ("short", [Role.OPERATOR], "PASSWORD_SHORT"),
        ("fourteen chars", [Role.RELEASER], "PASSWORD_SHORT"),
        ("x" * 1025, [Role.OPERATOR], "PASSWORD_LONG"),
        ("Password", [Role.OPERATOR], "PASSWORD_COMMON"),
        ("password2026!", [Role.OPERATOR], "PASSWORD_COMMON"),
        ("12345678", [Role.OPERATOR], "PASSWORD_COMMON"),
        ("Printcare-26", [Role.OPERATOR], "PASSWORD_CONTEXT"),
        ("saint-mary 7", [Role.OPERATOR], "PASSWORD_CONTEXT"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password, roles, code):
    assert [finding.code for finding in password_findings(password, roles, ["saint-mary"])] == [code]


@pytest.mark.parametrize(
    "password", [PASSWORD, "x" * 64, "  spaces stay  ", "пароль из слов", "printcare horses eat hay"]
)
def test_any_composition_of_enough_length_is_accepted(password):
    assert password_findings(password, [Role.OPERATOR], ["demo"]) == ()


def test_a_password_is_checked_exactly_as_typed(cheap):
    encoded = cheap.hash("  spaces stay  ")
    assert cheap.fits(encoded, "  spaces stay  ")
    assert not cheap.fits(encoded, "spaces stay")
    assert not cheap.fits("no hash", "x")


def test_the_default_cost_is_rfc_9106_s_profile_for_little_memory(cheap):
    assert (LOW_MEMORY.time_cost, LOW_MEMORY.memory_kib, LOW_MEMORY.parallelism) == (3, 65_536, 4)
    assert cheap.hash("x").startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert LOW_MEMORY.is_outdated(cheap.hash("x"))
    assert not cheap.is_outdated(cheap.hash("x"))


def test_a_wrapped_key_opens_only_for_its_account_and_password(cheap):
    wrapped = personal_keys.make("u-1", PASSWORD, cheap)
    again = personal_keys.WrappedKey.read(wrapped.text())
    assert personal_keys.unwrap(again, "u-1", PASSWORD).public_key().public_bytes_raw().hex() == wrapped.public_key
    refused("KEY_LOCKED", personal_keys.unwrap, wrapped, "u-1", OTHER)
    refused("KEY_LOCKED", personal_keys.unwrap, wrapped, "u-2", PASSWORD)
