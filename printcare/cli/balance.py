"""`printcare balance`: check a balance with its weights, list what it was found to be, and set the site's schedule."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.cli.telling import tell
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from decimal import Decimal

    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE, REFUSED = 0, 1
KINDS = ("daily", "repeatability", "corners")
READ = (
    "mg as shown, repeated: the empty balance and the weight (daily), the same weight ten times (repeatability), "
    "the middle and four corners (corners)"
)
LIMITS = ("daily-h", "repeatability-h", "corners-h", "deviation-pct", "zero-mg", "corner-pct", "u-evap-mg")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    parser = subparsers.add_parser("balance", help="check a balance, and list its checks")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in (("check", "record one check, judged"), ("list", "list its checks and whether they stand")):
        one = verbs.add_parser(verb, help=what)
        one.add_argument("balance", metavar="BALANCE", help="its serial number")
        if verb == "check":
            one.add_argument("--kind", choices=KINDS, required=True)
            one.add_argument("--weight-mg", required=True, metavar="X", help="nominal mass of the check weight")
            one.add_argument("--readability-mg", required=True, metavar="X")
            one.add_argument("--u-weight-mg", default="0", metavar="X", help="of the weight's certificate")
            one.add_argument("--reading", action="append", required=True, metavar="X", help=READ)
        _add_common(one)
    schedule = verbs.add_parser(
        "schedule", help="how long each check stands here and by which limits; shows or sets it"
    )
    for limit in LIMITS:
        schedule.add_argument(f"--{limit}", metavar="X")
    schedule.add_argument(
        "--below-minimum",
        metavar="TEXT",
        help="why the unit gate may decide below the minimum weight; '' takes it back",
    )
    schedule.add_argument("--reason", metavar="TEXT", default="", help="why it is changed")
    _add_common(schedule)


def _add_common(parser: argparse.ArgumentParser) -> None:
    from printcare.cli.settings import add_identity_options, add_record_options

    add_record_options(parser)
    add_identity_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code; a failed check, or one that does not stand, is a verdict that says no."""
    from printcare.cli.identity import entered_with, existing_record

    verb = {"check": _check, "list": _list, "schedule": _schedule}[arguments.verb]
    with existing_record(arguments) as records:
        account, _ = entered_with(records, arguments.user)
        told, is_good = verb(records, account, arguments)
    tell(told, is_json=arguments.json)
    return DONE if is_good else REFUSED


def _check(records: Store, account: Account, arguments: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    from printcare.domain.balance_check import PASSED, BalanceCheck, Kind
    from printcare.domain.numbers import shown
    from printcare.workflow.site.balance import record_check

    check = BalanceCheck(
        balance=arguments.balance,
        kind=Kind(arguments.kind),
        at=records.context.clock(),
        weight_mg=_mass(arguments.weight_mg),
        readings_mg=tuple(_mass(word) for word in arguments.reading),
        readability_mg=_mass(arguments.readability_mg),
        u_weight_mg=_mass(arguments.u_weight_mg),
    )
    outcome = record_check(records, account, check, arguments.reading)
    told = {"check": outcome.status, "figure_mg": shown(outcome.figure_mg, 12)}
    return told | {"findings": [each.as_dict() for each in outcome.findings]}, outcome.status == PASSED


def _list(records: Store, account: Account, arguments: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    from printcare.workflow.authority import allowed
    from printcare.workflow.site.balance import TABLE, balance_stops, weighing_of
    from printcare.workflow.states import state_of

    allowed(records, account, "record.read")
    stops = balance_stops(records, arguments.balance, records.context.clock())
    weighing = weighing_of(records, arguments.balance)
    told: dict[str, Any] = {
        "checks": records.all(TABLE, balance=arguments.balance),
        "weighing": None if weighing is None else state_of(weighing),
        "minimum_weight_mg": None if weighing is None else str(weighing.minimum_weight_mg),
        "findings": [each.as_dict() for each in stops],
    }
    return told, not stops


def _schedule(records: Store, account: Account, arguments: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    from dataclasses import replace

    from printcare.workflow.authority import allowed
    from printcare.workflow.site.balance import schedule_of, set_schedule
    from printcare.workflow.states import state_of

    named = {limit.replace("-", "_"): getattr(arguments, limit.replace("-", "_")) for limit in LIMITS}
    given: dict[str, Any] = {name: _mass(word) for name, word in named.items() if word is not None}
    if arguments.below_minimum is not None:
        given["below_minimum"] = arguments.below_minimum
    if not given:
        allowed(records, account, "record.read")
        return {"schedule": state_of(schedule_of(records))}, True
    set_schedule(records, account, replace(schedule_of(records), **given), arguments.reason)
    return {"schedule": state_of(schedule_of(records))}, True


def _mass(word: str) -> Decimal:
    from decimal import Decimal, InvalidOperation

    try:
        mass = Decimal(word)  # a balance below zero shows a sign, which the strict reader of doses refuses
    except InvalidOperation as fault:
        raise PrintcareError("USAGE", f"{word!r} is no mass in mg.", "Write digits with a point.") from fault
    if not mass.is_finite():
        raise PrintcareError("USAGE", f"{word!r} is no mass in mg.", "Write digits with a point.")
    return mass
