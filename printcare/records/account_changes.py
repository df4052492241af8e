"""What is done to an account that exists: locked, unlocked, withdrawn, reset, given roles, opened by the glass."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.people import Actor
from printcare.errors import PrintcareError
from printcare.records import personal_keys
from printcare.records.accounts import (
    BREAK_GLASS,
    MANAGE,
    UNLOCK,
    authenticate,
    check_password,
    check_roles,
    find,
    find_login,
    give,
    refusals_recorded,
    state_of,
    stop_if,
    write_credential,
)
from printcare.records.passwords import LONG_PASSWORD_ROLES, LOW_MEMORY, Hashing
from printcare.records.store import Store

STANDING = ("active", "locked")


def lock(records: Store, administrator: Actor, account: str, reason: str) -> None:
    """Lock an account until it is unlocked; never one's own, so that one administrator is left who can."""
    with refusals_recorded(records, administrator, MANAGE, account):
        stop_if(people.refusal([administrator.role], MANAGE))
        state = to_change(records, administrator, account, reason, ("active",))
    with records.transaction(administrator) as tx:
        tx.record("account.locked", "account", account, {**state, "status": "locked"}, reason_text=reason)


def unlock(records: Store, administrator: Actor, account: str, reason: str) -> None:
    """Open a locked account again; only an administrator, only with a reason (D11.7); never a withdrawn one."""
    with refusals_recorded(records, administrator, UNLOCK, account):
        stop_if(people.refusal([administrator.role], UNLOCK))
        state = to_change(records, administrator, account, reason, ("active", "locked"))
    with records.transaction(administrator) as tx:
        write_credential(tx, account, failures=0, not_before=None)
        tx.record("account.unlocked", "account", account, {**state, "status": "active"}, reason_text=reason)


def deactivate(records: Store, administrator: Actor, account: str, reason: str) -> None:
    """Withdraw an account for ever; its id and its signatures stay (P15, P23)."""
    with refusals_recorded(records, administrator, MANAGE, account):
        stop_if(people.refusal([administrator.role], MANAGE))
        state = to_change(records, administrator, account, reason, ("active", "locked"))
    with records.transaction(administrator) as tx:
        tx.record("account.deactivated", "account", account, {**state, "status": "withdrawn"}, reason_text=reason)


def reset_password(
    records: Store, administrator: Actor, account: str, new: str, reason: str, *, hashing: Hashing = LOW_MEMORY
) -> None:
    """Give an account a password to be changed at once, and a new signing key: nobody signs with the old one (P19)."""
    with refusals_recorded(records, administrator, MANAGE, account):
        stop_if(people.refusal([administrator.role], MANAGE))
        to_change(records, administrator, account, reason, ("active", "locked"))
        found = find(records, account)
        check_password(records, new, found.roles, found.login, found.name)
    wrapped = personal_keys.make(account, new, hashing)
    give(records, administrator, account, "account.password_reset", hashing.hash(new), wrapped, True, reason)


def change_roles(
    records: Store, administrator: Actor, account: str, roles: Collection[str], reason: str, *, second: str
) -> None:
    """Give an account other roles, with a second person who stands for it (U12); the duties stay apart as ever.

    Who gains a role that needs a long password changes theirs before they sign: how long it is, nobody knows.
    Raises PrintcareError NOT_PERMITTED, SAME_PERSON, OWN_ACCOUNT, REASON_MISSING, ACCOUNT_STATE, NO_ROLE,
    NO_SUCH_ROLE, ROLES_CLASH, or BREAK_GLASS for the sealed account, which never gets one.
    """
    held = list(dict.fromkeys(str(role) for role in roles))
    with refusals_recorded(records, administrator, MANAGE, account):
        stop_if(people.refusal([administrator.role], MANAGE))
        state = to_change(records, administrator, account, reason, STANDING)
        stop_if(people.second_person(administrator.id, second))
        stop_if(people.second_person(account, second))
        if state.get("kind") == BREAK_GLASS:
            told = "The sealed account holds no role."
            raise PrintcareError("BREAK_GLASS", told, "Create an account for the person.")
        if not held:
            raise PrintcareError("NO_ROLE", "An account has at least one role.", "Withdraw it where nobody needs it.")
        check_roles(held)
    gains = LONG_PASSWORD_ROLES & (set(held) - set(state["roles"]))
    with records.transaction(administrator) as tx:
        new = {**state, "roles": held, "roles_agreed_by": second}
        tx.record("account.roles_changed", "account", account, new, reason_text=reason)
        if gains:
            write_credential(tx, account, must_change=1)


def break_glass(
    records: Store, login: str, password: str, locked: str, reason: str, *, hashing: Hashing = LOW_MEMORY
) -> str:
    """Unlock the account with the login `locked` by the sealed password, raise an alarm to quality, spend the password.

    Returns the alarm's key. Raises PrintcareError LOGIN_REFUSED, NOT_BREAK_GLASS, REASON_MISSING, NO_SUCH_ACCOUNT,
    ACCOUNT_STATE.
    """
    entered = authenticate(records, login, password, hashing=hashing)
    actor = Actor(entered.id, BREAK_GLASS)
    with refusals_recorded(records, actor, "account.break_glass", entered.id):
        own = state_of(records, entered.id)
        if own.get("kind") != BREAK_GLASS:
            told = "This is no break-glass account."
            raise PrintcareError("NOT_BREAK_GLASS", told, "An administrator unlocks with `printcare user unlock`.")
        account = find_login(records, locked) or "unknown"
        state = to_change(records, actor, account, reason, STANDING)
    number = len(records.all("alarm", alarm="A_BREAK_GLASS")) + 1
    key = f"site/break-glass/{number:03d}"
    with records.transaction(actor) as tx:
        write_credential(tx, account, failures=0, not_before=None)
        tx.record("account.unlocked", "account", account, {**state, "status": "active"}, reason_text=reason)
        spent = {**own, "status": "locked"}
        tx.record("account.locked", "account", entered.id, spent, reason_code="BREAK_GLASS_SPENT")
        tx.record("alarm.raised", "alarm", key, _alarm(account), reason_text=reason)
    return key


def _alarm(account: str) -> dict[str, Any]:
    return {
        "batch_id": None,
        "alarm": "A_BREAK_GLASS",
        "title": "Break-glass account used",
        "seen": f"The account {account} was unlocked with the sealed password.",
        "cause": "No administrator could unlock it, or somebody opened the envelope.",
        "consequence": "Accounts can be opened outside the daily rules.",
        "action": "Quality finds out who and why; an administrator resets and seals the account again.",
        "priority": "critical",
        "unit": None,
    }


def to_change(
    records: Store, administrator: Actor, account: str, reason: str, standing: Collection[str]
) -> dict[str, Any]:
    """Return the account somebody else may be given another state; raises PrintcareError with the first objection."""
    state = state_of(records, account)
    if administrator.id == account:
        told = "Nobody locks, unlocks, withdraws or resets the account they work with."
        raise PrintcareError("OWN_ACCOUNT", told, "Have another administrator do it.")
    if not reason.strip():
        raise PrintcareError("REASON_MISSING", "An account is changed only for a stated reason.", "Say why.")
    if state["status"] not in standing:
        told = f"The account {account} is {state['status']}."
        raise PrintcareError("ACCOUNT_STATE", told, "A withdrawn account never comes back; create a new one.")
    return state
