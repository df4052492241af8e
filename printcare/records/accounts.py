"""Accounts of people: created after an identity check, never reused, entered by password, locked by failures."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any  # a state is parsed JSON

from sqlalchemy import insert, select, update

from printcare.domain import people
from printcare.domain.canonical import canonical_bytes
from printcare.domain.checks import Finding
from printcare.domain.people import Actor, Role
from printcare.errors import PrintcareError
from printcare.records import personal_keys
from printcare.records.passwords import LOW_MEMORY, Hashing, password_findings, spent_hash
from printcare.records.schema import CREDENTIAL, WRAPPED_KEY
from printcare.records.store import Store, Transaction

DELAYS_FROM = 3  # U8: the third failure begins the doubling delay
LOCKS_AT = 5  # D11.7
FIRST_DELAY = timedelta(seconds=2)
FIRST_RUN = "first run"  # said in place of the checker of the first two accounts
MANAGE, UNLOCK = "account.manage", "account.unlock"


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account as a session sees it."""

    id: str
    login: str
    name: str
    roles: tuple[str, ...]
    must_change_password: bool
    session: str | None = None

    def actor(self, role: str) -> Actor:
        """Return this person acting in one of the roles held. Raises PrintcareError ROLE_NOT_HELD."""
        if role not in self.roles:
            held = ", ".join(self.roles)
            raise PrintcareError(
                "ROLE_NOT_HELD", f"{self.id} does not hold the role {role}, only {held}.", "Choose a role held."
            )
        return Actor(self.id, str(role), self.session)

    def actor_for(self, command: str) -> Actor:
        """Return this person in the first role that permits the command. Raises PrintcareError NOT_PERMITTED."""
        _raise(people.refusal(self.roles, command))
        return self.actor(next(role for role in self.roles if people.may((role,), command)))


def create_first(records: Store, login: str, name: str, password: str, *, hashing: Hashing = LOW_MEMORY) -> str:
    """Create the first administrator of an empty record and return the account's id.

    There is no default password and no hidden account. Raises PrintcareError NOT_FIRST_RUN if any account exists.
    """
    with _refusals_recorded(records, people.SYSTEM, MANAGE, "new"):
        if records.all("account"):
            told = "The record has accounts already."
            raise PrintcareError("NOT_FIRST_RUN", told, "Have an administrator create yours: `printcare user add`.")
        return _create(records, people.SYSTEM, login, name, (Role.ADMINISTRATOR,), password, FIRST_RUN, hashing)


def create(
    records: Store,
    administrator: Actor,
    login: str,
    name: str,
    roles: Collection[str],
    password: str,
    *,
    identity_checked_by: str,
    hashing: Hashing = LOW_MEMORY,
) -> str:
    """Create an account and return its id; the identity was checked by a second person with an account (P16).

    Raises PrintcareError with the code of the first objection: NOT_PERMITTED, SAME_PERSON, NO_SUCH_ACCOUNT,
    NO_SUCH_ROLE, ROLES_CLASH, LOGIN_TAKEN or one of the PASSWORD_ codes.
    """
    with _refusals_recorded(records, administrator, MANAGE, "new"):
        _raise(people.refusal([administrator.role], MANAGE))
        if identity_checked_by != FIRST_RUN or len(records.all("account")) > 1:  # nobody else is there yet to check it
            _raise(people.second_person(administrator.id, identity_checked_by))
            _state(records, identity_checked_by)
        return _create(records, administrator, login, name, roles, password, identity_checked_by, hashing)


def find(records: Store, account: str) -> Account:
    """Return an account by its id. Raises PrintcareError NO_SUCH_ACCOUNT."""
    return _account(records, account, _state(records, account), None)


def find_login(records: Store, login: str) -> str | None:
    """Return the id of the account with this login, or None."""
    with records.reading() as connection:
        found = connection.execute(select(CREDENTIAL.c.account).where(CREDENTIAL.c.login == login)).scalar()
    return None if found is None else str(found)


