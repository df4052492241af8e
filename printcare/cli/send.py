"""`printcare send FILE --printer URL --profile ID`: stream a file to a printer, for engineering use, and report."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from printcare.devices.exchange import Noted, exchange
from printcare.devices.ports import PortSettings, SerialPorts
from printcare.devices.printer import Printer, handshake
from printcare.devices.transport import transport_findings
from printcare.errors import LinkLost, PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.marlin_events import CommandFailed, UnsafeForeignLine
from printcare.protocol.marlin_reply import Position
from printcare.protocol.wire import PRINTER

DONE, FAILED, INTERRUPTED = 0, 3, 130
SHOWN_WARNINGS = 50
WHOLE_DAY_S = 86400.0  # the link ends a silent printer; this only bounds a file of endless waiting


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("send", help="stream a file to a printer, for engineering use: no gate, no pacing")
    parser.add_argument("file", metavar="FILE", help="G-code; comments and blank lines stay behind, they get no ok")
    parser.add_argument("--printer", metavar="URL", required=True, help="/dev/ttyACM0, COM5, socket://host:port …")
    parser.add_argument("--profile", metavar="ID", required=True, help="firmware profile, by id or path")
    parser.add_argument("--window", metavar="N", type=_count, help="lines unanswered at once; default: the profile's")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number from 1 on is needed")
    return int(text)


def program_lines(data: bytes) -> list[str]:
    """Return the lines that get an ok: comments after `;` and blank lines are left out, everything else is verbatim.

    Raises:
        PrintcareError: FILE_NOT_GCODE, when the file is not ASCII text outside its comments.
    """
    bare = [line.split(b";", 1)[0].strip() for line in data.splitlines()]
    for number, line in enumerate(bare, start=1):
        if not line.isascii():
            raise PrintcareError(
                "FILE_NOT_GCODE",
                f"Line {number} of the file begins {line[:20]!r}: characters no firmware reads.",
                "Send a G-code file, saved as plain ASCII text without a byte order mark.",
            )
    return [line.decode("ascii") for line in bare if line]


def run(arguments: argparse.Namespace) -> int:
    """Send the file and print the report; returns 0 when every line arrived, 3 otherwise."""
    try:
        lines = program_lines(Path(arguments.file).read_bytes())
    except OSError as fault:
        raise PrintcareError(
            "FILE_UNREADABLE", f"{arguments.file} cannot be read: {fault.strerror}.", "Name a file."
        ) from fault
    profile = load_profile(arguments.profile)
    for finding in transport_findings(profile, arguments.printer):
        raise PrintcareError(finding.code, finding.reason, finding.remedy)
    window = min(arguments.window or profile.link.window, profile.link.window)
    warnings = _Warnings()
    if not lines:
        warnings.add("The file holds nothing that a printer answers: only comments, blank lines or no line at all.")
    if arguments.window and arguments.window > window:
        warnings.add(f"The window is {window}: one of {profile.link.command_queue} command slots stays free for M112.")
    ports = SerialPorts({PRINTER: PortSettings(arguments.printer, profile.link.bauds)}, time.monotonic)
    try:
        report = _stream(ports, Printer(ports, profile, window), lines, warnings)
    finally:
        ports.close()
    _show(report, is_json=arguments.json)
    return {"done": DONE, "interrupted": INTERRUPTED}.get(str(report["ended"]), FAILED)


class _Warnings:
    """What an engineer should know, and where the printer says it is."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.position: Position | None = None
        self._more = 0

    def add(self, text: str) -> None:
        if len(self.texts) < SHOWN_WARNINGS:
            self.texts.append(text)
        else:
            self._more += 1

    def note(self, noted: Noted) -> None:
        _, event = noted
        if isinstance(event, CommandFailed):
            self.add(f"The printer refused {event.line or 'a line'}: {event.text}")
        elif isinstance(event, UnsafeForeignLine):
            self.add(f"An unchecked line may have been executed: {event.text or 'unknown'}. Check the position.")
        elif isinstance(event, Position):
            self.position = event

    def all(self) -> list[str]:
        return self.texts + ([f"{self._more} more warnings are not shown."] if self._more else [])


def _stream(ports: SerialPorts, printer: Printer, lines: list[str], warnings: _Warnings) -> dict[str, object]:
    """Return the report of one file."""
    _, findings = handshake(ports, printer, warnings.note)
    for finding in findings:
        warnings.add(f"{finding.code}: {finding.reason}")
    greeted, began_s = printer.count.lines, ports.now()
    ended = "done"
    try:
        printer.queue(lines)
        _run(ports, printer, warnings)
        if not printer.ended:
            ended_s, sent = ports.now(), printer.count.lines - greeted
            warnings.position = None
            printer.queue(("M400", "M114"))
            _run(ports, printer, warnings)
    except LinkLost as lost:
        ended = lost.code
        warnings.add(lost.message)
    except KeyboardInterrupt:
        ended = "interrupted"
        warnings.add("Interrupted: what the printer has in its queues is still executed.")
    if printer.ended:
        ended = printer.ended.code
        warnings.add(printer.ended.reason)
    if ended != "done":
        ended_s, sent = ports.now(), min(printer.count.lines - greeted, len(lines))
        warnings.position = None
    seconds = ended_s - began_s
    position = warnings.position
    return {
        "status": "ok" if ended == "done" else "failed",
        "lines": sent,
        "seconds": round(seconds, 3),
        "lines_per_s": round(sent / seconds, 1) if seconds > 0 else 0.0,
        "resends": printer.count.resends,
        "timeouts": printer.count.timeouts,
        "foreign_lines": printer.foreign_lines,
        "ended": ended,
        "position": position and {"x": position.x_mm, "y": position.y_mm, "z": position.z_mm, "e": position.e_mm},
        "warnings": warnings.all(),
    }


def _run(ports: SerialPorts, printer: Printer, warnings: _Warnings) -> None:
    is_through = exchange(
        ports,
        {printer.source: printer},
        lambda: printer.idle or printer.ended is not None,
        WHOLE_DAY_S,
        warnings.note,
    )
    if not is_through:
        raise LinkLost(printer.source, "the file was not through after a day")


def _show(report: dict[str, object], *, is_json: bool) -> None:
    if is_json:
        print(json.dumps(report))
        return
    print(
        f"{report['lines']} lines in {report['seconds']} s ({report['lines_per_s']} lines/s): {report['ended']}\n"
        f"resends {report['resends']}, time-outs {report['timeouts']}, foreign lines {report['foreign_lines']}\n"
        f"position: {report['position'] or 'unknown'}"
    )
    for text in report["warnings"]:  # type: ignore[attr-defined]  # a list by construction
        print(f"warning: {text}", file=sys.stderr)
