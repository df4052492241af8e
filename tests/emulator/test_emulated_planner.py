"""Trapezoids and corners of the emulated planner against the reference vectors."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.emulator.clock import Clock
from printcare.emulator.planner import Block, Planner, junction_speed


def test_trapezoids_take_the_time_of_the_vector(vectors):
    for row in vectors["trapezoid"]:
        block = Block((0, 0, 0, 0), (row["d"], 0, 0, 0), row["d"], (1, 0, 0, 0), row["v"], row["a"])
        block.shape(row["v0"], row["v1"])
        assert block.total_s == pytest.approx(row["t"], rel=1e-6)
        assert block.peak_v == pytest.approx(row["vpeak"], rel=1e-6)
        assert block.fraction(block.total_s * 0.999999) == pytest.approx(1.0, abs=1e-4)


def test_corners_are_taken_at_the_speed_of_the_vector(vectors):
    for row in vectors["junction_deviation"]:
        cos_between = -math.cos(math.radians(row["inner_angle_deg"]))
        assert junction_speed(row["a"], row["delta"], cos_between) == pytest.approx(row["v"], rel=1e-6)


def planner(clock: Clock) -> Planner:
    return Planner(clock, 16, (120.0, 120.0, 20.0, 5.0), (1000.0, 1000.0, 200.0, 1000.0), 1000.0, 0.013)


def test_a_full_planner_of_short_segments_holds_the_seconds_of_the_vector(vectors):
    row, clock = vectors["planner_horizon"], Clock()
    moves = planner(clock)
    for i in range(1, row["blocks"] + 1):
        moves.add((i * row["seg_mm"], 0.0, 0.0, 0.0), row["v_mm_s"])
    assert moves.left_s() == pytest.approx(row["s"], rel=1e-3)
    while not moves.running():
        clock.step(10.0)
    began_s = clock.now_s
    while not moves.idle():
        clock.step(10.0)
    ramps_s = row["v_mm_s"] / 1000.0  # half of each of two, at 1000 mm/s²
    assert clock.now_s - began_s == pytest.approx(row["s"] + ramps_s, rel=1e-3)


def test_a_straight_row_of_segments_is_run_without_slowing_at_the_joints():
    clock = Clock()
    moves = planner(clock)
    for i in range(1, 11):
        moves.add((i * 1.0, 0.0, 0.0, 0.0), 20.0)
    while clock.step(10.0) and not moves.idle():
        pass
    # 10 mm at 20 mm/s with one ramp up and one down at 1000 mm/s²: 0.5 + 0.02 s; three blocks start at once
    assert clock.now_s == pytest.approx(0.52, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.floats(-20, 20, allow_subnormal=False)] * 3, st.floats(-1, 1), st.floats(0.5, 200)),
        min_size=1,
        max_size=15,
    )
)
def test_every_plan_ends_where_it_was_told_without_a_jump_in_speed_it_cannot_make(moves):
    clock = Clock()
    plan = planner(clock)
    target = (0.0, 0.0, 0.0, 0.0)
    for x, y, z, e, feed in moves:
        target = (target[0] + x, target[1] + y, target[2] + z, target[3] + e)
        plan.add(target, feed)
    speed = 0.0
    while not plan.idle():
        assert clock.step(1e6)
        if plan._blocks:
            block = plan._blocks[0]
            change2 = abs(block.exit_v**2 - block.entry_v**2)
            assert change2 <= 2 * block.accel * block.length * (1 + 1e-9) + 1e-9
            assert block.peak_v <= max(block.nominal, block.entry_v) * (1 + 1e-9)
            speed = block.exit_v
    assert speed == pytest.approx(0.0, abs=1e-9)
    assert plan.position(clock.now_s) == pytest.approx(target, abs=2e-5)  # moves under 1e-6 mm are dropped


def test_a_quick_stop_leaves_the_motors_where_they_are():
    clock = Clock()
    moves = planner(clock)
    moves.add((100.0, 0.0, 0.0, 0.0), 10.0)
    while clock.step(1.1):
        pass
    clock.rest(1.1)
    x = moves.stop()[0]
    assert 9.5 < x < 10.0
    assert moves.idle()
    assert moves.position(clock.now_s)[0] == x
