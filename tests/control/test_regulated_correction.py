"""Behind a regulator a cartridge's bias is corrected by time, as nothing else moves its mass."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from trial import BALANCE, Trial, soaking, with_part

from printcare.control.events import AlarmRaised, UnitEnded
from printcare.domain.policy import REHEARSAL
from printcare.emulator.bench import Bench
from printcare.emulator.labelled import truths_of
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.program import Header
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job

TARGET_MG = Decimal(100)


@pytest.mark.parametrize("thicker", [1.012, 0.988])
def test_a_lot_of_another_thickness_weighs_its_target_from_the_second_unit_on(thicker):
    recipe, profile = load_recipe("melatonin-blister"), load_profile("marlin-pneumatic")
    target = PartTarget(TARGET_MG, gate_for(recipe, TARGET_MG, BALANCE), "C-1", Decimal(10))
    made = plan_job("B-1", recipe, [target], 3, profile, REHEARSAL, Header("r", "lot T", "2", True))
    job = with_part(made, parameters=replace(made.first.parameters, soak_min=soaking(made)))
    truth = truths_of(recipe, profile)[0]
    even = replace(truth, k_factor=thicker, inhomogeneity=0.0, porosity=0.0)
    trial = Trial(job=job, bench=Bench(profile, ink=even)).run()
    first, *others = [float(unit.mass_mg / TARGET_MG) for unit in trial.of(UnitEnded)]
    assert first == pytest.approx(thicker ** (-1 / float(recipe.ink.flow_index)), rel=0.01)  # Q ∝ K^(−1/n)
    assert others == pytest.approx([1.0, 1.0], abs=0.008)
    assert not trial.of(AlarmRaised)
