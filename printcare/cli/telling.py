"""What a command tells, printed: one JSON object for a program, indented lines for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any  # rows of the record are parsed JSON

INDENT = "  "
WORDS = {None: "–", True: "yes", False: "no", "": "–"}


def tell(told: dict[str, Any], *, is_json: bool, status: str = "ok") -> None:
    """Print what a verb did or found."""
    print(json.dumps({"status": status} | told, ensure_ascii=False) if is_json else "\n".join(in_words(told)))


def tell_interrupted(found: Iterable[str]) -> None:
    """Say on standard error which batches were found to have lost their job, and what is done first."""
    for batch_id in found:
        print(
            f"Batch {batch_id} lost its job and stands in quarantine. Its printer may be hot and under pressure: "
            f"printcare batch recover {batch_id} --printer URL --user NAME",
            file=sys.stderr,
        )


def in_words(told: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield a line for each plain value, and what has parts below its name; names of one depth stand aligned."""
    wide = max((len(name) for name, value in told.items() if not _has_parts(value)), default=0)
    for name, value in told.items():
        yield INDENT * depth + (name if _has_parts(value) else f"{name:<{wide}}  {_plain(value)}")
        if _has_parts(value):
            yield from _parts(value, depth + 1)


def _has_parts(value: object) -> bool:
    """Whether a value needs lines of its own: a mapping, or a list of anything but plain values."""
    if isinstance(value, list | tuple):
        return any(isinstance(each, dict | list | tuple) for each in value)
    return isinstance(value, dict) and bool(value)


def _parts(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    if isinstance(value, dict):
        yield from in_words(value, depth)
        return
    for number, each in enumerate(value, start=1):
        yield from in_words({str(number): each}, depth)


def _plain(value: object) -> str:
    if isinstance(value, list | tuple | dict):
        return ", ".join(_plain(each) for each in value) or "none"
    return WORDS.get(value, str(value)) if isinstance(value, str | bool | None) else str(value)
