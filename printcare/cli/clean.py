"""`printcare clean`: where every part stands, its cleaning, line clearance, the room, disposables and waste."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from printcare.cli.telling import tell

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
STEPS = ("washed", "dried", "inspected", "clean")
LIMITS = ("dirty-hold-h", "clean-hold-h", "clearance-min", "campaign-h", "campaign-batches")


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
    room = verbs.add_parser("room", help="enter the room's class, temperature and humidity for a batch")
    disposable = verbs.add_parser("disposable", help="link a disposable to a batch, by lot and serial number")
    waste = verbs.add_parser("waste", help="a batch's waste destroyed, with a second person as the witness")
    for verb in (room, disposable, waste):
        verb.add_argument("batch", metavar="BATCH")
    room.add_argument("--class", dest="room_class", metavar="TEXT", required=True, help="as the site's plan names it")
    room.add_argument("--temperature", metavar="C", type=_figure, required=True, help="in °C")
    room.add_argument("--humidity", metavar="PCT", type=_figure, required=True, help="relative, in %%")
    disposable.add_argument("name", metavar="NAME")
    disposable.add_argument("--lot", metavar="LOT", required=True)
    disposable.add_argument("--serial", metavar="SERIAL", default="")
    waste.add_argument("--what", metavar="TEXT", required=True, help="counted: rejected units, wipes, gloves")
    rules = verbs.add_parser("rules", help="show the limits of the cleaning validation, or change them")
    for limit in LIMITS:
        rules.add_argument(f"--{limit}", metavar="N", type=int if limit == "campaign-batches" else _figure)
    rules.add_argument("--dedicated", metavar="INK", action="append", help="its parts touch no other; names every one")
    rules.add_argument(
        "--never", metavar="EARLIER:LATER", type=_pair, action="append", help="two inks, however cleaned; names all"
    )
    rules.add_argument("--reason", metavar="TEXT", default="", help="the validation")
    for verb in (state, steps, step, line, room, disposable, waste, rules):
        add_record_options(verb)
        add_identity_options(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object")


def _figure(text: str) -> Decimal:
    try:
        figure = Decimal(text)
    except InvalidOperation as fault:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from fault
    if not figure.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return figure


def _pair(text: str) -> tuple[str, str]:
    earlier, _, later = text.partition(":")
    if not (earlier and later):
        raise argparse.ArgumentTypeError(f"{text!r} is no pair of inks")
    return earlier, later


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import SECOND, entered, entered_with, existing_record
    from printcare.domain.cleaning import PartState
    from printcare.workflow.authority import allowed
    from printcare.workflow.site.cleaning import clear_batch, enter_step
    from printcare.workflow.site.procedure import procedure_for

    told: dict[str, object] = {}
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        if arguments.verb in ("room", "disposable", "waste"):
            told = _of_batch(records, account, secret, arguments)
        elif arguments.verb == "rules":
            told = _rules(records, account, arguments)
        elif arguments.verb == "step":
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
    tell(told, is_json=arguments.json)
    return DONE


def _rules(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, object]:
    from dataclasses import replace

    from printcare.workflow.authority import allowed
    from printcare.workflow.site.cleaning import rules_of, set_rules
    from printcare.workflow.states import state_of

    limits = {name: getattr(arguments, name) for name in (limit.replace("-", "_") for limit in LIMITS)}
    limits = {name: limit for name, limit in limits.items() if limit is not None}
    inks = {"dedicated": arguments.dedicated, "excluded": arguments.never}
    given = limits | {name: tuple(named) for name, named in inks.items() if named is not None}
    if not given:
        allowed(records, account, "record.read")
    else:
        set_rules(records, account, replace(rules_of(records), **given), arguments.reason)
    return {"rules": state_of(rules_of(records))}


def _of_batch(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> dict[str, object]:
    from printcare.cli.identity import SECOND, entered_with
    from printcare.workflow.site.room import enter_disposable, enter_room
    from printcare.workflow.site.waste import destroy_waste

    batch = arguments.batch
    if arguments.verb == "room":
        enter_room(records, account, batch, arguments.room_class, arguments.temperature, arguments.humidity)
        return {"room": arguments.room_class, "batch": batch}
    if arguments.verb == "disposable":
        enter_disposable(records, account, batch, arguments.name, arguments.lot, arguments.serial)
        return {"disposable": arguments.name, "batch": batch}
    witness, witness_secret = entered_with(records, arguments.second_user, SECOND)
    destroy_waste(records, account, secret, witness, witness_secret, batch, arguments.what)
    return {"waste": arguments.what, "witness": witness.id, "batch": batch}
