"""Arcs found in curves, and the spiral as arcs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.geometry.arc import bent, straight
from printcare.geometry.curve import stadium
from printcare.geometry.reach import Reach
from printcare.geometry.spiral import CHORD_MM, spiral_arcs, spiral_length_mm, spiral_points
from printcare.geometry.strand import lengths_mm

FREE = Reach(1e9, 1e9, 1e9, 1e9)


def along(bead, share):
    """Return the places at a share of every arc or line of a bead."""
    places = []
    for begin, end, centre, turn in zip(bead.points[:-1], bead.points[1:], bead.centres, bead.turns, strict=True):
        begin, end, centre = (complex(*place) for place in (begin, end, centre))
        if turn == 0:
            places.append(begin + (end - begin) * share)
            continue
        sweep = np.angle((end - centre) / (begin - centre)) * turn % (2 * math.pi)
        places.append(centre + (begin - centre) * np.exp(1j * turn * sweep * share))
    return np.column_stack((np.real(places), np.imag(places)))


@given(radius=st.floats(0.5, 12))
def test_a_circle_becomes_three_arcs_of_its_own_length(radius):
    bead = bent(stadium(0.0, radius), FREE)
    assert len(bead.turns) == 3
    assert (bead.turns == 1).all()
    assert lengths_mm(bead.points, bead.centres, bead.turns).sum() == pytest.approx(2 * math.pi * radius, abs=5e-3)


def test_a_stadium_becomes_two_lines_and_two_half_circles():
    bead = bent(stadium(8.0, 3.0), FREE)
    assert np.count_nonzero(bead.turns) == 4
    assert np.count_nonzero(bead.turns == 0) == 2
    assert np.allclose(np.abs(bead.centres[bead.turns != 0]), [4, 0])
    assert lengths_mm(bead.points, bead.centres, bead.turns).sum() == pytest.approx(16 + 6 * math.pi, abs=5e-3)


def test_corners_stay_corners():
    box = np.array([[0.0, 0], [4, 0], [4, 3], [0, 3], [0, 0]])
    zigzag = np.array([[0.0, 0], [5, 0], [5, 0.6], [0, 0.6], [0, 1.2], [5, 1.2], [5, 1.8]])
    for corners in (box, zigzag):
        assert not bent(corners, FREE).turns.any()
        assert np.array_equal(bent(corners, FREE).points, corners)


@given(radius=st.floats(1, 12), longest=st.floats(0.5, 3))
def test_no_arc_is_longer_than_it_may_be(radius, longest):
    reach = Reach(0.5, longest, longest / 2, longest / 2)
    bead = bent(stadium(2.0, radius), reach)
    lengths = lengths_mm(bead.points, bead.centres, bead.turns)
    assert lengths[bead.turns != 0].max() <= longest + 2e-3
    assert lengths[bead.turns == 0].max() <= longest / 2 + 2e-3


@given(wave=st.floats(0.2, 1.0), seed=st.integers(0, 9))
def test_any_smooth_curve_is_left_by_no_more_than_the_tolerance(wave, seed):
    turn = np.linspace(0, 2 * np.pi, 181)
    radius = 5 + wave * np.cos((2 + seed % 3) * turn + seed)
    curve = np.column_stack((radius * np.cos(turn), radius * np.sin(turn)))
    bead = bent(curve, FREE)
    fine = np.column_stack([np.interp(np.arange(0, 180.01, 0.05), np.arange(181), column) for column in curve.T])
    for share in (0.25, 0.5, 0.75):
        away = [np.hypot(*(fine - place).T).min() for place in along(bead, share)]
        assert max(away) <= 1.5 * CHORD_MM + 5e-3
    assert len(bead.turns) < len(straight(curve, 1e9).turns)


def test_a_bead_laid_the_other_way_is_as_long():
    bead = bent(stadium(3.0, 2.0), FREE)
    back = bead.reversed()
    assert lengths_mm(back.points, back.centres, back.turns).sum() == pytest.approx(
        lengths_mm(bead.points, bead.centres, bead.turns).sum(), abs=2e-3
    )
    assert (back.turns[np.abs(back.turns) > 0] == -1).all()


@pytest.mark.parametrize("pitch_mm", [0.4, 0.6, 0.9])
@pytest.mark.parametrize("reach", [FREE, Reach(0.88, 1.47, 0.735, 1.0)])
def test_a_spiral_of_arcs_leaves_the_spiral_by_no_more_than_its_chords_do(pitch_mm, reach):
    ends, centres = spiral_arcs(pitch_mm, 5.0, reach)
    turns = np.ones(len(centres), dtype=np.int8)
    bead = type(straight(ends, 1e9))(ends, centres, turns)
    fine = spiral_points(pitch_mm, 5.3, 0.01)
    for share in (0.25, 0.5, 0.75):
        assert max(np.hypot(*(fine - place).T).min() for place in along(bead, share)) <= CHORD_MM
    assert lengths_mm(ends, centres, turns).sum() == pytest.approx(spiral_length_mm(pitch_mm, 5.0), rel=2e-3)


def test_free_of_the_motion_in_flight_a_spiral_is_seven_times_shorter():
    assert len(spiral_arcs(0.6, 5.0, FREE)[0]) * 7 <= len(spiral_points(0.6, 5.0, 0.88))
