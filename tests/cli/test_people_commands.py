"""`printcare site` and `printcare user`: a record is begun and its people set up from the command line alone."""

from __future__ import annotations

import json

import pytest

from printcare.cli.main import run
from printcare.domain.policy import LOCKED
from printcare.records import audit
from printcare.workstation.opening import open_record

PASSWORDS = {"first": "seventeen grey herons", "second": "eleven patient otters", "new": "forty quiet lanterns"}
VARIABLES = {
    "first": "PRINTCARE_PASSWORD_FILE",
    "second": "PRINTCARE_SECOND_PASSWORD_FILE",
    "new": "PRINTCARE_NEW_PASSWORD_FILE",
}


@pytest.fixture
def command(tmp_path, monkeypatch, capsys, cheap_passwords):
    """Return a command: exit code and its JSON object; passwords are those of `PASSWORDS` unless named."""

    def command(*words, **passwords):
        for name, variable in VARIABLES.items():
            file = tmp_path / name
            file.write_text(passwords.get(name, PASSWORDS[name]), "utf-8")
            monkeypatch.setenv(variable, str(file))
        code = run([*words, "--db", str(tmp_path / "record.sqlite"), "--json"])
        return code, json.loads(capsys.readouterr().out)

    command.url = f"sqlite:///{tmp_path}/record.sqlite"
    return command


@pytest.fixture
def begun(command):
    """Begin a record with an administrator and somebody of quality, who checks identities from then on."""
    assert command("site", "begin", "--user", "avery", "--name", "Avery Admin", new=PASSWORDS["first"])[0] == 0
    add = ("user", "add", "quinn", "--name", "Quinn Quality", "--role", "quality", "--user", "avery")
    assert command(*add, new=PASSWORDS["second"])[0] == 0
    return command


def add_operator(begun, *more):
    return begun("user", "add", "ada", "--name", "Ada O", "--role", "operator", "--user", "avery", *more)


def last_refusal(url):
    records, _ = open_record(url, LOCKED)
    with records:
        refused = [event.content for event in records.events(limit=1000) if event.content["outcome"] == "refused"]
    return refused[-1]["action"], refused[-1]["reason_code"]


def test_a_site_is_begun_and_its_people_are_set_up(begun):
    code, told = add_operator(begun, "--role", "releaser", "--second-user", "quinn")
    assert (code, told["roles"]) == (0, ["operator", "releaser"])
    code, told = begun("user", "list", "--user", "avery")
    rows = {row["login"]: row for row in told["users"]}
    assert code == 0
    assert rows["ada"]["identity_checked_by"] == rows["quinn"]["id"]
    assert rows["avery"]["identity_checked_by"] == "first run"
    assert audit.verify(begun.url)["verdict"] in ("OK", "UNANCHORED")


def test_a_record_with_people_is_never_begun_again(begun):
    code, told = begun("site", "begin", "--user", "eve", "--name", "Eve")
    assert (code, told["findings"][0]["code"]) == (1, "NOT_FIRST_RUN")
    assert last_refusal(begun.url) == ("account.manage", "NOT_FIRST_RUN")


def test_a_begin_refused_for_its_password_may_be_tried_again(command):
    words = ("site", "begin", "--user", "avery", "--name", "Avery Admin")
    assert command(*words, new="short")[1]["findings"][0]["code"] == "PASSWORD_SHORT"
    assert command(*words)[0] == 0


def test_from_the_third_account_on_a_second_person_checks_the_identity(begun):
    code, told = add_operator(begun)
    assert (code, told["findings"][0]["code"]) == (1, "E_IDENTITY_UNCHECKED")
    code, told = add_operator(begun, "--second-user", "avery")
    assert code == 1
    code, told = add_operator(begun, "--second-user", "quinn")
    assert code == 0


def test_an_administrator_is_not_the_second_person_of_their_own_command(begun):
    word = {"second": PASSWORDS["first"]}
    add = ("user", "add", "ada", "--name", "Ada O", "--role", "operator", "--user", "avery", "--second-user", "avery")
    code, told = begun(*add, **word)
    assert (code, told["findings"][0]["code"]) == (1, "SAME_PERSON")
    assert last_refusal(begun.url) == ("account.manage", "SAME_PERSON")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--role", "administrator"), "ROLES_CLASH"),
        (("--role", "wizard"), "NO_SUCH_ROLE"),
    ],
)
def test_what_no_account_may_be_is_refused_and_recorded(begun, more, code):
    assert add_operator(begun, *more, "--second-user", "quinn")[1]["findings"][0]["code"] == code
    assert last_refusal(begun.url) == ("account.manage", code)


