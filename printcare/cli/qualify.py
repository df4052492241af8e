"""`printcare qualify`: run a protocol on a printer, answer its questions, approve it and write its report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.cli.telling import tell
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.qualification import Protocol
    from printcare.domain.recipe import MasterRecipe
    from printcare.records.accounts import Account
    from printcare.records.store import Store
    from printcare.workflow.qualify.check_site import Rig, Site

DONE, REFUSED = 0, 1
VERBS = ("run", "answer", "deviation", "approve", "refuse", "list", "report")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command; `qualify PRINTER --protocol ID` is the same as `qualify run ID --printer PRINTER`."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("qualify", help="run, approve and report a qualification")
    parser.add_argument("verb", metavar="VERB", help=f"{', '.join(VERBS)}, or a printer's name with --protocol")
    parser.add_argument("what", nargs="?", metavar="ID", help="of a protocol (run) or of a run (all others)")
    parser.add_argument(
        "--protocol", metavar="ID", help="as ID of run; of a site's own protocol its file, for every verb"
    )
    parser.add_argument("--printer", metavar="NAME", help="on the register; of a balance's protocol the balance")
    parser.add_argument("--profile", metavar="ID", help="of the bench a balance is tried on (default: marlin-syringe)")
    parser.add_argument("--balance", metavar="SERIAL", help="where several have checks on record")
    parser.add_argument("--recipe", metavar="ID", default="cyclophosphamide-sse", help="printed by checks and PQ")
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help="of the simulated bench")
    parser.add_argument("--port", metavar="ROLE=URL", action="append", default=[], help="real devices; none: simulated")
    parser.add_argument("--step", metavar="ID", help="which step is answered or dealt with")
    parser.add_argument("--seen", metavar="TEXT", default="", help="what was seen: the evidence of an answer")
    parser.add_argument("--failed", action="store_true", help="the answer is: not as demanded")
    parser.add_argument("--reason", metavar="TEXT", default="")
    parser.add_argument("-o", dest="output", metavar="FILE", type=Path, help="the report as PDF")
    add_record_options(parser)
    add_identity_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code; a run that is not finished is a verdict that says no."""
    from printcare.cli.identity import entered_with, existing_record

    if arguments.verb not in VERBS:  # the public contract: qualify PRINTER --protocol ID
        arguments.printer, arguments.what, arguments.verb = arguments.verb, arguments.protocol, "run"
    if not arguments.what and arguments.verb != "list":
        raise PrintcareError("USAGE", "Nothing is named.", "See `printcare qualify --help`.")
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        told, is_good = _DO[arguments.verb](records, account, secret, arguments)
    tell(told, is_json=arguments.json, status="ok" if is_good else "refused")
    return DONE if is_good else REFUSED


Told = tuple[dict[str, Any], bool]
NEXT = {
    "answer": "printcare qualify answer {0} --step ID --seen TEXT, for every question",
    "deviation": "printcare qualify deviation {0} --step ID --reason TEXT, by quality, for every failed step",
    "approve": "printcare qualify approve {0}, by quality, never by who ran a step",
}