def authenticate(records: Store, login: str, password: str, *, hashing: Hashing = LOW_MEMORY) -> Account:
    """Return the account a name and a password open, counting failures in the record. The success is not recorded here.

    Raises PrintcareError LOGIN_REFUSED in the same words and time whether the name is unknown, the password wrong, the
    account waiting after failures, locked or withdrawn. argon2 runs before any transaction.
    """
    now = records.context.clock()
    with records.reading() as connection:
        row = connection.execute(select(CREDENTIAL).where(CREDENTIAL.c.login == login)).one_or_none()
    is_fitting = hashing.fits(spent_hash(hashing) if row is None else row.hash, password)
    if row is None:
        with records.transaction(people.SYSTEM) as tx:
            _refuse_entry(tx, "unknown", "UNKNOWN_NAME")
        raise _login_refused()
    is_entered = False
    with records.transaction(people.SYSTEM) as tx:
        current = tx.connection.execute(select(CREDENTIAL).where(CREDENTIAL.c.account == row.account)).one()
        state = tx.get("account", row.account) or {}
        if state.get("status") != "active":
            _refuse_entry(tx, row.account, "ACCOUNT_NOT_ACTIVE")
        elif current.not_before is not None and now < datetime.fromisoformat(current.not_before):
            _refuse_entry(tx, row.account, "WAITING_AFTER_FAILURES")
        elif not is_fitting or current.hash != row.hash:
            _count_failure(tx, row.account, current.failures + 1, state, now)
        else:
            is_entered = True
            _write_credential(tx, row.account, failures=0, not_before=None)
    if not is_entered:
        raise _login_refused()
    return _account(records, row.account, state, None)


def log_in(records: Store, login: str, password: str, *, hashing: Hashing = LOW_MEMORY) -> Account:
    """Authenticate and record the beginning of a session; return the account with its session."""
    entered = authenticate(records, login, password, hashing=hashing)
    session = f"s-{secrets.token_hex(8)}"
    with records.transaction(Actor(entered.id, "account", session)) as tx:
        tx.record("account.login", "account", entered.id)
    return Account(entered.id, login, entered.name, entered.roles, entered.must_change_password, session)


def log_out(records: Store, account: Account) -> None:
    """Record the end of a session."""
    with records.transaction(Actor(account.id, "account", account.session)) as tx:
        tx.record("account.logout", "account", account.id)


def lock(records: Store, administrator: Actor, account: str, reason: str) -> None:
    """Lock an account until it is unlocked; never one's own, so that one administrator is left who can."""
    with _refusals_recorded(records, administrator, MANAGE, account):
        _raise(people.refusal([administrator.role], MANAGE))
        state = _to_change(records, administrator, account, reason, ("active",))
    with records.transaction(administrator) as tx:
        tx.record("account.locked", "account", account, {**state, "status": "locked"}, reason_text=reason)


def unlock(records: Store, administrator: Actor, account: str, reason: str) -> None:
    """Open a locked account again; only an administrator, only with a reason (D11.7); never a withdrawn one."""
    with _refusals_recorded(records, administrator, UNLOCK, account):
        _raise(people.refusal([administrator.role], UNLOCK))
        state = _to_change(records, administrator, account, reason, ("active", "locked"))
    with records.transaction(administrator) as tx:
        _write_credential(tx, account, failures=0, not_before=None)
        tx.record("account.unlocked", "account", account, {**state, "status": "active"}, reason_text=reason)


def deactivate(records: Store, administrator: Actor, account: str, reason: str) -> None:
    """Withdraw an account for ever; its id and its signatures stay (P15, P23)."""
    with _refusals_recorded(records, administrator, MANAGE, account):
        _raise(people.refusal([administrator.role], MANAGE))
        state = _to_change(records, administrator, account, reason, ("active", "locked"))
    with records.transaction(administrator) as tx:
        tx.record("account.deactivated", "account", account, {**state, "status": "withdrawn"}, reason_text=reason)


