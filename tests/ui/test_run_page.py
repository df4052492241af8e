"""The run as a person sees it, and what they can do about it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from printcare.ui.station import RunningJob


@pytest.fixture
def running(qtbot, conductor, frame, job, run_plan):
    conductor.attach(run_plan, job.path, "u-0004", is_reattaching=False)
    qtbot.waitUntil(lambda: bool(job.clients))
    job.tell("UnitBegan", index=1)
    qtbot.waitUntil(lambda: conductor.run.unit == 1)
    return conductor


def _words(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def test_escape_twice_sends_stop(qtbot, running, frame, job):
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: job.commands == ["stop"])
    assert job.heard[-1]["user"] == "u-0004"


def test_escape_once_asks_and_stops_nothing(qtbot, running, frame, job):
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    assert "Press Esc once more" in _words(frame.run)
    running.hold()
    qtbot.waitUntil(lambda: bool(job.commands))
    assert job.commands == ["hold"]


@pytest.mark.parametrize("page", ["worklist", "prescription", "documents"])
def test_escape_twice_stops_from_any_page(qtbot, running, frame, job, page):
    frame.show_page(page)
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: job.commands == ["stop"])
    assert frame.current.key == page


def test_escape_does_nothing_where_no_job_runs(qtbot, conductor, frame, job):
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    assert job.heard == []


def test_hold_and_stop_are_always_there_while_a_job_runs(running, frame):
    assert frame.run.hold.isVisible()
    assert frame.run.hold.isEnabled()
    assert frame.run.stop.isVisible()
    assert frame.run.stop.isEnabled()


def test_a_held_job_offers_to_go_on(qtbot, running, frame, job):
    job.tell("Held", reason="window lost", user_id="system")
    qtbot.waitUntil(frame.run.resume.isVisible)
    assert "window lost" in frame.run.subtitle.text()
    qtbot.mouseClick(frame.run.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.commands == ["resume"])


def test_an_alarm_shows_cause_consequence_and_action(qtbot, running, frame, job, clog):
    job.tell("AlarmRaised", **clog)
    qtbot.waitUntil(lambda: frame.run.findChild(QWidget, "alarm-banner") is not None)
    banner = _words(frame.run.findChild(QWidget, "alarm-banner"))
    kind = clog["trip"]["kind"]
    for part in (kind["title"], clog["trip"]["seen"], kind["cause"], kind["consequence"], kind["action"], "unit 3"):
        assert part in banner


def test_each_unit_is_told_by_word_as_well(qtbot, running, frame, job):
    job.tell("UnitEnded", index=1, position="A1", state="rejected", mass_mg="381.4", reason="too light")
    job.tell("UnitBegan", index=2)
    qtbot.waitUntil(lambda: "A2 printing" in frame.run.tray.accessibleDescription())
    assert frame.run.tray.accessibleDescription().startswith("A1 rejected, A2 printing, A3 waiting")
    assert "unit 1 381.4 mg rejected" in frame.run.masses.accessibleDescription()


def test_a_lost_job_is_told_and_a_re_attached_one_as_well(qtbot, running, frame, job):
    job.drop()
    qtbot.waitUntil(lambda: "The window has lost the job" in _words(frame.run))
    qtbot.waitUntil(lambda: "Re-attached to the running job" in _words(frame.run))


def test_a_new_window_re_attaches_to_the_running_job(qtbot, conductor, frame, job, station, run_plan):
    job.tell("UnitBegan", index=1)
    job.tell("UnitEnded", index=1, position="A1", state="accepted", mass_mg="425.1", reason="")
    station.found = RunningJob("B-0001", "u-0004", job.path, run_plan)
    conductor.look_for_running_job()
    qtbot.waitUntil(lambda: "Re-attached to the running job" in _words(frame.run))
    qtbot.waitUntil(lambda: "A1 accepted" in frame.run.tray.accessibleDescription())
    assert frame.current is frame.run


def test_the_end_says_what_became_of_the_batch_and_leads_to_the_review(qtbot, running, frame, job):
    job.tell("JobEnded", outcome="failed", reason="A13 Printer lost: silent", units=[[1, "rejected"]])
    qtbot.waitUntil(frame.run.review.isVisible)
    assert "A13 Printer lost: silent" in _words(frame.run)
    assert "quarantine" in _words(frame.run)
    assert not frame.run.stop.isEnabled()


def test_a_job_that_dies_without_a_word_is_told(qtbot, running, frame, station):
    station.died = "killed"
    running._on_watch()
    assert "JOB_DIED" in _words(frame.run)


def test_the_review_of_a_batch_of_a_window_that_is_gone_is_refused_with_what_to_do(qtbot, running, frame):
    running.review()
    qtbot.waitUntil(lambda: "REHEARSAL_LOST" in _words(frame.run))
    assert "Rehearse again" in _words(frame.run)


def test_a_refused_command_is_shown(qtbot, running, frame, job):
    job.answer(seq=0, event="Refused", data={"code": "E_ROLE", "reason": "Not yours.", "remedy": "Ask the operator."})
    qtbot.waitUntil(lambda: "E_ROLE" in _words(frame.run))
    assert "Ask the operator." in _words(frame.run)
