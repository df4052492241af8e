"""Arcs as the gate sees them: one move as long as it is, looked at by how far it reaches and by short chords."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from printcare.gcode.arcs import SAGITTA_MM, chords, corners
from printcare.gcode.check import check
from printcare.gcode.reader import read

START = "G21\nG90\nM82\nM220 S100\nM221 S100\nG28\nM109 S38\nG0 Z30 F900\n"


def codes(report):
    return {finding.code for finding in report.findings}


def cut(back):
    return chords(back.moves, back.arcs, np.arange(len(back.moves)))


@given(
    turn=st.sampled_from(["G2", "G3"]),
    radius=st.floats(0.5, 60),
    begin=st.floats(-math.pi, math.pi),
    sweep=st.floats(0.05, 2 * math.pi - 0.05),
    climb=st.floats(-3, 3),
)
def test_an_arc_reaches_as_far_as_its_chords_and_is_as_long(turn, radius, begin, sweep, climb):
    way = sweep if turn == "G3" else -sweep
    x, y = radius * math.cos(begin), radius * math.sin(begin)
    to_x, to_y = radius * math.cos(begin + way), radius * math.sin(begin + way)
    assume(math.hypot(to_x - x, to_y - y) > 0.01)
    text = f"G1 X{x:.9f} Y{y:.9f} F60\n{turn} X{to_x:.9f} Y{to_y:.9f} Z{climb:.9f} I{-x:.9f} J{-y:.9f}\n"
    back = read(text)
    owner, start, end = cut(back)
    assert owner.tolist() == [0] + [1] * (len(owner) - 1)
    assert start[1:] == pytest.approx(end[:-1])
    assert end[-1] == pytest.approx([to_x, to_y, climb], abs=1e-6)
    assert np.hypot(end[1:, 0], end[1:, 1]) == pytest.approx(radius, abs=1e-6)
    middle = (start[1:] + end[1:])[:, :2] / 2
    assert radius - np.hypot(*middle.T).min() <= max(SAGITTA_MM, radius * (1 - math.cos(math.radians(2.5)))) + 1e-6
    assert back.moves.length_mm[1] == pytest.approx(math.hypot(radius * sweep, climb), abs=1e-5)
    low, high = (side[1] for side in corners(back.moves, back.arcs))
    points = np.concatenate((start[1:], end[1:]))
    slack = radius * (1 - math.cos(math.radians(2.5))) + SAGITTA_MM
    assert (low <= points.min(axis=0) + 1e-6).all()
    assert (high >= points.max(axis=0) - 1e-6).all()
    assert (low >= points.min(axis=0) - slack).all()
    assert (high <= points.max(axis=0) + slack).all()


@pytest.mark.parametrize(
    ("arc", "code"),
    [
        ("G0 X50 Y50\nG0 Z0.3\nG2 X70 Y50 I10 J0", "E_GATE_LOW_TRAVEL"),
        ("G0 X140 Y5\nG0 Z20\nG3 X140 Y35 I10 J15", "E_GATE_KEEP_OUT"),
        ("G0 X190 Y60\nG3 X190 Y100 I0 J20", "E_GATE_BUILD"),
    ],
)
def test_an_arc_is_refused_for_where_it_passes_though_its_ends_are_free(profile, arc, code):
    unit = "G0 X58 Y60\nG0 Z0.4\nG92 E0\nG1 X62 Y60 E0.01 F300\nG1 X62 Y58 E0.015\nG0 Z30\nG92 E0\n"
    clear = check(START + unit, profile)
    assert code not in codes(clear)
    report = check(START + unit + arc + "\nG0 Z30\n", profile)
    assert code in codes(report)


def test_an_arc_that_only_its_corners_bring_near_a_keep_out_is_no_objection(profile):
    # The box of this quarter reaches over the keep-out's corner (150, 40); the arc itself passes outside of it.
    report = check(START + "G0 X147 Y35 F4000\nG0 Z20 F900\nG2 X155 Y43 I8 J0 F900\n", profile)
    assert "E_GATE_KEEP_OUT" not in codes(report)


def test_ink_laid_in_an_arc_that_leaves_its_position_lies_outside_a_unit(profile):
    around = "G0 X58 Y60\nG0 Z0.4\nG92 E0\nG2 X62 Y60 I2 J15 E0.01 F300\nG0 Z30\nG92 E0\n"
    inside = around.replace("J15", "J0")
    assert [unit.first_line for unit in check(START + inside, profile).units] == [11]
    report = check(START + inside + around, profile)
    assert "E_GATE_OUTSIDE_UNIT" in codes(report)


def test_a_unit_as_wide_as_its_place_may_end_in_arcs(profile):
    edge = profile.tray.unit_space_mm / 2
    around = f"G0 X{60 - edge} Y60\nG0 Z0.4\nG92 E0\nG2 X{60 + edge} Y60 I{edge} J0 E0.02 F300\nG0 Z30\nG92 E0\n"
    report = check(START + around, profile)
    assert [unit.index for unit in report.units] == [1]
    assert not codes(report) & {"E_GATE_OUTSIDE_UNIT", "E_GATE_UNIT_SPACE"}
    narrow = replace(profile, tray=replace(profile.tray, unit_space_mm=2 * edge - 0.5))
    assert "E_GATE_UNIT_SPACE" in codes(check(START + around, narrow))


def test_an_arc_is_as_fast_as_it_is_written(profile):
    fast = START + "G0 X60 Y60 F4000\nG2 X80 Y60 I10 J0 F9000\n"
    assert "E_GATE_SPEED_XY" in codes(check(fast, profile))
    assert "E_GATE_SPEED_XY" not in codes(check(fast.replace("F9000", "F4000"), profile))