def change_password(records: Store, login: str, old: str, new: str, *, hashing: Hashing = LOW_MEMORY) -> None:
    """Replace one's own password; the personal key stays and is wrapped anew (U2)."""
    account = authenticate(records, login, old, hashing=hashing)
    _check_password(new, account.roles, (records.site(), login, account.name))
    wrapped = personal_keys.rewrap(_wrapped(records, account.id), account.id, old, new, hashing)
    _give(
        records, Actor(account.id, "account"), account.id, "account.password_changed", hashing.hash(new), wrapped, False
    )


def reset_password(
    records: Store, administrator: Actor, account: str, new: str, reason: str, *, hashing: Hashing = LOW_MEMORY
) -> None:
    """Give an account a password to be changed at once, and a new signing key: nobody signs with the old one (P19)."""
    with _refusals_recorded(records, administrator, MANAGE, account):
        _raise(people.refusal([administrator.role], MANAGE))
        _to_change(records, administrator, account, reason, ("active", "locked"))
        found = find(records, account)
        _check_password(new, found.roles, (records.site(), found.login, found.name))
    wrapped = personal_keys.make(account, new, hashing)
    _give(records, administrator, account, "account.password_reset", hashing.hash(new), wrapped, True, reason)


def _create(
    records: Store,
    actor: Actor,
    login: str,
    name: str,
    roles: Collection[str],
    password: str,
    checked_by: str,
    hashing: Hashing,
) -> str:
    held = tuple(str(role) for role in roles)
    for role in held:
        if role not in set(Role):
            raise PrintcareError("NO_SUCH_ROLE", f"There is no role {role!r}.", f"Choose among {', '.join(Role)}.")
    _raise(people.together(held))
    _check_password(password, held, (records.site(), login, name))
    account = f"u-{len(records.all('account')) + 1:04d}"
    encoded, wrapped = hashing.hash(password), personal_keys.make(account, password, hashing)
    with records.transaction(actor) as tx:
        taken = tx.connection.execute(select(CREDENTIAL.c.account).where(CREDENTIAL.c.login == login)).scalar()
        if taken is not None or tx.get("account", account) is not None:
            raise PrintcareError(
                "LOGIN_TAKEN", "The login name is in use, or was a moment ago.", "Choose another, or try again."
            )
        person = f"p-{account[2:]}"
        details = canonical_bytes({"name": name, "login": login})
        tx.keep("person", person, details, {"kind": "staff"}, action="person.recorded")
        state: dict[str, object] = {
            "status": "active",
            "roles": list(held),
            "person": person,
            "identity_checked_by": checked_by,
        }
        tx.record("account.created", "account", account, state | _commitments(encoded, wrapped))
        values = {"account": account, "login": login, "hash": encoded}
        tx.connection.execute(insert(CREDENTIAL), values | {"failures": 0, "not_before": None, "must_change": 0})
        tx.connection.execute(insert(WRAPPED_KEY), _key_columns(account, wrapped))
    return account


def _give(
    records: Store,
    actor: Actor,
    account: str,
    action: str,
    encoded: str,
    wrapped: personal_keys.WrappedKey,
    must_change: bool,
    reason: str | None = None,
) -> None:
    with records.transaction(actor) as tx:
        state = tx.get("account", account) or {}
        tx.record(action, "account", account, state | _commitments(encoded, wrapped), reason_text=reason)
        _write_credential(tx, account, hash=encoded, must_change=int(must_change), failures=0, not_before=None)
        changed = update(WRAPPED_KEY).where(WRAPPED_KEY.c.account == account)
        tx.connection.execute(changed.values(**_key_columns(account, wrapped)))


def _commitments(encoded: str, wrapped: personal_keys.WrappedKey) -> dict[str, str]:
    return {
        "credential_sha256": sha256(encoded.encode()).hexdigest(),
        "public_key": wrapped.public_key,
        "wrapped_key_sha256": sha256(wrapped.text().encode()).hexdigest(),
    }


