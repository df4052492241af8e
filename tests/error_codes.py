"""Every error code the program uses, found in its source; `docs/errors.md` lists exactly these."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
PREFIXED = re.compile(r"[EWF]_[A-Z0-9]+(?:_[A-Z0-9]+)*")
WORD = re.compile(r"[A-Z][A-Z]?\d*")  # M112 and S are words of a printer and of a balance
# Calls that carry a code, and which of their arguments it is; a leading underscore of the name does not count.
FIRST = ("PrintcareError", "RecordUnwritable", "Finding", "error", "warning", "refused", "object", "stop", "warn")
PLACES = dict.fromkeys(FIRST, 0) | {"end": 1}
LISTED = re.compile(r"^\| *`([A-Z0-9_]+)`", re.MULTILINE)


def codes_in_source() -> set[str]:
    """Return every code in printcare/: the first text of a call that carries one, and every E_, W_ and F_ literal."""
    found: set[str] = set()
    for path in sorted((ROOT / "printcare").rglob("*.py")):
        found |= codes_of(path.read_text("utf-8"))
    return found


def codes_of(source: str) -> set[str]:
    """Return the codes one module uses."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PREFIXED.fullmatch(node.value):
            found.add(node.value)
        if isinstance(node, ast.Call):
            found |= _of_call(node)
    return found


def _of_call(node: ast.Call) -> set[str]:
    """Return the codes among a call's arguments; both ends of a choice count, and a constructor's own call too."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    is_own_constructor = (
        isinstance(node.func, ast.Attribute)
        and name == "__init__"
        and isinstance(node.func.value, ast.Call)
        and getattr(node.func.value.func, "id", "") == "super"
    )
    place = PLACES.get(name.lstrip("_"), 0 if is_own_constructor else None)
    if place is None:
        return set()
    arguments = [*node.args[place : place + 1], *(word.value for word in node.keywords if word.arg == "code")]
    texts = [text for argument in arguments for text in _texts(argument)]
    return {text for text in texts if CODE.fullmatch(text) and not WORD.fullmatch(text)}


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def codes_listed() -> set[str]:
    """Return every code of docs/errors.md: the first column of its tables, in backticks."""
    return set(LISTED.findall((ROOT / "docs" / "errors.md").read_text("utf-8")))


if __name__ == "__main__":
    print("\n".join(sorted(codes_in_source())))  # noqa: T201 - run by hand to see the list
