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
    "roles": "give somebody other roles; a second person (--second-user) stands for it",
    "seal": "create the break-glass account; its password goes into an envelope before --second-user",
    "break-glass": "open a locked account with the sealed password (--user is the sealed login); raises an alarm",
    "access": "who may do what and did it; with --conclusion the review is recorded and signed by quality",
    "reset": "give somebody a password to be changed before they sign",
}
UNNAMED = ("list", "password", "access")
NEEDS_REASON = ("lock", "unlock", "withdraw", "reset", "roles", "break-glass")


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
        if verb in ("add", "roles"):
            roles = ", ".join(role.value.replace(" ", "-") for role in Role)
            one.add_argument("--role", metavar="ROLE", action="append", required=True, help=f"one or more of {roles}")
        if verb == "access":
            one.add_argument("--conclusion", metavar="TEXT", help="what the review found; it is then signed")
        if verb in NEEDS_REASON:
            one.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the record")
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; refusals are raised and told by the front door."""
    from printcare.cli.identity import entered_with, existing_record

    with existing_record(arguments) as records:
        if arguments.verb == "break-glass":
            return _break_glass(arguments, records)
        account, secret = entered_with(records, arguments.user)
        told = _done(arguments, records, account, secret)
    if arguments.json:
        print(json.dumps({"status": "ok", **told}, ensure_ascii=False))
        return DONE
    if "report" in told:
        return _show_access(told)
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
    if verb == "access":
        return _access(arguments, records, account, secret)
    if verb == "password":
        staff.change_own_password(records, login, secret, new_password(login, NEW))
        return {"login": login, "did": "password changed"}
    if verb == "add":
        checker = entered(records, arguments.second_user, SECOND) if arguments.second_user else None
        roles = [staff.role_named(role) for role in arguments.role]
        given = (login, arguments.name, roles, new_password(login, NEW))
        made = staff.add(records, account, checker, *given)
        return {"login": login, "account": made, "roles": roles, "did": f"account {made} for {', '.join(roles)}"}
    if verb in ("roles", "seal"):
        second = entered(records, arguments.second_user, SECOND)
        if verb == "seal":
            made = staff.seal(records, account, second, login, new_password(login, NEW))
            return {"login": login, "account": made, "did": "sealed: put the password into the envelope now"}
        roles = [staff.role_named(role) for role in arguments.role]
        staff.change_roles(records, account, secret, second, login, roles, arguments.reason)
        return {"login": login, "roles": roles, "did": f"now {', '.join(roles)}"}
    if verb == "reset":
        staff.reset(records, account, login, new_password(login, NEW), arguments.reason)
        return {"login": login, "did": "password given, to be changed before the first signature"}
    change = {"lock": staff.lock, "unlock": staff.unlock, "withdraw": staff.withdraw}[verb]
    change(records, account, login, arguments.reason)
    return {"login": login, "did": f"{verb}ed" if verb != "withdraw" else "withdrawn"}


def _break_glass(arguments: argparse.Namespace, records: Store) -> int:
    from printcare.cli.settings import password
    from printcare.workflow import staff

    alarm = staff.break_glass(
        records, arguments.user or "", password(arguments.user or ""), arguments.login, arguments.reason
    )
    told = {"status": "ok", "login": arguments.login, "alarm": alarm}
    print(json.dumps(told) if arguments.json else f"{arguments.login}: opened. Quality is told by the alarm {alarm}.")
    return DONE


def _access(arguments: argparse.Namespace, records: Store, account: Account, secret: str) -> dict[str, Any]:
    from printcare.workflow import access

    report = access.access_report(records, account)
    told: dict[str, Any] = {"report": report, "names": access.names(records, report)}
    if arguments.conclusion is not None:
        told["review"] = access.sign_access_review(records, account, secret, arguments.conclusion)
    return told


def _show_access(told: dict[str, Any]) -> int:
    for row in told["report"]["accounts"]:
        used = f"{row['logins']} logins, {row['refused_logins']} refused, last {row['last_login_at'] or 'never'}"
        print(f"{row['id']} {told['names'][row['id']]:<24} {row['status']:<10} {', '.join(row['roles'])}: {used}")
    print(f"break-glass account used: {', '.join(told['report']['break_glass']) or 'never'}")
    if "review" in told:
        print(f"{told['review']}: recorded and signed")
    return DONE
