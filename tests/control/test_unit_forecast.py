"""A unit that is surely lost is stopped before it is finished, where the prediction was validated for that."""

from __future__ import annotations

from functools import cache

import pytest
from trial import Trial, answering, plan, with_part

from printcare.control.alarms import ALARMS
from printcare.control.events import AlarmRaised, Noted, Outcome, Predicted, UnitCut, UnitEnded
from printcare.control.unit_forecast import Forecast
from printcare.domain.batch import UnitState
from printcare.emulator.bench import Bench
from printcare.extrusion.syringe_model import SyringeModel

REACH_MG = 2.0  # |bias| + 2·RMSE of a validated prediction
LEAK = "leak@unit:2:12"  # 12 % of the flow, which the pressure's own limits do not see


@cache
def leaking(reach_mg):
    """Return a job of two units whose second leaks, with or without a validated prediction, and is answered."""
    made = with_part(plan(2), sensor_reach_mg=reach_mg)
    return Trial(job=made, bench=Bench(made.profile, faults=(LEAK,)), see=answering()).run()


def second(trial):
    return next(unit for unit in trial.of(UnitEnded) if unit.index == 2)


def test_a_unit_that_leaks_is_stopped_before_its_end_and_sooner_than_without_a_prediction():
    (cut,), whole = leaking(REACH_MG).of(UnitCut), second(leaking(None))
    assert cut.index == 2
    assert cut.lacking_mg > cut.limit_mg
    assert cut.laid_mm3 < 0.9 * whole.volume_mm3
    assert second(leaking(REACH_MG)).seconds < whole.seconds


def test_a_stopped_unit_is_rejected_by_the_mass_it_weighs_and_its_ink_counted_as_far_as_it_was_laid():
    trial = leaking(REACH_MG)
    (cut,), unit = trial.of(UnitCut), second(trial)
    assert (unit.state, dict(trial.ended.units)[2]) == (UnitState.REJECTED, UnitState.REJECTED)
    assert unit.mass_mg < trial.plan.first.gate.accepted_mg[0]
    assert unit.reason.startswith("stopped before its end")
    assert unit.volume_mm3 == cut.laid_mm3
    assert [event.trip.kind for event in trial.of(AlarmRaised)] == [ALARMS["A08"], ALARMS["A15"]]  # a leak is mass only
    left_mm3 = leaking(None).ended.ink_used_mm3 - trial.ended.ink_used_mm3
    assert left_mm3 == pytest.approx(second(leaking(None)).volume_mm3 - cut.laid_mm3, abs=0.01)


def test_the_stop_is_told_before_the_printer_is_told_to_end_the_unit():
    trial = leaking(REACH_MG)
    kinds = [type(event) for event in trial.told]
    position = next(
        place
        for place, event in enumerate(trial.told)
        if isinstance(event, Noted) and event.text.startswith("after unit 2")
    )
    assert kinds.index(UnitCut) < position  # where it then stands as after every unit: lifted, parked, plunger at rest


def test_a_batch_goes_on_after_a_stopped_unit():
    assert leaking(REACH_MG).ended.outcome is Outcome.COMPLETED


def test_what_it_foresaw_is_what_it_weighs():
    for trial in (leaking(None), leaking(REACH_MG)):
        for told in trial.of(Predicted):
            assert told.forecast_mg == pytest.approx(told.weighed_mg, rel=0.03)


def test_without_a_validation_the_shortfall_is_told_once_and_stops_nothing():
    trial = leaking(None)
    (noted,) = [event for event in trial.of(Noted) if event.what == "forecast"]
    assert (noted.unit, trial.of(UnitCut)) == (2, [])
    assert "may not stop it" in noted.text


def test_a_good_batch_is_foreseen_as_good():
    made = with_part(plan(2), sensor_reach_mg=0.0)
    trial = Trial(job=made).run()
    assert (trial.of(UnitCut), trial.ended.outcome) == ([], Outcome.COMPLETED)


# ---- by hand: q = P/10 mm³/s per kPa, C = 0.2 mm³/kPa

LINEAR = SyringeModel((0.0, 10.0), (0.0, 100.0), (0.0, 0.0), 0.2)


def foresight():
    part = plan(2).first
    return Forecast(part, part.limits.detectors, LINEAR, 0.0, 0.0), part


@pytest.mark.parametrize(("share", "lacks"), [(1.0, False), (0.8, True), (1.2, False)])
def test_a_pressure_below_what_the_plunger_needs_is_mass_that_lacks_and_one_above_is_none(share, lacks):
    told, part = foresight()
    flow_mm3_s = part.flow_mm3_s
    for reading in range(400):
        told.step(share * 10 * flow_mm3_s, flow_mm3_s * reading * 0.05, is_settled=reading > 20, seconds=0.05)
    # over 20 s a fifth of the flow is missing; of it the syringe stores 0.2 mm³/kPa · 0.8 · 10 kPa·s/mm³ · flow
    wanted_mg = (0.2 * 20 - 0.2 * 0.8 * 10) * flow_mm3_s * float(part.density_mg_mm3)
    assert told.fails is lacks
    if lacks:
        assert told.lacking_mg == pytest.approx(wanted_mg, rel=0.1)


def test_before_the_start_has_settled_and_without_time_nothing_is_told():
    told, _ = foresight()
    told.step(0.0, 100.0, is_settled=False, seconds=0.05)
    told.step(0.0, 100.0, is_settled=True, seconds=0.0)
    assert (told.lacking_mg, told.fails) == (0.0, False)
