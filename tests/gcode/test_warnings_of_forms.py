"""What a form's path cannot do well reaches the caller as warnings."""

import math
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from printcare.domain.recipe import SHAPES, Shape
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header

HEADER = Header("test", "nominal", "0", for_patients=False)
SHARES = {"width_to_length": Decimal("0.5"), "hole_to_diameter": Decimal("0.35"), "band_to_height": Decimal("0.5")}


def warned(recipe, profile, kind, volume=300.0, path="concentric"):
    more = {key: SHARES[key] for key in SHAPES[kind][0]}
    least, aim = ("0.4", "0.02") if kind == "film" else ("2", "0.4")
    limits = (Decimal("0.9"), Decimal("1.4"))
    shape = Shape(kind, path, (Decimal(5), Decimal(24)), (Decimal(least), Decimal(8)), Decimal(aim), limits, **more)
    roomy = replace(profile, tray=replace(profile.tray, unit_space_mm=25.0))
    made = compose(replace(recipe, shape=shape), roomy, volume, 1, HEADER)
    assert isinstance(made, Composed)
    return made


@pytest.mark.parametrize("kind", ["cylinder", "dome", "ring", "film", "caplet"])
def test_a_form_without_overhangs_and_strips_warns_of_nothing(recipe, profile, kind):
    assert warned(recipe, profile, kind).findings == ()
    assert warned(recipe, profile, kind, path="rectilinear").findings == ()


def test_a_lying_capsule_s_lower_half_is_told_with_its_steepest_angle(recipe, profile):
    made = warned(recipe, profile, "capsule")
    (finding,) = made.findings
    form = made.toolpath.form
    half = [form.diameter_mm / 4 * math.sqrt(1 - (2 * (k + 0.5) / form.layers - 1) ** 2) for k in range(form.layers)]
    steepest = max(math.degrees(math.atan2(b - a, form.layer_mm)) for a, b in pairwise(half))
    assert finding.code == "W_OVERHANG"
    assert not finding.blocks
    assert f"at most {steepest:.0f}°" in finding.reason


@pytest.mark.parametrize("path", ["concentric", "rectilinear"])
def test_the_narrow_tips_of_a_star_are_told_with_their_share(recipe, profile, path):
    (finding,) = warned(recipe, profile, "star", 100.0, path).findings
    assert finding.code == "W_NARROW_STRIP"
    assert "% of the layer" in finding.reason
