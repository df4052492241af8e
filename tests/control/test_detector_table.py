"""Every number a detector decides by stands in the documents, with its default."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from printcare.domain.process import CauseShares, Detectors, ForceLimits

TEXT = (Path(__file__).parents[2] / "docs" / "control.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("table", "of"),
    [("limits.detectors", Detectors), ("limits.detectors.cause", CauseShares), ("limits.force", ForceLimits)],
)
def test_the_table_of_parameters_holds_each_with_its_default(table, of):
    begins = TEXT.index(f"| `[{table}]`")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.-]+) \|", TEXT[begins : TEXT.index("\n\n", begins)], re.MULTILINE))
    stated = {each.name: "-" if each.default is MISSING else str(each.default) for each in fields(of)}
    assert rows == {name: default for name, default in stated.items() if name != "cause"}
