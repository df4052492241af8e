"""The composition root of the window."""

import json

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
