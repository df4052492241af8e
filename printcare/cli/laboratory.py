"""`printcare laboratory`: enter a result, check it as a second person, and close what it brought to light."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.cli.telling import tell
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from decimal import Decimal

    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
VERBS = {
    "list": ("list a batch's results and investigations", "BATCH"),
    "enter": ("enter a result with its raw file", "BATCH"),
    "check": ("sign the second check of a result", "RESULT"),
    "retest": ("sign that a result may be tested again", "INVESTIGATION"),
    "close": ("close an investigation, signed and with a reason", "INVESTIGATION"),
    "sensor": ("validate the predicted mass of units against the weighed one", "EVIDENCE"),
}
WANTED = ("drug", "test", "method", "analyst", "unit")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("laboratory", help="laboratory results, second checks and investigations")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, (what, named) in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        one.add_argument("subject", metavar=named)
        if verb == "enter":
            for name in WANTED:
                one.add_argument(f"--{name}", required=True, metavar="TEXT")
            one.add_argument("--value", action="append", required=True, metavar="X", help="each as found; repeat it")
            one.add_argument("--low", metavar="X", help="lower limit of the specification")
            one.add_argument("--high", metavar="X", help="upper limit of the specification")
            one.add_argument("--raw", required=True, type=Path, metavar="FILE", help="the instrument's own file")
            one.add_argument("--retests", default="", metavar="RESULT", help="the result this one repeats")
        if verb == "sensor":
            one.add_argument(
                "--batch", action="append", required=True, metavar="ID", help="of weighed units; repeat it"
            )
            one.add_argument("--part", type=int, default=1, metavar="N", help="of units of several inks")
        if verb in ("retest", "close"):
            one.add_argument("--reason", required=True, metavar="TEXT", help="stands in the record")
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    from printcare.cli.identity import entered_with, existing_record

    verbs: dict[str, Callable[[Store, Account, str, argparse.Namespace], dict[str, Any]]] = {
        "list": _list,
        "enter": _enter,
        "check": _check,
        "retest": _sign,
        "close": _sign,
        "sensor": _sensor,
    }
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        told = verbs[arguments.verb](records, account, secret, arguments)
    tell(told, is_json=arguments.json)
    return DONE


def _sensor(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.batch.soft_sensor import validate_sensor
    from printcare.workflow.states import state_of

    found = validate_sensor(records, account, arguments.subject, arguments.batch, arguments.part)
    return {"validation": state_of(found)}


def _list(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.authority import allowed

    allowed(records, account, "batch.show")
    tables = {"results": "laboratory_result", "investigations": "investigation"}
    return {name: records.all(table, batch_id=arguments.subject) for name, table in tables.items()}


def _enter(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.domain.laboratory import Result
    from printcare.workflow.batch.laboratory import enter_result

    try:
        raw = arguments.raw.read_bytes()
    except OSError as fault:
        told = f"{arguments.raw} cannot be read: {fault.strerror}."
        raise PrintcareError("FILE_UNREADABLE", told, "Name the instrument's own file with --raw.") from fault
    result = Result(
        batch_id=arguments.subject,
        **{name: getattr(arguments, name) for name in WANTED},
        values=tuple(_number(word) for word in arguments.value),
        low=None if arguments.low is None else _number(arguments.low),
        high=None if arguments.high is None else _number(arguments.high),
        raw_name=arguments.raw.name,
        raw_sha256="",  # reckoned from the bytes where they are kept
        retests=arguments.retests,
    )
    return {"result": enter_result(records, account, result, raw)}


def _check(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.batch.laboratory import check_result

    opened = check_result(records, account, secret, arguments.subject)
    return {"result": arguments.subject, "investigation": opened}


def _sign(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.batch.laboratory import allow_retest, close_investigation

    signed = {"retest": allow_retest, "close": close_investigation}[arguments.verb]
    signed(records, account, secret, arguments.subject, arguments.reason)
    return {"investigation": arguments.subject}


def _number(word: str) -> Decimal:
    from printcare.domain.checks import Finding
    from printcare.domain.numbers import as_decimal, read_number

    number = read_number(word, "value")
    if isinstance(number, Finding):
        raise PrintcareError("USAGE", f"{word!r} is no number.", "Write digits with a point.")
    return as_decimal(number)
