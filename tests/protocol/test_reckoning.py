"""Where a printer should stand: told only where the lines say it for certain."""

from __future__ import annotations

import pytest

from printcare.protocol.marlin_reply import Position
from printcare.protocol.reckoning import Reckoning

THERE = Position(5.0, 6.0, 7.0, 8.0)


def after(*lines: str) -> Reckoning:
    reckoning = Reckoning()
    for line in lines:
        reckoning.take(line)
    return reckoning


def test_a_move_to_a_new_place_is_proven_by_standing_there() -> None:
    assert after("G90", "G1 X1").agrees("G1 X5 E8", THERE)


def test_a_move_that_arrived_elsewhere_is_not_proven() -> None:
    assert not after("G90", "G1 X1").agrees("G1 X5.1", THERE)


def test_a_line_that_moves_no_axis_is_not_proven_by_any_place() -> None:
    assert not after("G90").agrees("G1 F600", THERE)


@pytest.mark.parametrize("line", ["G1 X5", "G92 X5", "G1 X5 Y6"])
def test_a_move_to_where_the_axis_already_stood_proves_nothing(line: str) -> None:
    assert not after("G90", line).agrees("G1 X5", THERE)


def test_a_relative_move_leaves_the_axis_unknown() -> None:
    # Were X still taken for 5, arriving at 5 would prove nothing; unknown, it proves the move.
    assert after("G90", "G1 X5", "G91", "G1 X3", "G90").agrees("G1 X5", THERE)


@pytest.mark.parametrize("mode", ["G91", "M83"])
def test_under_relative_extrusion_no_place_proves_an_extrusion(mode: str) -> None:
    assert not after(mode).agrees("G1 E8", THERE)


def test_homing_leaves_the_axes_unknown_and_the_extruder_known() -> None:
    homed = after("G90", "M82", "G92 X5 E8", "G28")
    assert homed.agrees("G1 X5", THERE)
    assert not homed.agrees("G1 E8", THERE)


def test_what_the_printer_tells_replaces_what_was_reckoned() -> None:
    reckoning = after("G90", "G1 X1")
    reckoning.told(THERE)
    assert not reckoning.agrees("G1 X5", THERE)


def test_a_line_that_is_no_command_changes_nothing() -> None:
    assert not after("G90", "G1 X5", "hello X1").agrees("G1 X5", THERE)