def _key_columns(account: str, wrapped: personal_keys.WrappedKey) -> dict[str, str]:
    return {"account": account, "public_key": wrapped.public_key, "wrapped": wrapped.text()}


def _wrapped(records: Store, account: str) -> personal_keys.WrappedKey:
    with records.reading() as connection:
        text = connection.execute(select(WRAPPED_KEY.c.wrapped).where(WRAPPED_KEY.c.account == account)).scalar_one()
    return personal_keys.WrappedKey.read(str(text))


def _write_credential(tx: Transaction, account: str, **values: object) -> None:
    tx.connection.execute(update(CREDENTIAL).where(CREDENTIAL.c.account == account).values(**values))


def _count_failure(tx: Transaction, account: str, failures: int, state: dict[str, Any], now: datetime) -> None:
    waits = FIRST_DELAY * 2 ** (failures - DELAYS_FROM) if failures >= DELAYS_FROM else None
    _write_credential(tx, account, failures=failures, not_before=(now + waits).isoformat() if waits else None)
    _refuse_entry(tx, account, "WRONG_PASSWORD")
    if failures >= LOCKS_AT:
        tx.record("account.locked", "account", account, {**state, "status": "locked"}, reason_code="FAILED_ATTEMPTS")


def _refuse_entry(tx: Transaction, account: str, rule: str) -> None:
    # What was typed as a name is never recorded: people type passwords there.   U14
    tx.record("account.login", "account", account, outcome="refused", reason_code=rule)


def _account(records: Store, account: str, state: dict[str, Any], session: str | None) -> Account:
    details = json.loads(records.kept("person", state["person"]) or b'{"name": "(erased)", "login": ""}')
    with records.reading() as connection:
        must = connection.execute(select(CREDENTIAL.c.must_change).where(CREDENTIAL.c.account == account)).scalar()
    return Account(account, details["login"], details["name"], tuple(state["roles"]), bool(must), session)


def _state(records: Store, account: str) -> dict[str, Any]:
    state = records.get("account", account)
    if state is None:
        raise PrintcareError("NO_SUCH_ACCOUNT", f"There is no account {account!r}.", "Name an account of this record.")
    return state


def _check_password(password: str, roles: Collection[str], context: Collection[str]) -> None:
    words = [word for text in context for word in text.split()]
    for finding in password_findings(password, roles, words):
        _raise(finding)


def _to_change(
    records: Store, administrator: Actor, account: str, reason: str, standing: Collection[str]
) -> dict[str, Any]:
    """Return the account somebody else may be given another state; raises PrintcareError with the first objection."""
    state = _state(records, account)
    if administrator.id == account:
        told = "Nobody locks, unlocks, withdraws or resets the account they work with."
        raise PrintcareError("OWN_ACCOUNT", told, "Have another administrator do it.")
    if not reason.strip():
        raise PrintcareError("REASON_MISSING", "An account is changed only for a stated reason.", "Say why.")
    if state["status"] not in standing:
        told = f"The account {account} is {state['status']}."
        raise PrintcareError("ACCOUNT_STATE", told, "A withdrawn account never comes back; create a new one.")
    return state


@contextmanager
def _refusals_recorded(records: Store, actor: Actor, command: str, account: str) -> Iterator[None]:
    """Record that a command on an account was refused, and by which rule; never what was typed (U14)."""
    try:
        yield
    except PrintcareError as refused:
        with records.transaction(actor) as tx:
            tx.record(command, "account", account, outcome="refused", reason_code=refused.code)
        raise


def _raise(finding: Finding | None) -> None:
    if finding is not None:
        raise PrintcareError(finding.code, finding.reason, finding.remedy)


def _login_refused() -> PrintcareError:
    return PrintcareError(
        "LOGIN_REFUSED",
        "Name and password do not open an account now.",
        f"Check both and wait before trying again; after {LOCKS_AT} failures an administrator unlocks the account.",
    )
