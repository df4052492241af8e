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


def run(arguments: argparse.Namespace) -> int:
    """Run the verb; a refusal is raised and told by the front door."""
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
