"""`printcare printer`: the equipment register, what is due, and the logbook of maintenance and calibration."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.cli.telling import tell
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from datetime import date

    from printcare.domain.equipment import Equipment
    from printcare.domain.upkeep import Done, UpkeepSchedule
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
# Verb -> what it does, and its own options.
VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "list": ("list printers, balances and sensors", ()),
    "show": ("show one with its logbook", ()),
    "register": (
        "enter a printer, balance or sensor",
        ("kind", "model", "serial", "firmware", "usb", "profile", "place"),
    ),
    "change": ("enter what it has become", ("model", "serial", "firmware", "usb", "profile", "place", "reason")),
    "use": ("take it into use", ("reason",)),
    "out": ("take it out of use", ("reason",)),
    "retire": ("retire it", ("reason",)),
    "maintain": ("enter maintenance that was done", ("task", "found", "left", "reason")),
    "calibrate": (
        "enter a calibration",
        ("task", "found", "left", "reason", "reference", "certificate", "until", "uncertainty", "limit", "deviation"),
    ),
    "flow": ("enter a cartridge's flow calibration by a weighed purge", ("volume", "mass", "density")),
    "schedule": ("show the schedule of maintenance and calibration, or change it", ("every", "new", "reason")),
}
NAMELESS = frozenset({"list", "schedule"})  # of no one piece of equipment
OPTIONS: dict[str, dict[str, Any]] = {
    "kind": {"choices": ("printer", "balance", "sensor"), "default": "printer"},
    "model": {"metavar": "TEXT", "default": "", "help": "class of a printer, type of a balance"},
    "serial": {"metavar": "TEXT", "default": ""},
    "firmware": {"metavar": "TEXT", "default": "", "help": "what it says of itself"},
    "usb": {"metavar": "ID", "default": ""},
    "profile": {"metavar": "ID", "default": ""},
    "place": {"metavar": "TEXT", "default": ""},
    "reason": {"metavar": "TEXT", "default": "", "help": "why, or what was done"},
    "task": {"metavar": "NAME", "required": True, "help": "of the schedule"},
    "found": {"choices": ("in tolerance", "out of tolerance"), "default": "in tolerance", "help": "before adjusting"},
    "left": {"choices": ("in tolerance", "out of tolerance"), "default": "in tolerance"},
    "reference": {"metavar": "TEXT", "default": "", "help": "weight or instrument"},
    "certificate": {"metavar": "TEXT", "default": ""},
    "until": {"flag": "--certificate-until", "dest": "until", "metavar": "DATE", "help": "last day of the certificate"},
    "uncertainty": {"metavar": "X", "help": "of the reference, in the limit's unit"},
    "limit": {"metavar": "X"},
    "deviation": {"metavar": "X", "help": "as found"},
    "volume": {"flag": "--volume-mm3", "dest": "volume", "metavar": "X", "required": True},
    "mass": {"flag": "--mass-mg", "dest": "mass", "metavar": "X", "required": True},
    "every": {
        "metavar": "TASK=DAYS",
        "action": "append",
        "default": [],
        "help": "how often a task comes round; 0 ends it",
    },
    "new": {"metavar": "KIND/OF", "default": "", "help": "what a task not yet there is, as calibration/printer"},
    "density": {"flag": "--density", "dest": "density", "metavar": "MG/MM3", "required": True},
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("printer", help="the equipment register, maintenance and calibration")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, (what, options) in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        if verb not in NAMELESS:
            one.add_argument("name", metavar="CARTRIDGE" if verb == "flow" else "NAME")
        for option in options:
            named = dict(OPTIONS[option])
            one.add_argument(named.pop("flag", f"--{option}"), **named)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import entered, existing_record

    with existing_record(arguments) as records:
        account = entered(records, arguments.user)
        told = _DO[arguments.verb](records, account, arguments)
    tell(told, is_json=arguments.json)
    return DONE


def _list(records: Store, account: Account, _arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.authority import allowed

    allowed(records, account, "record.read")
    return {"equipment": records.all("printer")}


def _show(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.authority import allowed

    allowed(records, account, "record.read")
    upkeep = records.all("maintenance", subject=arguments.name)
    cleaning = records.all("cleaning", printer=arguments.name)
    return {"equipment": records.get("printer", arguments.name), "upkeep": upkeep, "cleaning": cleaning}


def _register(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.site.equipment import register

    register(records, account, _equipment(arguments, arguments.kind))
    return {"registered": arguments.name}


def _change(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.site.equipment import note_change

    state = records.get("printer", arguments.name) or {}
    for member, option in (("model", "model"), ("serial", "serial"), ("firmware", "firmware"), ("usb", "usb"),
                           ("profile_id", "profile"), ("place", "place")):  # fmt: skip
        setattr(arguments, option, getattr(arguments, option) or state.get(member, ""))
    note_change(records, account, _equipment(arguments, str(state.get("kind", "printer"))), arguments.reason)
    return {"changed": arguments.name}


def _equipment(arguments: argparse.Namespace, kind: str) -> Equipment:
    from printcare.domain.equipment import PRINTER, Equipment, parts_of_tools
    from printcare.formats.profile import load_profile

    profile = load_profile(arguments.profile) if kind == PRINTER and arguments.profile else None
    return Equipment(
        name=arguments.name,
        kind=kind,
        model=arguments.model or ("" if profile is None else profile.printer_class),
        serial=arguments.serial,
        firmware=arguments.firmware,
        usb=arguments.usb,
        profile_id="" if profile is None else profile.id,
        profile_digest="" if profile is None else profile.digest,
        parts=() if profile is None else parts_of_tools(tuple(tool.kind for tool in profile.tools)),
        place=arguments.place,
    )


def _use(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.site.equipment import take_into_use

    take_into_use(records, account, arguments.name, arguments.reason)
    return {"in use": arguments.name}


def _out(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.site.equipment import take_out

    take_out(records, account, arguments.name, arguments.reason)
    return {"out of use": arguments.name}


def _retire(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.site.equipment import retire

    retire(records, account, arguments.name, arguments.reason)
    return {"retired": arguments.name}


def _maintain(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.domain.upkeep import Done
    from printcare.workflow.site.upkeep import maintain

    done = Done(arguments.task, arguments.found, arguments.left, arguments.reason)
    return {"deviations": list(maintain(records, account, arguments.name, done))}


def _calibrate(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.site.upkeep import calibrate

    return {"deviations": list(calibrate(records, account, arguments.name, _done(arguments)))}


def _done(arguments: argparse.Namespace) -> Done:
    from datetime import UTC, datetime, time

    from printcare.domain.upkeep import Done

    until = None if arguments.until is None else datetime.combine(_day(arguments.until), time.max, UTC)
    figures = {name: _number(getattr(arguments, name)) for name in ("uncertainty", "limit", "deviation")}
    return Done(
        arguments.task,
        arguments.found,
        arguments.left,
        arguments.reason,
        arguments.reference,
        arguments.certificate,
        until,
        **figures,
    )


def _day(word: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(word)
    except ValueError as fault:
        raise PrintcareError("USAGE", f"{word!r} is no date.", "Write it as 2027-12-31.") from fault


def _number(word: str | None) -> Any:  # a Decimal, imported late
    from decimal import Decimal, InvalidOperation

    try:
        return None if word is None else Decimal(word)
    except InvalidOperation as fault:
        raise PrintcareError("USAGE", f"{word!r} is no number.", "Write digits with a point.") from fault


def _flow(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.site.upkeep import calibrate_flow

    figures = (_number(arguments.volume), _number(arguments.mass), _number(arguments.density))
    return {"found_pct": str(calibrate_flow(records, account, arguments.name, *figures))}


def _schedule(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.authority import allowed
    from printcare.workflow.site.upkeep import schedule_of, set_upkeep
    from printcare.workflow.states import state_of

    if not arguments.every:
        allowed(records, account, "record.read")
    else:
        set_upkeep(records, account, _changed(schedule_of(records), arguments), arguments.reason)
    return {"schedule": state_of(schedule_of(records))}


def _changed(schedule: UpkeepSchedule, arguments: argparse.Namespace) -> UpkeepSchedule:
    from dataclasses import replace

    from printcare.domain.equipment import KINDS
    from printcare.domain.upkeep import CALIBRATION, MAINTENANCE, Task

    tasks = {task.name: task for task in schedule.tasks}
    for word in arguments.every:
        name, _, days = word.rpartition("=")
        kind, _, of = arguments.new.partition("/")
        is_known = name in tasks or (name and kind in (MAINTENANCE, CALIBRATION) and of in KINDS)
        if not is_known or not days.isdecimal():
            told = f"{word!r} is no task of the schedule with a number of days."
            raise PrintcareError("USAGE", told, f"Known are {', '.join(tasks)}; a new one needs --new KIND/OF.")
        tasks[name] = replace(tasks.get(name) or Task(name, kind, of, 0), every_days=int(days))
    return replace(schedule, tasks=tuple(task for task in tasks.values() if task.every_days))


_DO = {
    "list": _list,
    "show": _show,
    "register": _register,
    "change": _change,
    "use": _use,
    "out": _out,
    "retire": _retire,
    "maintain": _maintain,
    "calibrate": _calibrate,
    "flow": _flow,
    "schedule": _schedule,
}
