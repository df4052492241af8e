"""`printcare documents`: how papers are written, the paper form, hand-overs, FHIR and the data for publication."""

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
    "settings": "sign the language, the label and the pharmacy of the site's documents",
    "form": "print the paper form for the time without the program",
    "hand-over": "record that units of a released batch were handed over",
    "fhir": "export a hand-over as a FHIR bundle",
    "accuracy": "export dose accuracy for publication, with nobody in it",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    add_verbs(subparsers, "documents", "papers, hand-overs and exports", VERBS, _add_options)


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    return run_verb(_VERBS, arguments)


def _add_options(verb: str, one: argparse.ArgumentParser) -> None:
    if verb == "settings":
        one.add_argument("--language", metavar="CODE", help="en, fr or es")
        one.add_argument("--country", metavar="CODE", help="whose words stand on the label: INT, GB, IE, US, FR, ES")
        one.add_argument("--label-size", metavar="MM", help="100x62, 105x74 or 148x105")
        for name in ("pharmacy", "address", "phone"):
            one.add_argument(f"--{name}", metavar="TEXT", help="as it stands on the label")
        words = "whether a batch without a quarantine label scanned on its container is kept from release"
        one.add_argument("--quarantine-label", choices=("yes", "no"), help=words)
    if verb == "form":
        one.add_argument("--count", type=int, default=3, metavar="N", help="forms, each with a number of its own")
        add_language_option(one)
    if verb in ("hand-over", "fhir"):
        one.add_argument("batch", metavar="BATCH")
    if verb == "hand-over":
        one.add_argument("--units", type=int, required=True, metavar="N")
        one.add_argument("--to", required=True, metavar="TEXT", help="ward or function, never a name")
    if verb == "fhir":
        one.add_argument("--number", type=int, default=1, metavar="N", help="which hand-over")
    if verb in ("form", "fhir"):
        one.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    if verb == "accuracy":
        one.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the files")
        one.add_argument("--parquet", action="store_true", help="Parquet too; needs the extra `research`")


def _settings(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    from dataclasses import asdict, replace

    from printcare.workflow.paper_settings import paper_settings, set_paper_settings

    own = paper_settings(records)
    given = {name: getattr(arguments, name, None) for name in asdict(own)}
    if arguments.quarantine_label is not None:
        given["wants_quarantine_label"] = arguments.quarantine_label == "yes"
    wanted = replace(own, **{name: value for name, value in given.items() if value is not None})
    set_paper_settings(records, account, secret, wanted)
    return {"settings": asdict(wanted)}


def _form(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.paper.paper_form import paper_form

    numbers, data = paper_form(records, account, arguments.count, arguments.language)
    return {"numbers": list(numbers), "files": [_write(arguments.output, data)]}


def _hand_over(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.release.hand_over import hand_over

    return {"hand_over": hand_over(records, account, arguments.batch, arguments.units, arguments.to)}


def _fhir(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.paper.batch_recipe import recipe_of
    from printcare.workflow.release.fhir_export import fhir_bundle

    master = recipe_of(records, arguments.batch)
    data = fhir_bundle(records, account, arguments.batch, master, arguments.number)
    return {"files": [_write(arguments.output, data)]}


def _accuracy(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    from printcare.workflow.paper.publish import accuracy_files

    files = accuracy_files(records, account, parquet=arguments.parquet)
    return {"files": sorted(_write(arguments.out / name, data) for name, data in files.items())}


def _write(path: Path, data: bytes) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as fault:
        told = f"{path} cannot be written: {fault.strerror}."
        raise PrintcareError("FOLDER_UNUSABLE", told, "Name a place that can be written.") from fault
    return path.name


_VERBS: dict[str, Verb] = {
    "settings": _settings,
    "form": _form,
    "hand-over": _hand_over,
    "fhir": _fhir,
    "accuracy": _accuracy,
}
