"""`printcare user`: accounts of the people of a site, each after an identity check by a second person."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any  # what is told is plain JSON

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
# Verb -> what it does; all but the first two name one person.
VERBS = {
    "list": "everybody who has an account, with roles",
    "password": "change one's own password",
    "add": "create an account; a second person (--second-user) has seen the identity paper",
    "lock": "lock an account until it is unlocked",
    "unlock": "open a locked account again",
    "withdraw": "withdraw an account for ever; its signatures stay",
    "reset": "give somebody a password to be changed before they sign",
}
UNNAMED = ("list", "password")
NEEDS_REASON = ("lock", "unlock", "withdraw", "reset")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options
    from printcare.domain.people import Role

    parser = subparsers.add_parser("user", help="accounts of the people who work here")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        if verb not in UNNAMED:
            one.add_argument("login", metavar="LOGIN", help="whose account")
        if verb == "add":
            one.add_argument("--name", metavar="TEXT", required=True, help="as it stands under a signature")
            roles = ", ".join(role.value.replace(" ", "-") for role in Role)
            one.add_argument("--role", metavar="ROLE", action="append", required=True, help=f"one or more of {roles}")
        if verb in NEEDS_REASON:
            one.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the record")
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; refusals are raised and told by the front door."""
    from printcare.cli.identity import entered_with, existing_record

    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        told = _done(arguments, records, account, secret)
    if arguments.json:
        print(json.dumps({"status": "ok", **told}, ensure_ascii=False))
        return DONE
    if "users" not in told:
        print(f"{told['login']}: {told['did']}")
    for row in told.get("users", ()):
        print(f"{row['login']:<16} {row['status']:<10} {row['name']:<24} {', '.join(row['roles'])}")
    return DONE


def _done(arguments: argparse.Namespace, records: Store, account: Account, secret: str) -> dict[str, Any]:
    from printcare.cli.identity import SECOND, entered
    from printcare.cli.settings import NEW, new_password
    from printcare.workflow import staff

    verb, login = arguments.verb, getattr(arguments, "login", account.login)
    if verb == "list":
        return {"users": staff.listed(records, account)}
    if verb == "password":
        staff.change_own_password(records, login, secret, new_password(login, NEW))
        return {"login": login, "did": "password changed"}
    if verb == "add":
        checker = entered(records, arguments.second_user, SECOND) if arguments.second_user else None
        roles = [staff.role_named(role) for role in arguments.role]
        given = (login, arguments.name, roles, new_password(login, NEW))
        made = staff.add(records, account, checker, *given)
        return {"login": login, "account": made, "roles": roles, "did": f"account {made} for {', '.join(roles)}"}
    if verb == "reset":
        staff.reset(records, account, login, new_password(login, NEW), arguments.reason)
        return {"login": login, "did": "password given, to be changed before the first signature"}
    change = {"lock": staff.lock, "unlock": staff.unlock, "withdraw": staff.withdraw}[verb]
    change(records, account, login, arguments.reason)
    return {"login": login, "did": f"{verb}ed" if verb != "withdraw" else "withdrawn"}
