"""Durations against the reference's trapezoids, and against a planner written out in loops."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.extrusion.duration import junction_speed_mm_s, segment_times_s, trapezoid_s


def test_the_trapezoids_of_the_reference_take_their_time(vectors):
    for row in vectors["trapezoid"]:
        assert trapezoid_s(row["d"], row["v"], row["a"], row["v0"], row["v1"]) == pytest.approx(row["t"], rel=1e-6)


def test_the_corners_of_the_reference_are_taken_at_their_speed(vectors):
    for row in vectors["junction_deviation"]:
        speed = junction_speed_mm_s(row["inner_angle_deg"], row["a"], row["delta"])
        assert speed == pytest.approx(row["v"], rel=1e-6)


def test_a_straight_line_in_pieces_takes_as_long_as_in_one():
    one = segment_times_s(np.array([[10.0, 0, 0]]), np.array([20.0]), 500, 0.013)
    ten = segment_times_s(np.tile([1.0, 0, 0], (10, 1)), np.full(10, 20.0), 500, 0.013)
    assert ten.sum() == pytest.approx(one.sum(), rel=1e-9)


def test_moves_of_no_length_take_no_time():
    assert segment_times_s(np.zeros((3, 3)), np.ones(3), 500, 0.013).sum() == 0


@given(
    st.lists(st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000), st.floats(1, 50)), min_size=1, max_size=25),
)
def test_the_running_minima_plan_as_two_passes_in_loops_do(rows):
    moves = np.array([[x / 1000, y / 1000, 0.0] for x, y, _ in rows])
    feed = np.array([v for _, _, v in rows])
    accel, deviation = 800.0, 0.013
    assert segment_times_s(moves, feed, accel, deviation).sum() == pytest.approx(
        looped(moves, feed, accel, deviation), rel=1e-6, abs=1e-7
    )


def looped(moves, feed, accel, deviation):
    """Return the time two passes take as a firmware writes them, one move after the other."""
    kept = [(m, math.hypot(*m), v) for m, v in zip(moves.tolist(), feed.tolist(), strict=True) if math.hypot(*m) > 0]
    if not kept:
        return 0.0
    ends = [0.0]
    for (a, la, va), (b, lb, vb) in pairwise(kept):
        cosine = -sum(p * q for p, q in zip(a, b, strict=True)) / la / lb
        top = min(va, vb)
        if cosine > -0.999999:
            half = math.sqrt(max(0.0, (1 - cosine) / 2))
            top = min(top, math.sqrt(accel * deviation * half / (1 - half)))
        ends.append(top)
    ends.append(0.0)
    for i in range(len(kept) - 1, -1, -1):
        ends[i] = min(ends[i], math.sqrt(ends[i + 1] ** 2 + 2 * accel * kept[i][1]))
    for i in range(len(kept)):
        ends[i + 1] = min(ends[i + 1], math.sqrt(ends[i] ** 2 + 2 * accel * kept[i][1]))
    return sum(trapezoid_s(length, v, accel, ends[i], ends[i + 1]) for i, (_, length, v) in enumerate(kept))
