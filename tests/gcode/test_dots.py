"""Small doses as dots: the nozzle rises with the level in a vessel, and the gate knows that move from any other."""

import math
import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.domain.recipe import Shape, Vessel
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose
from printcare.gcode.preview import preview
from printcare.gcode.program import Header

HEADER = Header("dot", "nominal", "0", for_patients=False)
VIAL = Vessel("vial 8 mm", Decimal(8), Decimal(12), Decimal("0.8"))
CONE = replace(VIAL, name="cone", bottom_mm=((Decimal(0), Decimal(6)), (Decimal(2), Decimal(8))))
NOT_HERE = {"E_GATE_PRESSURE", "E_GATE_UNIT_MASS"}  # a 25 mm needle's, and less than the shipped recipe's least mass
NONE = (Decimal(0), Decimal(0))
VOLUME = 12.5


def dotted(recipe, vessel=VIAL):
    shape = Shape("fill", "dot", NONE, NONE, Decimal(1), (Decimal("0.9"), Decimal("1.4")), vessel=vessel)
    return replace(recipe, shape=shape, nozzle=replace(recipe.nozzle, length_mm=Decimal(25)))


def codes(text, profile, recipe, volume=VOLUME):
    return {finding.code for finding in check(text, profile, recipe, volume, 1).findings} - NOT_HERE


@pytest.fixture(scope="module")
def text(recipe, profile):
    return compose(dotted(recipe), profile, VOLUME, 1, HEADER).program.text


@settings(max_examples=12, deadline=None)
@given(volume=st.floats(2, 400), vessel=st.sampled_from([VIAL, CONE]))
def test_a_dot_holds_its_dose_and_rises_as_high_as_its_vessel_says(recipe, profile, volume, vessel):
    wanted = dotted(recipe, vessel)
    composed = compose(wanted, profile, volume, 2, HEADER)
    assert isinstance(composed, Composed)
    report = check(composed.program, profile, wanted, volume, 2)
    assert {finding.code for finding in report.findings} <= NOT_HERE
    heights = composed.toolpath.points_mm[:, 2]
    if vessel is VIAL:
        assert np.ptp(heights) == pytest.approx(volume / (math.pi * 16), abs=2e-3)
    assert heights[0] >= float(recipe.nozzle.bore_mm) - 1e-3
    digit = 1e-5 * profile.tool.feedstock_area_mm2
    assert report.units[0].volume_mm3 == pytest.approx(volume, abs=max(1e-4 * volume, digit))


def test_a_dot_flows_as_the_recipe_s_own_bead(recipe, profile):
    composed = compose(dotted(recipe), profile, VOLUME, 1, HEADER)
    path = composed.toolpath
    seconds = np.diff(path.points_mm[:, 2]) / path.feed_mm_s
    bead = path.form.pitch_mm * path.form.layer_mm * float(recipe.parameters.print_speed_mm_s.target)
    assert path.volume_mm3 / seconds == pytest.approx(bead)


def test_a_picture_shows_a_dot_as_wide_as_its_vessel(recipe, profile, text):
    (view,) = preview(check(text, profile, dotted(recipe), VOLUME, 1), profile)
    assert view.layers[len(view.layers) // 2].width_mm == pytest.approx(8.0, rel=0.05)


@pytest.mark.parametrize(
    ("vessel", "volume", "code"),
    [
        (VIAL, 500.0, "E_GEOMETRY_OVERFILL"),
        (replace(VIAL, inner_mm=Decimal(1)), 2.0, "E_GEOMETRY_REACH"),
        (VIAL, 0.2, "E_GEOMETRY_DOT"),
        (replace(CONE, bottom_mm=((Decimal(0), Decimal("0.5")), (Decimal(6), Decimal(8)))), 90.0, "E_GEOMETRY_DOT"),
    ],
)
def test_a_dot_that_cannot_follow_its_level_is_refused(recipe, profile, vessel, volume, code):
    found = compose(dotted(recipe, vessel), profile, volume, 1, HEADER)
    assert code in {finding.code for finding in found}


def risen(text):
    """Return the numbers of the lines that push while they rise."""
    lines = text.split("\n")
    return lines, [row for row, line in enumerate(lines) if re.match(r"G1 Z\S+ E", line)]


def moved(text, change_mm):
    """Return a file whose every rising stroke ends so much higher, and begins there too."""
    lines, rows = risen(text)
    for row in rows:
        z_mm = float(re.search(r"Z(\S+)", lines[row])[1])
        lines[row] = re.sub(r"Z\S+", f"Z{z_mm + change_mm:.3f}", lines[row])
    first = rows[0]
    low = next(row for row in range(first, 0, -1) if lines[row].startswith("G0 Z"))
    z_mm = float(re.search(r"Z(\S+)", lines[low])[1])
    lines[low] = re.sub(r"Z\S+", f"Z{z_mm + change_mm:.3f}", lines[low])
    return "\n".join(lines)


def test_the_file_as_written_is_accepted(recipe, profile, text):
    assert codes(text, profile, dotted(recipe)) == set()


@pytest.mark.parametrize("change_mm", [-0.75, 1.5])
def test_a_nozzle_in_the_ink_or_far_above_it_is_refused(recipe, profile, text, change_mm):
    assert "E_GATE_RISE" in codes(moved(text, change_mm), profile, dotted(recipe))


def test_a_dot_beside_the_middle_is_refused(recipe, profile, text):
    lines, rows = risen(text)
    middle = len(rows) // 2
    x_mm, y_mm = profile.tray.centre(0)
    lines.insert(rows[middle], f"G1 X{x_mm + 1:.3f} Y{y_mm:.3f}")
    assert "E_GATE_RISE" in codes("\n".join(lines), profile, dotted(recipe))


@pytest.mark.parametrize("factor", [0.2, 4.0])
def test_a_dot_that_flows_otherwise_than_the_recipe_s_beads_is_refused(recipe, profile, text, factor):
    lines, rows = risen(text)
    stated = next(row for row in range(rows[0], 0, -1) if lines[row].startswith("G1 F"))
    lines[stated] = f"G1 F{float(lines[stated][4:]) * factor:.4f}"
    assert "E_GATE_RISE" in codes("\n".join(lines), profile, dotted(recipe))


def test_a_vessel_filled_higher_than_it_may_be_is_refused(recipe, profile, text):
    shallow = dotted(recipe, replace(VIAL, depth_mm=Decimal("0.25")))
    assert "E_GATE_RISE" in codes(text, profile, shallow)


def test_a_recipe_of_beads_takes_no_rising_one(recipe, profile, text):
    assert {"E_GATE_LAYER", "E_GATE_PRINT_SPEED"} <= codes(text, profile, recipe)


def test_a_recipe_of_dots_takes_no_flat_bead(recipe, profile):
    flat = compose(recipe, profile, 150.0, 1, HEADER).program.text
    assert "E_GATE_RISE" in codes(flat, profile, dotted(recipe), 150.0)
