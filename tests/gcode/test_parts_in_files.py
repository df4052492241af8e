"""Units of several inks and trays of several strengths, from volumes to the file and back by a naive sum."""

import math
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.formats.profile import load_profile
from printcare.gcode.compose import Composed, compose_parts, compose_zones
from printcare.gcode.program import Header

HEADER = Header("test", "nominal", "0", for_patients=False)
BORE_MM2 = math.pi * 14.43**2 / 4


@pytest.fixture(scope="module")
def two_tools():
    return load_profile("marlin-two-syringes")


def two_parts(recipe, arrangement):
    layer = recipe.parameters.layer_height_mm
    parameters = replace(recipe.parameters, layer_height_mm=replace(layer, proven=(Decimal("0.3"), Decimal("0.5"))))
    shape = replace(recipe.shape, path="concentric", arrangement=arrangement)
    recipe = replace(recipe, parameters=parameters, shape=shape)
    return replace(recipe, further=(replace(recipe.parts[0], tool=1),))


def net_e_mm(lines):
    """Sum E as a person with ten minutes would: absolute E, G92 sets it."""
    net = at = 0.0
    for line in lines:
        found = re.search(r"E(-?[\d.]+)", line.split(";")[0])
        if found:
            net += 0.0 if line.startswith("G92") else float(found[1]) - at
            at = float(found[1])
    return net


@pytest.mark.parametrize("arrangement", ["layers", "core-shell", "side-by-side"])
@settings(max_examples=4, deadline=None)
@given(first=st.floats(200, 300), second=st.floats(100, 180))
def test_the_file_holds_every_part_s_dose(recipe, two_tools, arrangement, first, second):
    made = compose_parts(two_parts(recipe, arrangement), two_tools, (first, second), 2, HEADER)
    assert isinstance(made, Composed)
    for index in (1, 2):
        for part, volume in ((1, first), (2, second)):
            held = net_e_mm(made.program.unit(index, part).lines) * BORE_MM2
            assert held == pytest.approx(volume, rel=1e-4, abs=1e-5 * BORE_MM2)


def test_parts_that_have_no_form_or_no_room_make_no_file(recipe, two_tools):
    wanted = two_parts(recipe, "layers")
    assert [f.code for f in compose_parts(wanted, two_tools, (1.0, 900.0), 1, HEADER)] == ["E_GEOMETRY_PARTS"]
    assert [f.code for f in compose_parts(wanted, two_tools, (200.0, 100.0), 999, HEADER)] == ["E_TRAY_FULL"]


@settings(max_examples=4, deadline=None)
@given(weak=st.floats(120, 250), strong=st.floats(300, 600))
def test_every_zone_s_units_hold_their_own_strength(recipe, profile, weak, strong):
    made = compose_zones(recipe, profile, ((weak, 2), (strong, 3)), HEADER)
    assert isinstance(made, Composed)
    held = [net_e_mm(unit.lines) * BORE_MM2 for unit in made.program.units]
    assert held == pytest.approx([weak, weak, strong, strong, strong], rel=1e-4, abs=1e-5 * BORE_MM2)


def test_zones_beyond_the_tray_or_without_a_form_make_no_file(recipe, profile):
    assert [f.code for f in compose_zones(recipe, profile, ((200.0, 8), (300.0, 8)), HEADER)] == ["E_TRAY_FULL"]
    assert [f.code for f in compose_zones(recipe, profile, ((200.0, 1), (0.0, 1)), HEADER)] == ["E_GEOMETRY_VOLUME"]
