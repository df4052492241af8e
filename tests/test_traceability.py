"""docs/hazards.toml and the tests marked with a hazard's id are tied at both ends."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MARK = re.compile(r"pytest\.mark\.hazard\(([^)]*)\)")


def _listed() -> set[str]:
    return {row["id"] for row in tomllib.loads((ROOT / "docs/hazards.toml").read_text("utf-8"))["hazard"]}


def _marked() -> set[str]:
    marks: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for arguments in MARK.findall(path.read_text("utf-8")):
            marks |= set(re.findall(r"HZ-\d+", arguments))
    return marks


def test_every_hazard_has_a_test_that_shows_its_measure() -> None:
    assert _listed() - _marked() == set()


def test_every_marked_hazard_is_listed() -> None:
    assert _marked() - _listed() == set()
