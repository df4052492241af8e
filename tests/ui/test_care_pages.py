"""Equipment, training, cleaning and quality: every deed through the workflow, every refusal beside its field."""

import pytest
from caring import Hands, deeds, texts
from hands import LONG_MS, ORDER
from PySide6.QtCore import Qt

from printcare.domain.batch import BatchState
from printcare.workstation.virtual_bench import VirtualBench

PRINTER = "simulated marlin-syringe"


@pytest.fixture
def window(qtbot, conductor, frame, station):
    station.rig = lambda profile, master, ask: VirtualBench(profile, master)
    return Hands(qtbot, conductor, frame).begin()


@pytest.fixture
def printer(window):
    return next(name for name, row in window.records.all("printer").items() if row["kind"] == "printer")


@pytest.mark.parametrize("key", ["equipment", "cleaning", "training", "quality"])
def test_an_administrator_does_not_see_the_pages_of_the_floor(window, key):
    window.open("admin", "administration")
    assert not window.frame.rail.buttons[key].isEnabled()


def test_everybody_who_reads_the_record_sees_equipment_and_only_a_maintainer_moves_it(window):
    page = window.open("b.pharmacist", "equipment")
    assert deeds(page) == set()
    page = window.open("m.maintainer", "equipment")
    assert deeds(page) == {"register"}


def test_equipment_entered_on_the_page_stands_on_the_register_and_in_its_list(window):
    page = window.open("m.maintainer", "equipment")
    window.fill(page, "register", name="scale 2", kind="balance", serial="S-2", model="EMU204")
    window.quiet()
    assert window.records.get("printer", "scale 2")["status"] == "registered"
    assert "scale 2" in texts(page)


def test_a_refused_entry_is_told_beside_its_field_and_what_was_typed_stays(window):
    page = window.open("m.maintainer", "equipment")
    window.fill(page, "register", name="a/b", kind="balance", serial="S-2", model="EMU204")
    window.quiet()
    assert page.fields["name"].objection.isVisible()
    assert "E_EQUIPMENT_NAME" in page.fields["name"].objection.text()
    assert page.fields["name"].text == "a/b"
    assert window.records.get("printer", "a/b") is None


def test_a_printer_shows_what_is_due_its_parts_and_its_qualification(window, printer):
    page = window.open("q.quality", "equipment")
    window.choose(page, f"equipment|{printer}")
    told = texts(page)
    for wanted in ("pressure", "calibration", "nozzle T0", "OQ", "approved"):
        assert wanted in told


def test_a_calibration_without_its_reference_is_refused_at_the_field(window, printer):
    page = window.open("m.maintainer", "equipment")
    window.choose(page, f"equipment|{printer}")
    window.fill(page, "printer.calibrate", task="pressure", note="two points")
    window.quiet()
    assert "E_REFERENCE_MISSING" in page.fields["reference"].objection.text()


def test_a_calibration_with_its_reference_is_in_the_logbook(window, printer):
    page = window.open("m.maintainer", "equipment")
    window.choose(page, f"equipment|{printer}")
    given = {"reference": "gauge 7", "certificate": "C-1", "until": "2027-01-31"}
    window.fill(page, "printer.calibrate", task="pressure", note="two points", **given)
    window.quiet()
    assert window.records.get("maintenance", f"{printer}/pressure")["certificate"] == "C-1"
    assert "printer.calibrate" in texts(page)


def test_taken_out_of_use_by_the_window_it_is_out_of_use_on_record(window, printer):
    page = window.open("m.maintainer", "equipment")
    window.choose(page, f"equipment|{printer}")
    window.fill(page, "equipment.take_out", reason="drips")
    window.quiet()
    assert window.records.get("printer", printer)["status"] == "out of use"
    assert "equipment.take_into_use" in deeds(page)


