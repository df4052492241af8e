"""A mesh becomes a file that holds the volume asked for."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.formats.stl import read_stl
from printcare.gcode.check import check
from printcare.gcode.compose import Composed
from printcare.gcode.compose_mesh import EngineeringProcess, compose_mesh
from printcare.gcode.program import Header

HEADER = Header("none", "any", "", for_patients=False)
BALL = read_stl((Path(__file__).parents[1] / "data" / "ball.stl").read_bytes(), "ball.stl")


@pytest.mark.parametrize("path", ["concentric", "rectilinear"])
@settings(max_examples=8, deadline=None)
@given(volume=st.floats(50, 600))
def test_the_file_of_a_mesh_holds_the_volume_asked_for(profile, path, volume):
    process = EngineeringProcess(Decimal("0.603"), Decimal("0.4"), Decimal(18), Decimal(38), path)
    composed = compose_mesh(BALL, volume, profile, process, HEADER)
    assert isinstance(composed, Composed)
    report = check(composed.program, profile, None, volume, 1)
    assert report.findings == ()
    assert f"; volume {volume:.4f} mm3 per unit" in composed.program.text


def test_what_a_mesh_lacks_is_told_not_repaired(profile):
    process = EngineeringProcess(Decimal("0.603"), Decimal("0.4"), Decimal(18), Decimal(38))
    assert [f.code for f in compose_mesh(BALL[1:], 300.0, profile, process, HEADER)] == ["E_MESH_OPEN"]
