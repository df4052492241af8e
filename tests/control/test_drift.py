"""What the balance does by itself is told apart from what lies on it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.control.drift import Drift, SumCheck, bracketed, evaporated_mg, limit_for
from printcare.domain.gate import Weighing, mass_gate

D = Decimal
GATE = mass_gate(D(300), D(5), D(1), D("0.5"), Weighing(D("0.1"), D("0.1"), D("0.3"), D("0.1")))


def test_bracketing_takes_a_linear_drift_out_exactly():
    # difference_weighing: 0.3 mg/min over 2 min is 0.6 mg of bias; tares one interval before and after the gross
    assert bracketed(D("1000.0"), D("1300.6"), D("1001.2")) == 300


def test_evaporation_is_the_rate_times_the_time():
    # process.md §4.1: 0.51 mg/min, 1.53 mg in 3 min
    assert evaporated_mg(D("0.51050881"), 180.0) == D("1.53")


def test_a_drift_is_found_from_rests_and_taken_off_only_once_it_is_sure():
    drift = Drift(GATE)
    assert drift.rested(0.0, D(1000)) is None
    assert drift.over_mg(60) == 0
    assert drift.rested(10.0, D("1000.1")) is None
    assert drift.rate_mg_s == 0.0  # too short a rest
    drift.laid(100.0, D(1300))
    assert drift.rested(220.0, D("1301.2")) is None
    assert drift.over_mg(60) == pytest.approx(D("0.60"), abs=D("0.01"))


def test_a_still_balance_is_not_corrected_for_its_noise():
    drift = Drift(GATE)
    for second, weight in ((0.0, "1000.0"), (60.0, "1000.1"), (120.0, "1000.0")):
        assert drift.rested(second, D(weight)) is None
    assert drift.over_mg(60) == 0


def test_a_jump_with_nothing_laid_is_no_drift():
    drift = Drift(GATE)
    drift.rested(0.0, D(1000))
    assert "changed by -300 mg in 5 s" in drift.rested(5.0, D(700))


def test_the_sum_closes_within_its_limit_and_not_beyond():
    check = SumCheck(D(0), D(1203), D(1200), D(2), D(1))
    assert check.unexplained_mg == 1
    assert check.is_closed
    assert not replace(check, limit_mg=D("0.9")).is_closed


def test_the_limit_grows_with_the_root_of_the_weighings():
    assert limit_for(GATE, 1) == GATE.gate_mg.quantize(D("0.01"))
    assert limit_for(GATE, 10_000) == (100 * GATE.expanded_mg).quantize(D("0.01"))
