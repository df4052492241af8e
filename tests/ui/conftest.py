"""Windows for tests: offscreen, with a job that is a small server, a real record, and no Qt warning or thread left."""

from __future__ import annotations

import gc
import json
import os
import threading
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from benchless import NOON, BenchlessStation, records_in
from PySide6.QtCore import QObject, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from printcare.domain.policy import REHEARSAL
from printcare.ui.conductor import Conductor
from printcare.ui.frame import Frame
from printcare.ui.models import Fact, RunPlan
from printcare.ui.station import RunningJob
from printcare.ui.tokens import LIGHT
from printcare.workflow.demonstration import Demonstration

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Fail a test on a Qt warning; the offscreen platform's own remark about size hints is none of ours."""
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture
def _collected_where_it_is_closed():
    """Collect a closed window's plots here: inside another window's event they took the process with them.

    What stays is looked through once and left out of every later collection.
    """
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    assert not left


class FakeJob(QObject):
    """The endpoint's protocol and nothing behind it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = str(path)
        self.heard: list[dict[str, object]] = []
        self.events: list[dict[str, object]] = []
        self.clients: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.newConnection.connect(self._on_client)
        assert self._server.listen(self.path)

    def tell(self, name, **data):
        """Tell an event, now and to whoever comes later."""
        self.events.append({"seq": len(self.events) + 1, "event": name, "data": data})
        for client in self.clients:
            self._send(client, self.events[-1])

    def answer(self, **message):
        """Send a message that is no part of the history."""
        for client in self.clients:
            self._send(client, message)

    def say(self, line: bytes):
        """Send raw bytes."""
        for client in self.clients:
            client.write(line)
            client.flush()

    def drop(self):
        """Break every line."""
        for client in self.clients:
            client.disconnectFromServer()
        self.clients.clear()

    def close(self):
        """Stop listening."""
        self.drop()
        self._server.close()

    @property
    def commands(self):
        """Return the names of the commands heard."""
        return [line["command"] for line in self.heard if "command" in line]

    @Slot()
    def _on_client(self):
        client = self._server.nextPendingConnection()
        client.readyRead.connect(self._on_ready)
        self.pending = client

    @Slot()
    def _on_ready(self):
        client = self.sender()
        while client.canReadLine():
            line = json.loads(client.readLine().data())
            self.heard.append(line)
            if "sign_in" in line:
                self._send(client, {"seq": 0, "event": "SignedIn", "data": {"user": line["sign_in"]}})
            if "from" in line:
                self.clients.append(client)
                for event in self.events[line["from"] :]:
                    self._send(client, event)

    @staticmethod
    def _send(client, message):
        client.write(json.dumps(message).encode() + b"\n")
        client.flush()


@pytest.fixture(scope="session", autouse=True)
def _signing_costs_little(cheap_passwords_for_all):
    """Let no test of the window wait for argon2: what it costs is measured where it belongs."""


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory, _signing_costs_little):
    """Return a folder with the record of a rehearsal that is set up, and its people; each test copies it."""
    folder = tmp_path_factory.mktemp("rehearsed")
    with records_in(folder) as records:
        made = Demonstration(records, NOON.date())
        made.set_up()
    return folder, made.people, made.passwords


@pytest.fixture
def job(qapp, tmp_path):
    made = FakeJob(tmp_path / "job.sock")
    yield made
    made.close()


@pytest.fixture
def station(tmp_path, job, rehearsed):
    (tmp_path / "data").mkdir()
    return BenchlessStation(tmp_path / "data", job.path, rehearsed)


@pytest.fixture
def frame(_collected_where_it_is_closed, qtbot):
    made = Frame(REHEARSAL, (Fact("Version", "test"),), lambda: NOON, LIGHT)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


@pytest.fixture
def conductor(frame, station):
    return Conductor(frame, station)


@pytest.fixture
def run_plan():
    return RunPlan(
        batch_id="B-0001",
        product="cycloPHOSphamide",
        dose="17 mg",
        positions=("A1", "A2", "A3", "A4", "B1", "B2"),
        columns=4,
        rows=3,
        target_mg=425.0,
        low_mg=401.9,
        high_mg=448.1,
        predicted_kpa=128.0,
        pressure_window_pct=25.0,
        pressure_max_kpa=260.0,
        cartridge_c=(37.0, 39.0),
        lot="CP-2601-A",
        cartridge="CP-2601-A-07",
    )


@pytest.fixture
def clog():
    """Return an alarm as the endpoint tells it."""
    kind = {
        "id": "A04",
        "title": "Pressure above reference: clog",
        "cause": "The nozzle is clogging or the ink is cold.",
        "consequence": "The running unit is rejected, the batch goes to quarantine.",
        "action": "Purge, check nozzle and temperature.",
        "priority": 1,
    }
    return {"trip": {"kind": kind, "seen": "171.2 kPa, limit 161.5 kPa"}, "unit": 3}


@pytest.fixture
def left_running(station, job, run_plan):
    """Return a job that an earlier window left running, with the record it writes to."""
    desk = station.open_rehearsal(lambda _: None)
    rehearsal = desk.rehearsal
    order = rehearsal.receive(rehearsal.message())
    planned = rehearsal.verify_and_plan(order, rehearsal.calculate(order))
    station.found = RunningJob(planned.id, order.id, job.path, run_plan, desk)
    return station.found
