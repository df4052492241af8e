"""The run as a person sees it, and what they can do about it."""

import pytest
from hands import sign_in_as
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from printcare.ui.models import Admitted
from printcare.workflow.batch.job_access import not_admitted


@pytest.fixture
def running(qtbot, conductor, frame, job, run_plan):
    conductor.lead.admit(Admitted("u-0004", "ticket"))
    conductor.lead.attach(run_plan, job.path, is_reattaching=False)
    qtbot.waitUntil(lambda: bool(job.clients))
    job.tell("UnitBegan", index=1)
    qtbot.waitUntil(lambda: conductor.lead.run.unit == 1)
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
    running.lead.hold()
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


@pytest.fixture
def re_attached(qtbot, conductor, frame, job, left_running):
    job.tell("UnitBegan", index=1)
    job.tell("UnitEnded", index=1, position="A1", state="accepted", mass_mg="425.1", reason="")
    conductor.look_around()
    qtbot.waitUntil(lambda: "Re-attached to the running job" in _words(frame.run))
    return conductor


def test_a_new_window_re_attaches_to_the_running_job(qtbot, re_attached, frame):
    qtbot.waitUntil(lambda: "A1 accepted" in frame.run.tray.accessibleDescription())
    assert frame.current is frame.run


def test_a_re_attached_window_makes_safe_and_does_nothing_else_before_a_sign_in(qtbot, re_attached, frame, job):
    job.tell("Held", reason="window lost", user_id="system")
    qtbot.waitUntil(frame.run.resume.isVisible)
    assert not frame.run.resume.isEnabled()
    re_attached.lead.resume()
    assert "SESSION_NONE" in _words(frame.run)
    re_attached.lead.hold()
    qtbot.waitUntil(lambda: job.commands == ["hold"])
    assert job.heard[-1]["user"] == ""


def test_a_re_attached_window_acts_by_the_ticket_a_password_gave(qtbot, re_attached, frame, job, left_running):
    job.tell("Held", reason="window lost", user_id="system")
    sign_in_as(qtbot, frame, "a.operator")
    qtbot.waitUntil(frame.run.resume.isEnabled)
    assert frame.current is frame.run
    qtbot.mouseClick(frame.run.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.commands == ["resume"])
    shown = next(line for line in job.heard if "sign_in" in line)
    assert shown["sign_in"] == left_running.desk.rehearsal.people["a.operator"].id
    assert not_admitted(left_running.desk.records, left_running.batch_id, shown["sign_in"], shown["ticket"]) is None


def test_signing_out_takes_the_voice_away(qtbot, re_attached, frame, job):
    sign_in_as(qtbot, frame, "a.operator")
    qtbot.waitUntil(lambda: any(line.get("sign_in") for line in job.heard))
    frame.leave.click()
    qtbot.waitUntil(lambda: job.heard[-1] == {"sign_in": "", "ticket": ""})


def test_the_end_says_what_became_of_the_batch_and_leads_to_the_review(qtbot, running, frame, job):
    job.tell("JobEnded", outcome="failed", reason="A13 Printer lost: silent", units=[[1, "rejected"]])
    qtbot.waitUntil(frame.run.review.isVisible)
    assert "A13 Printer lost: silent" in _words(frame.run)
    assert "quarantine" in _words(frame.run)
    assert not frame.run.stop.isEnabled()


def test_a_job_that_dies_without_a_word_is_over_and_leads_to_the_review(qtbot, running, frame, job, station):
    job.drop()
    qtbot.waitUntil(lambda: "The window has lost the job" in _words(frame.run))
    station.died = "killed"
    running.lead._on_watch()
    assert "JOB_DIED" in _words(frame.run)
    assert not running.lead.is_running
    assert frame.run.review.isVisibleTo(frame)
    assert not frame.run.stop.isVisibleTo(frame)  # nobody is left to take it
    assert "A1 rejected" in frame.run.tray.accessibleDescription()
    assert not [
        label for label in frame.run.findChildren(QLabel) if label.isVisible() and "finishes its" in label.text()
    ]


