"""Accounts of people: created after an identity check, never reused, entered by password, locked by failures."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
from printcare.records.passwords import (
    DEFAULT,
    LONG_PASSWORD_ROLES,
    LOW_MEMORY,
    Hashing,
    Profile,
    password_findings,
    spent_hash,
)
from printcare.records.schema import CREDENTIAL, WRAPPED_KEY
from printcare.records.store import Store, Transaction

DELAYS_FROM = 3  # U8: the third failure begins the doubling delay
LOCKS_AT = 5  # D11.7
FIRST_DELAY = timedelta(seconds=2)
FIRST_RUN = "first run"  # said in place of the checker of the first two accounts
MANAGE, UNLOCK = "account.manage", "account.unlock"
BREAK_GLASS = "break glass"  # the kind of the one sealed account that unlocks accounts, and does nothing else   U9
MOST_DELAY = timedelta(minutes=15)  # of the sealed account, which failures delay and never lock
PROFILE = "password_profile"  # the site setting of that name


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account as a session sees it."""

    id: str
    login: str
    name: str
    roles: tuple[str, ...]
    must_change_password: bool
    session: str | None = None
    began_at: datetime | None = field(default=None, compare=False)  # of the session

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
        stop_if(people.refusal(self.roles, command))
        return self.actor(next(role for role in self.roles if people.may((role,), command)))


def create_first(records: Store, login: str, name: str, password: str, *, hashing: Hashing = LOW_MEMORY) -> str:
    """Create the first administrator of an empty record and return the account's id.

    There is no default password and no hidden account. Raises PrintcareError NOT_FIRST_RUN if any account exists.
    """
    with refusals_recorded(records, people.SYSTEM, MANAGE, "new"):
        if records.all("account"):
            told = "The record has accounts already."
            raise PrintcareError("NOT_FIRST_RUN", told, "Have an administrator create yours: `printcare user add`.")
        first = (Role.ADMINISTRATOR,)
        return _create(records, people.SYSTEM, login, name, first, password, FIRST_RUN, hashing)


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
    with refusals_recorded(records, administrator, MANAGE, "new"):
        stop_if(people.refusal([administrator.role], MANAGE))
        if identity_checked_by != FIRST_RUN or len(records.all("account")) > 1:  # nobody else is there yet to check it
            stop_if(people.second_person(administrator.id, identity_checked_by))
            state_of(records, identity_checked_by)
        return _create(records, administrator, login, name, roles, password, identity_checked_by, hashing)


def create_sealed(
    records: Store,
    administrator: Actor,
    login: str,
    password: str,
    *,
    identity_checked_by: str,
    hashing: Hashing = LOW_MEMORY,
) -> str:
    """Create the account whose password lies in a sealed envelope: it holds no role and unlocks accounts, once (U9).

    Raises PrintcareError BREAK_GLASS_EXISTS while another one is sealed, and those of `create`.
    """
    with refusals_recorded(records, administrator, MANAGE, "new"):
        stop_if(people.refusal([administrator.role], MANAGE))
        stop_if(people.second_person(administrator.id, identity_checked_by))
        state_of(records, identity_checked_by)
        if any(state.get("kind") == BREAK_GLASS for state in records.all("account", status="active").values()):
            told = "A break-glass account is sealed already."
            raise PrintcareError("BREAK_GLASS_EXISTS", told, "Withdraw that one first.")
        checked = identity_checked_by
        return _create(records, administrator, login, "Break glass", (), password, checked, hashing, kind=BREAK_GLASS)


def find(records: Store, account: str) -> Account:
    """Return an account by its id. Raises PrintcareError NO_SUCH_ACCOUNT."""
    return _account(records, account, state_of(records, account), None)


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
            write_credential(tx, row.account, failures=0, not_before=None)
    if not is_entered:
        raise _login_refused()
    return _account(records, row.account, state, None)


def log_in(records: Store, login: str, password: str, *, hashing: Hashing = LOW_MEMORY) -> Account:
    """Authenticate and record the beginning of a session; return the account with its session."""
    entered = authenticate(records, login, password, hashing=hashing)
    session = f"s-{secrets.token_hex(8)}"
    with records.transaction(Actor(entered.id, "account", session)) as tx:
        tx.record("account.login", "account", entered.id)
    return replace(entered, session=session, began_at=records.context.clock())


def log_out(records: Store, account: Account) -> None:
    """Record the end of a session."""
    with records.transaction(Actor(account.id, "account", account.session)) as tx:
        tx.record("account.logout", "account", account.id)


def change_password(records: Store, login: str, old: str, new: str, *, hashing: Hashing = LOW_MEMORY) -> None:
    """Replace one's own password; the personal key stays and is wrapped anew (U2)."""
    account = authenticate(records, login, old, hashing=hashing)
    check_password(records, new, account.roles, login, account.name)
    wrapped = personal_keys.rewrap(_wrapped(records, account.id), account.id, old, new, hashing)
    give(
        records, Actor(account.id, "account"), account.id, "account.password_changed", hashing.hash(new), wrapped, False
    )


