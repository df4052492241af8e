"""Thinning gives the same curve, whichever way its stretches are reckoned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.geometry import curve
from printcare.geometry.curve import thinned

TOLERANCE_MM = 0.01
waves = st.tuples(st.integers(2, 120), st.floats(0.5, 6.28), st.integers(1, 9), st.booleans())


def drawn(points, turn, wave, is_closed):
    """Return a wavy curve of so many points through a turn, closed or not."""
    at = np.linspace(0, turn, points)
    line = np.column_stack((5 * np.cos(at) + np.cos(wave * at), 5 * np.sin(at)))
    return np.concatenate((line, line[:1])) if is_closed and points > 3 else line


@settings(deadline=None)
@given(wave=waves)
def test_short_stretches_are_thinned_as_long_ones_are(wave):
    points = drawn(*wave)
    found = []
    for few in (0, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(curve, "FEW", few)
            found.append(thinned(points, TOLERANCE_MM))
    assert np.array_equal(*found)
