"""`printcare site begin`: begin an empty record, with its first administrator."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

DONE = 0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verb."""
    from printcare.cli.settings import add_record_options

    parser = subparsers.add_parser("site", help="begin the record of a site")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    begin = verbs.add_parser("begin", help="begin an empty record with its first administrator")
    begin.add_argument("--user", metavar="NAME", required=True, help="login of the first administrator")
    begin.add_argument("--name", metavar="TEXT", required=True, help="their name, as it stands under a signature")
    add_record_options(begin)
    begin.add_argument("--json", action="store_true", help="print one JSON object")
    _add_passwords(verbs)
    _add_grant(verbs)


def _add_passwords(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from printcare.cli.settings import add_identity_options, add_record_options
    from printcare.records.passwords import PROFILES

    one = verbs.add_parser("passwords", help="what new passwords need here: a profile, raised where asked; signed")
    one.add_argument("--profile", choices=sorted(PROFILES), default="default")
    one.add_argument("--least", type=int, metavar="N", help="characters, for everybody")
    one.add_argument("--release-least", type=int, metavar="N", help="characters, for who verifies or releases")
    one.add_argument("--classes", type=int, metavar="N", help="of capitals, small letters, digits, other signs")
    one.add_argument("--block", metavar="WORD", action="append", help="a further word of the place")
    one.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the record")
    add_record_options(one)
    add_identity_options(one)
    one.add_argument("--json", action="store_true", help="print one JSON object")


def _add_grant(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from printcare.cli.settings import add_record_options

    one = verbs.add_parser("grant", help="give a station's PostgreSQL role what it needs and nothing more")
    one.add_argument("role", metavar="ROLE", help="the database role; --db names the record as its tables' owner")
    add_record_options(one)
    one.add_argument("--json", action="store_true", help="print one JSON object")


def _grant(arguments: argparse.Namespace) -> int:
    from printcare.cli.settings import database_url
    from printcare.records.dialect import grant

    grant(database_url(arguments), arguments.role)
    told = f"{arguments.role} may add to the record and change its states; it deletes nothing and owns no table."
    print(json.dumps({"status": "ok", "role": arguments.role}) if arguments.json else told)
    return DONE


def _set_passwords(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict, replace

    from printcare.cli.identity import entered_with, existing_record
    from printcare.records.passwords import PROFILES
    from printcare.workflow.access import set_password_profile

    asked = {"least": arguments.least, "release_least": arguments.release_least, "classes": arguments.classes}
    blocked = tuple(arguments.block or ())
    raised = {name: value for name, value in asked.items() if value is not None}
    profile = replace(PROFILES[arguments.profile], blocked=blocked, **raised)
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        set_password_profile(records, account, secret, profile, arguments.reason)
    told = asdict(profile)
    print(json.dumps({"status": "ok", **told}) if arguments.json else f"New passwords: {told}")
    return DONE


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; a refusal is raised and told by the front door."""
    if arguments.verb == "passwords":
        return _set_passwords(arguments)
    if arguments.verb == "grant":
        return _grant(arguments)
    from printcare.cli.settings import NEW, database_url, new_password
    from printcare.domain.policy import LOCKED
    from printcare.workflow.staff import begin
    from printcare.workstation.opening import open_record

    url = database_url(arguments)
    secret = new_password(arguments.user, NEW)
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    records, _ = open_record(url, LOCKED)
    with records:
        account = begin(records, arguments.user, arguments.name, secret)
        site = records.site()
    if arguments.json:
        print(json.dumps({"status": "ok", "site": site, "account": account.id, "login": account.login}))
        return DONE
    print(f"The record of the site {site} begins, in locked mode, with the administrator {account.login}.")
    print("Next: `printcare user add LOGIN --name TEXT --role ROLE` for everybody who works here.")
    return DONE
