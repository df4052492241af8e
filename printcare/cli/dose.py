"""`printcare dose CASE.json`: the dose of one case with its calculation sheet, or why there is none."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import BinaryIO

from printcare.domain.dosing import DoseCalculation, Refusal, calculate
from printcare.formats.calculation_sheet import refusal_object, refusal_text, sheet_object, sheet_text
from printcare.formats.dose_case import MAX_CASE_BYTES, read_dose_case

DONE, REFUSED, WRONG_USAGE = 0, 1, 2


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("dose", help="calculate the dose of one case and show the calculation sheet")
    parser.add_argument(
        "case", metavar="CASE.json", help="file with patient, order, ink and recipe; - reads standard input"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the sheet")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the sheet or the refusal; return 0 for a dose, 1 for none, 2 for a file that cannot be read."""
    try:
        received = _received(arguments.case)
    except OSError as trouble:
        return _unreadable(arguments.case, trouble, as_json=arguments.json)
    case = read_dose_case(received)
    outcome = Refusal(case) if isinstance(case, tuple) else calculate(case)
    if arguments.json:
        print(json.dumps(_as_object(outcome), ensure_ascii=False))
    elif isinstance(outcome, Refusal):
        print(refusal_text(outcome), end="")
    else:
        print(sheet_text(outcome), end="")
    return REFUSED if isinstance(outcome, Refusal) else DONE


def _as_object(outcome: DoseCalculation | Refusal) -> dict[str, object]:
    return refusal_object(outcome.findings) if isinstance(outcome, Refusal) else sheet_object(outcome)


def _received(name: str) -> bytes:
    """Return the file's bytes, at most one more than allowed: enough to refuse its size without reading it all."""
    if name == "-":
        return _bounded(sys.stdin.buffer)
    with Path(name).open("rb") as file:
        return _bounded(file)


def _bounded(stream: BinaryIO) -> bytes:
    return stream.read(MAX_CASE_BYTES + 1)


def _unreadable(name: str, trouble: OSError, *, as_json: bool) -> int:
    message = f"{name} cannot be read: {trouble.strerror or type(trouble).__name__}."
    remedy = "Name a readable file, or - for standard input."
    print(f"E_FILE_UNREADABLE: {message} {remedy}", file=sys.stderr)
    if as_json:
        failure = {"code": "E_FILE_UNREADABLE", "message": message, "remedy": remedy}
        print(json.dumps({"status": "failed", "error": failure}, ensure_ascii=False))
    return WRONG_USAGE
