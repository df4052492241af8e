"""`printcare import FILE`: what was understood of a prescription, every finding, and on request onto the worklist."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from printcare.domain.checks import Finding
from printcare.domain.prescription import Prescription
from printcare.errors import PrintcareError
from printcare.formats.imported import ImportResult
from printcare.formats.strict_json import MAX_BYTES, read_json
from printcare.workflow.states import as_state

DONE, REFUSED = 0, 1
KEY_BYTES = 32


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("import", help="read a prescription and show what was understood")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="a FHIR bundle or a prescription in JSON; - reads standard input"
    )
    parser.add_argument("--watch", metavar="DIR", type=Path, help="keep every file that is put into a folder")
    parser.add_argument("--once", action="store_true", help="with --watch: one pass, then end")
    parser.add_argument(
        "--settle", metavar="S", type=float, default=1.0, help="with --watch: seconds a file must stand still"
    )
    parser.add_argument(
        "--as", dest="format", choices=("fhir", "json"), help="the format, where the file is not to say"
    )
    parser.add_argument(
        "--release", choices=("R4", "R4B", "R5"), default="R4", help="the FHIR release of messages that state none"
    )
    parser.add_argument("--keep", action="store_true", help="put the order on the worklist")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_record_options(parser)
    add_identity_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print prescription and findings; return 0 for an order that may be verified, 1 for none."""
    if (arguments.file is None) == (arguments.watch is None):
        raise PrintcareError("USAGE", "Name either a file or a folder to watch.", "Give FILE or --watch DIR.")
    if (arguments.keep or arguments.watch) and not arguments.user:
        raise PrintcareError("USAGE", "Keeping an order is recorded with who asked for it.", "Add --user NAME.")
    if arguments.watch is not None:
        return _watch(arguments)
    data = _received(arguments.file)
    key = _site_key(arguments) if arguments.keep else os.urandom(KEY_BYTES)
    result = _read(data, arguments, key)
    findings = result.findings
    if arguments.keep:
        findings = _keep(arguments, data, result)
    refused = any(finding.blocks for finding in findings)
    shown = {
        "status": "refused" if refused else "ok",
        "prescription": _as_object(result.prescription, with_pseudonym=arguments.keep),
        "findings": [finding.as_dict() for finding in findings],
        "understood": [{"where": where, "meaning": meaning} for where, meaning in result.understood],
        "ignored": list(result.ignored),
    }
    print(json.dumps(shown, ensure_ascii=False) if arguments.json else _as_text(shown))
    return REFUSED if refused else DONE


def _read(data: bytes, arguments: argparse.Namespace, key: bytes) -> ImportResult:
    today = datetime.now().astimezone().date()
    value, _ = read_json(data)
    is_own = arguments.format == "json" or (arguments.format is None and isinstance(value, dict) and "schema" in value)
    if is_own:
        from printcare.formats.prescription_json import read_prescription_json

        return read_prescription_json(data, key, today)
    from printcare.formats.fhir import read_fhir

    return read_fhir(data, key, today, arguments.release)


def _keep(arguments: argparse.Namespace, data: bytes, result: ImportResult) -> tuple[Finding, ...]:
    """Record the message and put its order on the worklist, as the person who asked for it."""
    from printcare.cli.identity import entered, existing_record
    from printcare.workflow.order.receive import keep

    with existing_record(arguments) as records:
        account = entered(records, arguments.user)
        return keep(records, account, data, result, Path(arguments.file).name, arguments.release)


def _watch(arguments: argparse.Namespace) -> int:
    """Keep what is put into a folder; with --once one pass, else until interrupted."""
    from time import sleep

    from printcare.cli.identity import entered, existing_record
    from printcare.workflow.order.receive import keep
    from printcare.workflow.order.watched_folder import ACCEPTED, Sightings, Taken, scan

    if arguments.json and not arguments.once:
        raise PrintcareError("USAGE", "One JSON object is printed at the end of one pass.", "Add --once.")
    key, taken = _site_key(arguments), list[Taken]()
    with existing_record(arguments) as records:
        account = entered(records, arguments.user)

        def take(name: str, data: bytes) -> tuple[Finding, ...]:
            return keep(records, account, data, _read(data, arguments, key), name, arguments.release)

        seen: Sightings = scan(arguments.watch, {}, take).seen
        while True:
            sleep(max(arguments.settle, 0.05))
            found = scan(arguments.watch, seen, take)
            seen, taken = found.seen, [*taken, *found.taken] if arguments.once else []
            for each in found.taken if not arguments.json else ():
                codes = ", ".join(finding.code for finding in each.findings) or "no finding"
                print(f"{each.name}: {each.outcome} ({codes})", flush=True)
            if arguments.once:
                break
    results = [
        {"file": each.name, "outcome": each.outcome, "findings": [finding.as_dict() for finding in each.findings]}
        for each in taken
    ]
    is_fine = all(each.outcome == ACCEPTED for each in taken)
    if arguments.json:
        print(json.dumps({"status": "ok" if is_fine else "refused", "results": results}, ensure_ascii=False))
    return DONE if is_fine else REFUSED


def _site_key(arguments: argparse.Namespace) -> bytes:
    from printcare.cli.settings import database_url
    from printcare.workflow.order.receive import pseudonym_key
    from printcare.workstation.settings import data_directory

    return pseudonym_key(data_directory(database_url(arguments)))


def _received(name: str) -> bytes:
    """Return the file's bytes, at most one more than allowed: enough to refuse its size without reading it all."""
    try:
        if name == "-":
            return _bounded(sys.stdin.buffer)
        with Path(name).open("rb") as file:
            return _bounded(file)
    except OSError as fault:
        message = f"{name} cannot be read: {fault.strerror or type(fault).__name__}."
        raise PrintcareError("FILE_UNREADABLE", message, "Name a readable file, or - for standard input.") from fault


def _bounded(stream: BinaryIO) -> bytes:
    return stream.read(MAX_BYTES + 1)


def _as_object(prescription: Prescription | None, *, with_pseudonym: bool) -> object:
    """Return the prescription as plain JSON, amounts as texts; without the site's key there is no pseudonym."""
    if prescription is None:
        return None
    state = as_state(prescription)
    if isinstance(state, dict) and isinstance(state.get("patient"), dict) and not with_pseudonym:
        del state["patient"]["pseudonym"]
    return state


def _as_text(shown: dict[str, object]) -> str:
    lines = []
    prescription, findings = shown["prescription"], shown["findings"]
    if isinstance(prescription, dict):
        lines += [f"Prescription {prescription['id']}"]
        lines += [f"  {name:<28}{_words(value)}" for name, value in prescription.items() if name != "id"]
    else:
        lines.append("No prescription.")
    for finding in findings if isinstance(findings, list) else []:
        where = f" ({finding['where']})" if "where" in finding else ""
        lines += ["", f"{finding['severity'].upper()} {finding['code']}{where}", f"  {finding['reason']}"]
        lines += [f"  What to do: {finding['remedy']}"]
    ignored = shown["ignored"]
    if isinstance(ignored, list) and ignored:
        lines += ["", "Seen and not used:", *(f"  {path}" for path in ignored)]
    return "\n".join(lines)


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(member)}" for key, member in value.items() if member is not None)
    if isinstance(value, list):
        return "; ".join(_words(member) for member in value) or "none"
    return "not stated" if value in (None, "") else str(value)
