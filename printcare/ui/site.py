"""Begin the record of a site with its first two people, each by the password they typed themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from printcare.domain.checks import error
from printcare.ui.models import NewPerson, SiteSetUp
from printcare.workflow import staff
from printcare.workflow.authority import Refused
from printcare.workflow.entry import Account, Store, log_in, log_out


def named(entered: SiteSetUp) -> None:
    """Raise Refused where the site has no name: it stands on every document and cannot be changed later."""
    if not entered.site:
        told = "The site has no name."
        raise Refused((error("E_SITE_UNNAMED", told, "Type it as it stands on labels.", "site"),))


def begin(records: Store, entered: SiteSetUp) -> None:
    """Create both accounts; what an earlier try created already stays. Raises Refused with the field it concerns."""
    first, second = entered.administrator, entered.second
    with _beside("administrator"):
        known = bool(records.all("account"))
        account = (
            log_in(records, first.login, first.password)
            if known
            else staff.begin(records, first.login, first.name, first.password)
        )
    with _beside("second"):
        if len(records.all("account")) < 2:
            _add(records, account, second)
    log_out(records, account)


def _add(records: Store, administrator: Account, person: NewPerson) -> None:
    roles = [staff.role_named(role) for role in person.roles]
    staff.add(records, administrator, None, person.login, person.name, roles, person.password)


@contextmanager
def _beside(who: str) -> Iterator[None]:
    """Tell a refusal beside the fields of the person it concerns."""
    try:
        yield
    except Refused as refused:
        beside = (replace(each, where=f"{who}-{_field(each.code)}") for each in refused.findings)
        raise Refused(tuple(beside)) from refused


def _field(code: str) -> str:
    return "password" if "PASSWORD" in code else "login"
