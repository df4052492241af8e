"""A planned trial is forecast with its interval before it is printed, and compared with what came of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bench_house import BALANCE, RESEARCH, TODAY, House

from printcare.workflow.authority import Refused
from printcare.workflow.batch.research import plan_trial
from printcare.workflow.study.experiment_runs import print_trial
from printcare.workflow.study.forecast import LEAST_UNITS, compare_forecast, forecast, key_of


@pytest.fixture(scope="module")
def house(tmp_path_factory, cheap_passwords_for_all):
    made = House(tmp_path_factory.mktemp("twin"))
    yield made
    made.records.close()


def planned(house, units):
    """Return a planned trial."""
    at = (house.profile, BALANCE, RESEARCH, TODAY)
    return plan_trial(house.records, house.scientist, house.recipe, [house.part()], units, *at, seed=1)


@pytest.fixture(scope="module")
def printed(house):
    """Return a trial of six units that was forecast and printed, and its forecast."""
    trial = planned(house, LEAST_UNITS)
    hoped = forecast(house.records, house.scientist, trial.job)
    print_trial(house.records, house.printers(), trial)
    return trial, hoped


def test_mass_and_pressure_are_forecast_before_anything_is_printed(house, printed):
    trial, hoped = printed
    kept = house.records.events(object_id=key_of(trial.id), action="trial.forecast")[0]
    began = house.records.events(object_id=trial.id, action="batch.started")[0]
    assert kept.content["seq"] < began.content["seq"]
    assert {unit.mass_mg.value for unit in hoped.units} == {float(trial.job.first.gate.target_mg)}
    pressures = [unit.pressure_kpa.value for unit in hoped.units]
    assert pressures == sorted(pressures, reverse=True)  # the barrel empties


def test_a_faultless_print_lies_where_it_was_forecast(house, printed):
    trial, _ = printed
    told = compare_forecast(house.records, house.scientist, trial.id)
    for name in ("mass_mg", "pressure_kpa"):
        assert told[name]["inside"] >= told[name]["units"] - 1
    assert house.records.get("experiment", key_of(trial.id))["status"] == "compared"


def test_enough_units_of_earlier_trials_say_more_than_the_recipe(house, printed):
    later = forecast(house.records, house.scientist, planned(house, 2).job)
    assert later.basis.startswith(f"{LEAST_UNITS} weighed units")
    rows = house.records.all("unit", batch_id=printed[0].id).values()
    masses = [Decimal(row["mass_mg"]) for row in rows]
    assert later.units[0].mass_mg.value == pytest.approx(float(sum(masses) / len(masses)), rel=1e-3)


def test_a_batch_without_a_forecast_or_without_units_is_compared_with_nothing(house):
    unprinted = planned(house, 2)
    forecast(house.records, house.scientist, unprinted.job)
    for batch_id in (unprinted.id, "B-9999"):
        with pytest.raises(Refused, match="E_FORECAST_NONE"):
            compare_forecast(house.records, house.scientist, batch_id)
