"""Ranges found by an experiment go into a recipe's file; everything else of it stays as it was written."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from printcare.errors import PrintcareError
from printcare.extrusion.design_space import ProposedRange
from printcare.formats.find import data_file
from printcare.formats.recipe import read_recipe
from printcare.formats.recipe_ranges import EvidenceText, with_ranges

NAME, FILE = data_file("recipes", "cyclophosphamide-sse")
SPEED = ProposedRange("print_speed_mm_s", "mm/s", Decimal(17), (Decimal(16), Decimal(19)), (Decimal(12), Decimal(24)))
EVIDENCE = EvidenceText("X-7", 'speed "and" layer', "ranges of speed")


def test_ranges_evidence_and_version_are_written_and_nothing_else_changes():
    made = with_ranges(FILE, [SPEED], EVIDENCE, 2)
    recipe = read_recipe(made, NAME)
    speed = recipe.parameters.print_speed_mm_s
    assert (speed.target, speed.normal, speed.proven) == (Decimal(17), (16, 19), (12, 24))
    assert (recipe.version, recipe.evidence[-1].id, recipe.evidence[-1].title) == (2, "X-7", 'speed "and" layer')
    before, after = (tomllib.loads(each.decode()) for each in (FILE, made))
    for each in (before, after):
        del each["parameters"]["print_speed_mm_s"], each["version"]
        each["evidence"] = each["evidence"][:1]
    assert before == after
    assert made.startswith(FILE.splitlines()[0])


@pytest.mark.parametrize("spoilt", [FILE.replace(b"print_speed_mm_s", b"# gone"), FILE.replace(b"target = 18, ", b"")])
def test_a_parameter_that_is_not_one_whole_line_is_refused(spoilt):
    with pytest.raises(PrintcareError) as refused:
        with_ranges(spoilt, [SPEED], EVIDENCE, 2)
    assert refused.value.code == "RECIPE_LINES"
