"""Commands whose every verb is done by a logged-in person in an existing record, and told in words or as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.cli.telling import tell

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
Told = dict[str, Any]
Verb = Callable[["Store", "Account", str, argparse.Namespace], Told]


def add_verbs(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    verbs: Mapping[str, str],
    add_options: Callable[[str, argparse.ArgumentParser], None],
) -> None:
    """Add a command and its verbs, each with its own options and those of who acts in which record."""
    from printcare.cli.settings import add_identity_options, add_record_options

    added = subparsers.add_parser(name, help=what).add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, meaning in verbs.items():
        one = added.add_parser(verb, help=meaning)
        add_options(verb, one)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run_verb(verbs: Mapping[str, Verb], arguments: argparse.Namespace) -> int:
    """Log somebody in, run one verb, print what it tells, and return the exit code."""
    from printcare.cli.identity import entered_with, existing_record

    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        told = verbs[arguments.verb](records, account, secret, arguments)
    tell(told, is_json=arguments.json)
    return DONE
