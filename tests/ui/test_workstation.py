"""The composition root of the window."""

import json
from pathlib import Path

import pytest

from printcare.app import JOB, Workstation
from printcare.errors import PrintcareError


@pytest.fixture
def workstation(tmp_path):
    made = Workstation(tmp_path)
    yield made
    made.close()


def test_without_a_rehearsal_no_job_is_found(workstation):
    assert workstation.running_job() is None


def test_documents_need_a_rehearsal(workstation):
    with pytest.raises(PrintcareError) as told:
        workstation.documents()
    assert told.value.code == "STEP_EARLY"


def test_each_rehearsal_has_a_record_of_its_own(workstation):
    folders = []
    for _ in range(2):
        with workstation.open_rehearsal(lambda _: None).records as records:
            folders.append(records.url)
    assert folders[0] != folders[1]


def test_a_job_that_does_not_listen_any_more_is_not_attached_to(workstation, tmp_path):
    with workstation.open_rehearsal(lambda _: None).records:
        told = {"batch": "B-0001", "operator": "u-0004", "endpoint": str(tmp_path / "gone.sock"), "pid": 1}
        (workstation.documents().parent / JOB).write_text(json.dumps(told))
    assert workstation.running_job() is None
    assert workstation.job_died() is None


@pytest.mark.scenario
def test_a_job_is_a_process_another_window_finds_and_that_stops_when_it_is_asked_to_end(
    qtbot, tmp_path, monkeypatch, cheap_passwords
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    first, second = Workstation(tmp_path / "data"), Workstation(tmp_path / "data")
    desk = first.open_rehearsal(lambda _: None)
    rehearsal = desk.rehearsal
    rehearsal.set_up()
    desk.begun()
    order = rehearsal.receive(rehearsal.message())
    planned = rehearsal.verify_and_plan(order, rehearsal.calculate(order))
    rehearsal.prepare(planned, 1)
    operator = rehearsal.people["a.operator"]
    endpoint = Path(first.start_job(desk, planned.id, operator.id, operator.session))
    qtbot.waitUntil(lambda: endpoint.exists() or first._job.poll() is not None, timeout=60_000)
    found = second.running_job()
    assert (found.batch_id, found.order_id) == (planned.id, order.id)
    found.desk.records.close()
    first._job.terminate()
    first._job.wait(60)
    assert desk.records.get("batch", planned.id)["status"] == "quarantined"
    assert second.job_died() is None  # at the first look: what it sent before may still be on its way
    assert second.job_died() is not None
    desk.records.close()
    first.close()
