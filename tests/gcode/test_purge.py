"""The way over the waste and back between two units: it pushes nothing, travels high, and ends where a unit begins."""

from __future__ import annotations

import re

import pytest

from printcare.formats.find import ids
from printcare.formats.profile import load_profile
from printcare.gcode.purge import way_to_park, way_to_waste

NUMBER = re.compile(r"([XYZ])(-?\d+\.\d+)")


PROFILES = [load_profile(name) for name in ids("firmware_profiles")]
WAYS = [
    pytest.param(profile, tool, id=f"{profile.id}-T{tool}")
    for profile in PROFILES
    for tool in range(len(profile.tools))
]


def place(lines, start_mm):
    """Return every place the lines lead through, read off them."""
    at = dict(zip("XYZ", start_mm, strict=True))
    for line in lines:
        at |= {axis: float(value) for axis, value in NUMBER.findall(line)}
        yield at["X"], at["Y"], at["Z"]


@pytest.mark.parametrize(("profile", "tool"), WAYS)
def test_a_tool_goes_over_the_waste_and_back_to_the_park_place_without_pushing(profile, tool):
    over, back = way_to_waste(profile, tool), way_to_park(profile, tool)
    assert not [line for line in (*over, *back) if re.search(r"\bE", line) or line.startswith("G1")]
    assert (over[-1], back[-1]) == ("M400", "M400")
    there = list(place(over, profile.park_mm))
    assert there[-1] == pytest.approx(profile.purge_mm, abs=1e-3)
    high = (*profile.purge_mm[:2], profile.travel_z_mm)
    assert list(place(back, high))[-1] == pytest.approx(profile.park_mm, abs=1e-3)


@pytest.mark.parametrize(("profile", "tool"), WAYS)
def test_no_travel_goes_below_the_height_of_travels(profile, tool):
    high = (*profile.purge_mm[:2], profile.travel_z_mm)
    for lines, start_mm in ((way_to_waste(profile, tool), profile.park_mm), (way_to_park(profile, tool), high)):
        before = start_mm
        for at in place(lines, start_mm):
            if at[:2] != before[:2]:
                assert min(at[2], before[2]) >= profile.travel_z_mm
            before = at
