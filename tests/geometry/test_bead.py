"""The stadium bead against the reference's table (process.md §8.2)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.geometry.bead import bead_area_mm2, equivalent_width_mm, gapless_pitch_mm

# width, height, area, gap-free spacing: process-vectors.json, key "stadium"
STADIUM = [
    (0.6, 0.3, 0.16068583, 0.53561945),
    (0.72, 0.4, 0.25366371, 0.63415927),
    (0.8, 0.5, 0.34634954, 0.69269908),
    (0.6, 0.6, 0.28274334, 0.4712389),
]


@pytest.mark.parametrize(("width", "height", "area", "spacing"), STADIUM)
def test_a_bead_has_the_section_of_the_reference(width, height, area, spacing):
    assert bead_area_mm2(width, height) == pytest.approx(area, rel=1e-6)
    assert gapless_pitch_mm(width, height) == pytest.approx(spacing, rel=1e-6)


@given(st.floats(0.1, 1.0), st.floats(1.0, 4.0))
def test_the_width_of_a_bead_s_section_is_its_width(height, ratio):
    width = height * ratio
    assert equivalent_width_mm(bead_area_mm2(width, height), height) == pytest.approx(width)


@given(st.floats(0.1, 2.0))
def test_a_bead_as_wide_as_high_is_round(height):
    assert bead_area_mm2(height, height) == pytest.approx(math.pi * height**2 / 4)
