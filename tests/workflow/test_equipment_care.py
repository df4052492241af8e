"""Register, qualification, upkeep, training, cleaning and deviations on record: what is refused, and by which code."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pypdfium2
import pytest
from care import PASSWORD, PROFILE, SERIAL, staffed
from ward import open_store

from printcare.domain.balance_check import Schedule
from printcare.domain.cleaning import PartState, Rules
from printcare.domain.equipment import PRINTER
from printcare.domain.people import SYSTEM
from printcare.domain.policy import POLICIES
from printcare.domain.qualification import Protocol, Step
from printcare.domain.training import FAILED, PASSED, Trained
from printcare.domain.upkeep import CALIBRATION, Done, Task, UpkeepSchedule
from printcare.formats.recipe import load_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.qualify import qualification
from printcare.workflow.qualify.check_site import Site
from printcare.workflow.qualify.report import report
from printcare.workflow.quality import deviations
from printcare.workflow.site import balance, cleaning, equipment, training, upkeep
from printcare.workflow.site.current import upkeep_due
from printcare.workflow.site.procedure import procedure_for
from printcare.workstation.virtual_bench import VirtualBench

IN, OUT = "in tolerance", "out of tolerance"
MASTER = load_recipe("cyclophosphamide-sse")
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
SHORT = Protocol(
    "short", 1, "OQ", "A short one", PRINTER, 365,
    (
        Step("zero", "Transmitter at rest", "near zero", check="pressure", figures=(("zero_kpa", "3"),)),
        Step("look", "Looked at", "whole", question="What was seen?"),
    ),
    "0" * 64,
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory, cheap_passwords_for_all):
    with open_store(tmp_path_factory.mktemp("care")) as records:
        made = staffed(records)
        made.in_use()
        made.check_balance()
        yield made


def codes(call, *given, **named):
    """Return the codes a call was refused with; the refusal stands on record."""
    records = given[0]
    with pytest.raises(Refused) as refused:
        call(*given, **named)
    last = records.events(after=records.head()[0] - 1)[-1].content
    assert (last["outcome"], last["reason_code"]) == ("refused", refused.value.code)
    return [finding.code for finding in refused.value.findings]


def test_equipment_is_entered_once_whole_and_moved_by_its_table(site):
    records, maintainer = site.records, site.people["max"]
    assert codes(equipment.register, records, maintainer, site.printer()) == ["E_EQUIPMENT_MOVE"]
    assert codes(equipment.register, records, maintainer, site.printer("twin")) == ["E_EQUIPMENT_TWICE"]
    assert codes(equipment.register, records, maintainer, site.printer("a/b", serial="2", parts=())) == [
        "E_EQUIPMENT_NAME",
        "E_EQUIPMENT_IDENTITY",
    ]
    assert codes(equipment.retire, records, maintainer, "nobody", "old") == ["E_EQUIPMENT_UNKNOWN"]
    assert codes(equipment.take_into_use, records, maintainer, "bench 1", "again") == ["E_EQUIPMENT_MOVE"]
    assert codes(equipment.take_out, records, maintainer, "bench 1", " ") == ["E_REASON_MISSING"]
    equipment.take_out(records, maintainer, "bench 1", "it rattles")
    equipment.take_into_use(records, maintainer, "bench 1", "mended")
    equipment.note_change(records, maintainer, site.printer(place="room 2"), "moved")
    assert equipment.equipment_of(records, "bench 1").place == "room 2"


def test_two_printers_of_one_profile_have_to_be_named(site):
    records, maintainer = site.records, site.people["max"]
    equipment.register(records, maintainer, site.printer("bench 2", serial="P-2"))
    with pytest.raises(Refused, match="E_PRINTER_WHICH"):
        equipment.printer_for(records, PROFILE.id, None)
    equipment.retire(records, maintainer, "bench 2", "sold")
    assert equipment.printer_for(records, PROFILE.id, None) == "bench 1"
    assert equipment.printer_for(records, "no profile", None) == ""


def bench(site, *faults):
    rig = VirtualBench(PROFILE, MASTER, faults)
    own = equipment.equipment_of(site.records, "bench 1")
    return Site(site.records, site.people["max"], own, PROFILE, MASTER, SERIAL, rig, dict(SHORT.steps[0].figures))


def run(site, *faults, who="max"):
    records, person = site.records, site.people[who]
    key = qualification.begin_run(records, person, SHORT, "bench 1", "", is_simulated=True)
    qualification.run_step(records, person, SHORT, key, SHORT.steps[0], bench(site, *faults))
    return key


def status(site, key):
    return site.records.get("qualification", key)["status"]


def test_a_run_is_approved_by_another_person_once_every_step_is_made(site):
    records, maintainer, quality = site.records, site.people["max"], site.people["quinn"]
    key = run(site)
    assert status(site, key) == "running"
    assert codes(qualification.approve_run, records, quality, PASSWORD, SHORT, key) == ["E_QUALIFICATION_STATE"]
    answer = {"passed": True, "evidence": " "}
    assert codes(qualification.answer_step, records, maintainer, SHORT, key, SHORT.steps[1], **answer) == [
        "E_STEP_EVIDENCE"
    ]
    qualification.answer_step(records, maintainer, SHORT, key, SHORT.steps[1], passed=True, evidence="no crack")
    until = qualification.approve_run(records, quality, PASSWORD, SHORT, key)
    assert status(site, key) == "approved"
    assert until - records.context.clock() > timedelta(days=364)
    with closing(pypdfium2.PdfDocument(report(records, quality, key, SHORT))) as document:
        words = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    assert f"by {maintainer.name}; approved, stands until {until:%Y-%m-%d}" in words
    assert "2 steps: 2 passed" in words
    assert f"{quality.name}: approved" in words
    assert codes(
        qualification.answer_step, records, maintainer, SHORT, key, SHORT.steps[1], passed=True, evidence="x"
    ) == ["E_QUALIFICATION_STATE"]


def test_nobody_approves_what_they_ran(site):
    key = run(site, who="both")
    both = site.people["both"]
    assert "AUTHOR_APPROVES" in codes(qualification.approve_run, site.records, both, PASSWORD, SHORT, key)


def test_a_failed_step_waits_for_quality_s_deviation(site):
    records, quality = site.records, site.people["quinn"]
    key = run(site, "pressure-offset@t:0")
    qualification.answer_step(records, site.people["max"], SHORT, key, SHORT.steps[1], passed=True, evidence="no crack")
    assert status(site, key) == "failed"
    assert codes(qualification.accept_deviation, records, quality, SHORT, key, "zero", "") == ["E_STEP_DEVIATION"]
    qualification.accept_deviation(records, quality, SHORT, key, "zero", "sensor changed, repeated in Q-9")
    assert status(site, key) == "finished"
    qualification.refuse_run(records, quality, key, "the sensor was not the registered one")
    assert status(site, key) == "refused"


def test_a_check_that_breaks_off_has_failed(site):
    key = run(site, "pressure-dead@t:0")
    (step,) = site.records.get("qualification", key)["steps"]
    assert step["outcome"] == "failed"


def test_a_protocol_is_run_on_its_kind_of_equipment_and_names_a_recipe_where_it_is_a_pq(site):
    given = (site.records, site.people["max"], replace(SHORT, stage="PQ"), "scale", "")
    assert codes(qualification.begin_run, *given, is_simulated=True) == [
        "E_EQUIPMENT_UNKNOWN",
        "E_QUALIFICATION_RECIPE",
    ]


def calibration(**changes):
    own = {"task": "pressure", "found": IN, "left": IN, "note": "done", "reference": "gauge 7", "certificate": "C-7"}
    return Done(**(own | {"certificate_until": NEXT_YEAR} | changes))


def test_a_calibration_names_a_reference_that_proves_something(site):
    records, maintainer = site.records, site.people["max"]
    cases = (
        (calibration(task="unknown"), ["E_UPKEEP_TASK"]),
        (calibration(reference=""), ["E_REFERENCE_MISSING"]),
        (calibration(certificate_until=NEXT_YEAR - timedelta(days=730)), ["E_REFERENCE_EXPIRED"]),
        (calibration(uncertainty=Decimal("0.4"), limit=Decimal(1)), ["E_REFERENCE_UNFIT"]),
        (calibration(found="fine"), ["E_UPKEEP_ENTRY"]),
    )
    for done, wanted in cases:
        assert codes(upkeep.calibrate, records, maintainer, "bench 1", done) == wanted
    assert upkeep.calibrate(records, maintainer, "bench 1", calibration()) == ()
    assert upkeep.maintain(records, maintainer, "bench 1", Done("axes and seals", IN, IN, "greased")) == ()


def test_what_was_found_out_of_tolerance_lists_units_and_opens_a_deviation_for_each_batch(site):
    records = site.records
    with records.transaction(SYSTEM) as tx:
        for batch_id, state in (("B-7", "released"), ("B-8", "quarantined"), ("B-9", "rejected")):
            tx.record("batch.put", "batch", batch_id, {"status": state, "printer": "bench 1"})
            tx.record("unit.weighed", "weighing", f"{batch_id}/01", {"mass_mg": "1"})
    opened = upkeep.calibrate(records, site.people["max"], "bench 1", calibration(task="temperature", found=OUT))
    assert opened == ("B-7/D1", "B-8/D1")
    row = records.get("maintenance", "bench 1/temperature")
    assert row["units"] == ["B-7/01", "B-8/01", "B-9/01"]
    assert records.get("deviation", "B-8/D1")["status"] == "open"


def test_a_cartridge_s_flow_is_calibrated_within_its_limit(site):
    records, operator = site.records, site.people["ada"]
    with records.transaction(SYSTEM) as tx:
        tx.record("cartridge.put", "cartridge", "K-1", {"status": "filled"})
    given = (records, operator, "K-1", Decimal(100))
    assert upkeep.calibrate_flow(*given, Decimal(118), Decimal("1.2")) == Decimal("98.3")
    assert codes(upkeep.calibrate_flow, *given, Decimal(60), Decimal("1.2")) == ["E_FLOW_LIMIT"]
    assert codes(upkeep.calibrate_flow, *given, Decimal(0), Decimal("1.2")) == ["E_FLOW_FIGURES"]
    assert codes(upkeep.calibrate_flow, records, operator, "K-9", Decimal(1), Decimal(1), Decimal(1)) == [
        "E_CARTRIDGE_UNKNOWN"
    ]


def test_the_site_sets_its_own_schedule_and_limits(site):
    records, owner = site.records, site.people["owner"]
    upkeep.set_upkeep(records, owner, UpkeepSchedule((Task("lamp", CALIBRATION, PRINTER, 10),)), "ours")
    assert [task.name for task in upkeep.schedule_of(records).tasks] == ["lamp"]
    upkeep.set_upkeep(records, owner, UpkeepSchedule(), "back")
    cleaning.set_rules(records, owner, Rules(dedicated=("tamoxifen",)), "validation V-3")
    assert cleaning.rules_of(records).dedicated == ("tamoxifen",)
    cleaning.set_rules(records, owner, Rules(), "back")


def test_a_setting_of_the_site_has_figures_above_nothing_and_a_reason(site):
    records, owner = site.records, site.people["owner"]
    idle = UpkeepSchedule((Task("lamp", CALIBRATION, PRINTER, 0),))
    assert codes(upkeep.set_upkeep, records, owner, idle, " ") == ["E_SETTING_NUMBER", "E_REASON_MISSING"]
    assert codes(cleaning.set_rules, records, owner, Rules(campaign_batches=0), "V-3") == ["E_SETTING_NUMBER"]
    assert codes(balance.set_schedule, records, owner, Schedule(zero_mg=Decimal(0)), "x") == ["E_SETTING_NUMBER"]
    assert codes(upkeep.set_upkeep, records, site.people["max"], UpkeepSchedule(), "ours") == ["NOT_PERMITTED"]


def test_what_is_due_of_equipment_is_told_under_the_codes_of_the_gate(site):
    records, maintainer = site.records, site.people["max"]
    equipment.register(records, maintainer, site.printer("bench 3", serial="P-3"))
    told = upkeep_due(records, "bench 3", POLICIES["locked"])
    assert [(each.code, each.severity) for each in told] == [("E_CALIBRATION_MISSING", "warning")] * 2
    upkeep.calibrate(records, maintainer, "bench 3", calibration())
    upkeep.calibrate(records, maintainer, "bench 3", calibration(task="temperature"))
    assert upkeep_due(records, "bench 3", POLICIES["locked"]) == ()
    assert upkeep_due(records, "nobody", POLICIES["locked"]) == ()
    equipment.retire(records, maintainer, "bench 3", "sold")


def trained(site, **changes):
    own = {"person": site.people["ada"].id, "module": "printer", "recipe": "", "printer": "bench 1", "version": "2"}
    own |= {"trainer": site.people["quinn"].id, "read_at": site.records.context.clock(), "assessed": PASSED}
    return Trained(**(own | {"note": "one set-up"} | changes))


def test_training_is_entered_by_its_trainer_and_ends_at_once_when_it_is_failed_or_revoked(site):
    records, quality = site.records, site.people["quinn"]
    ada = site.people["ada"].id
    cases = (
        (trained(site, module="flying"), ["E_TRAINING_MODULE"]),
        (trained(site, printer=""), ["E_TRAINING_SCOPE"]),
        (trained(site, trainer=ada), ["E_TRAINING_SELF", "E_TRAINING_TRAINER"]),
        (trained(site, note=""), ["E_TRAINING_ENTRY"]),
        (trained(site, person="u-nobody"), ["E_PERSON_UNKNOWN"]),
    )
    for each, wanted in cases:
        if each.module == "flying":
            with pytest.raises(Refused, match=wanted[0]):
                training.record_training(records, quality, each)
        else:
            assert codes(training.record_training, records, quality, each) == wanted
    training.record_training(records, quality, trained(site))
    clock = records.context.clock
    key = trained(site).key

    def counts():
        return [row["counts"] for row in training.matrix(records, clock()) if row["id"] == key]

    assert counts() == [True]
    assert codes(training.revoke_training, records, quality, key, " ") == ["E_TRAINING_REVOKE"]
    training.revoke_training(records, quality, key, "left the pharmacy")
    assert counts() == [False]
    training.record_training(records, quality, trained(site, assessed=FAILED))
    assert records.get("training", key)["status"] == "revoked"


def test_a_part_is_cleaned_step_by_step_and_inspected_by_another(site):
    records, ada, ben = site.records, site.people["ada"], site.people["ben"]
    given = (records, ada, "bench 1", "tray")
    water = {"agent": "water", "lot": "W-1"}
    assert codes(cleaning.enter_step, records, ada, "bench 1", "wing", PartState.WASHED, water) == ["E_PART_UNKNOWN"]
    assert codes(cleaning.enter_step, *given, PartState.CLEAN, water) == ["E_CLEANING_STEP"]
    assert codes(cleaning.enter_step, *given, PartState.WASHED, {"agent": " "}) == ["E_CLEANING_EVIDENCE"]
    for step in (PartState.WASHED, PartState.DRIED):
        cleaning.enter_step(*given, step, water)
    assert codes(cleaning.enter_step, *given, PartState.INSPECTED, {"seen": "clean"}) == ["SAME_PERSON"]
    cleaning.enter_step(records, ben, "bench 1", "tray", PartState.INSPECTED, {"seen": "clean"})
    assert cleaning.enter_step(*given, PartState.CLEAN, {"seen": "covered"}).state is PartState.CLEAN


def test_an_expired_training_takes_the_permission_away(site):
    records, ben = site.records, site.people["ben"]
    past = records.context.clock() - timedelta(days=400)
    training.record_training(
        records, site.people["quinn"], trained(site, person=ben.id, module="cleaning", read_at=past)
    )
    given = (records, ben, "bench 1", "holder T0", PartState.WASHED, {"agent": "water"})
    assert codes(cleaning.enter_step, *given) == ["E_TRAINING_EXPIRED"]


def test_a_part_that_waited_too_long_dirty_is_washed_twice(site):
    records, ada = site.records, site.people["ada"]
    long_ago = records.context.clock() - timedelta(hours=30)
    with records.transaction(SYSTEM) as tx:
        cleaning.soiled(tx, long_ago, "bench 1", ("nozzle T0",), (cleaning.Contact(0, "ink", "L"),))
    given = (records, ada, "bench 1", "nozzle T0", PartState.WASHED, {"agent": "water"})
    assert cleaning.enter_step(*given).state is PartState.DIRTY
    assert cleaning.enter_step(*given).state is PartState.WASHED


def test_a_line_is_cleared_by_two_people(site):
    records, ada, ben = site.records, site.people["ada"], site.people["ben"]
    assert codes(cleaning.clear_line, records, ada, replace(ada, roles=ben.roles), "bench 1", "B-7", "L")[-1] in (
        "SAME_PERSON",
        "NOT_PERMITTED",
    )
    cleaning.clear_batch(records, ada, ben, "bench 1", "B-7")
    row = records.get("cleaning", "bench 1/line")
    assert (row["by"], row["checked_by"], row["batch"]) == (ada.id, ben.id, "B-7")


def test_an_ink_nobody_knows_is_cleaned_as_the_worst(site):
    steps = procedure_for(site.records, "unknown")
    assert steps[0].name == "protect"
    assert steps[-1].by_two


def test_a_deviation_is_closed_by_another_with_cause_and_impact(site):
    records, ada, quality = site.records, site.people["ada"], site.people["quinn"]
    assert codes(deviations.open_deviation, records, ada, "B-404", "") == ["E_REASON_MISSING", "E_NOT_ON_RECORD"]
    assert codes(deviations.open_deviation, records, ada, "", "it rattles") == ["E_DEVIATION_OF"]
    key = deviations.open_deviation(records, ada, "", "it rattles", "bench 1")
    given = (records, quality, PASSWORD, key)
    assert codes(deviations.close_deviation, *given, "", "none") == ["E_REASON_MISSING"]
    action = deviations.open_capa(records, quality, key, "tighten the belt", "max", "2026-02-01")
    deviations.close_deviation(*given, "belt loose", "no unit printed since")
    assert codes(deviations.close_deviation, *given, "again", "none") == ["E_QUALITY_STATE"]
    deviations.close_capa(records, quality, PASSWORD, action, "no rattle in a month")
    assert records.get("capa", action)["status"] == "closed"
    assert codes(deviations.close_capa, records, quality, PASSWORD, "CAPA-9", "x") == ["E_NOT_ON_RECORD"]


def test_a_change_is_assessed_approved_by_another_and_closed(site):
    records, maintainer, quality = site.records, site.people["max"], site.people["quinn"]
    assert codes(deviations.propose_change, records, maintainer, "new firmware", "", "") == ["E_REASON_MISSING"] * 2
    key = deviations.propose_change(records, maintainer, "new firmware", "motion alone", "OQ of the axes")
    assert codes(deviations.close_change, records, quality, PASSWORD, key, "well") == ["E_QUALITY_STATE"]
    deviations.approve_change(records, quality, PASSWORD, key)
    deviations.close_change(records, quality, PASSWORD, key, "OQ passed")
    assert records.get("change", key)["status"] == "closed"
    told = deviations.review_quality(records, quality, "2026-01-01", "2026-03-31", "under control")
    assert told["counts"]["changes by status"] == {"closed": 1}
