"""The first start of a site, and what comes onto its worklist."""

import json

import pytest
from hands import ORDER
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from printcare.formats.find import shipped
from printcare.ui.models import Bench

LONG_MS = 60_000
SECRET, OTHER = "Copper Kettle 7 over", "Silver Ladle 9 under"
TYPED = {
    "site": "St. Example",
    "administrator-name": "Ann Admin",
    "administrator-login": "ann",
    "administrator-password": SECRET,
    "administrator-again": SECRET,
    "second-name": "Phil Pharmacist",
    "second-login": "phil",
    "second-password": OTHER,
    "second-again": OTHER,
}


def _type(qtbot, assistant, **other):
    """Go through the assistant by keyboard alone: type, Enter, next step."""
    for step in assistant._cards:
        fields = [field for field in assistant._fields.values() if step.isAncestorOf(field)]
        for field in fields:
            field.line.clear()
            qtbot.keyClicks(field.line, (TYPED | other).get(field.objectName().removeprefix("field-set-up-"), ""))
        last = fields[-1].line if fields else assistant.next
        qtbot.keyClick(last, Qt.Key.Key_Return)


@pytest.fixture
def assistant(qtbot, conductor, frame):
    conductor.look_around()
    qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
    qtbot.mouseClick(frame.start.begin_site, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: frame.start.set_up._devices["printer"].count() > 1, timeout=LONG_MS)
    return frame.start.set_up


@pytest.fixture
def begun(qtbot, conductor, frame, assistant, station):
    """Return the window of a site that was begun, with the pharmacist signed in."""
    _type(qtbot, assistant, **{"balance-id": "B-77"})
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)
    qtbot.keyClicks(frame.sign_in.login, "phil")
    qtbot.keyClicks(frame.sign_in.password, OTHER)
    qtbot.keyClick(frame.sign_in.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: frame.current.key == "worklist", timeout=LONG_MS)
    qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
    return frame


def _words(widget):
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def test_two_people_begin_the_record_of_a_site(begun, conductor, station):
    records = conductor.journey.here.records
    assert records.site() == "St. Example"
    roles = [state["roles"] for state in records.all("account").values()]
    assert roles == [["administrator"], ["pharmacist"]]
    assert station.bench == Bench(balance_id="B-77")
    assert begun.band.accessibleName().startswith("LOCKED MODE")
    assert not station.drafts().joinpath("set-up.json").exists()


def test_the_ports_that_were_found_are_offered_beside_the_emulated_bench(assistant):
    box = assistant._devices["printer"]
    assert [box.itemText(at) for at in range(box.count())] == ["emulated bench", "USB serial · /dev/ttyUSB0"]


def test_a_weak_password_is_refused_beside_its_field(qtbot, assistant, frame):
    _type(qtbot, assistant, **{"administrator-password": "short", "administrator-again": "short"})
    field = assistant._fields["administrator-password"]
    qtbot.waitUntil(field.objection.isVisible, timeout=LONG_MS)
    assert "password is refused" in field.objection.text()
    assert assistant._fields["site"].text == "St. Example"  # nothing typed is lost
    # Corrected, the record begins where the refusal left it.
    _type(qtbot, assistant)
    qtbot.waitUntil(lambda: frame.current.key == "sign-in", timeout=LONG_MS)


def test_a_slip_in_a_password_is_told_before_anything_is_begun(qtbot, assistant, station):
    assistant._show_step(1)
    assistant._fields["administrator-password"].line.setText(SECRET)
    again = assistant._fields["administrator-again"]
    qtbot.keyClicks(again.line, SECRET + "x")
    qtbot.keyClick(again.line, Qt.Key.Key_Return)
    assert again.objection.isVisible()
    assert not station.is_begun


def test_what_was_typed_into_the_assistant_survives_a_crash_but_no_password_does(qtbot, assistant, station):
    assistant._fields["site"].line.clear()
    qtbot.keyClicks(assistant._fields["site"].line, "St. Example")
    assistant._fields["administrator-password"].line.setText(SECRET)
    assistant.changed.emit()
    path = station.drafts() / "set-up.json"
    assert json.loads(path.read_text()) == {"site": "St. Example"}
    assert path.stat().st_mode & 0o077 == 0


def _order():
    return (shipped("recipes") / "demonstration" / "order-cyclophosphamide.fhir.json").read_bytes()


def test_a_file_is_imported_and_its_order_stands_on_the_worklist(qtbot, begun, conductor, tmp_path):
    path = tmp_path / "order.json"
    path.write_bytes(_order())
    begun.worklist.import_asked.emit(str(path))
    qtbot.waitUntil(lambda: ORDER in _words(begun.worklist), timeout=LONG_MS)
    assert "order.json is on the worklist" in _words(begun.worklist)
    assert "cycloPHOSphamide" in _words(begun.worklist)
    # The same message again is refused, with reason and remedy, and the order is there once.
    begun.worklist.import_asked.emit(str(path))
    qtbot.waitUntil(lambda: "F_DUPLICATE" in _words(begun.worklist), timeout=LONG_MS)
    assert "Work with the order that is there" in _words(begun.worklist)


def test_a_watched_folder_is_taken_in_and_is_remembered(qtbot, begun, conductor, station, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "order.json").write_bytes(_order())
    begun.worklist.watch_asked.emit(str(folder))
    for _ in range(2):  # a file is taken when it has stood still for one look
        qtbot.waitUntil(lambda: not conductor.worker.is_busy, timeout=LONG_MS)
        conductor.intake._look()
    qtbot.waitUntil(lambda: ORDER in _words(begun.worklist), timeout=LONG_MS)
    assert [path.name for path in (folder / "accepted").glob("*.json") if "findings" not in path.name] == ["order.json"]
    assert station.bench.watched == str(folder)


def test_an_order_is_found_by_typing_and_opened_by_a_scanner(qtbot, begun, tmp_path):
    path = tmp_path / "order.json"
    path.write_bytes(_order())
    begun.worklist.import_asked.emit(str(path))
    qtbot.waitUntil(lambda: ORDER in _words(begun.worklist), timeout=LONG_MS)
    qtbot.keyClicks(begun.worklist.search, "no such order")
    assert "No order fits the search" in _words(begun.worklist)
    begun.worklist.search.clear()
    qtbot.keyClicks(begun.worklist.search, ORDER.lower())
    with qtbot.waitSignal(begun.worklist.open_asked) as asked:
        qtbot.keyClick(begun.worklist.search, Qt.Key.Key_Return)
    assert asked.args == [ORDER]
    # A site that has approved no recipe is told so, and what to do.
    qtbot.waitUntil(lambda: "E_NOT_APPROVED" in _words(begun.worklist), timeout=LONG_MS)
    assert "Have the recipe approved" in _words(begun.worklist)