def _create(
    records: Store,
    actor: Actor,
    login: str,
    name: str,
    roles: Collection[str],
    password: str,
    checked_by: str,
    hashing: Hashing,
    kind: str = "person",
) -> str:
    held = tuple(str(role) for role in roles)
    check_roles(held)
    check_password(records, password, held or LONG_PASSWORD_ROLES, login, name)
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
        state |= {} if kind == "person" else {"kind": kind}
        tx.record("account.created", "account", account, state | _commitments(encoded, wrapped))
        values = {"account": account, "login": login, "hash": encoded}
        tx.connection.execute(insert(CREDENTIAL), values | {"failures": 0, "not_before": None, "must_change": 0})
        tx.connection.execute(insert(WRAPPED_KEY), _key_columns(account, wrapped))
    return account


def give(
    records: Store,
    actor: Actor,
    account: str,
    action: str,
    encoded: str,
    wrapped: personal_keys.WrappedKey,
    must_change: bool,
    reason: str | None = None,
) -> None:
    """Give an account another password and the key it wraps; both stand in the event as hashes only."""
    with records.transaction(actor) as tx:
        state = tx.get("account", account) or {}
        tx.record(action, "account", account, state | _commitments(encoded, wrapped), reason_text=reason)
        write_credential(tx, account, hash=encoded, must_change=int(must_change), failures=0, not_before=None)
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


def write_credential(tx: Transaction, account: str, **values: object) -> None:
    """Change what is kept to let an account in."""
    tx.connection.execute(update(CREDENTIAL).where(CREDENTIAL.c.account == account).values(**values))


def _count_failure(tx: Transaction, account: str, failures: int, state: dict[str, Any], now: datetime) -> None:
    is_sealed = state.get("kind") == BREAK_GLASS
    waits = FIRST_DELAY * 2 ** (min(failures, 20) - DELAYS_FROM) if failures >= DELAYS_FROM else None
    waits = min(waits, MOST_DELAY) if waits and is_sealed else waits
    write_credential(tx, account, failures=failures, not_before=(now + waits).isoformat() if waits else None)
    _refuse_entry(tx, account, "WRONG_PASSWORD")
    if failures >= LOCKS_AT and not is_sealed:
        tx.record("account.locked", "account", account, {**state, "status": "locked"}, reason_code="FAILED_ATTEMPTS")


def _refuse_entry(tx: Transaction, account: str, rule: str) -> None:
    # What was typed as a name is never recorded: people type passwords there.   U14
    tx.record("account.login", "account", account, outcome="refused", reason_code=rule)


def _account(records: Store, account: str, state: dict[str, Any], session: str | None) -> Account:
    details = json.loads(records.kept("person", state["person"]) or b'{"name": "(erased)", "login": ""}')
    with records.reading() as connection:
        must = connection.execute(select(CREDENTIAL.c.must_change).where(CREDENTIAL.c.account == account)).scalar()
    return Account(account, details["login"], details["name"], tuple(state["roles"]), bool(must), session)


def state_of(records: Store, account: str) -> dict[str, Any]:
    """Return the state of an account. Raises PrintcareError NO_SUCH_ACCOUNT."""
    state = records.get("account", account)
    if state is None:
        raise PrintcareError("NO_SUCH_ACCOUNT", f"There is no account {account!r}.", "Name an account of this record.")
    return state


def check_roles(roles: Collection[str]) -> None:
    """Raise PrintcareError NO_SUCH_ROLE or ROLES_CLASH for roles one account may not hold."""
    for role in roles:
        if role not in set(Role):
            raise PrintcareError("NO_SUCH_ROLE", f"There is no role {role!r}.", f"Choose among {', '.join(Role)}.")
    stop_if(people.together(roles))


def profile(records: Store) -> Profile:
    """Return what this site asks of passwords: its signed setting, else the default."""
    state = records.get("site_setting", PROFILE)
    return DEFAULT if state is None else profile_of(state)


def profile_of(state: Mapping[str, Any]) -> Profile:
    """Return a profile from the state it is recorded in."""
    return Profile(state["least"], state["release_least"], state["classes"], tuple(state["blocked"]))


def check_password(records: Store, password: str, roles: Collection[str], login: str, name: str) -> None:
    """Raise PrintcareError with the objection to a new password, by the site's own profile."""
    words = [word for text in (records.site(), login, name) for word in text.split()]
    for finding in password_findings(password, roles, words, profile(records)):
        stop_if(finding)


@contextmanager
def refusals_recorded(records: Store, actor: Actor, command: str, account: str) -> Iterator[None]:
    """Record that a command on an account was refused, and by which rule; never what was typed (U14)."""
    try:
        yield
    except PrintcareError as refused:
        with records.transaction(actor) as tx:
            tx.record(command, "account", account, outcome="refused", reason_code=refused.code)
        raise


def stop_if(finding: Finding | None) -> None:
    """Raise PrintcareError with an objection, if there is one."""
    if finding is not None:
        raise PrintcareError(finding.code, finding.reason, finding.remedy)


def _login_refused() -> PrintcareError:
    return PrintcareError(
        "LOGIN_REFUSED",
        "Name and password do not open an account now.",
        f"Check both and wait before trying again; after {LOCKS_AT} failures an administrator unlocks the account.",
    )
