"""The command line's front door: one table of commands, each imported only when it is asked for."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import NoReturn

from printcare import __version__
from printcare.errors import PrintcareError

COMMANDS = {
    "demo": "run the main job on the emulated bench, from prescription file to signed batch",
    "dose": "calculate one dose from a case file",
    "import": "read a prescription and show what was understood",
    "order": "list the orders, refuse one, or verify one with a second person's blind entry",
    "site": "begin the record of a site, with its first administrator",
    "user": "accounts of the people who work here, each after an identity check",
    "recipe": "recipes and dosing rules, and their life from draft to retirement",
    "mode": "show the site's mode, or switch it, signed",
    "ink": "receive, release, open, fill, trace and recall inks",
    "gcode": "write dose-exact G-code, checked and marked NOT FOR PATIENTS",
    "check": "let the independent reader judge a G-code file",
    "emulator": "run the emulated bench",
    "send": "stream a file to a printer, for engineering use",
    "print": "print a verified order without a window",
    "steer": "hold, resume or stop a running job, and answer its alarms",
    "trial": "plan or print a trial of research mode",
    "experiment": "design, print, enter, fit and propose from experiments; studies of an ink; data for learning",
    "rheology": "an ink's flow law by the printer's own pressure, and flow calibration",
    "batch": "list, show, cancel, recover, review, release or reject a batch",
    "label": "print a label, scan it as used, count it as spoilt or destroyed",
    "complaint": "complaints, adverse reactions and error reports",
    "recall": "call batches back under a recall, and close it",
    "documents": "settings of the papers, the paper form, hand-overs, FHIR and data for publication",
    "printer": "the equipment register, maintenance and calibration",
    "qualify": "run, approve and report a qualification",
    "train": "who was trained in what, and until when",
    "clean": "cleaning of parts, and line clearance",
    "deviation": "deviations of batches, corrective actions, changes and periodic review",
    "balance": "check a balance with its weights, and list its checks",
    "laboratory": "enter and check laboratory results, close investigations",
    "audit": "verify, export and checkpoint the record",
    "doctor": "say what works on this machine",
}
HIDDEN = ("job",)  # the job process, started by the window
MODULES = {"import": "import_", "print": "print_"}  # words of the language or its own functions
DONE, REFUSED, USAGE, FAILED, ALTERED, INTERRUPTED = 0, 1, 2, 3, 4, 130
ENDINGS = {  # and what a print is told to have ended by
    "SIGINT": (),
    "SIGTERM": ("interrupted: the program was asked to end",),
    "SIGHUP": ("interrupted: its terminal was closed",),
}
ENDS_WITHIN_S = 10.0  # safe state asks the printer twice for four seconds, then the record is written
USAGE_ERRORS = frozenset(
    {
        "ANCHOR_UNREADABLE",
        "DATA_UNKNOWN",
        "FAULT_NOT_MODELLED",
        "FAULT_TRIGGER",
        "FAULT_UNKNOWN",
        "FAULT_VALUE",
        "FILE_UNREADABLE",
        "ONE_OR_THE_OTHER",
        "USAGE",
    }
)


def run(words: list[str]) -> int:
    """Run one command and return its exit code; no words open the window."""
    start_lightly()
    if not words:
        return _open_window()
    name = words[0]
    try:
        arguments = _parser(name).parse_args(words)
    except PrintcareError as fault:
        return _told(fault, is_json="--json" in words)
    _hear_interruptions()
    module = import_module(f"printcare.cli.{MODULES.get(name, name)}")
    try:
        return int(module.run(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away: nothing is left to say, and nobody to say it to
        return DONE
    except PrintcareError as fault:
        return _told(fault, is_json=bool(getattr(arguments, "json", False)))
    except Exception as fault:
        from printcare.workstation.crash import keep_crash

        return _told(keep_crash(fault), is_json=bool(getattr(arguments, "json", False)))


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong with the words in the one way there is, as JSON too."""

    def error(self, message: str) -> NoReturn:
        """Raise PrintcareError USAGE, with the usage shown."""
        self.print_usage(sys.stderr)
        raise PrintcareError("USAGE", f"{message}.", f"See `{self.prog} --help`.")


def start_lightly() -> None:
    """Keep numpy to one thread: our matrices are small, and threads that wait for each other take ten times as long."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _hear_interruptions() -> None:
    """End in order whoever asks for it: a print must reach its safe state, and be recorded, before the program goes.

    SIGINT is answered even where a script started us in the background, which makes it ignored; `nohup` is respected.
    Who asks again while the first is being answered has been heard.
    """
    heard_s = -ENDS_WITHIN_S

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal heard_s
        if time.monotonic() - heard_s >= ENDS_WITHIN_S:
            heard_s = time.monotonic()
            raise KeyboardInterrupt(*ENDINGS[signal.Signals(number).name])

    with suppress(ValueError):  # not the main thread: whoever runs us there answers it
        for name in ENDINGS:
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and (name == "SIGINT" or signal.getsignal(number) is not signal.SIG_IGN):
                signal.signal(number, interrupt)


def _parser(name: str) -> argparse.ArgumentParser:
    """Return a parser that knows the one command in full; the others, by name, only where none is asked for."""
    parser = _Parser(prog="printcare", description="Print medicines at the point of care.")
    parser.add_argument("--version", action="version", version=f"printcare {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    if name in COMMANDS or name in HIDDEN:
        import_module(f"printcare.cli.{MODULES.get(name, name)}").add_parser(subparsers)
        return parser
    for command, what in COMMANDS.items():  # each costs half a millisecond, which a command has no use for
        subparsers.add_parser(command, help=what)
    return parser


def _told(fault: PrintcareError, *, is_json: bool) -> int:
    """Show an error, and return the exit code it stands for even where nothing can be shown any more."""
    with suppress(OSError):  # the terminal is gone, or the disk behind it is full
        _say(fault, is_json=is_json)
    if getattr(fault, "findings", None):
        return REFUSED
    return USAGE if fault.code in USAGE_ERRORS else FAILED


def _say(fault: PrintcareError, *, is_json: bool) -> None:
    """Show an error in the one way there is."""
    findings = getattr(fault, "findings", None) or ()
    if is_json and findings:
        print(json.dumps({"status": "refused", "findings": [finding.as_dict() for finding in findings]}))
    elif is_json:
        error = {"code": fault.code, "message": fault.message, "remedy": fault.remedy}
        print(json.dumps({"status": "failed", "error": error}))
    else:
        print(f"{fault.code}: {fault.message}\nWhat to do: {fault.remedy}", file=sys.stderr)
        for finding in findings[1:]:
            print(f"{finding.code}: {finding.reason}\nWhat to do: {finding.remedy}", file=sys.stderr)


def _open_window() -> int:
    """Open the window, or say in plain words what it lacks on this machine."""
    try:
        from printcare.app import open_window
    except ImportError as fault:
        print(
            f"QT_MISSING: the window needs Qt, and it cannot be loaded here: {fault}\n"
            "What to do: `make app` installs it; on Debian also: apt-get install libegl1 libgl1 libxkbcommon0 "
            "libfontconfig1 libglib2.0-0 libx11-6 libdbus-1-3. `printcare --help` lists what works without a window.",
            file=sys.stderr,
        )
        return FAILED
    return open_window()
