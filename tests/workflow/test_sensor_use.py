"""A validation of the predicted mass is made of weighed units on record, and asked for when a recipe uses it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from ink_house import open_house

from printcare.domain.gate import Weighing
from printcare.domain.people import SYSTEM
from printcare.domain.policy import REHEARSAL
from printcare.domain.process import SoftSensor
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.program import Header
from printcare.workflow.authority import Refused
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job
from printcare.workflow.batch.soft_sensor import soft_sensor_stops, validate_sensor, with_sensor

MASTER = load_recipe("cyclophosphamide-sse")


@pytest.fixture
def house(tmp_path, cheap_passwords):
    """Return a record that holds thirty predictions beside what was weighed, 1 % too low each."""
    made = open_house(tmp_path)
    with made.records.transaction(SYSTEM) as tx:
        for number in range(30):
            weighed = 400 + number * 2
            row = {"index": number + 1, "part": 1, "predicted_mg": str(weighed * 0.99), "weighed_mg": str(weighed)}
            row["forecast_mg"] = str(weighed * 0.995)
            tx.record("unit.predicted", "job", "B-0001", row)
    made.today = made.records.context.clock().date()
    yield made
    made.records.close()


def using(use):
    limits = replace(MASTER.limits, soft_sensor=SoftSensor(use, "EV-7"))
    return replace(MASTER, limits=limits)


def short_job(master):
    """Return a job of one unit of 425 mg."""
    gate = gate_for(master, Decimal(425), Weighing(Decimal("0.1"), Decimal("0.1"), Decimal("0.3"), Decimal("0.1")))
    header = Header(f"{master.id} {master.version}", "lot T", "17", True)
    target = PartTarget(Decimal(425), gate, "C-1", Decimal(10))
    return plan_job("B-1", master, [target], 1, load_profile("marlin-syringe"), REHEARSAL, header)


def codes(house, use, target_mg="425"):
    found = soft_sensor_stops(house.records, using(use), [Decimal(target_mg)], house.today)
    return [each.code for each in found]


def test_a_use_is_planned_only_once_it_is_validated(house):
    assert codes(house, "none") == []
    assert codes(house, "early-stop") == ["E_SOFT_SENSOR_UNVALIDATED"]
    found = validate_sensor(house.records, house.people["author"], "EV-7", ["B-0001"])
    assert (found.units, found.bias_pct, found.rmse_pct) == (30, Decimal("-1.00"), Decimal("1.00"))
    assert found.range_mg == (Decimal("400.00"), Decimal("458.00"))
    assert codes(house, "early-stop") == codes(house, "fusion") == []
    assert codes(house, "early-stop", "500") == ["E_SOFT_SENSOR_UNVALIDATED"]


def test_a_unit_is_stopped_by_a_job_whose_prediction_was_validated_to_stop_it_and_by_no_other(house):
    made = short_job(using("early-stop"))
    assert with_sensor(house.records, made).first.sensor_reach_mg is None
    validate_sensor(house.records, house.people["author"], "EV-7", ["B-0001"])
    # |bias| 0.5 % and twice an RMSE of 0.5 %, of 425 mg: the forecast's own figures, not the plunger's
    assert with_sensor(house.records, made).first.sensor_reach_mg == pytest.approx(425 * 0.015)
    assert with_sensor(house.records, short_job(using("fusion"))).first.sensor_reach_mg is None


def test_units_that_were_weighed_and_never_foreseen_validate_no_stop(house):
    with house.records.transaction(SYSTEM) as tx:
        for number in range(30):
            row = {"index": number + 1, "part": 1, "predicted_mg": str(410 + number), "weighed_mg": str(410 + number)}
            tx.record("unit.predicted", "job", "B-0003", row)
    validate_sensor(house.records, house.people["author"], "EV-7", ["B-0003"])
    assert codes(house, "fusion") == []
    assert codes(house, "early-stop") == ["E_SOFT_SENSOR_UNVALIDATED"]


def test_a_document_of_that_name_that_is_no_validation_validates_nothing(house):
    with house.records.transaction(SYSTEM) as tx:
        tx.record("qualification.signed", "qualification", "EV-7", {"subject": "printer", "status": "current"})
    assert codes(house, "early-stop") == ["E_SOFT_SENSOR_UNVALIDATED"]


def test_units_that_were_never_predicted_validate_nothing(house):
    with pytest.raises(Refused, match="E_SOFT_SENSOR_UNITS"):
        validate_sensor(house.records, house.people["author"], "EV-7", ["B-0002"])


def test_who_may_not_verify_a_recipe_validates_nothing(house):
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        validate_sensor(house.records, house.people["ada"], "EV-7", ["B-0001"])
