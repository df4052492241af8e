"""The spiral: its length, its chords and its segments."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.geometry.spiral import CHORD_MM, SHORTEST_MM, spiral_length_mm, spiral_points

PITCH = st.floats(0.3, 1.2)
RADIUS = st.floats(2.0, 9.0)
LONGEST = st.floats(0.2, 1.5)


def test_the_spiral_of_the_reference_has_its_length():
    assert spiral_length_mm(0.6, 4.7) == pytest.approx(115.90597, rel=1e-7)  # process-vectors.json "spiral_length"


@given(PITCH, RADIUS, LONGEST)
def test_the_points_run_from_the_centre_to_the_radius_along_the_spiral(pitch, radius, longest):
    points = spiral_points(pitch, radius, longest)
    radii = np.hypot(points[:, 0], points[:, 1])
    assert np.allclose(points[0], 0)
    assert radii[-1] == pytest.approx(radius)
    turn = radii / pitch * 2 * math.pi
    assert np.allclose(points, np.column_stack((radii * np.cos(turn), radii * np.sin(turn))), atol=1e-9)


@given(PITCH, RADIUS, LONGEST)
def test_no_segment_is_longer_than_asked_and_none_starves_the_link(pitch, radius, longest):
    steps = np.hypot(*np.diff(spiral_points(pitch, radius, longest), axis=0).T)
    assert steps.max() <= longest * 1.001
    assert steps.min() >= min(SHORTEST_MM, longest) * 0.6


@given(PITCH, RADIUS)
def test_the_chords_keep_to_the_curve(pitch, radius):
    points = spiral_points(pitch, radius, 1.0)
    radii = np.hypot(points[:, 0], points[:, 1])
    turn = (radii[:-1] + radii[1:]) / 2 / pitch * 2 * math.pi
    middle = turn * pitch / (2 * math.pi)
    on_curve = np.column_stack((middle * np.cos(turn), middle * np.sin(turn)))
    away = np.hypot(*(on_curve - (points[:-1] + points[1:]) / 2).T)
    outside = radii[:-1] > pitch  # the first turn bends more than a segment of the least length can follow
    assert away[outside].max() <= CHORD_MM * 1.2
