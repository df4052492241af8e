"""Ranges that an experiment found, written into a recipe's file line by line, so that all else stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from printcare.domain.numbers import plain
from printcare.errors import PrintcareError


class NewRange(Protocol):
    """A factor's target with its normal and proven range, as `extrusion.design_space.ProposedRange` states them."""

    @property
    def factor(self) -> str:
        """Return the parameter's name."""

    @property
    def target(self) -> Decimal:
        """Return the target."""

    @property
    def nor(self) -> tuple[Decimal, Decimal]:
        """Return the normal operating range."""

    @property
    def par(self) -> tuple[Decimal, Decimal]:
        """Return the proven acceptable range."""


@dataclass(frozen=True, slots=True)
class EvidenceText:
    """A row of the recipe's table of evidence."""

    id: str
    title: str
    proves: str


_TABLE = re.compile(r"^\s*\[+\s*([^\]]+?)\s*\]+")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")


def with_ranges(data: bytes, ranges: Sequence[NewRange], evidence: EvidenceText | None, version: int) -> bytes:
    """Return the recipe file with new ranges, their evidence where there is any, and its version number.

    Comments and order stay.

    Raises PrintcareError RECIPE_LINES where a parameter or the version is not written as one line.
    """
    wanted = {each.factor: each for each in ranges}
    lines, table, is_versioned = [], "", False
    for line in data.decode("utf-8").splitlines():
        heading, key = _TABLE.match(line), _KEY.match(line)
        if heading:
            table = heading[1]
        elif key and not table and key[1] == "version":
            line, is_versioned = f"version = {version}", True
        elif key and table == "parameters" and key[1] in wanted:
            line = _ranged(line, wanted.pop(key[1]))
        lines.append(line)
    if wanted or not is_versioned:
        told = f"Not found as one line: {', '.join(wanted) or 'version'}."
        remedy = "Write each parameter as one line in [parameters] of the recipe itself."
        raise PrintcareError("RECIPE_LINES", told, remedy)
    if evidence is None:
        return ("\n".join(lines) + "\n").encode("utf-8")
    texts = {"id": evidence.id, "title": evidence.title, "proves": evidence.proves}
    lines += ["", "[[evidence]]", *(f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in texts.items())]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _ranged(line: str, new: NewRange) -> str:
    texts = {"target": plain(new.target), "normal": _pair(new.nor), "proven": _pair(new.par)}
    for name, text in texts.items():
        line, found = re.subn(rf"\b{name}\s*=\s*(\[[^\]]*\]|[^,}}\s]+)", f"{name} = {text}", line, count=1)
        if not found:
            told = f"{new.factor} states no {name} on its line."
            raise PrintcareError("RECIPE_LINES", told, "Write target, normal and proven on one line.")
    return line


def _pair(ends: tuple[Decimal, Decimal]) -> str:
    return f"[{plain(ends[0])}, {plain(ends[1])}]"
