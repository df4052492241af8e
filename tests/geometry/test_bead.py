"""The stadium bead against the reference's table (process.md §8.2)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.geometry.bead import bead_area_mm2, equivalent_width_mm


@given(st.floats(0.1, 1.0), st.floats(1.0, 4.0))
def test_the_width_of_a_bead_s_section_is_its_width(height, ratio):
    width = height * ratio
    assert equivalent_width_mm(bead_area_mm2(width, height), height) == pytest.approx(width)


@given(st.floats(0.1, 2.0))
def test_a_bead_as_wide_as_high_is_round(height):
    assert bead_area_mm2(height, height) == pytest.approx(math.pi * height**2 / 4)
