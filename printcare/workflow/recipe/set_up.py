"""Set a record up: the first administrator, the people who work here with their roles, and what they approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from printcare.domain.people import Role
from printcare.records import accounts
from printcare.records.accounts import FIRST_RUN, Account
from printcare.records.store import Store
from printcare.workflow.recipe.controlled import Document, kind_of
from printcare.workflow.recipe.versions import take, write


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gets an account: login, name, roles and the password they chose."""

    login: str
    name: str
    roles: tuple[Role, ...]
    password: str


def set_up(records: Store, administrator: Person, staff: Sequence[Person]) -> dict[str, Account]:
    """Create the first administrator and everybody else, and return each one's session by login.

    From the third account on, identity is checked by a second person who has an account already (records.md P16).
    """
    accounts.create_first(records, administrator.login, administrator.name, administrator.password)
    first = accounts.log_in(records, administrator.login, administrator.password)
    sessions = {administrator.login: first}
    checker = FIRST_RUN
    for person in staff:
        created = accounts.create(
            records,
            first.actor(Role.ADMINISTRATOR),
            person.login,
            person.name,
            person.roles,
            person.password,
            identity_checked_by=checker,
        )
        checker = created if checker == FIRST_RUN else checker
        sessions[person.login] = accounts.log_in(records, person.login, person.password)
    return sessions


def bring_into_force(
    records: Store,
    author: Account,
    author_password: str,
    owner: Account,
    owner_password: str,
    document: Document,
    reason: str,
) -> None:
    """Take a document through every move of its life until it counts, each signed by who makes it.

    Raises Refused, recorded, where a move is not theirs or the owner is its author.
    """
    kind, key = kind_of(document), write(records, author, document)
    take(records, author, author_password, kind, key, "submit", reason)
    for verb in ("validate", "approve", "make_effective"):
        take(records, owner, owner_password, kind, key, verb, reason)
