"""A job that died leaves a batch in quarantine, and the window leads whoever comes next through its end."""

import pytest
from benchless import NOON, BenchlessStation, records_in
from hands import ORDER, sign_in_as
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from printcare.domain.people import SYSTEM
from printcare.errors import PrintcareError
from printcare.ui.desk import Desk
from printcare.workflow.batch.recover import quarantine_interrupted
from printcare.workflow.demonstration import Demonstration

LONG_MS = 60_000


class KilledInBetween(Demonstration):
    """A rehearsal whose job was killed in the third unit, at its 120th line."""

    def set_up(self):
        """Lead the order to a batch under way, whose process is none of this boot's."""
        Demonstration.set_up(self)
        order = Demonstration.receive(self, self.message())
        planned = self.verify_and_plan(order, self.calculate(order))
        self.prepare(planned, 1)
        with self.records.transaction(SYSTEM) as tx:
            begun = {"status": "printing", "last_unit": 3, "last_line": 120, "operator": self.people["a.operator"].id}
            tx.record("batch.started", "batch", planned.id, tx.get("batch", planned.id) | begun)
            lease = {"status": "running", "workstation": "pharmacy-1", "boot_id": "before the power cut", "pid": 1}
            tx.record("job.leased", "job_lease", planned.id, lease)
            unit = f"{planned.id}/03"
            tx.record("unit.began", "unit", unit, tx.get("unit", unit) | {"status": "printing"})
        quarantine_interrupted(self.records)  # as wherever a record is opened

    def receive(self, message):
        """Return nothing: the order is there."""


class AfterThePowerCut(BenchlessStation):
    """A workstation that is switched on again; its emulated bench is gone."""

    def open_rehearsal(self, tell):
        """Return the record as it was left."""
        records = records_in(self.folder)
        return Desk(records, self.folder, KilledInBetween(records, NOON.date()))

    def printer_ports(self, profile):
        """Have none."""
        raise PrintcareError("BENCH_ENDED", "It ended with its window.", "Go on.")


@pytest.fixture
def station(tmp_path, job):
    (tmp_path / "data").mkdir()
    return AfterThePowerCut(tmp_path / "data", job.path, None)


def _words(widget):
    """Return every word a widget shows."""
    return "\n".join(each.text() for each in widget.findChildren(QLabel))


@pytest.fixture
def look(qtbot, conductor, frame):
    """Return how somebody signs in and opens the order."""

    def opened(login):
        sign_in_as(qtbot, frame, login)
        qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
        frame.worklist.open_asked.emit(ORDER)
        qtbot.waitUntil(lambda: frame.current.key == "review" and not conductor.worker.is_busy, timeout=LONG_MS)
        return frame.review.interruption

    frame.start.begin.click()
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)
    return opened


def test_an_interrupted_batch_is_closed_with_a_deviation_by_who_may(qtbot, conductor, frame, look):
    # A releaser reads what happened, and that somebody else closes it.
    card = look("r.releaser")
    assert [each.status for each in conductor.journey.cards()] == ["interrupted"]
    told = _words(card)
    assert "last recorded unit 3, line 120" in told
    assert "A3 rejected" in told
    assert "quarantined" in told
    assert not card.reason.isEnabled()
    assert not card.secure.isVisible()
    with pytest.raises(PrintcareError) as refused:  # no rule lives in the card
        conductor.journey.close_interruption("I was not there")
    assert refused.value.code == "NOT_PERMITTED"

    # The operator asks for a safe printer, is told that there is none any more, and states what is known.
    card = look("a.operator")
    card.secure.click()
    qtbot.waitUntil(lambda: "BENCH_ENDED" in _words(frame.review), timeout=LONG_MS)
    assert card.secure.isEnabled()
    assert not card.open_deviation.isEnabled()
    card.reason.setText("power cut in the whole building")
    qtbot.keyClick(card.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: frame.review.interruption is not card, timeout=LONG_MS)
    records = conductor.journey.here.records
    (deviation,) = records.all("deviation", batch_id="B-0001")
    assert records.events(action="deviation.opened")[-1].content["reason_text"] == "power cut in the whole building"
    assert f"Deviation {deviation} is on record" in _words(frame.review.interruption)
    assert conductor.journey.review().may_be == ("rejected",)
