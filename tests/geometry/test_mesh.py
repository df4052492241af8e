"""Meshes: watertight or refused, scaled to a volume, cut into closed sections."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meshes import ball, box, tube

from printcare.geometry.mesh import enclosed_volume, is_watertight, sections, widest_mm

CUBE = box((0, 0, 0), (10, 10, 5))


def codes(found):
    return [finding.code for finding in found]


@pytest.mark.parametrize("mesh", [CUBE, ball(5.0), tube(5, 2, 4)])
def test_closed_meshes_are_watertight_and_hold_their_volume(mesh):
    assert is_watertight(mesh)
    assert enclosed_volume(mesh) > 0


def test_volumes_are_those_of_the_solids():
    assert enclosed_volume(CUBE) == pytest.approx(500.0)
    assert enclosed_volume(tube(5, 2, 4)) == pytest.approx(4 * (100 - 16))
    assert enclosed_volume(ball(5.0)) == pytest.approx(4 / 3 * math.pi * 125, rel=0.01)


@given(missing=st.integers(0, 11))
def test_one_missing_triangle_is_a_hole(missing):
    assert not is_watertight(np.delete(CUBE, missing, axis=0))


@given(turned=st.integers(0, 11))
def test_one_turned_triangle_is_no_surface(turned):
    wrong = CUBE.copy()
    wrong[turned] = wrong[turned][::-1]
    assert codes(sections(wrong, 300.0, 0.4)) == ["E_MESH_OPEN"]


def test_a_gap_of_the_last_digit_is_a_gap():
    wrong = CUBE.copy()
    wrong[0, 0, 0] = np.nextafter(wrong[0, 0, 0], np.float32(1))
    assert not is_watertight(wrong)


def test_a_mesh_inside_out_is_refused():
    assert codes(sections(CUBE[:, ::-1], 300.0, 0.4)) == ["E_MESH_INSIDE_OUT"]


def test_parts_that_overlap_are_refused_not_counted_twice():
    both = np.concatenate((CUBE, box((5, 0, 0), (15, 10, 5))))
    assert is_watertight(both)
    assert codes(sections(both, 300.0, 0.4))[0].startswith("E_MESH_SECTION")


@settings(max_examples=20, deadline=None)
@given(volume=st.floats(50, 600))
def test_sections_of_a_box_have_its_scaled_size_in_whole_layers(volume):
    flats, layer_mm = sections(CUBE, volume, 0.4)
    scale = (volume / 500) ** (1 / 3)
    assert len(flats) * layer_mm == pytest.approx(5 * scale)
    assert abs(layer_mm / 0.4 - 1) <= 0.5 / (len(flats) - 0.5)
    assert all(flat.area_mm2 == pytest.approx(100 * scale**2) for flat in flats)
    assert widest_mm(flats) == pytest.approx(10 * scale * math.sqrt(2))


def test_a_hole_through_a_mesh_stays_a_hole():
    flats, _ = sections(tube(5, 2, 4), 336.0, 0.4)
    assert all(len(flat.loops) == 2 for flat in flats)
    assert all(flat.area_mm2 == pytest.approx(84.0) for flat in flats)


def test_sections_of_a_ball_are_its_circles():
    flats, layer_mm = sections(ball(5.0, 80), 4 / 3 * math.pi * 125, 0.4)
    for layer, flat in enumerate(flats):
        height = (layer + 0.5) * layer_mm - 5.0
        assert flat.area_mm2 == pytest.approx(math.pi * (25 - height**2), rel=0.02)


def test_the_file_s_unit_makes_no_difference():
    one, _ = sections(CUBE, 300.0, 0.4)
    other, _ = sections(CUBE * np.float32(25.4), 300.0, 0.4)
    assert [flat.area_mm2 for flat in other] == pytest.approx([flat.area_mm2 for flat in one], rel=1e-6)
