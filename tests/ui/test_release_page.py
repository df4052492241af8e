"""A release through the window: nobody releases before quality has looked at every critical event and signed that."""

import pytest
from hands import ORDER, sign_in_as, signed
from printed import printed_station
from PySide6.QtWidgets import QLabel

LONG_MS = 60_000


@pytest.fixture
def station(tmp_path, job, monkeypatch):
    (tmp_path / "data").mkdir()
    return printed_station(tmp_path / "data", job.path, monkeypatch)


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
