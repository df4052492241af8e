"""The shape table of a recipe file: every kind with the proportions it needs, and nothing else."""

import re

import pytest

from printcare.domain.recipe import SHAPES
from printcare.formats.find import data_file
from printcare.formats.recipe import read_recipe
from printcare.formats.tables import FileProblems

MORE = {
    "width_to_length": "width_to_length = 0.5",
    "hole_to_diameter": "hole_to_diameter = 0.35",
    "band_to_height": "band_to_height = 0.5",
    "vessel": 'shell = "A-0"',
}


def recipe_with(lines):
    text = data_file("recipes", "cyclophosphamide-sse")[1].decode()
    return read_recipe(re.sub(r"\[shape\]\n.*?\n\n", "[shape]\n" + lines + "\n\n", text, flags=re.S).encode(), "test")


def table(kind, path, *more):
    sizes = "diameter_mm = [6, 16]\nheight_mm = [2, 8]\nheight_to_diameter = 0.45\n" if kind != "fill" else ""
    return "\n".join((f'kind = "{kind}"\npath = "{path}"\n{sizes}bead_width_ratio = [0.9, 1.4]', *more))


@pytest.mark.parametrize("kind", list(SHAPES))
def test_every_kind_is_read_with_what_it_needs(kind):
    needed, paths = SHAPES[kind]
    shape = recipe_with(table(kind, paths[0], *(MORE[key] for key in needed))).shape
    assert (shape.kind, shape.path) == (kind, paths[0])
    assert all(getattr(shape, key) is not None for key in needed)


def test_a_lattice_needs_its_cell():
    assert recipe_with(table("cylinder", "gyroid", "cell_mm = 4")).shape.cell_mm == 4
    with pytest.raises(FileProblems) as refused:
        recipe_with(table("cylinder", "gyroid"))
    assert [finding.where for finding in refused.value.findings] == ["shape.cell_mm"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (table("ring", "concentric"), "F_KEY_MISSING"),
        (table("ring", "spiral", "hole_to_diameter = 0.3"), "F_KEY_CHOICE"),
        (table("ring", "concentric", "hole_to_diameter = 1"), "F_KEY_RANGE"),
        (table("cube", "spiral"), "F_KEY_CHOICE"),
        (table("cylinder", "spiral", "cell_mm = 4"), "F_KEY_UNKNOWN"),
        (table("fill", "spiral", 'shell = "Z-0"'), "F_SHELL"),
        (table("fill", "spiral"), "F_KEY_MISSING"),
    ],
)
def test_a_shape_that_is_wrong_is_refused(lines, code):
    with pytest.raises(FileProblems) as refused:
        recipe_with(lines)
    assert code in [finding.code for finding in refused.value.findings]


def test_a_vessel_of_ones_own_is_stated_by_its_measures():
    own = '[shape.vessel]\nname = "vial"\ninner_mm = 14\ndepth_mm = 20\nfill_share = 0.8'
    vessel = recipe_with(table("fill", "spiral", own)).shape.vessel
    assert (vessel.name, vessel.inner_mm, vessel.depth_mm) == ("vial", 14, 20)
