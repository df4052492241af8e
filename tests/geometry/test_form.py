"""Cylinders solved for a volume."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.geometry.form import SolvedForm, solve


def solved(recipe, volume, **shape):
    form = replace(recipe.shape, **shape)
    return solve(volume, form, recipe.parameters.layer_height_mm, recipe.nozzle)


def codes(outcome):
    return [finding.code for finding in outcome]


@given(dose=st.floats(5, 40))
def test_any_dose_of_the_range_has_a_cylinder_of_its_volume_within_the_limits(recipe, dose):
    volume = dose / 40 * 1000 / 1.1
    form = solved(recipe, volume)
    assert isinstance(form, SolvedForm)
    assert math.pi * form.diameter_mm**2 / 4 * form.height_mm == pytest.approx(volume)
    assert 6 <= form.diameter_mm <= 16
    assert 2 <= form.height_mm <= 8
    assert form.layer_mm == 0.4


@given(dose=st.floats(5, 40))
def test_no_other_whole_number_of_layers_is_nearer_the_recipe_s_proportion(recipe, dose):
    volume = dose / 40 * 1000 / 1.1
    form = solved(recipe, volume)

    def away(layers):
        height = layers * 0.4
        diameter = math.sqrt(4 * volume / math.pi / height)
        return abs(height / diameter - 0.45) if 6 <= diameter <= 16 else math.inf

    assert away(form.layers) == min(away(layers) for layers in range(5, 21))


def test_the_bead_is_made_for_the_middle_of_the_allowed_widths(recipe):
    assert solved(recipe, 386.0).width_mm == pytest.approx(1.15 * 0.603)


@pytest.mark.parametrize("volume", [0.0, -1.0, math.nan, math.inf])
def test_a_volume_that_is_none_is_refused(recipe, volume):
    assert codes(solved(recipe, volume)) == ["E_GEOMETRY_VOLUME"]


@pytest.mark.parametrize("volume", [1.0, 1e5])
def test_a_volume_no_whole_layers_hold_is_refused_with_the_limits(recipe, volume):
    (finding,) = solved(recipe, volume)
    assert finding.code == "E_GEOMETRY_NO_LAYERS"
    assert "6.0 to 16.0 mm" in finding.reason


def test_a_height_range_between_two_layers_is_refused(recipe):
    limits = (Decimal("2.1"), Decimal("2.3"))
    assert codes(solved(recipe, 100.0, height_mm=limits)) == ["E_GEOMETRY_NO_LAYERS"]


@pytest.mark.parametrize("wrong", [{"kind": "torus"}, {"path": "raster"}])
def test_a_shape_or_path_that_is_not_made_is_refused(recipe, wrong):
    assert codes(solved(recipe, 386.0, **wrong)) == ["E_GEOMETRY_KIND"]


def test_a_layer_higher_than_its_bead_is_wide_is_refused(recipe):
    layer = replace(recipe.parameters.layer_height_mm, target=Decimal("0.8"))
    outcome = solve(386.0, recipe.shape, layer, recipe.nozzle)
    assert codes(outcome) == ["E_GEOMETRY_BEAD"]
