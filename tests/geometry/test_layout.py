"""Forms laid out on the tray."""

import cmath
import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.geometry.bead import equivalent_width_mm
from printcare.geometry.form import SolvedForm, solve
from printcare.geometry.layout import Toolpath, half_step_share_pct, lay_out, segment_limit_mm


def laid(recipe, profile, volume=386.3, units=3, layer=None, nozzle=None):
    parameters = recipe.parameters
    if layer is not None:
        parameters = replace(parameters, layer_height_mm=replace(parameters.layer_height_mm, target=layer))
    nozzle = nozzle or recipe.nozzle
    form = solve(volume, recipe.shape, parameters.layer_height_mm, nozzle)
    return lay_out(form, units, profile, parameters, nozzle, 25.0) if isinstance(form, SolvedForm) else form


def written_mm(begin, end, centre, turn):
    """Return a line's length as firmware has it: its chord, or radius times angle by complex numbers."""
    begin, end, centre = (complex(*place[:2]) for place in (begin, end, centre))
    if turn == 0:
        return abs(end - begin)
    return abs(begin - centre) * (cmath.phase((end - centre) / (begin - centre)) * turn % (2 * math.pi))


@given(dose=st.floats(5, 40), layer=st.decimals("0.30", "0.45", places=2), bore=st.decimals("0.55", "0.65", places=3))
def test_the_deposited_volume_is_the_dose_for_any_dose_layer_and_nozzle(recipe, profile, dose, layer, bore):
    volume = dose / 40 * 1000 / 1.1
    path = laid(recipe, profile, volume, 1, layer, replace(recipe.nozzle, bore_mm=bore))
    assert isinstance(path, Toolpath)
    assert path.volume_mm3.sum() == pytest.approx(volume, rel=1e-12)


@given(dose=st.floats(5, 40))
def test_the_beads_fill_the_cylinder_they_stand_for(recipe, profile, dose):
    path = laid(recipe, profile, dose / 40 * 1000 / 1.1)
    fill = path.bead_area_mm2 / (path.form.pitch_mm * path.form.layer_mm)
    assert fill == pytest.approx(1.0, abs=0.01)
    ratio = equivalent_width_mm(path.bead_area_mm2, path.form.layer_mm) / 0.603
    assert 0.9 <= ratio <= 1.4


def test_every_layer_is_one_bead_and_the_nozzle_lifts_in_place(recipe, profile):
    path = laid(recipe, profile)
    lifts = np.flatnonzero(np.diff(path.points_mm[:, 2]) != 0)
    assert len(lifts) == path.form.layers - 1
    assert (path.volume_mm3[lifts] == 0).all()
    assert np.allclose(path.points_mm[lifts, :2], path.points_mm[lifts + 1, :2])
    assert (np.delete(path.volume_mm3, lifts) > 0).all()


def test_layers_run_in_and_out_by_turns(recipe, profile):
    path = laid(recipe, profile)
    heights = np.unique(path.points_mm[:, 2])
    starts = [path.points_mm[path.points_mm[:, 2] == height][0] for height in heights]
    radii = np.hypot(*np.array(starts)[:, :2].T)
    assert np.allclose(radii[::2], path.form.diameter_mm / 2, atol=1e-3)
    assert np.allclose(radii[1::2], 0, atol=1e-3)


def test_points_have_three_decimals_before_lengths_are_taken(recipe, profile):
    path = laid(recipe, profile)
    placed = path.points(2)
    assert np.array_equal(placed, np.round(placed, 3))
    assert np.array_equal(path.arc_centre_mm, np.round(path.arc_centre_mm, 3), equal_nan=True)
    assert np.allclose(path.volume_mm3, lengths_mm(path) * path.bead_area_mm2, rtol=1e-9, atol=1e-12)


def test_unit_k_stands_on_tray_position_k(recipe, profile):
    path = laid(recipe, profile, units=12)
    for index in range(12):
        middle = path.points(index)[:, :2]
        assert np.allclose((middle.min(axis=0) + middle.max(axis=0)) / 2, profile.tray.centre(index), atol=0.5)


def lengths_mm(path):
    steps = zip(path.points_mm[:-1], path.points_mm[1:], path.arc_centre_mm, path.arc_turn, strict=True)
    return np.array([written_mm(*step) for step in steps])


def in_flight_s(profile, path):
    """Return the longest motion a full planner and queue hold: each line's pieces in order, then whole lines."""
    lengths = lengths_mm(path).tolist()
    pieces = [max(1, math.ceil(length / profile.arc_segment_mm[1] - 1e-9)) for length in lengths]
    worst = 0.0
    for first in range(len(lengths)):
        queued = first
        blocks = held = 0.0
        while queued < len(lengths) and blocks + pieces[queued] <= profile.link.planner_blocks:
            blocks += pieces[queued]
            held += lengths[queued]
            queued += 1
        worst = max(worst, held + sum(lengths[queued : queued + profile.link.command_queue]))
    return worst / path.feed_mm_s


@pytest.mark.parametrize("cut_mm", [0.1, 0.3, 0.5, 0.8, 1.0])
def test_a_full_planner_and_queue_hold_no_more_motion_than_the_link_allows(recipe, profile, cut_mm):
    profile = replace(profile, arc_segment_mm=(0.1, cut_mm))
    path = laid(recipe, profile)
    assert in_flight_s(profile, path) <= profile.link.max_horizon_s
    assert segment_limit_mm(profile, 10.0) == pytest.approx(0.49)


@pytest.mark.parametrize("units", [0, 13])
def test_units_beyond_the_tray_are_refused(recipe, profile, units):
    assert [finding.code for finding in laid(recipe, profile, units=units)] == ["E_TRAY_FULL"]


def test_a_unit_wider_than_its_place_or_too_high_for_the_travel_is_refused(recipe, profile):
    small = replace(profile, tray=replace(profile.tray, unit_space_mm=8.0), travel_z_mm=9.0)
    assert [finding.code for finding in laid(recipe, small)] == ["E_GEOMETRY_TRAY", "E_GEOMETRY_TRAVEL"]


def test_a_bead_outside_the_recipe_s_width_is_refused(recipe, profile):
    form = solve(386.3, recipe.shape, recipe.parameters.layer_height_mm, recipe.nozzle)
    wide = replace(recipe.nozzle, bore_mm=Decimal("0.9"))
    outcome = lay_out(form, 1, profile, recipe.parameters, wide, 25.0)
    assert [finding.code for finding in outcome] == ["E_GEOMETRY_BEAD_WIDTH"]


def test_half_a_motor_step_is_told_in_percent_of_a_unit(profile):
    assert half_step_share_pct(profile, 100.0) == pytest.approx(0.10221, rel=1e-4)  # 0.204424 mm³ per step
    assert half_step_share_pct(profile, 0.0) == float("inf")
