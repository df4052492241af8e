"""A unit of several drugs: each part is read, weighed and judged by itself."""

from __future__ import annotations

import pytest

from printcare.formats.find import data_file
from printcare.formats.kinds import check_recipe_file
from printcare.formats.recipe import load_recipe, read_recipe
from printcare.formats.tables import FileProblems

NAME = "spironolactone-hydrochlorothiazide-sse"
TEXT = data_file("recipes", NAME)[1].decode()
FIRST, SECOND = TEXT.split("[[part]]")


def problems(text):
    with pytest.raises(FileProblems) as caught:
        read_recipe(text.encode(), "x")
    return [(finding.code, finding.where) for finding in caught.value.findings]


def test_every_part_has_its_own_ink_tool_range_and_limits():
    recipe = load_recipe(NAME)
    first, second = recipe.parts
    assert (first.tool, second.tool) == (0, 1)
    assert first.ink.ink_id != second.ink.ink_id
    assert second.limits.detectors is not None
    assert recipe.shape.arrangement == "layers"
    assert recipe.weighs_after_each_ink


def test_without_weighing_after_each_ink_it_is_for_research_only():
    text = TEXT.replace("weigh_after_each_ink = true", "weigh_after_each_ink = false")
    assert problems(text) == [("F_RESEARCH_ONLY", "research_only")]
    assert read_recipe(text.replace("research_only = false", "research_only = true").encode(), "x").research_only


def test_two_drugs_never_come_from_one_tool():
    assert problems(TEXT.replace("tool = 1", "tool = 0")) == [("F_PART_TOOL", "part")]


def test_the_arrangement_is_stated_where_there_are_parts_and_only_there():
    assert problems(TEXT.replace('arrangement = "layers"\n', "")) == [("F_KEY_MISSING", "shape.arrangement")]
    assert problems(TEXT.replace('arrangement = "layers"', 'arrangement = "single"')) == [
        ("F_KEY_CHOICE", "shape.arrangement")
    ]
    assert problems(FIRST) == [("F_KEY_UNKNOWN", "shape.arrangement")]


def test_a_problem_of_a_further_part_is_told_with_its_place():
    text = FIRST + "[[part]]" + SECOND.replace("mass_pct = 7.5", "mass_pct = 0").replace("0.603", "0.4")
    assert problems(text)[0] == ("F_KEY_RANGE", "part[0].limits.mass_pct")
    assert ("F_LAYER_ABOVE_BORE", "part[0].parameters.layer_height_mm.proven") in problems(text)


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("tool = 1", "tool = 5", "F_SENSE_TOOL", "part[0].tool"),
        ("pressure_max_kpa = 260", "pressure_max_kpa = 60", "F_SENSE_PRESSURE_HIGH", "part[0].limits.pressure_max_kpa"),
        ("wet_mass_g = [0.095, 0.420]", "wet_mass_g = [0.2, 0.420]", "F_SENSE_MASS", "part[0].range.wet_mass_g"),
    ],
)
def test_the_sense_of_a_further_part_is_judged_like_the_first(old, new, code, where):
    assert old in SECOND
    text = FIRST + "[[part]]" + SECOND.replace(old, new)
    assert (code, where) in [(finding.code, finding.where) for finding in check_recipe_file(text.encode(), "x")]


def test_doses_whose_parts_cannot_lie_together_are_told_with_both():
    text = TEXT.replace("height_mm = [0.8, 8.0]", "height_mm = [0.8, 4.0]").replace("[6.0, 16.0]", "[6.0, 14.0]")
    (found,) = check_recipe_file(text.encode(), "x")
    assert (found.code, found.where) == ("F_SENSE_GEOMETRY", "shape")
    assert "at 20 and 20 mg on " in found.reason