def _run(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from dataclasses import replace

    from printcare.workflow.qualify.qualification import begin_run, run_step
    from printcare.workflow.qualify.report import report

    protocol = _protocol(arguments.what)
    site = _site(records, account, arguments, protocol)
    recipe = f"{site.master.id}/{site.master.version}" if protocol.stage == "PQ" else ""
    key = begin_run(records, account, protocol, arguments.printer or "", recipe, is_simulated=site.rig.is_simulated)
    steps = []
    for step in protocol.steps:
        if step.is_automatic:
            made = run_step(records, account, protocol, key, step, replace(site, figures=dict(step.figures)))
            steps.append(
                {"step": step.id, "outcome": made.outcome.value, "evidence": [list(each) for each in made.evidence]}
            )
    told = _state(records, key) | {"steps": steps}
    if arguments.output:
        arguments.output.write_bytes(report(records, account, key, protocol))
    waiting = [step.id for step in protocol.steps if not step.is_automatic]
    is_good = told["run"] == "finished" or (told["run"] == "running" and bool(waiting))
    then = "answer" if waiting else "approve" if is_good else "deviation"
    told |= {"questions": waiting, "report": str(arguments.output or ""), "next": NEXT[then].format(key)}
    return told, is_good


def _answer(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.qualify.qualification import answer_step

    protocol = _of_run(records, arguments.what, arguments.protocol)
    step = next((each for each in protocol.steps if each.id == arguments.step), None)
    if step is None:
        raise PrintcareError("USAGE", f"There is no step {arguments.step}.", "Name one with --step.")
    answer_step(records, account, protocol, arguments.what, step, passed=not arguments.failed, evidence=arguments.seen)
    return _state(records, arguments.what), True


def _deviation(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.qualify.qualification import accept_deviation

    protocol = _of_run(records, arguments.what, arguments.protocol)
    accept_deviation(records, account, protocol, arguments.what, arguments.step or "", arguments.reason)
    return _state(records, arguments.what), True


def _approve(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.qualify.qualification import approve_run

    until = approve_run(records, account, secret, _of_run(records, arguments.what, arguments.protocol), arguments.what)
    return _state(records, arguments.what) | {"until": until.isoformat()}, True


def _refuse(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.qualify.qualification import refuse_run

    refuse_run(records, account, arguments.what, arguments.reason)
    return _state(records, arguments.what), True


def _list(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.authority import allowed
    from printcare.workflow.qualify.qualification import runs_of

    allowed(records, account, "record.read")
    named = ("subject", "stage", "recipe", "protocol", "status", "until", "simulated")
    rows = runs_of(records, arguments.printer or "").items()
    return {"runs": [{"id": key, **{name: state[name] for name in named}} for key, state in rows]}, True


def _report(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.qualify.report import report

    if arguments.output is None:
        raise PrintcareError("USAGE", "No file is named for the report.", "Add -o FILE.")
    protocol = _of_run(records, arguments.what, arguments.protocol)
    arguments.output.write_bytes(report(records, account, arguments.what, protocol))
    return _state(records, arguments.what) | {"report": str(arguments.output)}, True


_DO = {
    "run": _run,
    "answer": _answer,
    "deviation": _deviation,
    "approve": _approve,
    "refuse": _refuse,
    "list": _list,
    "report": _report,
}


def _protocol(name: str) -> Protocol:
    from printcare.formats.qualification import load_protocol
    from printcare.workflow.qualify.protocol_checks import CHECKS

    return load_protocol(name, tuple(CHECKS))


def _of_run(records: Store, key: str, file: str | None) -> Protocol:
    state = records.get("qualification", key)
    if state is None:
        raise PrintcareError("RUN_UNKNOWN", f"There is no run {key}.", "See `printcare qualify list`.")
    return _protocol(file or str(state["protocol"]).partition("/")[0])  # a site's own protocol is named by its file


def _site(records: Store, account: Account, arguments: argparse.Namespace, protocol: Protocol) -> Site:
    from printcare.domain.equipment import BALANCE
    from printcare.formats.profile import load_profile
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.qualify.check_site import Site
    from printcare.workflow.site.balance import balance_for
    from printcare.workflow.site.equipment import equipment_of

    equipment = equipment_of(records, arguments.printer or "")
    if equipment is None:
        told = f"{arguments.printer} is not on the register."
        raise PrintcareError("EQUIPMENT_UNKNOWN", told, "Enter it: `printcare printer register`.")
    profile = load_profile(equipment.profile_id or arguments.profile or "marlin-syringe")
    master = load_recipe(arguments.recipe)
    is_balance = protocol.of == BALANCE
    balance = equipment.serial if is_balance else balance_for(records, arguments.balance)
    rig = _rig(arguments, profile, master)
    return Site(records, account, equipment, profile, master, balance, rig, {})


def _rig(arguments: argparse.Namespace, profile: FirmwareProfile, master: MasterRecipe) -> Rig:
    """Return the real bench of the named ports, or the simulated one; what is run there stands for no real printer."""
    from printcare.workstation.real_bench import RealBench
    from printcare.workstation.virtual_bench import VirtualBench

    if not arguments.port:
        return VirtualBench(profile, master, arguments.fault)
    urls = dict(word.partition("=")[::2] for word in arguments.port)
    return RealBench(profile, urls, lambda told: input(f"{told} Press Enter. "))


def _state(records: Store, key: str) -> dict[str, Any]:
    state = records.get("qualification", key) or {}
    return {"id": key, "run": state["status"], "stage": state["stage"], "subject": state["subject"]}