@pytest.mark.parametrize("verb", ["lock", "unlock", "withdraw", "reset"])
def test_nobody_but_an_administrator_changes_accounts(begun, verb):
    who = {"first": PASSWORDS["second"]}
    code, told = begun("user", verb, "avery", "--reason", "x", "--user", "quinn", **who)
    assert (code, told["findings"][0]["code"]) == (1, "NOT_PERMITTED")
    assert last_refusal(begun.url)[1] == "NOT_PERMITTED"


@pytest.mark.parametrize(
    ("login", "reason", "code"),
    [("avery", "x", "OWN_ACCOUNT"), ("quinn", "", "REASON_MISSING"), ("nobody", "x", "E_LOGIN_UNKNOWN")],
)
@pytest.mark.parametrize("verb", ["lock", "unlock", "withdraw", "reset"])
def test_an_account_is_changed_by_another_with_a_reason(begun, verb, login, reason, code):
    done, told = begun("user", verb, login, "--reason", reason, "--user", "avery")
    assert (done, told["findings"][0]["code"]) == (1, code)
    assert last_refusal(begun.url)[1] == code


def test_a_locked_account_opens_nothing_until_it_is_unlocked_and_a_withdrawn_one_never(begun):
    quinn = {"first": PASSWORDS["second"]}
    assert begun("user", "lock", "quinn", "--reason", "on leave", "--user", "avery")[0] == 0
    assert begun("mode", "show", "--user", "quinn", **quinn)[1]["findings"][0]["code"] == "LOGIN_REFUSED"
    assert begun("user", "unlock", "quinn", "--reason", "back", "--user", "avery")[0] == 0
    assert begun("mode", "show", "--user", "quinn", **quinn)[0] == 0
    assert begun("user", "withdraw", "quinn", "--reason", "left", "--user", "avery")[0] == 0
    told = begun("user", "unlock", "quinn", "--reason", "back again", "--user", "avery")[1]
    assert told["findings"][0]["code"] == "ACCOUNT_STATE"
    assert begun("mode", "show", "--user", "quinn", **quinn)[1]["findings"][0]["code"] == "LOGIN_REFUSED"


def test_a_password_that_was_reset_is_changed_by_its_owner(begun):
    assert begun("user", "reset", "quinn", "--reason", "forgotten", "--user", "avery")[0] == 0
    changed = {"first": PASSWORDS["new"], "new": "nine slow carousels"}
    assert begun("user", "password", "--user", "quinn", **changed)[0] == 0
    assert begun("mode", "show", "--user", "quinn", first="nine slow carousels")[0] == 0
    short = begun("user", "password", "--user", "quinn", first="nine slow carousels", new="short")
    assert short[1]["findings"][0]["code"] == "PASSWORD_SHORT"
    assert begun("user", "reset", "quinn", "--reason", "forgotten", "--user", "avery", new="short")[0] == 1


def test_what_is_said_in_words_names_the_person_and_the_next_step(tmp_path, monkeypatch, capsys, cheap_passwords):
    file = tmp_path / "secret"
    file.write_text(PASSWORDS["first"], "utf-8")
    for variable in VARIABLES.values():
        monkeypatch.setenv(variable, str(file))
    db = ["--db", str(tmp_path / "deep" / "record.sqlite")]
    assert run(["site", "begin", "--user", "avery", "--name", "Avery Admin", *db]) == 0
    assert "printcare user add" in capsys.readouterr().out
    add = ["user", "add", "quinn", "--name", "Quinn", "--role", "formulation-scientist", "--user", "avery"]
    assert run([*add, *db]) == 0
    assert "quinn: account u-0002 for formulation scientist" in capsys.readouterr().out
    assert run(["user", "list", "--user", "avery", *db]) == 0
    assert "Avery Admin" in capsys.readouterr().out


def test_a_password_typed_twice_differently_is_chosen_again(begun, monkeypatch):
    typed = iter(["forty quiet lanterns", "forty quiet candles"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    from printcare.cli.settings import NEW, new_password
    from printcare.errors import PrintcareError

    monkeypatch.delenv(NEW)
    with pytest.raises(PrintcareError, match="USAGE"):
        new_password("quinn", NEW)


def test_a_password_nobody_is_there_to_type_is_asked_for_in_a_file_instead(monkeypatch):
    from printcare.cli.settings import password
    from printcare.errors import PrintcareError

    def nobody(_prompt):
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody)
    monkeypatch.delenv("PRINTCARE_SECOND_PASSWORD_FILE", raising=False)
    with pytest.raises(PrintcareError, match="USAGE") as refused:
        password("quinn", "PRINTCARE_SECOND_PASSWORD_FILE")
    assert "PRINTCARE_SECOND_PASSWORD_FILE" in refused.value.remedy
