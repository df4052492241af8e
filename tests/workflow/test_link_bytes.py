"""What the record keeps of a recording whose job was killed."""

from __future__ import annotations

import hashlib

import pytest

from printcare.workflow.batch.link_bytes import bytes_of_the_dead


@pytest.mark.parametrize("lease", [None, {"status": "running"}])
def test_a_job_that_had_begun_no_recording_has_none_to_bind(lease):
    assert bytes_of_the_dead(lease) is None


def test_a_recording_that_was_cut_short_is_bound_as_it_lies_there(tmp_path):
    path = tmp_path / "B-0001.jsonl.gz"
    path.write_bytes(b"half a gzip file" * 1000)
    digest = hashlib.sha256(b"half a gzip file" * 1000).hexdigest()
    told = bytes_of_the_dead({"recording": str(path)})
    assert told == {"file": path.name, "sha256": digest, "bytes": 16_000, "whole": False}


def test_a_recording_that_has_disappeared_is_named_without_a_digest(tmp_path):
    told = bytes_of_the_dead({"recording": str(tmp_path / "B-0001.jsonl.gz")})
    assert told == {"file": "B-0001.jsonl.gz", "sha256": "", "bytes": 0, "whole": False}
