"""`printcare steer`: hold, resume or stop a running job, answer its alarms, or say that a unit lies on the balance."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printcare.domain.checks import Finding
    from printcare.records.accounts import Account
    from printcare.records.store import Store
    from printcare.workstation.steering import Steering

DONE = 0
VERBS = {
    "hold": "hold after the running unit",
    "resume": "go on",
    "stop": "stop now, in safe state",
    "acknowledge": "answer an alarm with a reason, signed where its row wants that",
    "shelve": "put a warning aside for ten minutes",
    "placed": "the unit asked for lies on the balance beside the printer",
}
OF_AN_ALARM = ("acknowledge", "shelve")
WITHOUT_A_NAME = ("hold", "stop")  # nobody has to find a password before a needle may be stopped


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("steer", help="hold, resume, stop or answer a running job")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        one.add_argument("batch", metavar="BATCH")
        one.add_argument("--endpoint", metavar="PATH", type=Path, required=True, help="where its job listens")
        if verb in OF_AN_ALARM:
            one.add_argument("--alarm", metavar="ID", required=True)
        if verb == "placed":
            one.add_argument("--unit", metavar="N", type=int, required=True, help="the one the job asked for")
        one.add_argument("--reason", metavar="TEXT", default="", required=verb in OF_AN_ALARM)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Give one command and return 0 once the job has taken it; raises Refused with the job's objection."""
    from printcare.workstation.steering import Steering

    with Steering(arguments.endpoint) as job:
        if arguments.verb in WITHOUT_A_NAME and not arguments.user:
            _heard(job.command(arguments.verb, "", arguments.reason))
        else:
            _as_somebody(job, arguments)
    if arguments.json:
        print(json.dumps({"status": "ok", "batch": arguments.batch, "command": arguments.verb}))
    else:
        print(f"{arguments.batch}: {arguments.verb} was taken.")
    return DONE


def _as_somebody(job: Steering, arguments: argparse.Namespace) -> None:
    from printcare.cli.identity import entered_with, existing_record
    from printcare.records.accounts import log_out
    from printcare.workflow.batch.job_access import admit

    with existing_record(arguments) as records:
        account, password = entered_with(records, arguments.user)
        if arguments.verb in OF_AN_ALARM:
            _sign(records, account, password, arguments)
        admission = admit(records, account.login, password, arguments.batch, account)
        _heard(job.sign_in(account.id, admission.ticket))
        _heard(job.command(arguments.verb, account.id, _words(arguments)))
        log_out(records, account)


def _words(arguments: argparse.Namespace) -> str:
    """Return what the job reads: an alarm or a unit stands before the reason."""
    first = arguments.alarm if arguments.verb in OF_AN_ALARM else arguments.unit if arguments.verb == "placed" else ""
    return f"{first} {arguments.reason}".strip()


def _sign(records: Store, account: Account, password: str, arguments: argparse.Namespace) -> None:
    """Sign the alarm's row where its acknowledgement wants that."""
    from printcare.workflow.batch.alarm_answers import ACKNOWLEDGED, number_of, wants_signature
    from printcare.workflow.entry import sign_alarm

    number = number_of(records, arguments.batch, arguments.alarm)
    if arguments.verb == "acknowledge" and wants_signature(arguments.alarm) and number is not None:
        meaning = f"{ACKNOWLEDGED}: {arguments.reason}"
        sign_alarm(records, account, password, arguments.batch, number, meaning)


def _heard(objection: dict[str, str] | None) -> None:
    """Raise what the job said against it."""
    from printcare.workflow.authority import Refused

    if objection is not None:
        raise Refused((_finding(objection),))


def _finding(told: dict[str, str]) -> Finding:
    from printcare.domain.checks import Finding, Severity

    return Finding(told["code"], Severity(told["severity"]), told["reason"], told["remedy"])
