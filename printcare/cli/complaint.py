"""`printcare complaint`: complaints, adverse reactions and error reports, recorded, assessed and closed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from printcare.cli.acting import Told, Verb, add_verbs, run_verb

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

VERBS = {
    "list": "list the reports on a batch, or all",
    "record": "put a complaint, an adverse reaction or an error report on record",
    "assess": "sign quality's assessment",
    "close": "sign that a report is closed",
}
KINDS = {"complaint": "complaint", "reaction": "adverse reaction", "error": "error report"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    add_verbs(subparsers, "complaint", "complaints, adverse reactions and error reports", VERBS, _add_options)


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    return run_verb(_VERBS, arguments)


def _add_options(verb: str, one: argparse.ArgumentParser) -> None:
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


_VERBS: dict[str, Verb] = {
    "list": _list,
    "record": _record,
    "assess": _assess,
    "close": _close,
}
