"""The predicted mass is used only where a validation on record says that it is good enough for that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from printcare.domain.process import SoftSensor
from printcare.domain.sensor_validation import SensorValidation, sensor_stops

TODAY = date(2026, 3, 2)
GOOD = SensorValidation(30, Decimal("-1.0"), Decimal("1.2"), (Decimal(100), Decimal(500)), TODAY)
MASS_PCT, TARGET_MG = Decimal("7.5"), Decimal(425)


def told(use, found, target_mg=TARGET_MG, today=TODAY):
    return [each.reason for each in sensor_stops(SoftSensor(use, "EV-1"), found, target_mg, MASS_PCT, today)]


def test_what_is_used_for_nothing_needs_no_validation():
    assert told("none", None) == []


@pytest.mark.parametrize("use", ["early-stop", "fusion"])
def test_what_is_validated_well_enough_may_be_used(use):
    assert told(use, GOOD) == []  # 1.0 + 2·1.2 = 3.4 %, of 7.5 % and of 3.75 %


def test_a_use_without_a_validation_on_record_is_refused():
    assert told("early-stop", None) == ["The predicted mass may not be used: no validation EV-1 is on record."]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"units": 29}, "29 units"),
        ({"rmse_pct": Decimal("3.3")}, "7.60 %|7.6 %"),
        ({"range_mg": (Decimal(100), Decimal(424))}, "outside"),
        ({"range_mg": (Decimal(426), Decimal(500))}, "outside"),
        ({"validated_on": TODAY - timedelta(days=366)}, "2025-03-01"),
        ({"validated_on": TODAY + timedelta(days=1)}, "2026-03-03"),
    ],
)
def test_every_way_in_which_a_validation_falls_short_is_told(changes, word):
    (reason,) = told("early-stop", replace(GOOD, **changes))
    assert any(each in reason for each in word.split("|"))


def test_fusion_asks_for_twice_as_good_a_prediction_as_an_early_stop():
    worse = replace(GOOD, rmse_pct=Decimal("1.5"))  # 4.0 % off at most
    assert told("early-stop", worse) == []
    assert len(told("fusion", worse)) == 1
