"""Every form by every path, from its volume to the file and back by the independent reader."""

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.domain.recipe import LATTICES, SHAPES, Shape
from printcare.domain.vessels import shell
from printcare.gcode.check import check, check_unit
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header
from printcare.gcode.writer import write_unit

HEADER = Header("test", "nominal", "0", for_patients=False)
WAYS = [(kind, path) for kind, (_, paths) in SHAPES.items() for path in paths]
PROPORTIONS = {"width_to_length": Decimal("0.5"), "hole_to_diameter": Decimal("0.35"), "band_to_height": Decimal("0.5")}
# The pressure a 20 mm needle needs, and masses below the shipped recipe's, are not what is tested here.
NOT_HERE = {"E_GATE_PRESSURE", "E_GATE_UNIT_MASS"}


def shaped(recipe, kind, path):
    needed = SHAPES[kind][0]
    more = {key: PROPORTIONS[key] for key in needed if key in PROPORTIONS}
    if path in LATTICES:
        more["cell_mm"] = Decimal(4)
    if "vessel" in needed:
        more["vessel"] = shell("A-00")
    least, aim = ("0.4", "0.02") if kind == "film" else ("2", "0.4")
    limits = (Decimal("0.9"), Decimal("1.4"))
    shape = Shape(kind, path, (Decimal(5), Decimal(24)), (Decimal(least), Decimal(8)), Decimal(aim), limits, **more)
    return replace(recipe, shape=shape, nozzle=replace(recipe.nozzle, length_mm=Decimal(25)))


@pytest.fixture(scope="module")
def roomy(profile):
    return replace(profile, tray=replace(profile.tray, unit_space_mm=25.0))


def made(recipe, profile, kind, path, volume, units=1):
    return compose(shaped(recipe, kind, path), profile, volume, units, HEADER)


@pytest.fixture(scope="module")
def laid(recipe, roomy):
    """Lay out each form by each path once for the tests that only look at the path."""
    return cache(lambda kind, path: made(recipe, roomy, kind, path, 235.6).toolpath)


@pytest.mark.parametrize(("kind", "path"), WAYS)
@settings(max_examples=5, deadline=None)
@given(volume=st.floats(80, 600))
def test_the_file_holds_the_volume_whatever_form_and_path(recipe, roomy, kind, path, volume):
    composed = made(recipe, roomy, kind, path, volume)
    assert isinstance(composed, Composed)
    report = check(composed.program, roomy, shaped(recipe, kind, path), volume, 1)
    assert {finding.code for finding in report.findings} <= NOT_HERE
    digit_mm3 = 1e-5 * roomy.tool.feedstock_area_mm2
    assert abs(report.total_volume_mm3 - volume) <= max(1e-4 * volume, digit_mm3)


@pytest.mark.parametrize(("kind", "path"), [way for way in WAYS if way[0] != "fill"])
def test_the_smallest_units_are_exact_too(recipe, roomy, kind, path):
    composed = made(recipe, roomy, kind, path, 50.0)
    assert isinstance(composed, Composed)
    assert check(composed.program, roomy, None, 50.0, 1).ok


@pytest.mark.parametrize(("kind", "path"), WAYS)
def test_no_bead_leaves_the_form_and_no_point_its_place(laid, kind, path):
    toolpath = laid(kind, path)
    assert np.hypot(*toolpath.points_mm[:, :2].T).max() <= toolpath.form.diameter_mm / 2 + 1e-3
    assert np.array_equal(toolpath.points_mm, np.round(toolpath.points_mm, 3))


@pytest.mark.parametrize(("kind", "path"), WAYS)
def test_a_step_without_ink_lifts_or_hops_and_never_both(laid, kind, path):
    toolpath = laid(kind, path)
    step = np.diff(toolpath.points_mm, axis=0)
    bare = toolpath.volume_mm3 == 0
    moves_up, moves_over = step[:, 2] != 0, np.hypot(step[:, 0], step[:, 1]) > 0
    assert not (moves_up & moves_over).any()
    if path == "dot":  # is nothing but a rise with ink
        assert moves_up.all()
        assert not bare.any()
        return
    assert (moves_up <= bare).all()
    assert (bare == (moves_up | (bare & moves_over))).all()


@pytest.mark.parametrize(("kind", "path"), [("star", "concentric"), ("caplet", "honeycomb"), ("ring", "rectilinear")])
def test_a_corrected_unit_of_any_form_keeps_its_lines_and_gets_its_new_volume(recipe, roomy, kind, path):
    composed = made(recipe, roomy, kind, path, 235.6, units=2)
    program = write_unit(composed.toolpath, roomy, composed.program, 2, 1.01)
    assert len(program.lines) == len(composed.program.lines)
    report = check_unit(program, 2, roomy, shaped(recipe, kind, path), 235.6 * 1.01)
    assert {finding.code for finding in report.findings} <= NOT_HERE


def test_before_a_hop_the_pressure_is_taken_back_and_restored_after_it(recipe, roomy):
    composed = made(recipe, roomy, "star", "concentric", 235.6)
    text = composed.program.text
    pattern = r" E(\S+)\nG1 E(\S+) F\S+\n(?:G0 .*\n)+G1 E(\S+) F\S+\nG1 F1080\nG1 X"
    hops = re.findall(pattern, text[text.index("G1 F1080") :])
    step = np.diff(composed.toolpath.points_mm, axis=0)
    bare = (composed.toolpath.volume_mm3 == 0) & (step[:, 2] == 0)
    assert len(hops) == np.count_nonzero(bare) > 0
    tool = roomy.tool
    steps = composed.toolpath.compensation_mm3 // tool.step_volume_mm3  # whole ones, of which the dose has no share
    stored_mm = steps / tool.steps_per_mm
    for before, back, again in hops:
        assert again == before
        assert float(before) - float(back) == pytest.approx(stored_mm, abs=2e-5)


def test_the_nozzle_rises_with_the_level_in_a_capsule_and_leaves_it_above_the_rim(recipe, roomy):
    composed = made(recipe, roomy, "fill", "spiral", 400.0)
    heights = np.unique(composed.toolpath.points_mm[:, 2])
    vessel = shell("A-00")
    level = 400.0 / (np.pi / 4 * float(vessel.inner_mm) ** 2)
    assert heights[-1] == pytest.approx(level, abs=2e-3)
    low = replace(roomy, travel_z_mm=20.0)
    assert [f.code for f in made(recipe, low, "fill", "spiral", 400.0)] == ["E_GEOMETRY_TRAVEL"]


@pytest.mark.parametrize(
    ("volume", "length", "code"),
    [(850.0, 25, "E_GEOMETRY_OVERFILL"), (50.0, 25, "E_GEOMETRY_LAYER"), (400.0, 12, "E_GEOMETRY_REACH")],
)
def test_a_fill_that_does_not_fit_is_refused(recipe, roomy, volume, length, code):
    wanted = shaped(recipe, "fill", "spiral")
    wanted = replace(wanted, nozzle=replace(wanted.nozzle, length_mm=Decimal(length)))
    assert [finding.code for finding in compose(wanted, roomy, volume, 1, HEADER)] == [code]


def test_a_path_a_form_cannot_take_is_refused(recipe, roomy):
    wanted = replace(recipe, shape=replace(recipe.shape, path="zigzag"))
    assert [finding.code for finding in compose(wanted, roomy, 235.6, 1, HEADER)] == ["E_GEOMETRY_KIND"]
