"""A trial of research mode is printed without an order, from what was never approved, and is rehearsed at most."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from rehearsing import TODAY, Rehearsal

from printcare.domain.numbers import plain
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH
from printcare.domain.recipe import only_for_research
from printcare.formats.profile import load_profile
from printcare.workflow.authority import Refused
from printcare.workflow.batch import produce
from printcare.workflow.batch.research import TrialPart, plan_trial
from printcare.workflow.demonstration import BALANCE, PROFILE
from printcare.workflow.ink.recall import trace
from printcare.workflow.mode import switch
from printcare.workflow.release import review

pytestmark = [pytest.mark.hazard("HZ-12")]


class Trial(Rehearsal):
    """A rehearsal whose site is in research mode, and which has no order."""

    def __init__(self, folder, policy=RESEARCH):
        super().__init__(folder)
        show = self.demonstration
        show.policy = REHEARSAL if policy is LOCKED else policy
        show.set_up()
        if policy is LOCKED:
            switch(self.records, show.people["p.owner"], show.passwords["p.owner"], policy, "to patients")
            show.policy = policy

    def plan_one(self, dose_mg="17", units=2, who="f.scientist", policy=None, recipe=None, profile=PROFILE, parts=1):
        """Plan two units of the shipped recipe, or what is asked for."""
        show = self.demonstration
        given = [TrialPart(Decimal(dose_mg), *show.materials())] * parts
        master, machine = recipe or show.recipe, load_profile(profile)
        at = (BALANCE, policy or show.policy, TODAY)
        return plan_trial(self.records, show.people[who], master, given, units, machine, *at, seed=1)


@pytest.fixture
def trial(tmp_path, cheap_passwords):
    one = Trial(tmp_path)
    yield one
    one.close()


def refused(one, action="research.print", **changes):
    """Return the codes a trial is refused with: recorded, and without any batch."""
    with pytest.raises(Refused) as found:
        one.plan_one(**changes)
    told = one.records.events(action=action)[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", found.value.code)
    assert one.records.all("batch") == {}
    return [finding.code for finding in found.value.findings]


def test_a_trial_without_any_order_is_printed_and_can_only_be_rehearsed(trial):
    show, records = trial.demonstration, trial.records
    planned = trial.plan_one()
    operator, password = show.people["a.operator"], show.passwords["a.operator"]
    produce.prepare(records, operator, password, None, "", planned)
    ended = produce.produce(records, operator, planned.job, planned.job.first.cartridge_id, trial.ports, lambda _: None)
    assert ended.outcome.value == "completed"
    assert "NOT FOR PATIENTS" in planned.job.program.text
    review.finish_recorded(records, operator, planned.id, password)
    decision = review.review_recorded(records, planned.id)
    assert "released" not in decision.may_be
    releaser, secret = show.people["r.releaser"], show.passwords["r.releaser"]
    with pytest.raises(Refused):
        review.decide_recorded(records, releaser, secret, planned.id, decision, "released")
    review.decide_recorded(records, releaser, secret, planned.id, decision, "rehearsed")
    state = records.get("batch", planned.id)
    assert (state["status"], state["mode"], state["prescription"]) == ("rehearsed", "research", "")
    assert {unit["use"] for unit in records.all("unit", batch_id=planned.id).values()} == {"spare"}
    traced = trace(records, show.people["q.quality"], state["lot"])
    assert [batch.id for batch in traced.batches] == [planned.id]
    assert trial.verdict() in ("OK", "UNANCHORED")


@pytest.mark.parametrize("policy", [LOCKED, REHEARSAL])
def test_no_other_mode_prints_without_an_order(tmp_path, cheap_passwords, policy):
    one = Trial(tmp_path, policy)
    assert "E_ORDER_MISSING" in refused(one)
    assert "E_MODE_DIFFERS" in refused(one, policy=RESEARCH)
    one.close()


def test_a_trial_may_use_a_draft_and_other_parameters_than_were_written(trial):
    recipe = trial.demonstration.recipe
    slower = replace(recipe.parameters.print_speed_mm_s, target=Decimal(16))
    changed = replace(recipe, version=9, parameters=replace(recipe.parameters, print_speed_mm_s=slower))
    assert trial.plan_one(recipe=changed).job.master == changed


def test_a_dose_nobody_validated_is_told_and_not_refused(trial):
    _, high = trial.demonstration.recipe.unit_range.dose_mg
    planned = trial.plan_one(dose_mg=plain(high + 1))
    assert "W_TRIAL_DOSE" in [finding.code for finding in planned.findings]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"who": "a.operator"}, "NOT_PERMITTED"),
        ({"dose_mg": "0"}, "E_DOSE_OUT_OF_RANGE"),
        ({"units": 0}, "E_TRIAL_UNITS"),
        ({"units": 500}, "E_TRIAL_UNITS"),
        ({"profile": "marlin-pneumatic"}, "E_PRINTER_CLASS"),
        ({"parts": 2}, "E_PART_WITHOUT_DOSE"),
    ],
)
def test_what_makes_no_trial_is_refused_as_an_event(trial, changes, code):
    assert code in refused(trial, **changes)


def test_a_trial_that_was_planned_keeps_the_site_in_research_mode(trial):
    trial.plan_one()
    show = trial.demonstration
    with pytest.raises(Refused, match="E_MODE_BATCH_OPEN"):
        switch(trial.records, show.people["p.owner"], show.passwords["p.owner"], LOCKED, "back to patients")


def test_a_recipe_for_research_alone_is_tried_where_nothing_is_released(trial):
    recipe = replace(trial.demonstration.recipe, research_only=True)
    assert only_for_research(recipe, LOCKED) != ()
    assert trial.plan_one(recipe=recipe).job.master.research_only
