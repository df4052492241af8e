"""How high a volume stands in a vial with a conical or stepped bottom."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.recipe import Range, Vessel
from printcare.geometry.form import SolvedForm, solve
from printcare.geometry.layout import Toolpath, lay_out
from printcare.geometry.vessel import depth_of, held_mm3, slices, width_mm

FLAT = Vessel("vial", Decimal(12), Decimal(20), Decimal("0.9"))
CONE = replace(FLAT, bottom_mm=((Decimal(0), Decimal(6)), (Decimal(4), Decimal(12))))
STEP = replace(FLAT, bottom_mm=((Decimal(0), Decimal(8)), (Decimal(3), Decimal(8)), (Decimal(3), Decimal(12))))


def summed_mm3(vessel, height_mm, pieces=20000):
    """Sum thin discs."""
    step = height_mm / pieces
    return sum(math.pi / 4 * width_mm(vessel, (piece + 0.5) * step) ** 2 * step for piece in range(pieces))


@pytest.mark.parametrize("vessel", [FLAT, CONE, STEP])
def test_a_vessel_holds_the_sum_of_its_discs(vessel):
    for height_mm in (1.0, 3.5, 9.0):
        assert held_mm3(vessel, height_mm) == pytest.approx(summed_mm3(vessel, height_mm), rel=1e-3)


@given(volume=st.floats(20, 1500))
def test_the_level_holds_its_volume(volume):
    for vessel in (FLAT, CONE, STEP):
        assert held_mm3(vessel, depth_of(vessel, volume)) == pytest.approx(volume, rel=1e-9)


def test_layers_share_the_volume_by_the_vessel_s_own_width():
    shares, least = slices(CONE, 8.0, 8)
    assert sum(shares) == pytest.approx(held_mm3(CONE, 8.0))
    assert least[:5] == pytest.approx([6.0, 7.5, 9.0, 10.5, 12.0])
    assert slices(STEP, 6.0, 2)[1] == pytest.approx([8.0, 12.0])


@pytest.mark.parametrize("vessel", [FLAT, CONE, STEP])
def test_a_vial_is_filled_to_its_dose_and_the_nozzle_rises_with_the_level(recipe, profile, vessel):
    shape = replace(recipe.shape, kind="fill", path="spiral", vessel=vessel)
    layer = Range("mm", Decimal("0.4"), (Decimal("0.3"), Decimal("0.5")), (Decimal("0.3"), Decimal("0.5")))
    nozzle = replace(recipe.nozzle, length_mm=Decimal(25))
    form = solve(900.0, shape, layer, nozzle)
    assert isinstance(form, SolvedForm)
    path = lay_out(form, 1, profile, recipe.parameters, nozzle, 20.0)
    assert isinstance(path, Toolpath)
    assert path.volume_mm3.sum() == pytest.approx(900.0, rel=1e-12)
    assert form.height_mm == pytest.approx(depth_of(vessel, 900.0))
    needle_mm = float(nozzle.bore_mm) / 2 + 0.16
    for (x, y, z), _ in zip(path.points_mm[1:], path.volume_mm3, strict=True):
        assert math.hypot(x, y) + needle_mm < width_mm(vessel, max(z - form.layer_mm, 0.0)) / 2


def test_a_bottom_too_narrow_for_the_needle_is_refused(recipe):
    tip = replace(FLAT, bottom_mm=((Decimal(0), Decimal(1)), (Decimal(4), Decimal(12))))
    shape = replace(recipe.shape, kind="fill", path="spiral", vessel=tip)
    layer = recipe.parameters.layer_height_mm
    nozzle = replace(recipe.nozzle, length_mm=Decimal(25))
    assert "E_GEOMETRY_REACH" in [finding.code for finding in solve(900.0, shape, layer, nozzle)]
