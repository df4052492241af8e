"""The charts over units: what drifts is told once, and neighbours that are alike are no drift."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from trial import plan

from printcare.control.unit_charts import UnitCharts


def charts(**changes):
    part = plan().first
    return UnitCharts(part, replace(part.limits.detectors, **changes))


def told_at(made, share, units):
    """Return after which units of a pressure that stands at `share` of the prime's something was told."""
    return [number for number in range(1, units + 1) if made.judge(125.0, 125.0, share) is not None]


def test_a_drift_that_was_told_is_charted_anew_and_told_again_only_if_it_lasts():
    first, second, *_ = told_at(charts(), 1.5, 30)
    assert second - first == first  # as long as the first took, not at once
    assert "the pressure of units" in charts().judge(125.0, 125.0, 20.0).reason


def test_a_pressure_within_the_scatter_of_the_prime_is_no_drift():
    assert told_at(charts(), 1.05, 100) == []


@pytest.mark.parametrize(("rho", "is_told"), [("0.01", True), ("0.9", False)])
def test_units_that_resemble_their_neighbours_have_to_stand_further_off(rho, is_told):
    assert bool(told_at(charts(unit_rho=Decimal(rho)), 1.09, 100)) is is_told
