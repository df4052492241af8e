"""`printcare doctor`: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from printcare import __version__
from printcare.errors import PrintcareError

QT_LIBRARIES = "libegl1 libgl1 libxkbcommon0 libfontconfig1 libglib2.0-0 libx11-6 libdbus-1-3"
QT_WITHIN_S = 60.0
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before this is wrong
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
ARGON_SLOW_S = 5.0
SQLITE = "sqlite:///"

Answer = tuple[bool, str, str]  # whether it works, what was found, what to do


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    from printcare.cli.settings import add_record_options

    parser = subparsers.add_parser("doctor", help="say what works on this machine")
    add_record_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Look at everything and return 0: what is missing is an answer, not a failure."""
    looks: dict[str, Callable[[], Answer]] = {
        "python": _python,
        "qt": _qt,
        "fonts": _fonts,
        "data": _data,
        "ports": _ports,
        "pseudo-terminals": _pseudo_terminals,
        "record": lambda: _record(arguments),
        "clock": _clock,
        "keystore": lambda: _keystore(arguments),
        "argon2": _argon2,
    }
    checks = [_answered(name, look) for name, look in looks.items()]
    if arguments.json:
        print(json.dumps({"status": "ok", "checks": checks}))
        return 0
    for check in checks:
        print(f"{'works  ' if check['ok'] else 'MISSING'}  {check['name']}: {check['what']}")
        if not check["ok"]:
            print(f"         {check['remedy']}")
    return 0


def _answered(name: str, look: Callable[[], Answer]) -> dict[str, object]:
    """Return one check; whatever a look meets is its finding, because a doctor never falls ill."""
    try:
        is_ok, what, remedy = look()
    except PrintcareError as fault:
        is_ok, what, remedy = False, f"{fault.code}: {fault.message}", fault.remedy
    except Exception as fault:  # the answer is that it does not work, whatever the reason
        is_ok, what, remedy = False, f"it fails with {type(fault).__name__}: {fault}", "Install printcare again."
    return {"name": name, "ok": is_ok, "what": what, "remedy": remedy}


def _python() -> Answer:
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_ok = sys.version_info >= (3, 11)
    return is_ok, f"Python {version} on {sys.platform}, printcare {__version__}", "" if is_ok else "Use 3.11 or newer."


def _qt() -> Answer:
    """Load Qt in a process of its own: a missing shared library must not take the doctor with it."""
    words = [sys.executable, "-c", "from PySide6 import QtCore, QtWidgets; print(QtCore.qVersion())"]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=QT_WITHIN_S, env=environment, check=False)
    if done.returncode == 0:
        return True, f"Qt {done.stdout.strip()} and its libraries", ""
    told = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
    return False, f"the window cannot be opened: {told}", f"`make app`; on Debian also: apt-get install {QT_LIBRARIES}"


def _fonts() -> Answer:
    from printcare.formats import fonts

    fonts.register()
    return True, f"documents are set in {fonts.BODY}, {fonts.BOLD} and {fonts.ITALIC}, embedded in every file", ""


def _data() -> Answer:
    from printcare.formats.find import ids

    recipes, profiles = ids("recipes"), ids("firmware_profiles")
    is_ok = bool(recipes and profiles)
    return is_ok, f"recipes {', '.join(recipes)}; profiles {', '.join(profiles)}", "" if is_ok else "Install it again."


def _ports() -> Answer:
    from serial.tools.list_ports import comports

    found = sorted(str(port.device) for port in comports())
    if found:
        return True, f"{len(found)} serial port(s): {', '.join(found)}", ""
    return True, "no serial port; the emulated bench needs none", ""


def _pseudo_terminals() -> Answer:
    if not hasattr(os, "openpty"):
        return False, "this system has no pseudo-terminals", "The emulated bench uses `printcare emulator --tcp PORT`."
    for number in os.openpty():
        os.close(number)
    return True, "the emulated bench can offer its ports", ""


def _record(arguments: argparse.Namespace) -> Answer:
    """Verify the record without opening it for writing; one that does not exist yet is no fault."""
    from printcare.cli.settings import database_url
    from printcare.records import audit

    url = database_url(arguments)
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).is_file():
        return True, "there is no record yet; the first command that needs one makes it", ""
    result = audit.verify(url)
    is_ok = result["verdict"] in ("OK", "UNANCHORED")
    remedy = "" if is_ok else "`printcare audit verify` says what was changed; do not print, tell quality."
    return is_ok, f"{result['verdict']}, {result['size']} events", remedy


def _clock() -> Answer:
    now = datetime.now().astimezone()
    told = f"{now.isoformat(timespec='seconds')} ({now.tzname()})"
    if not BUILT <= now < LATEST:
        return False, f"the clock says {told}", "Set the clock: expiry dates and signatures depend on it."
    return True, f"{told}; whether it follows a time server is not known here", ""


def _keystore(arguments: argparse.Namespace) -> Answer:
    from printcare.cli.settings import database_url
    from printcare.records.checkpoints import KEY_FILE
    from printcare.records.keystore import offered
    from printcare.workstation.settings import data_directory, workstation

    key = data_directory(database_url(arguments)) / KEY_FILE
    guard = "mode 0600" if os.name == "posix" else "the user's own folder"
    if os.name == "posix" and key.is_file() and key.stat().st_mode & 0o077:
        return False, f"others can read {key.name}", "Give it mode 0600 and let the station make a new key."
    keystore = offered()
    marked = f"the last head is in {keystore.name} too" if keystore else "no system keystore is open to mark it in"
    told = f"{marked}; station key and last head are files under {guard}, the head in {workstation().state}"
    return True, told, ""


def _argon2() -> Answer:
    from printcare.records.passwords import LOW_MEMORY

    began_s = time.monotonic()
    LOW_MEMORY.hash("a password to be timed")
    took_s = time.monotonic() - began_s
    told = f"one password check takes {took_s * 1000:.0f} ms and {LOW_MEMORY.memory_kib // 1024} MiB"
    return took_s < ARGON_SLOW_S, told, "" if took_s < ARGON_SLOW_S else "This machine is too slow to sign on."
