"""The people of a record: the first administrator, accounts after an identity check, locked, unlocked and withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any  # a row told is plain JSON

from printcare.domain.checks import error
from printcare.domain.people import Role
from printcare.errors import PrintcareError
from printcare.records import account_changes, accounts
from printcare.records.accounts import FIRST_RUN, MANAGE, UNLOCK, Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse

NOBODY = "unknown"  # in place of a name no account has: people type passwords there   U14


def begin(records: Store, login: str, name: str, password: str) -> Account:
    """Create the first administrator of an empty record and return their session; raises Refused where there is one."""
    with _told_as_refused():
        accounts.create_first(records, login, name, password)
    return accounts.log_in(records, login, password)


def add(
    records: Store,
    administrator: Account,
    checker: Account | None,
    login: str,
    name: str,
    roles: Collection[str],
    password: str,
) -> str:
    """Create an account and return its id; `checker` saw the person's identity paper and is here to say so (P16).

    Only the second account of a record has no checker, because there is nobody else yet. Raises Refused, recorded.
    """
    actor = allowed(records, administrator, "account.manage")
    if checker is None and len(records.all("account")) > 1:
        told = "Nobody but the administrator says who the new person is."
        stops = (
            error("E_IDENTITY_UNCHECKED", told, "Add --second-user NAME, who saw their identity paper.", "second"),
        )
        refuse(records, actor, MANAGE, "account", "new", stops)
        raise Refused(stops)
    checked_by = FIRST_RUN if checker is None else checker.id
    with _told_as_refused():
        return accounts.create(records, actor, login, name, roles, password, identity_checked_by=checked_by)


def lock(records: Store, administrator: Account, login: str, reason: str) -> None:
    """Lock somebody's account until it is unlocked."""
    actor = allowed(records, administrator, "account.manage")
    account = _named(records, administrator, MANAGE, login)
    with _told_as_refused():
        account_changes.lock(records, actor, account, reason)


def unlock(records: Store, administrator: Account, login: str, reason: str) -> None:
    """Open a locked account again, and forget its failed attempts."""
    actor = allowed(records, administrator, "account.unlock")
    account = _named(records, administrator, UNLOCK, login)
    with _told_as_refused():
        account_changes.unlock(records, actor, account, reason)


def withdraw(records: Store, administrator: Account, login: str, reason: str) -> None:
    """Withdraw an account for ever."""
    actor = allowed(records, administrator, "account.manage")
    account = _named(records, administrator, MANAGE, login)
    with _told_as_refused():
        account_changes.deactivate(records, actor, account, reason)


def reset(records: Store, administrator: Account, login: str, new: str, reason: str) -> None:
    """Give somebody a password they have to change before they sign, and a new signing key (P19)."""
    actor = allowed(records, administrator, "account.manage")
    account = _named(records, administrator, MANAGE, login)
    with _told_as_refused():
        account_changes.reset_password(records, actor, account, new, reason)


def change_roles(
    records: Store,
    administrator: Account,
    password: str,
    second: Account | None,
    login: str,
    roles: Collection[str],
    reason: str,
) -> None:
    """Give somebody other roles: the administrator enters the password again, and a second person stands for it."""
    actor = allowed(records, administrator, "account.manage")
    account = _named(records, administrator, MANAGE, login)
    with _told_as_refused():
        accounts.authenticate(records, administrator.login, password)  # U11
        second_id = administrator.id if second is None else second.id
        account_changes.change_roles(records, actor, account, roles, reason, second=second_id)


def seal(records: Store, administrator: Account, checker: Account, login: str, password: str) -> str:
    """Create the break-glass account, whose password goes into an envelope that `checker` saw closed."""
    actor = allowed(records, administrator, "account.manage")
    with _told_as_refused():
        return accounts.create_sealed(records, actor, login, password, identity_checked_by=checker.id)


def break_glass(records: Store, login: str, password: str, locked: str, reason: str) -> str:
    """Unlock somebody with the sealed password, and return the key of the alarm this raised."""
    with _told_as_refused():
        return account_changes.break_glass(records, login, password, locked, reason)


def change_own_password(records: Store, login: str, old: str, new: str) -> None:
    """Replace one's own password; raises Refused with what is wrong with either."""
    with _told_as_refused():
        accounts.change_password(records, login, old, new)


def listed(records: Store, administrator: Account) -> list[dict[str, Any]]:
    """Return every account, its roles and where it stands."""
    allowed(records, administrator, "account.manage")
    found = []
    for key, state in records.all("account").items():
        person = accounts.find(records, key)
        told = {"id": key, "login": person.login, "name": person.name, "roles": list(person.roles)}
        checked_by = state.get("identity_checked_by")
        found.append(told | {"status": state["status"], "identity_checked_by": checked_by})
    return found


def role_named(words: str) -> str:
    """Return the role somebody names on a command line, with a space or a hyphen; any other word as it is."""
    return next((role.value for role in Role if words.replace("-", " ").casefold() == role.value), words)


def _named(records: Store, administrator: Account, command: str, login: str) -> str:
    account = accounts.find_login(records, login)
    if account is not None:
        return account
    stops = (error("E_LOGIN_UNKNOWN", "No account has this login.", "See `printcare user list`.", "login"),)
    refuse(records, administrator.actor_for(command), command, "account", NOBODY, stops)
    raise Refused(stops)


@contextmanager
def _told_as_refused() -> Iterator[None]:
    """Tell what the accounts refused, and recorded themselves, as every other refusal is told."""
    try:
        yield
    except PrintcareError as fault:
        raise Refused((error(fault.code, fault.message, fault.remedy, "account"),)) from fault
