"""`printcare recall`: list the recalls, call a batch back under one, and close it; `ink recall` begins one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from printcare.cli.acting import Told, Verb, add_verbs, run_verb

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

VERBS = {
    "list": "list the recalls and drills, and whether each list was there in time",
    "batch": "sign that a batch that was given out is called back",
    "close": "sign that a recall is over",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    add_verbs(subparsers, "recall", "batches called back, and recalls closed", VERBS, _add_options)


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    return run_verb(_VERBS, arguments)


def _add_options(verb: str, one: argparse.ArgumentParser) -> None:
    if verb != "list":
        one.add_argument("recall", metavar="ID")
        one.add_argument("--reason", required=True, metavar="TEXT", help="stands in the record")
    if verb == "batch":
        one.add_argument("batch", metavar="BATCH")
    if verb == "close":
        one.add_argument("--returned", required=True, type=int, metavar="N", help="units that came back")


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


_VERBS: dict[str, Verb] = {
    "list": _list,
    "batch": _batch,
    "close": _close,
}
