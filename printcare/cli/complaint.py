"""`printcare complaint`: complaints, adverse reactions and error reports, recorded, assessed and closed."""

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
    "list": "list the reports on a batch, or all",
    "record": "put a complaint, an adverse reaction or an error report on record",
    "assess": "sign quality's assessment",
    "close": "sign that a report is closed",
}
KINDS = {"complaint": "complaint", "reaction": "adverse reaction", "error": "error report"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("complaint", help="complaints, adverse reactions and error reports")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        if verb == "list":
            one.add_argument("batch", metavar="BATCH", nargs="?", default="")
        if verb == "record":
            one.add_argument("batch", metavar="BATCH")
            one.add_argument("--kind", required=True, choices=tuple(KINDS))
            one.add_argument("--what", required=True, metavar="TEXT", help="what was told, without anybody's name")
            one.add_argument("--source", required=True, metavar="TEXT", help="who told it, by function: ward, parent")
            one.add_argument("--unit", type=int, action="append", default=[], metavar="N", help="a unit; repeat it")
        if verb in ("assess", "close"):
            one.add_argument("report", metavar="ID")
            one.add_argument("--reason", required=True, metavar="TEXT", help="the assessment or the conclusion")
        if verb == "assess":
            one.add_argument("--serious", action="store_true", help="opens a deviation on the batch")
        if verb == "close":
            one.add_argument("--reported-as", default="", metavar="TEXT", help="number of the report to the authority")
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


def _list(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.quality.complaints import reports

    return {"reports": reports(records, account, arguments.batch)}


def _record(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.quality.complaints import Kind, Report, record_report

    kind = Kind(KINDS[arguments.kind])
    report = Report(arguments.batch, kind, arguments.what, arguments.source, tuple(arguments.unit))
    return {"report": record_report(records, account, report)}


def _assess(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.quality.complaints import assess_report

    serious = arguments.serious
    opened = assess_report(records, account, secret, arguments.report, arguments.reason, serious=serious)
    return {"report": arguments.report, "deviation": opened}


def _close(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.quality.complaints import close_report

    close_report(records, account, secret, arguments.report, arguments.reason, arguments.reported_as)
    return {"report": arguments.report}


_VERBS: dict[str, Callable[[Store, Account, str, argparse.Namespace], Told]] = {
    "list": _list,
    "record": _record,
    "assess": _assess,
    "close": _close,
}
