"""`printcare recipe submit|validate|return|refuse|approve|effective|retire|withdraw`: each a signed move."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any  # a state of the record is parsed JSON

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.records.store import Store
    from printcare.workflow.recipe.controlled import Kind

DONE = 0
# Verb of the command line -> verb of the table of moves, and what it does.
MOVES = {
    "validate": ("validate", "accept a submitted version for validation"),
    "return": ("return", "send a version back to its authors as a draft"),
    "refuse": ("refuse", "refuse a submitted version"),
    "approve": ("approve", "approve a validated version and its difference to the one in force"),
    "effective": ("make_effective", "let an approved version count from now, or from a date"),
    "retire": ("retire", "take a version out of use"),
    "withdraw": ("withdraw", "withdraw one's own version"),
}


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs of the life cycle."""
    from printcare.cli.settings import add_identity_options, add_record_options

    submit = verbs.add_parser("submit", help="write a file down as a draft and submit it for validation")
    submit.add_argument("file", metavar="FILE", type=Path, help="a recipe, dosing rule or site table")
    submit.add_argument("--draft", action="store_true", help="only write it down; nothing is signed yet")
    added = [submit]
    for verb, (_, what) in MOVES.items():
        one = verbs.add_parser(verb, help=what)
        one.add_argument("recipe", metavar="ID", help="ID/VERSION, or the ID where one version waits for this")
        if verb == "effective":
            one.add_argument("--from", dest="begins", metavar="DATE", type=_date, help="a later day, as 2026-03-31")
        added.append(one)
    for one in added:
        one.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the record")
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def _submit(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered_with, existing_record
    from printcare.workflow.recipe.controlled import KINDS
    from printcare.workflow.recipe.versions import take, write

    document = _read(arguments.file)
    if type(document) not in KINDS:
        told = f"{arguments.file} is no recipe, dosing rule or site table."
        raise PrintcareError("USAGE", told, "Submit what is approved before it counts.")
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        kind, key = KINDS[type(document)], write(records, account, document)  # type: ignore[arg-type]  # looked up above
        if not arguments.draft:
            take(records, account, secret, kind, key, "submit", arguments.reason)
        return _told(arguments, records, kind, key)


def _move(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered_with, existing_record
    from printcare.workflow.recipe.versions import take, waiting

    verb, _ = MOVES[arguments.verb]
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        kind, key = waiting(records, account, arguments.recipe, verb)
        take(records, account, secret, kind, key, verb, arguments.reason, _begins(arguments))
        return _told(arguments, records, kind, key)


VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {"submit": _submit} | dict.fromkeys(MOVES, _move)


def told_change(change: Mapping[str, Any]) -> str:
    """Return one difference as a line: its path, what stood there, what stands there, and how a range moved."""
    old, new = (_shown(change[name]) for name in ("old", "new"))
    unit = f" {change['unit']}" if change["unit"] else ""
    return f"{change['path']:44} {old} -> {new}{unit}  ({change['effect']})"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list) and len(value) == 2 and all(isinstance(end, str) for end in value):
        return " – ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _told(arguments: argparse.Namespace, records: Store, kind: Kind, key: str) -> int:
    state = records.get(kind.table, key) or {}
    told = {name: state[name] for name in ("version", "status", "digest", "effective_from", "difference")}
    if arguments.json:
        print(json.dumps({"status": "ok", "version": {"id": state[kind.member], "kind": kind.name} | told}))
        return DONE
    begins = f", effective from {state['effective_from']}" if state["effective_from"] else ""
    print(f"{kind.words} {state[kind.member]} version {state['version']}: {state['status']}{begins}")
    difference = state["difference"] or {}
    if difference.get("against"):
        print(f"compared with {difference['against']}:")
        for change in difference["changes"]:
            print(f"  {told_change(change)}")
    return DONE


def _read(path: Path) -> object:
    from printcare.formats.kinds import read_any

    try:
        return read_any(path.read_bytes(), path.name, path.parent)
    except OSError as fault:
        told = f"{path} cannot be read: {fault.strerror}."
        raise PrintcareError("FILE_UNREADABLE", told, "Check the path and the permissions.") from fault


def _begins(arguments: argparse.Namespace) -> datetime | None:
    """Return midnight, here, of the day a version is to count from."""
    day = getattr(arguments, "begins", None)
    return None if day is None else datetime.combine(day, time()).astimezone()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-03-31") from fault
