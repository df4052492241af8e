"""The bytes of a batch are kept beside the record, bound to it by their digest, and played again tell the same job."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from rehearsing import ONE_DAY, prepared_in

from printcare.control.events import JobEnded, Progress
from printcare.control.instruments import Instruments
from printcare.control.job import Job
from printcare.devices import recorder
from printcare.devices.recorder import ReplayedPorts, open_recording
from printcare.domain.events import RecordUnwritable
from printcare.workflow.batch.link_bytes import FOLDER, Wiring
from printcare.workflow.batch.produce import produce

NAME = "B-0001.jsonl.gz"


def kept(one):
    """Return what the record says of the bytes, and the file."""
    return one.batch["recording"], one.folder / FOLDER / one.batch["recording"]["file"]


@pytest.mark.parametrize("name", ["clean", "unweighed"])
def test_the_record_holds_the_name_and_digest_of_the_bytes_however_the_job_ended(name, request):
    one = request.getfixturevalue(name)
    told, path = kept(one)
    assert told["file"] == NAME
    assert told["whole"]
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["bytes"] == path.stat().st_size
    assert len(one.records.events(object_id="B-0001", action="batch.bytes_kept")) == 1


def test_every_device_is_in_the_recording_both_ways(clean):
    heard = {(each.source, each.is_sent) for each in open_recording(kept(clean)[1])}
    assert heard == {(source, way) for source in ("printer", "balance", "pressure") for way in (True, False)}


def test_nothing_personal_is_in_the_recording(clean):
    text = gzip.decompress(kept(clean)[1].read_bytes())
    assert b"Mia" not in text
    assert clean.order.patient.pseudonym.encode() not in text


@pytest.mark.parametrize("name", ["noisy", "unweighed", "restarted"])
def test_the_bytes_played_again_tell_the_same_job(name, request):
    one = request.getfixturevalue(name)
    ports, told = ReplayedPorts(open_recording(kept(one)[1])), []
    ended = Job(one.planned.job, Instruments(ports, one.planned.profile), told.append).run()
    assert ended == one.ended
    assert [event for event in told if not isinstance(event, Progress)] == one.events


def test_a_batch_whose_bytes_cannot_be_kept_is_not_begun(tmp_path):
    one = prepared_in(tmp_path, days=ONE_DAY)
    (tmp_path / "taken").write_text("a file where a folder is wanted")
    operator, sent = one.demonstration.people["a.operator"], one.bench.log_digest()
    with pytest.raises(RecordUnwritable) as refused:
        produce(
            one.records,
            operator,
            one.planned.job,
            one.planned.cartridge.id,
            one.ports,
            lambda _: None,
            Wiring(recordings=tmp_path / "taken"),
        )
    assert refused.value.code == "RECORDING_UNWRITABLE"
    assert one.batch["status"] == "prepared"
    assert one.bench.log_digest() == sent
    one.close()


def test_a_recording_that_breaks_off_ends_the_job_safely_and_is_named_as_broken(tmp_path, monkeypatch):
    one = prepared_in(tmp_path, days=ONE_DAY)
    written = recorder.RecordingFile._write

    def fills_up(self, data):
        if self._file.tell() > 20_000:
            self.is_broken = True
            raise RecordUnwritable("RECORDING_UNWRITABLE", "The disk is full.", "Make room.")
        written(self, data)

    monkeypatch.setattr(recorder.RecordingFile, "_write", fills_up)
    ended = one.print()
    assert isinstance(ended, JobEnded)
    assert "disk is full" in ended.reason
    assert one.sent_safe()
    assert one.batch["status"] == "quarantined"
    assert not one.batch["recording"]["whole"]
    assert one.bench.jacket.target_c == 0.0
    one.close()
