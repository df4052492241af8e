"""Cleaning, upkeep, training, equipment and protocols as rules: each limit from both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from printcare.domain.checks import Finding
from printcare.domain.cleaning import PartRecord, PartState, Rules, dirty_hold_is_over, part_stops, step_stops
from printcare.domain.equipment import (
    EQUIPMENT_MOVES,
    Equipment,
    EquipmentStatus,
    parts_of_tools,
    status_after,
)
from printcare.domain.procedure import AFTER, BEFORE, COMMON, procedure
from printcare.domain.qualification import (
    Executed,
    Protocol,
    RunStatus,
    Step,
    StepOutcome,
    ends_at,
    no_longer_same,
    protocol_objections,
    status_of,
)
from printcare.domain.training import MODULES, Trained, assessment_stops
from printcare.domain.upkeep import CALIBRATION, MAINTENANCE, Done, Task, UpkeepSchedule, done_stops, due_at

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
RULES = Rules(dedicated=("tamoxifen",), excluded=(("hormone", "ink"),))
H = timedelta(hours=1)


def part(state=PartState.CLEAN, **changes):
    return replace(PartRecord("tray", state, NOW - H, "ink", "L-1", 1, NOW - H, NOW - H), **changes)


def stops(record, ink="ink", lot="L-1", now=NOW):
    return [finding.code for finding in part_stops(record, ink, lot, RULES, now)]


def test_a_clean_part_may_touch_any_ink_until_its_hold_ends():
    assert stops(part(), "other", "X") == []
    assert stops(part(), now=NOW - H + timedelta(days=7)) == []
    assert stops(part(), now=NOW - H + timedelta(days=7, seconds=1)) == ["E_CLEAN_HOLD"]


def test_a_dirty_part_goes_on_with_its_own_lot_alone():
    dirty = part(PartState.DIRTY)
    assert stops(dirty) == []
    assert stops(dirty, lot="L-2") == ["E_CLEANING_DUE"]
    assert stops(dirty, ink="other") == ["E_CLEANING_DUE"]


def test_a_campaign_ends_by_batches_and_by_hours():
    dirty = part(PartState.DIRTY)
    assert stops(replace(dirty, batches=4)) == []
    assert stops(replace(dirty, batches=5)) == ["E_CAMPAIGN_OVER"]
    assert stops(dirty, now=NOW + 24 * H) == ["E_CAMPAIGN_OVER"]
    assert stops(replace(dirty, campaign_since=None), now=NOW + 24 * H) == ["E_CAMPAIGN_OVER"]


@pytest.mark.parametrize("state", [PartState.WASHED, PartState.DRIED, PartState.INSPECTED])
def test_a_half_cleaned_part_blocks(state):
    assert stops(part(state)) == ["E_CLEANING_UNFINISHED"]


def test_what_is_dedicated_or_excluded_is_made_good_by_no_cleaning():
    assert stops(part(dedicated_to="other")) == ["E_PART_DEDICATED"]
    assert stops(part(dedicated_to="ink")) == []
    assert stops(part(), "tamoxifen") == ["E_PART_DEDICATED"]
    assert stops(part(ink=""), "tamoxifen") == []
    assert stops(part(ink="hormone")) == ["E_CHANGEOVER"]


def test_steps_follow_one_another_and_washing_may_begin_again():
    assert step_stops(None, PartState.WASHED, "tray") == ()
    assert step_stops(part(PartState.DIRTY), PartState.WASHED, "tray") == ()
    assert step_stops(part(PartState.INSPECTED), PartState.WASHED, "tray") == ()
    assert step_stops(part(PartState.INSPECTED), PartState.CLEAN, "tray") == ()
    for wrong in (None, part(PartState.DIRTY), part(PartState.CLEAN)):
        assert [each.code for each in step_stops(wrong, PartState.CLEAN, "tray")] == ["E_CLEANING_STEP"]


def test_the_dirty_hold_runs_from_the_print():
    dirty = part(PartState.DIRTY)
    assert not dirty_hold_is_over(None, RULES, NOW)
    assert not dirty_hold_is_over(replace(dirty, dirty_since=None), RULES, NOW)
    assert not dirty_hold_is_over(dirty, RULES, NOW + 23 * H)
    assert dirty_hold_is_over(dirty, RULES, NOW + 23 * H + timedelta(seconds=1))


@pytest.mark.parametrize("status", [None, *EquipmentStatus])
@pytest.mark.parametrize("command", sorted({move[2] for move in EQUIPMENT_MOVES}))
def test_equipment_moves_by_its_table_alone(status, command):
    ends = [end for start, end, name in EQUIPMENT_MOVES if (start, name) == (status, command)]
    found = status_after(status, command, "bench")
    assert found == ends[0] if ends else isinstance(found, Finding)


def test_equipment_says_who_it_is():
    whole = Equipment("scale", "balance", "E204", "1")
    assert whole.objections() == ()
    assert [each.code for each in replace(whole, name=" ").objections()] == ["E_EQUIPMENT_NAME"]
    assert [each.code for each in replace(whole, serial="").objections()] == ["E_EQUIPMENT_IDENTITY"]
    assert [each.code for each in replace(whole, kind="printer").objections()] == ["E_EQUIPMENT_IDENTITY"]
    assert parts_of_tools(("syringe", "syringe")) == ("holder T0", "nozzle T0", "holder T1", "nozzle T1", "tray")


def test_upkeep_comes_round():
    schedule = UpkeepSchedule()
    assert [task.name for task in schedule.of("printer", MAINTENANCE)] == ["axes and seals"]
    assert due_at(NOW, Task("x", CALIBRATION, "printer", 10)) == NOW + timedelta(days=10)
    assert done_stops(Done("x", "in tolerance", "in tolerance", "done"), MAINTENANCE, NOW) == ()
    exact = Done("x", "in tolerance", "in tolerance", "done", "w", "c", NOW, Decimal("0.3"), Decimal("0.9"))
    assert done_stops(exact, CALIBRATION, NOW) == ()
    worse = replace(exact, uncertainty=Decimal("0.31"))
    assert [each.code for each in done_stops(worse, CALIBRATION, NOW)] == ["E_REFERENCE_UNFIT"]


def test_an_entry_without_reference_or_note_is_none():
    bare = Done("x", "in tolerance", "in tolerance", "")
    assert [each.code for each in done_stops(bare, CALIBRATION, NOW)] == ["E_UPKEEP_ENTRY", "E_REFERENCE_MISSING"]
    late = Done("x", "in tolerance", "in tolerance", "done", "w", "c", NOW - H)
    assert [each.code for each in done_stops(late, CALIBRATION, NOW)] == ["E_REFERENCE_EXPIRED"]


def test_a_module_nobody_teaches_is_named():
    made = Trained("u-1", "flying", "", "", "1", "u-2", NOW, "passed", "done")
    assert [each.code for each in assessment_stops(made)] == ["E_TRAINING_MODULE"]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_module_is_assessed_by_another_and_ends(module):
    made = Trained("u-1", module.name, "r/1", "bench", "1", "u-2", NOW, "passed", "done")
    assert assessment_stops(made) == ()
    assert made.until() == NOW + timedelta(days=module.valid_days)
    assert ("r/1" in made.key, "bench" in made.key) == (module.of_recipe, module.of_printer)
    assert [each.code for each in assessment_stops(replace(made, trainer="u-1"))] == ["E_TRAINING_SELF"]
    assert [each.code for each in assessment_stops(replace(made, note=" "))] == ["E_TRAINING_ENTRY"]
    unscoped = [each.code for each in assessment_stops(replace(made, recipe="", printer=""))]
    assert unscoped == (["E_TRAINING_SCOPE"] if module.of_recipe or module.of_printer else [])


def test_a_hazard_brings_protection_and_witnessed_waste_into_the_steps():
    assert procedure("none") == COMMON
    assert procedure("cytotoxic") == (*BEFORE["cytotoxic"], *COMMON, *AFTER["cytotoxic"])
    assert procedure("") == procedure("antineoplastic, group 1") == procedure("cytotoxic")
    assert procedure("reproductive toxicity") == (*BEFORE["hazardous"], *COMMON, *AFTER["hazardous"])
    assert procedure("cytotoxic")[-1].as_dict()["by_two"] is True


AUTO, ASK = Step("a", "A", "fits", check="axes"), Step("b", "B", "whole", question="What?")
PROTOCOL = Protocol("p", 1, "OQ", "P", "printer", 365, (AUTO, ASK), "0")


def executed(step, outcome):
    return Executed(step, outcome, (), "u-1", NOW)


def test_a_run_is_finished_when_the_last_attempt_of_every_step_is_good():
    passed, failed = StepOutcome.PASSED, StepOutcome.FAILED
    assert status_of(PROTOCOL, [executed("a", passed)]) is RunStatus.RUNNING
    assert status_of(PROTOCOL, [executed("a", failed), executed("b", passed)]) is RunStatus.FAILED
    again = [executed("a", failed), executed("b", passed), executed("a", passed)]
    assert status_of(PROTOCOL, again) is RunStatus.FINISHED
    dealt_with = [executed("a", failed), executed("b", passed), executed("a", StepOutcome.DEVIATION)]
    assert status_of(PROTOCOL, dealt_with) is RunStatus.FINISHED
    assert ends_at(PROTOCOL, NOW) == NOW + timedelta(days=365)
    assert (AUTO.is_automatic, ASK.is_automatic) == (True, False)


def test_a_changed_firmware_asks_for_a_requalification():
    qualified = {"firmware": "1", "profile": "p"}
    assert no_longer_same(qualified, {"firmware": "1", "profile": "p"}, "bench") == ()
    (found,) = no_longer_same(qualified, {"firmware": "2", "profile": "p"}, "bench")
    assert (found.code, "firmware" in found.reason) == ("E_REQUALIFICATION", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stage": "XQ"}, "F_PROTOCOL_STAGE"),
        ({"valid_days": 0}, "F_PROTOCOL_STAGE"),
        ({"steps": ()}, "F_PROTOCOL_STEPS"),
        ({"steps": (AUTO, AUTO)}, "F_PROTOCOL_STEPS"),
        ({"steps": (replace(AUTO, question="both"),)}, "F_PROTOCOL_STEP"),
        ({"steps": (replace(AUTO, check="magic"),)}, "F_PROTOCOL_CHECK"),
    ],
)
def test_a_protocol_that_cannot_be_run_is_told_so(changes, code):
    assert protocol_objections(PROTOCOL, ("axes",)) == ()
    assert [each.code for each in protocol_objections(replace(PROTOCOL, **changes), ("axes",))] == [code]
