"""Raised marks and closed shells hold their dose, and are refused where they do not fit."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header

HEADER = Header("test", "nominal", "0", for_patients=False)
NOT_HERE = {"E_GATE_PRESSURE", "E_GATE_UNIT_MASS"}


def made(recipe, profile, volume, **shape):
    wide = replace(recipe.shape, diameter_mm=(Decimal(5), Decimal(22)), height_to_diameter=Decimal("0.2"), **shape)
    roomy = replace(profile, tray=replace(profile.tray, unit_space_mm=25.0))
    return roomy, compose(replace(recipe, shape=wide), roomy, volume, 1, HEADER)


MARKS = [
    ("12.5", "text", "spiral"),
    ("7", "text", "concentric"),
    ("A", "braille", "spiral"),
    ("Z", "text", "rectilinear"),
]


@pytest.mark.parametrize(("mark", "mark_as", "path"), MARKS)
@settings(max_examples=4, deadline=None)
@given(volume=st.floats(450, 800))
def test_a_mark_is_part_of_the_dose(recipe, profile, mark, mark_as, path, volume):
    roomy, composed = made(recipe, profile, volume, path=path, mark=mark, mark_as=mark_as)
    assert isinstance(composed, Composed)
    report = check(composed.program, roomy, recipe, volume, 1)
    assert {finding.code for finding in report.findings} <= NOT_HERE
    assert report.total_volume_mm3 == pytest.approx(volume, rel=1e-4)
    path = composed.toolpath
    on_top = path.volume_mm3[path.points_mm[1:, 2] == path.points_mm[:, 2].max()].sum()
    assert on_top == pytest.approx(path.form.mark_mm3)
    assert 0 < on_top < volume / 3


@pytest.mark.parametrize(("mark", "mark_as", "path"), MARKS)
def test_a_mark_lies_on_the_top_and_nowhere_else(recipe, profile, mark, mark_as, path):
    form = made(recipe, profile, 600.0, path=path, mark=mark, mark_as=mark_as)[1].toolpath.form
    reach = max(np.hypot(*line.T).max() for line in form.mark)
    assert reach + form.width_mm / 2 <= form.diameter_mm / 2
    assert form.top_mm == pytest.approx((form.layers + 1) * form.layer_mm)


def test_braille_keeps_the_spacing_fingers_know(recipe, profile):
    form = made(recipe, profile, 600.0, mark="C", mark_as="braille")[1].toolpath.form  # dots 1 and 4, side by side
    left, right = (line.mean(axis=0) for line in form.mark)
    assert abs(right - left) == pytest.approx([2.5, 0.0], abs=0.05)


@pytest.mark.parametrize(
    ("volume", "shape"),
    [
        (80.0, {"mark": "12.5", "mark_as": "text"}),
        (600.0, {"mark": "12.5 MG", "mark_as": "text"}),
        (600.0, {"mark": "12.5", "mark_as": "braille"}),
        (600.0, {"mark": "1", "mark_as": "text", "kind": "dome"}),
        (600.0, {"mark": "1", "mark_as": "text", "path": "gyroid", "cell_mm": Decimal(4)}),
        (
            600.0,
            {"mark": "1", "mark_as": "text", "kind": "ring", "path": "concentric", "hole_to_diameter": Decimal("0.3")},
        ),
    ],
)
def test_a_mark_that_does_not_fit_is_refused(recipe, profile, volume, shape):
    assert [finding.code for finding in made(recipe, profile, volume, **shape)[1]] == ["E_GEOMETRY_MARK"]


def hollow(recipe, profile, volume):
    shape = {"kind": "hollow", "path": "concentric", "hole_to_diameter": Decimal("0.6")}
    sizes = replace(recipe.shape, height_to_diameter=Decimal("0.6"), **shape)
    return compose(replace(recipe, shape=sizes), profile, volume, 1, HEADER)


@settings(max_examples=6, deadline=None)
@given(volume=st.floats(120, 600))
def test_a_hollow_unit_holds_its_dose_in_its_shell_alone(recipe, profile, volume):
    composed = hollow(recipe, profile, volume)
    assert isinstance(composed, Composed)
    report = check(composed.program, profile, recipe, volume, 1)
    assert {finding.code for finding in report.findings} <= NOT_HERE
    assert report.total_volume_mm3 == pytest.approx(volume, rel=1e-4)
    form = composed.toolpath.form
    assert volume < 0.97 * math.pi / 4 * form.diameter_mm**2 * form.height_mm


def test_a_hollow_unit_is_closed_below_and_above_and_its_roof_bridges_nothing(recipe, profile):
    composed = hollow(recipe, profile, 400.0)
    inner = [region.inner_mm for region in composed.toolpath.form.regions]
    assert inner[0] == 0
    assert inner[-1] == 0
    assert max(inner) > 1
    assert composed.findings == ()
