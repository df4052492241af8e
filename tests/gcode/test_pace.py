"""A pneumatic head flows as it was calibrated: the feed gives way within the recipe, or the dose is refused."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.domain.recipe import Shape
from printcare.formats.profile import load_profile
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose, compose_zones
from printcare.gcode.program import Header

VOLUME_MM3 = 150.0
HEADER = Header("t", "n", "", for_patients=False)
DOME = Shape(
    "dome",
    "concentric",
    (Decimal(5), Decimal(24)),
    (Decimal(2), Decimal(8)),
    Decimal("0.4"),
    (Decimal("0.9"), Decimal("1.4")),
)


@pytest.fixture(scope="module")
def fitted(recipe):
    speed = recipe.parameters.print_speed_mm_s
    speed = replace(speed, target=Decimal(18), normal=(Decimal(16), Decimal(20)), proven=(Decimal(10), Decimal(25)))
    parameters = replace(recipe.parameters, print_speed_mm_s=speed)
    return replace(recipe, printer_classes=("pneumatic",), parameters=parameters, shape=DOME)


def head(low, high):
    profile = load_profile("marlin-pneumatic")
    return replace(profile, printer_class="pneumatic", tool=replace(profile.tool, flow_mm3_s=(low, high)))


def beads(report):
    moves = report.back.moves
    return (moves.e_mm > 0) & (moves.length_mm > 0)


def test_a_speed_the_head_was_calibrated_for_is_kept(fitted):
    made = compose(fitted, head(1.0, 12.0), VOLUME_MM3, 1, HEADER)
    assert made.toolpath.feed_mm_s == 18.0


@settings(deadline=None, max_examples=25)
@given(low=st.floats(0.5, 6.0), span=st.floats(0.1, 4.0))
def test_every_bead_flows_as_calibrated_or_nothing_is_written(fitted, low, span):
    profile = head(low, low + span)
    made = compose(fitted, profile, VOLUME_MM3, 1, HEADER)
    if not isinstance(made, Composed):
        assert [finding.code for finding in made] == ["E_FLOW_CALIBRATED"]
        return
    report = check(made.program, profile, fitted, VOLUME_MM3, 1)
    assert report.findings == ()
    assert 10.0 <= made.toolpath.feed_mm_s <= 25.0


def test_the_nearest_normal_speed_is_taken_before_a_proven_one(fitted):
    made = compose(fitted, head(1.0, 4.4), VOLUME_MM3, 1, HEADER)
    assert 16.0 <= made.toolpath.feed_mm_s < 18.0
    slower = compose(fitted, head(1.0, 3.0), VOLUME_MM3, 1, HEADER)
    assert 10.0 <= slower.toolpath.feed_mm_s < 16.0


def test_a_refusal_names_what_was_calibrated(fitted):
    (finding,) = compose(fitted, head(0.5, 1.0), VOLUME_MM3, 1, HEADER)
    assert finding.code == "E_FLOW_CALIBRATED"
    assert "0.5 to 1 mm³/s" in finding.reason


def test_every_zone_gets_a_speed_of_its_own_that_its_head_was_calibrated_for(fitted):
    profile, zones = head(1.0, 3.9), ((VOLUME_MM3, 2), (90.0, 1))
    made = compose_zones(fitted, profile, zones, HEADER)
    assert isinstance(made, Composed)
    assert check(made.program, profile, fitted, [VOLUME_MM3, VOLUME_MM3, 90.0], 3).findings == ()
    assert [path.positions for path in made.toolpaths] == [(0, 1), (2,)]
    assert all(path.feed_mm_s < 18.0 for path in made.toolpaths)


def test_zones_no_speed_of_the_recipe_fits_are_refused(fitted):
    (finding,) = compose_zones(fitted, head(0.5, 1.0), ((VOLUME_MM3, 2), (90.0, 1)), HEADER)
    assert finding.code == "E_FLOW_CALIBRATED"