def test_a_protocol_run_on_the_bench_is_reported_and_not_approved_by_who_ran_it(window, printer, station):
    page = window.open("m.maintainer", "equipment")
    window.choose(page, f"equipment|{printer}")
    window.fill(page, "iq")
    window.qtbot.waitUntil(lambda: window.conductor.caretaker._running is None, timeout=LONG_MS)
    window.quiet()
    key, run = next((key, row) for key, row in window.records.all("qualification").items() if row["protocol"])
    assert len(run["steps"]) > 1
    assert page.entry_key == f"run|{key}"
    assert "approve" not in deeds(page)
    window.press(page, "deed-report")
    window.quiet()
    assert (station.documents() / f"qualification-{key}.pdf").read_bytes().startswith(b"%PDF")


def test_a_protocol_is_cancelled_between_two_steps(window, printer):
    page = window.open("m.maintainer", "equipment")
    window.choose(page, f"equipment|{printer}")
    window.fill(page, "iq")
    page.cancels.click()
    window.qtbot.waitUntil(lambda: window.conductor.caretaker._running is None, timeout=LONG_MS)
    window.quiet()
    made = [row["steps"] for row in window.records.all("qualification").values() if row["protocol"]]
    assert all(len(steps) <= 1 for steps in made)
    assert not page.cancels.isVisible()


def test_the_matrix_says_of_everybody_what_counts_by_recipe_and_equipment(window):
    page = window.open("a.operator", "training")
    told = texts(page)
    for wanted in ("Ada Operator", "operator", "✓ counts", PRINTER):
        assert wanted in told
    assert deeds(page) == set()


def test_an_assessment_without_its_note_is_refused_and_with_it_counts(window):
    page = window.open("q.quality", "training")
    person = next(key for key, row in window.records.all("account").items() if "pharmacist" in row["roles"])
    window.fill(page, "training.record", person=person, module="verification", version="guide 3")
    window.quiet()
    assert "E_TRAINING_ENTRY" in page.fields["note"].objection.text()
    window.qtbot.keyClicks(page.fields["note"].line, "ten scenarios")
    window.press(page, "form-training-enter")
    window.quiet()
    assert window.records.get("training", f"{person}|verification")["status"] == "current"


def test_cleaning_is_entered_step_by_step_in_order_alone(window, printer):
    page = window.open("a.operator", "cleaning")
    window.fill(page, "cleaning.step", part="tray", step="clean", evidence="white light")
    window.quiet()
    assert "E_CLEANING_STEP" in page.fields["part"].objection.text()
    window.fill(page, "cleaning.step", part="tray", step="washed", agent="water")
    window.quiet()
    assert window.records.get("cleaning", f"{printer}/tray")["status"] == "washed"
    assert "▲ washed" in texts(page)


def test_who_washed_a_part_does_not_inspect_it(window):
    page = window.open("a.operator", "cleaning")
    for step in ("washed", "dried", "inspected"):
        window.fill(page, "cleaning.step", part="tray", step=step, evidence="done")
        window.quiet()
    assert "SAME_PERSON" in texts(page)


def test_the_line_is_cleared_for_a_planned_batch_by_two(window, printer):
    rehearsal = window.conductor.journey.here.rehearsal
    order = window.conductor.journey.here.desk.order(ORDER)
    planned = rehearsal.verify_and_plan(order, rehearsal.calculate(order))
    page = window.open("a.operator", "cleaning")
    window.fill(page, "line.clear", batch=planned.id)
    window.sign()
    row = window.records.get("cleaning", f"{printer}/line")
    people = rehearsal.people
    assert (row["by"], row["checked_by"]) == (people["a.operator"].id, people["b.pharmacist"].id)
    assert window.records.get("batch", planned.id)["status"] == BatchState.PLANNED


def test_a_deviation_is_opened_by_one_and_closed_by_another_with_a_signature(window, printer):
    page = window.open("a.operator", "quality")
    window.fill(page, "deviation.open", equipment=printer, reason="dripped after the print")
    window.quiet()
    (key,) = window.records.all("deviation")
    page = window.open("q.quality", "quality")
    window.choose(page, f"deviation|{key}")
    window.fill(page, "deviation.close", reason="worn seal", impact="none")
    window.sign()
    assert window.records.get("deviation", key)["status"] == "closed"


