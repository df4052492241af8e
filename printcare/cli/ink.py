"""`printcare ink`: lots, cartridges and formulations from receipt to recall; every command is an event."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.cli.settings import DOCUMENT_LANGUAGES
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.records.store import Store
    from printcare.workflow.ink.recall import Traced

DONE = 0
# Verb -> what it does, what it names, and its own options.
VERBS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "list": ("list lots and cartridges", "", ()),
    "show": ("show one lot or cartridge with its ledger", "ID", ()),
    "receive": ("put a delivered or home-made lot on record, in quarantine", "FILE", ()),
    "judge": ("sign what the transport log means for a lot", "LOT", ("reason", "harmful")),
    "release": ("release a lot by signature", "LOT", ("reason",)),
    "quarantine": ("put a released lot back into quarantine", "LOT", ("reason",)),
    "reject": ("reject a lot", "LOT", ("reason",)),
    "open": ("open a lot, or a spool's dry bag", "ID", ("humidity",)),
    "fill": ("fill a cartridge from an opened lot", "CARTRIDGE", ("lot", "fill", "dead", "hours", "spilt", "code")),
    "load": ("load a cartridge for a batch by its scanned code", "CARTRIDGE", ("code", "batch")),
    "unload": ("take out a cartridge that was not printed from", "CARTRIDGE", ("reason",)),
    "discard": ("book the rest of a cartridge or lot as waste", "ID", ("waste", "reason")),
    "recall": ("recall a lot: list, hold and open deviations", "LOT", ("reason", "drill", "out", "language")),
    "trace": ("list what was made of a lot, cartridge or ingredient", "ID", ("out", "language")),
    "prepare": ("record an in-house preparation, signed by two", "FILE", ()),
    "write": ("put a formulation's file on record as a draft", "FILE", ()),
    "approve": ("approve a drafted formulation", "KEY", ()),
    "retire": ("retire an approved formulation", "KEY", ()),
    "agree": ("sign how long a supplier's agreement runs", "SUPPLIER", ("agreement", "until")),
    "legal": ("sign the default legal grounds of a file", "FILE", ()),
    "certificate": ("write the certificate of a lot as PDF", "LOT", ("output", "language")),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "reason": {"metavar": "TEXT", "default": "", "help": "why"},
    "harmful": {"action": "store_true", "help": "the excursion harmed the lot"},
    "humidity": {"metavar": "PERCENT", "help": "relative humidity of the room, for a spool"},
    "lot": {"metavar": "LOT", "required": True, "help": "where the ink comes from"},
    "fill": {"flag": "--fill-g", "metavar": "G", "required": True, "help": "what went in"},
    "dead": {"flag": "--dead-g", "metavar": "G", "required": True, "help": "what cannot be printed"},
    "hours": {"flag": "--use-within-h", "metavar": "H", "required": True, "help": "at printing temperature"},
    "spilt": {"flag": "--spilt-g", "metavar": "G", "default": "0", "help": "lost while filling"},
    "code": {"metavar": "TEXT", "default": "", "help": "what the scanner reads"},
    "batch": {"metavar": "ID", "required": True, "help": "the batch it is loaded for"},
    "waste": {"flag": "--waste-g", "metavar": "G", "required": True, "help": "weighed waste"},
    "drill": {"action": "store_true", "help": "time the list, record the time, change nothing else"},
    "out": {"metavar": "DIR", "type": Path, "help": "write the list there as CSV and PDF"},
    "agreement": {"metavar": "TEXT", "required": True, "help": "its reference"},
    "until": {"metavar": "DATE", "required": True, "help": "its last day, such as 2027-12-31"},
    "output": {"flag": "-o", "dest": "output", "metavar": "FILE", "type": Path, "required": True, "help": "the PDF"},
    "language": {"default": "", "choices": DOCUMENT_LANGUAGES, "help": "of the paper, instead of the site's"},
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("ink", help="lots, cartridges and formulations, from receipt to recall")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, (what, named, options) in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        if named:
            one.add_argument("subject", metavar=named)
        for name in options:
            given = dict(OPTIONS[name])
            one.add_argument(given.pop("flag", f"--{name}"), **given)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    from printcare.cli import ink_verbs
    from printcare.cli.identity import entered_with, existing_record

    verbs: dict[str, Callable[..., dict[str, Any]]] = ink_verbs.BY_NAME
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        told = verbs[arguments.verb](records, account, secret, arguments)
    if arguments.json:
        print(json.dumps({"status": "ok", **told}))
        return DONE
    for name, value in told.items():
        for line in value if isinstance(value, list) else [value]:
            print(f"{name}  {_line(line)}")
    return DONE


def _line(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return "  ".join(f"{name} {member}" for name, member in value.items() if member not in (None, "", [], {}))


def day(text: str) -> date:
    """Return a calendar date; raises PrintcareError USAGE."""
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise PrintcareError("USAGE", f"{text!r} is no date.", "Write it as 2027-12-31.") from fault


def write_papers(
    records: Store, account: Any, traced: Traced, number: str, reason: str, folder: Path, language: str
) -> list[str]:
    """Write the recall list into a folder and return the names; raises PrintcareError FOLDER_UNUSABLE."""
    from printcare.workflow.ink.ink_papers import recall_papers

    names = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in recall_papers(records, account, traced, number, reason, language):
            (folder / name).write_bytes(data)
            names.append(name)
    except OSError as fault:
        told = f"{folder} cannot be written: {fault.strerror}."
        raise PrintcareError("FOLDER_UNUSABLE", told, "Name a folder that can be written with --out.") from fault
    return names
