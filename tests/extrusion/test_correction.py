"""Run-to-run correction against the reference rows, and what must hold of any of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.extrusion.correction import Correction


def test_the_ewma_follows_the_reference_row_by_row(vectors):
    wanted = vectors["ewma_run_to_run"]
    correction = Correction(wanted["lambda"], *wanted["clamp"])
    for row, gain, noise in zip(wanted["rows"], wanted["gain_true"], wanted["noise_mg"], strict=True):
        used = correction.multiplier
        assert used == pytest.approx(row["u"], rel=1e-6)
        delivered = wanted["target_mg"] * gain * used + noise
        assert delivered == pytest.approx(row["m"], rel=1e-6)
        correction.update(delivered, wanted["target_mg"], used)
        assert correction.gain == pytest.approx(row["ahat"], rel=1e-6)
        assert correction.multiplier == pytest.approx(row["u_next"], rel=1e-6)


@given(st.floats(0.5, 1.5), st.floats(0.05, 0.9), st.booleans())
def test_the_multiplier_never_leaves_the_proven_range_and_says_so(gain, weight, is_kalman):
    correction = Correction(weight, 0.95, 1.05, variance=1e-4 if is_kalman else None)
    for _ in range(60):
        correction.update(300 * gain * correction.multiplier, 300, correction.multiplier)
        assert 0.95 <= correction.multiplier <= 1.05
    assert correction.gain == pytest.approx(gain, abs=0.03)
    assert correction.is_clamped == (not 0.95 <= correction.wanted <= 1.05)


def test_the_kalman_form_ends_at_the_same_gain_and_begins_faster():
    kalman, ewma = Correction(0.3, 0.9, 1.1, variance=1e-4), Correction(0.3, 0.9, 1.1)
    for each in (kalman, ewma):
        each.update(285, 300, 1.0)
    assert abs(kalman.gain - 0.95) < abs(ewma.gain - 0.95)
    for _ in range(50):
        before, seen = kalman.gain, 0.97
        kalman.update(300 * seen, 300, 1.0)
    assert kalman.uncertainty / kalman.variance == pytest.approx(0.3, abs=1e-3)  # P = K·R at the steady gain
    assert abs(before - 0.97) < 1e-3


def test_a_cartridge_of_which_nothing_is_known_is_believed_from_its_first_unit():
    known, unknown = (Correction(0.3, 0.95, 1.05, 1.2e-2**2, prior) for prior in (None, 0.1**2 / 12))
    for estimate in (known, unknown):
        estimate.update(95.0, 100.0, 1.0)
    assert abs(unknown.gain - 0.95) < 0.4 * abs(known.gain - 0.95)
