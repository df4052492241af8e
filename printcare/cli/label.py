"""`printcare label`: print a label of a batch, scan it as used, or count it as spoilt or destroyed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from printcare.cli.acting import Told, Verb, add_verbs, run_verb
from printcare.cli.settings import add_language_option
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

VERBS = {
    "list": "list the labels of a batch and say whether they balance",
    "print": "print the next label: quarantine before the release, final after it",
    "use": "scan a label on its container",
    "spoil": "count a label as spoilt",
    "destroy": "count a label as destroyed",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    add_verbs(subparsers, "label", "labels of a batch, printed, used, spoilt and destroyed", VERBS, _add_options)


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    return run_verb(_VERBS, arguments)


def _add_options(verb: str, one: argparse.ArgumentParser) -> None:
    one.add_argument("batch", metavar="BATCH")
    if verb in ("use", "spoil", "destroy"):
        one.add_argument("serial", metavar="SERIAL")
    if verb == "print":
        one.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the label as PDF")
        one.add_argument("--ward", default="", metavar="TEXT", help="stands in the patient's place")
        add_language_option(one)
    if verb == "use":
        one.add_argument("--scan", required=True, metavar="TEXT", help="what the scanner read on the container")
    if verb in ("print", "spoil", "destroy"):
        one.add_argument("--reason", default="", metavar="TEXT", help="stands in the record")


def _list(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.authority import allowed
    from printcare.workflow.paper.label_book import label_stops, labels_of

    allowed(records, account, "batch.show")
    rows = [
        {name: value for name, value in row.items() if name != "code"}
        for row in labels_of(records, arguments.batch).values()
    ]
    return {"labels": rows, "findings": [each.as_dict() for each in label_stops(records, arguments.batch)]}


def _print(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from dataclasses import replace

    from printcare.workflow.paper.batch_recipe import recipe_of
    from printcare.workflow.paper.labels import print_label
    from printcare.workflow.paper_settings import paper_settings

    master, own = recipe_of(records, arguments.batch), paper_settings(records)
    settings = replace(own, language=arguments.language) if arguments.language else own
    made = print_label(records, account, arguments.batch, master, arguments.reason, arguments.ward, settings)
    try:
        arguments.output.write_bytes(made.pdf)
    except OSError as fault:
        told = f"{arguments.output} cannot be written: {fault.strerror}."
        remedy = "Count the label as destroyed and print it again to a file that can be written."
        raise PrintcareError("FOLDER_UNUSABLE", told, remedy) from fault
    shown: Told = {"label": made.serial, "kind": made.kind, "size_mm": made.size_mm, "files": [arguments.output.name]}
    if made.size_mm != settings.label_size:
        shown["larger"] = f"its words have no room on {settings.label_size} mm in a size that can be read"
    return shown


def _use(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.paper.labels import use_label

    use_label(records, account, arguments.batch, arguments.serial, arguments.scan)
    return {"label": arguments.serial, "label_status": "used"}


def _spoil(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.paper.labels import spoil_label

    spoil_label(records, account, arguments.batch, arguments.serial, arguments.reason)
    return {"label": arguments.serial, "label_status": "spoilt"}


def _destroy(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.paper.labels import destroy_label

    destroy_label(records, account, arguments.batch, arguments.serial, arguments.reason)
    return {"label": arguments.serial, "label_status": "destroyed"}


_VERBS: dict[str, Verb] = {
    "list": _list,
    "print": _print,
    "use": _use,
    "spoil": _spoil,
    "destroy": _destroy,
}
