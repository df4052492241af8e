"""The page Documents of a released batch: labels accounted for, units given out, and what the hospital takes."""

import json

import pytest
from caring import Hands, deeds, texts
from hands import LONG_MS, ORDER
from printed import PrintedStation, printed_station

from printcare.domain.people import SYSTEM
from printcare.formats.codes import GROUP_SEPARATOR
from printcare.ui.desk import Desk
from printcare.workflow.paper.label_book import labels_of
from printcare.workflow.release.hand_over import handed_over

BATCH = "B-0001"


class ReleasedStation(PrintedStation):
    """The same site after the decision, which is tested on its own page."""

    def open_rehearsal(self, tell):
        """Return the record with its batch released."""
        desk = PrintedStation.open_rehearsal(self, tell)
        return Desk(desk.records, desk.folder, desk.rehearsal, lambda: _release(desk.records))


def _release(records):
    with records.transaction(SYSTEM) as tx:
        tx.record("batch.released", "batch", BATCH, tx.get("batch", BATCH) | {"status": "released"})


@pytest.fixture
def station(tmp_path, job, monkeypatch):
    (tmp_path / "data").mkdir()
    printed_station(tmp_path / "data", job.path, monkeypatch)
    return ReleasedStation(tmp_path / "data", job.path, None)


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


def _documents(window, login):
    """Sign in, open the order, and go on to its documents."""
    window.open(login, "worklist")
    window.frame.worklist.open_asked.emit(ORDER)
    window.qtbot.waitUntil(lambda: window.frame.current.key == "review", timeout=LONG_MS)
    window.quiet()
    window.press(window.frame.review, "to-documents")
    window.qtbot.waitUntil(lambda: window.frame.current.key == "documents", timeout=LONG_MS)
    window.quiet()
    return window.frame.documents


def _label(window):
    return next(iter(labels_of(window.records, BATCH).values()))


def test_units_are_given_out_once_their_label_was_scanned_on_the_container(window, tmp_path):
    page = _documents(window, "r.releaser")
    assert {"label.use", "label.spoil", "label.destroy", "batch.hand_over"} == deeds(page)

    # Without the label on the container the workflow refuses, with the code of the command line.
    window.fill(page, "batch.hand_over", to="ward 3")
    window.quiet()
    assert "E_LABEL_MISSING" in texts(page)
    assert handed_over(window.records, BATCH) == {}

    # Another label's symbol is told at the field of the scan; the right one counts.
    window.fill(page, "label.use", scan="of another batch")
    window.quiet()
    assert "E_LABEL_SCAN" in page.fields["scan"].objection.text()
    window.fill(page, "label.use", scan=_label(window)["code"].replace(GROUP_SEPARATOR, ""))  # none is a key
    window.quiet()
    assert _label(window)["status"] == "used"
    assert "on its container" in texts(page)

    # More than there are, or to nobody, is refused beside its field; what is given out stands there with its number.
    window.fill(page, "batch.hand_over", units="99", to="")
    window.quiet()
    assert "E_HAND_OVER_COUNT" in page.fields["units"].objection.text()
    assert "E_HAND_OVER_TO" in page.fields["to"].objection.text()
    window.fill(page, "batch.hand_over", units="2", to="ward 3")
    window.quiet()
    given = handed_over(window.records, BATCH)[f"{BATCH}/hand-over/1"]
    assert (given["units"], given["to"]) == (2, "ward 3")
    assert "ward 3" in texts(page)

    # The hospital's system takes it from the folder that was chosen; a place that is none is told at its field.
    (tmp_path / "file").write_text("no folder")
    window.fill(page, "fhir.export", folder=str(tmp_path / "file"))
    window.quiet()
    assert "FOLDER_UNUSABLE" in page.fields["folder"].objection.text()
    window.fill(page, "fhir.export", folder=str(tmp_path / "out"))
    window.quiet()
    made = json.loads((tmp_path / "out" / f"{BATCH}-hand-over-1.fhir.json").read_bytes())
    assert made["resourceType"] == "Bundle"


def test_a_label_that_is_not_used_is_counted_with_a_reason(window):
    page = _documents(window, "b.pharmacist")
    window.fill(page, "label.spoil")
    window.quiet()
    assert "E_REASON_MISSING" in page.fields["reason"].objection.text()
    window.fill(page, "label.spoil", reason="torn")
    window.quiet()
    assert _label(window)["status"] == "spoilt"
    assert {"label.use", "label.spoil"}.isdisjoint(deeds(page))
    window.fill(page, "label.destroy", reason="shredded")
    window.quiet()
    assert _label(window)["status"] == "destroyed"


def test_who_gives_nothing_out_has_no_button_for_it(window):
    assert deeds(_documents(window, "q.quality")) == set()
