"""Who acts in an existing record: the record opened, and people logged in by password file or prompt."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

FIRST, SECOND = "PRINTCARE_PASSWORD_FILE", "PRINTCARE_SECOND_PASSWORD_FILE"


def existing_record(arguments: argparse.Namespace) -> Store:
    """Return the open record of a command; raises PrintcareError NO_RECORD rather than begin one by a wrong path."""
    from printcare.cli.settings import database_url
    from printcare.cli.telling import tell_interrupted
    from printcare.domain.policy import LOCKED
    from printcare.workstation.opening import open_record

    url = database_url(arguments)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        told = f"There is no record at {url.removeprefix('sqlite:///')}."
        raise PrintcareError("NO_RECORD", told, "Name the site's record with --db.")
    records, found = open_record(url, LOCKED)
    tell_interrupted(found)
    return records


def entered(records: Store, user: str | None, variable: str = FIRST) -> Account:
    """Return a person logged in; raises Refused where name and password do not open an account."""
    return entered_with(records, user, variable)[0]


def identified(records: Store, user: str | None, variable: str) -> tuple[Account, str]:
    """Return a person and their password without beginning a session: nothing is recorded, and what follows signs."""
    from printcare.cli.settings import password
    from printcare.domain.checks import error
    from printcare.records.accounts import find, find_login
    from printcare.workflow.authority import Refused

    account = find_login(records, user or "")
    if account is None:
        told, remedy = "No account has this login.", "Name two people: --user and --second-user."
        raise Refused((error("E_LOGIN_UNKNOWN", told, remedy, "login"),))
    return find(records, account), password(user or "", variable)


def entered_with(records: Store, user: str | None, variable: str = FIRST) -> tuple[Account, str]:
    """Return a person logged in and their password, which a signature asks for once more."""
    from printcare.cli.settings import password
    from printcare.domain.checks import error
    from printcare.records.accounts import log_in
    from printcare.workflow.authority import Refused

    if not user:
        option = "--user" if variable == FIRST else "--second-user"
        raise PrintcareError("USAGE", "What is done here is recorded with who does it.", f"Add {option} NAME.")
    secret = password(user, variable)
    try:
        return log_in(records, user, secret), secret
    except PrintcareError as fault:
        if fault.code != "LOGIN_REFUSED":
            raise
        raise Refused((error(fault.code, fault.message, fault.remedy, user),)) from fault
