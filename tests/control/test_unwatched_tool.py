"""A tool whose recipe names no detectors: it is read, and compared with nothing."""

from __future__ import annotations

from dataclasses import replace

from trial import plan, with_part

from printcare.control.tool_watch import ToolWatch


def test_a_tool_without_detectors_is_compared_with_nothing():
    made = with_part(plan(1), limits=replace(plan(1).first.limits, detectors=None, force=None))
    tool = ToolWatch(made, made.first, lambda: 38.0)
    found = ToolWatch(plan(1), plan(1).first, lambda: 38.0).model  # of a tool that is watched
    tool.identify(found)
    tool.cut_unit()
    assert tool.model is found is not None
    assert tool.bead_lines_left == 0
    assert not tool.shows_pressure
    assert tool.is_starved()
