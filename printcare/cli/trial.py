"""`printcare trial`: plan or print a batch of research mode, without any order and for nobody."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from printcare.cli.telling import tell
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store
    from printcare.workflow.batch.plan import PlannedTrial

DONE, FAILED = 0, 3


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.bench_options import add_bench_options
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("trial", help="plan or print a trial of research mode")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in (
        ("plan", "plan a trial, with what is forecast of it"),
        ("print", "plan, prepare and print one; --second-user is the operator"),
        ("compare", "compare a printed trial with what was forecast"),
    ):
        one = verbs.add_parser(verb, help=what)
        if verb == "compare":
            one.add_argument("batch", metavar="ID")
        else:
            one.add_argument("--recipe", metavar="ID", required=True, help="id or file")
            one.add_argument("--dose", metavar="MG", action="append", required=True, help="one for each ink")
            one.add_argument("--cartridge", metavar="ID", action="append", required=True, help="one for each ink")
            one.add_argument("--units", metavar="N", type=int, default=3)
            one.add_argument(
                "--set", metavar="PATH=VALUE", action="append", default=[], help="as parameters.print_speed_mm_s=16"
            )
            one.add_argument("--balance-id", metavar="SERIAL", help="of the balance, where several have checks")
            add_bench_options(one)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import SECOND, entered_with, existing_record

    with existing_record(arguments) as records:
        account, _ = entered_with(records, arguments.user)
        if arguments.verb == "compare":
            told, is_good = _compare(records, account, arguments), True
        else:
            is_printed = arguments.verb == "print"
            operator = entered_with(records, arguments.second_user, SECOND) if is_printed else None
            told, is_good = _plan(records, account, operator, arguments)
    tell(told, is_json=arguments.json, status="ok" if is_good else "failed")
    return DONE if is_good else FAILED


def number_of(text: str, what: str) -> Decimal:
    """Return a number of the command line, exactly; raises PrintcareError USAGE."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise PrintcareError("USAGE", f"{text!r} is no number for {what}.", "Write it as 0.38.")
    return found


def settings_of(pairs: list[str]) -> dict[str, Decimal]:
    """Return PATH=VALUE pairs; raises PrintcareError USAGE."""
    return {path: number_of(value, path) for path, _, value in (pair.partition("=") for pair in pairs)}


def _plan(
    records: Store, account: Account, operator: tuple[Account, str] | None, arguments: argparse.Namespace
) -> tuple[dict[str, Any], bool]:
    from datetime import datetime

    from printcare.cli.bench_options import printers_of
    from printcare.cli.print_ import material, profile_for
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.batch.research import TrialPart, plan_trial
    from printcare.workflow.mode import present
    from printcare.workflow.site.balance import balance_for
    from printcare.workflow.study.experiment_runs import print_trial
    from printcare.workflow.study.experiments import varied
    from printcare.workflow.study.forecast import forecast

    base = load_recipe(arguments.recipe)
    profile = profile_for(base, arguments.profile)
    if len(arguments.dose) != len(arguments.cartridge):
        raise PrintcareError("USAGE", "Each cartridge has its dose.", "Give --dose and --cartridge for each ink.")
    given = [
        TrialPart(number_of(dose, "--dose"), *material(records, cartridge))
        for dose, cartridge in zip(arguments.dose, arguments.cartridge, strict=True)
    ]
    planned = plan_trial(
        records,
        account,
        varied(base, settings_of(arguments.set)),
        given,
        arguments.units,
        profile,
        balance_for(records, arguments.balance_id),
        present(records),
        datetime.now().astimezone().date(),
        arguments.seed,
    )
    hoped = forecast(records, account, planned.job)
    told = _told(records, planned) | {"forecast": hoped.as_state()}
    if operator is None:
        return told, True
    ended = print_trial(records, printers_of(arguments, base, profile, operator), planned)
    return told | _printed(records, planned, ended.reason), ended.outcome.value == "completed"


def _told(records: Store, planned: PlannedTrial) -> dict[str, Any]:
    state = records.get("batch", planned.id) or {}
    warnings = [finding.as_dict() for finding in planned.findings]
    return {"batch": planned.id, "mode": state["mode"], "units": planned.job.units, "warnings": warnings}


def _printed(records: Store, planned: PlannedTrial, reason: str) -> dict[str, Any]:
    from printcare.workflow.batch.plan import units_of
    from printcare.workflow.study.experiment_runs import responses

    rows = units_of(records, planned.id)
    return {
        "state": (records.get("batch", planned.id) or {})["status"],
        "accepted": sum(row["status"] == "accepted" for row in rows),
        "rejected": sum(row["status"] == "rejected" for row in rows),
        "responses": {name: str(value) for name, value in responses(records, planned.job).items()},
        "reason": reason,
    }


def _compare(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.study.forecast import compare_forecast

    return compare_forecast(records, account, arguments.batch)
