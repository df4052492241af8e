"""A release through the window: nobody releases before quality has looked at every critical event and signed that."""

import pytest
from benchless import NOON, BenchlessStation, records_in
from hands import ORDER, sign_in_as, signed
from PySide6.QtWidgets import QLabel

from printcare.domain.people import SYSTEM
from printcare.domain.policy import LOCKED
from printcare.ui.desk import Desk
from printcare.workflow import demonstration
from printcare.workflow.batch import plan, produce
from printcare.workflow.batch.plan import unit_key, units_of
from printcare.workflow.demonstration import Demonstration
from printcare.workflow.order import verify
from printcare.workflow.release import review

LONG_MS = 60_000
MASSES_MG = ("424.6", "426.1", "423.9", "425.3", "424.4", "425.8", "424.2", "427", "425.1", "424.9")


class Printed(Demonstration):
    """A site in locked mode whose one batch was printed by a printer that is none of ours to test here."""

    def set_up(self):
        """Lead the order to a batch that waits for its decision, and leave one alarm in its trail."""
        Demonstration.set_up(self)
        order = self.receive(self.message())
        planned = self.verify_and_plan(order, self.calculate(order))
        self.prepare(planned, 1)
        self._print(planned.id)
        demonstration.finish(self.records, self.people["a.operator"], planned, self.passwords["a.operator"])

    def receive(self, message):
        """Return the order, which came before the window was opened."""
        return self._known if hasattr(self, "_known") else self._receive(message)

    def _receive(self, message):
        self._known = Demonstration.receive(self, message)
        return self._known

    def _print(self, batch_id):
        with self.records.transaction(SYSTEM) as tx:
            state = tx.get("batch", batch_id)
            printing = state | {"status": "printing", "operator": self.people["a.operator"].id, "simulated": False}
            tx.record("batch.started", "batch", batch_id, printing)
            alarm = {
                "batch_id": batch_id, "alarm": "A07", "title": "Room warm", "seen": "31 °C", "cause": "The sun.",
                "consequence": "The ink may age faster.", "action": "Cool the room.", "priority": 3, "unit": None,
            }  # fmt: skip
            tx.record("alarm.raised", "alarm", f"{batch_id}/001", alarm)
            for row, mass in zip(units_of(self.records, batch_id), MASSES_MG, strict=True):
                judged = row | {"status": "accepted", "mass_mg": mass, "reason": ""}
                tx.record("unit.judged", "unit", unit_key(batch_id, row["index"]), judged)
            ended = printing | {
                "status": "finishing",
                "outcome": "completed",
                "reason": "every unit printed and judged",
            }
            tx.record("batch.ended", "batch", batch_id, ended)


class PrintedStation(BenchlessStation):
    """A workstation with the record of that site."""

    def open_rehearsal(self, tell):
        """Return the record, with its people at hand."""
        records = records_in(self.folder)
        return Desk(records, self.folder, Printed(records, NOON.date(), policy=LOCKED))


@pytest.fixture
def station(tmp_path, job, monkeypatch):
    monkeypatch.setattr(demonstration, "switch", lambda *_: None)  # a new record is in locked mode already
    for module in (plan, produce):
        monkeypatch.setattr(module, "use_stops", lambda *_, **__: ())  # of equipment: tested where it is kept
    for module in (verify, review):
        monkeypatch.setattr(module, "not_trained", lambda *_: None)
    monkeypatch.setattr(review, "waste_stops", lambda *_: ())
    monkeypatch.setattr(review, "ink_stops", lambda *_: ())  # nothing was taken from the cartridge's ledger here
    (tmp_path / "data").mkdir()
    return PrintedStation(tmp_path / "data", job.path, None)


@pytest.fixture
def look(qtbot, conductor, frame):
    """Return how somebody signs in and opens the order."""

    def opened(login):
        sign_in_as(qtbot, frame, login)
        qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
        frame.worklist.open_asked.emit(ORDER)
        qtbot.waitUntil(lambda: frame.current.key == "review" and not conductor.worker.is_busy, timeout=LONG_MS)
        return frame.review

    frame.start.begin.click()
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)
    return opened


def open_all(page):
    for row in (*page.exceptions, *page.trail):
        row.open_up()


def refused(qtbot, conductor):
    """Sign with the right password, and return what the dialog says against it."""
    dialog = conductor.session.dialog
    dialog.rehearse.click()
    dialog.sign.click()
    qtbot.waitUntil(dialog.objection.isVisible, timeout=LONG_MS)
    return dialog.objection.text()


def test_a_batch_is_released_when_quality_has_signed_the_review_of_its_trail(qtbot, conductor, frame, look):
    # The releaser sees the critical events, and why nothing can be released before quality has looked at them.
    page = look("r.releaser")
    assert "alarm.raised" in " ".join(label.text() for label in page.findChildren(QLabel))
    open_all(page)
    assert page.release.isVisible()
    assert not page.release.isEnabled()
    assert not page.sign_trail.isVisible()
    assert page.why.text().startswith("E_TRAIL_UNREVIEWED")
    assert "Have quality review it" in page.why.text()

    # No rule lives in the page: asked for all the same, the workflow refuses with the same code.
    page.sign_asked.emit("released")
    assert "E_TRAIL_UNREVIEWED" in refused(qtbot, conductor)
    conductor.session.close()

    # Quality opens each event, says what was found, and signs; without a word the workflow refuses.
    page = look("q.quality")
    assert not page.sign_trail.isEnabled()
    open_all(page)
    page.sign_trail.click()
    assert "E_REASON_MISSING" in refused(qtbot, conductor)
    signed(qtbot, conductor, "the alarm was of the room, nothing against the units")

    # Then the releaser may, and the record says so.
    page = look("r.releaser")
    open_all(page)
    assert page.release.isEnabled()
    page.release.click()
    signed(qtbot, conductor)
    qtbot.waitUntil(lambda: page.why.text() == "The batch is released.", timeout=LONG_MS)
    records = conductor.journey.here.records
    assert records.get("batch", "B-0001")["status"] == "released"
