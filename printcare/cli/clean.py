"""`printcare clean`: where every part of a printer stands, each step of its cleaning, and line clearance by two."""

from __future__ import annotations

import argparse
import json

DONE = 0
STEPS = ("washed", "dried", "inspected", "clean")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("clean", help="cleaning of parts, and line clearance")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    state = verbs.add_parser("state", help="where every part stands")
    steps = verbs.add_parser("steps", help="the procedure for an ink, with protection and waste by its hazard class")
    step = verbs.add_parser("step", help="enter one step of a part's cleaning")
    line = verbs.add_parser("line", help="clear the line for a batch, with a second person")
    for verb in (state, step, line):
        verb.add_argument("printer", metavar="PRINTER")
    steps.add_argument("ink", metavar="INK", help="a formulation's id")
    step.add_argument("part", metavar="PART")
    step.add_argument("step", choices=STEPS)
    step.add_argument("--agent", metavar="TEXT", default="", help="what it was washed with")
    step.add_argument("--agent-lot", metavar="LOT", default="")
    step.add_argument("--seen", metavar="TEXT", default="", help="what was looked at, under which light; swab results")
    line.add_argument("batch", metavar="BATCH")
    for verb in (state, steps, step, line):
        add_record_options(verb)
        add_identity_options(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import SECOND, entered, existing_record
    from printcare.domain.cleaning import PartState
    from printcare.workflow.authority import allowed
    from printcare.workflow.cleaning import clear_batch, enter_step
    from printcare.workflow.procedure import procedure_for

    told: dict[str, object] = {}
    with existing_record(arguments) as records:
        account = entered(records, arguments.user)
        if arguments.verb == "step":
            evidence = {"agent": arguments.agent, "agent_lot": arguments.agent_lot, "seen": arguments.seen}
            made = enter_step(records, account, arguments.printer, arguments.part, PartState(arguments.step), evidence)
            told = {"part": made.part, "state": made.state.value}
        elif arguments.verb == "line":
            second = entered(records, arguments.second_user, SECOND)
            clear_batch(records, account, second, arguments.printer, arguments.batch)
            told = {"cleared": arguments.printer, "batch": arguments.batch}
        elif arguments.verb == "steps":
            allowed(records, account, "record.read")
            told = {"steps": [each.as_dict() for each in procedure_for(records, arguments.ink)]}
        else:
            allowed(records, account, "record.read")
            told = {"parts": records.all("cleaning", printer=arguments.printer)}
    if arguments.json:
        print(json.dumps({"status": "ok"} | told))
        return DONE
    for name, value in told.items():
        print(f"{name}  {value if isinstance(value, str) else json.dumps(value, indent=1)}")
    return DONE
