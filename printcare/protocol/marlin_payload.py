"""Which text may travel as one line of a program."""

from __future__ import annotations

import re
from collections.abc import Iterable

from printcare.errors import PrintcareError

_PAYLOAD = re.compile(r"[ -)+-:<-~]+")  # printable ASCII without `*` and `;`
_ASKS = re.compile(r"M(?:105|11[45]|503|22[01])|G21")
_NUMBERING = re.compile(r"\s*(?:N-?\d|M110\b)")


def may_be_swallowed(line: str) -> bool:
    """Whether a line is only a question, which is asked again where no answer comes; millimetres are the default."""
    return _ASKS.fullmatch(line) is not None


def safe_lines(lines: Iterable[str], limit: int) -> list[str]:
    """Return the lines, or raise LINE_REFUSED when one of them cannot travel safely (see `refuse_unsafe`)."""
    fresh = list(lines)
    for line in fresh:
        refuse_unsafe(line, limit)
    return fresh


def refuse_unsafe(line: str, limit: int) -> None:
    """Raise LINE_REFUSED for a line the firmware would cut, skip, misread or take as a line number.

    Args:
        line: text without number, checksum and line end.
        limit: characters the profile allows; beyond the firmware's own limit a line is cut silently (devices.md §3).
    """
    if len(line) > limit:
        why = f"has {len(line)} characters and the firmware cuts beyond {limit} silently"
    elif not _PAYLOAD.fullmatch(line) or line.isspace():
        why = "is empty or holds a comment, a checksum sign or characters the firmware does not read"
    elif _NUMBERING.match(line):
        why = "would change the line numbers"
    else:
        return
    raise PrintcareError("LINE_REFUSED", f"The line {line[:40]!r} {why}.", "Strip comments and correct the program.")