def test_a_refused_command_is_shown(qtbot, running, frame, job):
    job.answer(seq=0, event="Refused", data={"code": "E_ROLE", "reason": "Not yours.", "remedy": "Ask the operator."})
    qtbot.waitUntil(lambda: "E_ROLE" in _words(frame.run))
    assert "Ask the operator." in _words(frame.run)


@pytest.fixture
def door():
    """Return an alarm that holds the job, as the endpoint tells it."""
    kind = {
        "id": "A16",
        "title": "Door open or wrong cartridge",
        "cause": "The door stands open.",
        "consequence": "The job holds before the next unit.",
        "action": "Close it.",
        "priority": 1,
    }
    return {"trip": {"kind": kind, "seen": "door: open"}, "unit": 2}


def _banner(frame):
    return frame.run.findChild(QWidget, "alarm-banner")


def test_an_alarm_is_not_answered_without_a_reason(qtbot, running, frame, job, clog):
    job.tell("AlarmRaised", **clog)
    qtbot.waitUntil(lambda: _banner(frame) is not None)
    assert not _banner(frame).acknowledge.isEnabled()


def test_a_banner_takes_no_shelving_of_an_alarm_that_stops_the_print(qtbot, running, frame, job, door):
    job.tell("AlarmRaised", **door)
    qtbot.waitUntil(lambda: _banner(frame) is not None)
    assert not _banner(frame).shelve.isVisible()


def test_a_warning_is_shelved_with_its_reason(qtbot, running, frame, job, door):
    door["trip"]["kind"] |= {"id": "A07", "priority": 3}
    job.tell("AlarmRaised", **door)
    qtbot.waitUntil(lambda: _banner(frame) is not None)
    qtbot.keyClicks(_banner(frame).reason, "the room is warm")
    qtbot.mouseClick(_banner(frame).shelve, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.commands == ["shelve"])
    assert job.heard[-1]["reason"] == "A07 the room is warm"


def test_an_answered_alarm_leaves_the_page(qtbot, running, frame, job, door):
    job.tell("AlarmRaised", **door)
    qtbot.waitUntil(lambda: _banner(frame) is not None)
    moved = {"before": "LATCH_UNACK", "after": "LATCH_ACK", "event": "ack", "user_id": "u-0004", "reason": "closed"}
    job.tell("AlarmMoved", alarm="A16", at_s=3.0, wants_signature=True, **moved)
    qtbot.waitUntil(lambda: _banner(frame) is None)


def test_a_command_the_job_did_not_follow_is_told(qtbot, running, frame, job):
    job.tell("Noted", what="command", text="u-0004: resume refused, A16 must be acknowledged", unit=None)
    qtbot.waitUntil(lambda: "A16 must be acknowledged" in _words(frame.run))


def test_corrections_and_predicted_masses_stand_beside_the_run(qtbot, running, frame, job):
    job.tell("Corrected", index=3, part=1, multiplier=1.0123, gain=0.9879, volume_mm3=400.0, digest="0" * 64)
    told = {"predicted_mg": 424.1, "weighed_mg": 425.0, "z": 0.4, "fused_mg": None}
    job.tell("Predicted", index=2, part=1, **told)
    qtbot.waitUntil(lambda: "424.1 mg; weighed 425 mg" in _words(frame.run.context))
    assert "flow × 1.012" in _words(frame.run.context)


@pytest.mark.parametrize(("what", "told"), [("place", "Put unit 1 from A1"), ("empty", "Take unit 1 off")])
def test_a_balance_beside_the_printer_is_answered_with_the_unit_it_asked_for(qtbot, running, frame, job, what, told):
    assert not frame.run.placed.isVisible()
    job.tell("PlacementAsked", index=1, position="A1", what=what)
    qtbot.waitUntil(frame.run.placed.isVisible)
    assert told in frame.run.title.text()
    qtbot.mouseClick(frame.run.placed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.commands == ["placed"])
    assert job.heard[-1]["reason"] == "1"
    job.tell("Placed", index=1, what=what, user_id="u-0004")
    qtbot.waitUntil(lambda: not frame.run.placed.isVisible())
