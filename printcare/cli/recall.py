"""`printcare recall`: list the recalls, call a batch back under one, and close it; `ink recall` begins one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
Told = dict[str, Any]

VERBS = {
    "list": "list the recalls and drills, and whether each list was there in time",
    "batch": "sign that a batch that was given out is called back",
    "close": "sign that a recall is over",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("recall", help="batches called back, and recalls closed")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        if verb != "list":
            one.add_argument("recall", metavar="ID")
            one.add_argument("--reason", required=True, metavar="TEXT", help="stands in the record")
        if verb == "batch":
            one.add_argument("batch", metavar="BATCH")
        if verb == "close":
            one.add_argument("--returned", required=True, type=int, metavar="N", help="units that came back")
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    from printcare.cli.identity import entered_with, existing_record

    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        told = _VERBS[arguments.verb](records, account, secret, arguments)
    if arguments.json:
        print(json.dumps({"status": "ok"} | told))
        return DONE
    for name, value in told.items():
        print(f"{name}  {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    return DONE


def _list(records: Store, account: Account, _secret: str, _arguments: argparse.Namespace) -> Told:
    from printcare.workflow.quality.recalls import recalls

    return {"recalls": recalls(records, account)}


def _batch(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.quality.recalls import call_back

    call_back(records, account, secret, arguments.recall, arguments.batch, arguments.reason)
    return {"recall": arguments.recall, "batch": arguments.batch, "batch_status": "recalled"}


def _close(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.quality.recalls import close_recall

    close_recall(records, account, secret, arguments.recall, arguments.returned, arguments.reason)
    return {"recall": arguments.recall, "returned": arguments.returned}


_VERBS: dict[str, Callable[[Store, Account, str, argparse.Namespace], Told]] = {
    "list": _list,
    "batch": _batch,
    "close": _close,
}
