"""A crash leaves a file without personal data and a message that says what to do."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from printcare import __version__
from printcare.errors import PrintcareError


def keep_crash(fault: BaseException) -> PrintcareError:
    """Write the crash file and return the error to show.

    The file holds versions, the exception's type and the code's own lines, never values: a value may be a patient's.
    """
    lines = [
        f"printcare {__version__}, Python {sys.version.split()[0]}, {sys.platform}",
        f"{datetime.now(UTC).isoformat(timespec='seconds')}",
        f"{type(fault).__module__}.{type(fault).__qualname__}",
    ]
    for frame in traceback.extract_tb(fault.__traceback__):
        lines.append(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}: {frame.line}")
    where = _write("\n".join(lines) + "\n")
    message = f"The program met a fault it did not expect ({type(fault).__name__}); {where}."
    remedy = (
        "If a print was under way, see that the printer stands still, then run `printcare batch recover`. "
        "Send the crash file to support."
    )
    return PrintcareError("CRASH", message, remedy)


def _write(text: str) -> str:
    from printcare.workstation.settings import workstation

    try:
        folder = workstation().log
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"crash-{os.getpid()}.txt"
        path.write_text(text, "utf-8")
    except (OSError, PrintcareError):
        sys.stderr.write(text)
        return "the crash file could not be written, its text stands above"
    return f"a file without personal data is at {path}"