def test_a_deviation_of_nothing_is_refused_beside_its_field(window):
    page = window.open("a.operator", "quality")
    window.fill(page, "deviation.open", reason="something")
    window.quiet()
    assert "E_DEVIATION_OF" in page.fields["batch"].objection.text()


def test_a_recall_drill_says_how_long_the_list_took(window):
    page = window.open("q.quality", "quality")
    lot = next(iter(window.records.all("ink_lot")))
    window.fill(page, "ink_lot.drill", lot=lot, reason="yearly")
    window.quiet()
    (drilled,) = window.records.all("recall").values()
    assert drilled["status"] == "drill"
    assert f"{drilled['seconds']} s" in texts(page)


def test_the_review_of_access_is_quality_s_alone_and_signed(window):
    page = window.open("a.operator", "quality")
    assert "Review of access" not in [page.list.item(n).text().split("\n")[0] for n in range(page.list.count())]
    page = window.open("q.quality", "quality")
    window.choose(page, "access|")
    window.fill(page, "access.review", conclusion="nothing is to change")
    window.sign()
    assert len(window.records.all("access_review")) == 1


def test_the_process_owner_sets_what_comes_round_for_a_reason(window):
    page = window.open("m.maintainer", "equipment")
    assert "upkeep.set" not in deeds(page)
    page = window.open("p.owner", "equipment")
    days = {"task.pressure.days": "90", "task.service.days": "0"}
    window.fill(page, "upkeep.set", **days)
    window.quiet()
    assert "E_REASON_MISSING" in page.fields["reason"].objection.text()
    window.fill(page, "upkeep.set", **{"task.pressure.days": "often"}, reason="V-7")
    window.quiet()
    assert "E_NUMBER_FORMAT" in page.rows["task.pressure"].objection.text()
    window.fill(page, "upkeep.set", **days, reason="V-7", new="lamp", kind="calibration", of="printer", days="30")
    window.quiet()
    tasks = window.records.get("site_setting", "upkeep_schedule")["tasks"]
    assert {each["name"]: each["every_days"] for each in tasks} == {
        "axes and seals": 90, "temperature": 365, "pressure": 90, "lamp": 30,
    }  # fmt: skip
    assert "lamp" in texts(page)


def test_the_process_owner_sets_how_long_checks_of_a_balance_stand(window):
    page = window.open("p.owner", "equipment")
    window.fill(page, "checks.set", daily_h="0", reason="shifts")
    window.quiet()
    assert "E_SETTING_NUMBER" in page.fields["daily_h"].objection.text()
    window.fill(page, "checks.set", daily_h="12", below_minimum="V-12", reason="shifts")
    window.quiet()
    setting = window.records.get("site_setting", "balance_schedule")
    assert (setting["daily_h"], setting["corners_h"], setting["below_minimum"]) == ("12", "2232", "V-12")


def test_the_process_owner_sets_the_limits_of_cleaning(window):
    page = window.open("a.operator", "cleaning")
    assert "cleaning.set" not in deeds(page)
    page = window.open("p.owner", "cleaning")
    window.fill(page, "cleaning.set", excluded="tamoxifen", reason="V-3")
    window.quiet()
    assert "E_INK_PAIR" in page.fields["excluded"].objection.text()
    asked = {"dirty_hold_h": "12", "campaign_batches": "3", "dedicated": "tamoxifen", "excluded": "a:b"}
    window.fill(page, "cleaning.set", **asked, reason="V-3")
    window.quiet()
    rules = window.records.get("site_setting", "cleaning_rules")
    assert (rules["dirty_hold_h"], rules["campaign_batches"], rules["clean_hold_h"]) == ("12", 3, "168")
    assert (rules["dedicated"], rules["excluded"]) == (["tamoxifen"], [["a", "b"]])


def test_a_form_is_filled_in_by_keyboard_alone(window):
    page = window.open("q.quality", "quality")
    window.press(page, "deed-quality.review")
    assert page.fields["since"].line.hasFocus() or page.fields["since"].line is page.fields["since"].focusProxy()
    for _ in range(2):
        window.qtbot.keyClick(page.fields["since"].line, Qt.Key.Key_Tab)
    assert all(field.line.accessibleName() for field in page.fields.values())
