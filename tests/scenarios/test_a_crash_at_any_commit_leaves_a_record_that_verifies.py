"""A crash at any commit of a whole batch: the record verifies, the batch is where it belongs, every unit is there once.

What a killed process leaves is what its files hold at that moment. So one batch is made on virtual time, its files are
kept before every commit (which is also after the one before it), and each copy is opened as the next start would.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from rehearsing import ONE_DAY, add_up, open_store, prepared_in
from sqlalchemy import event

from printcare.domain.batch import UNDER_WAY, BatchState
from printcare.records import audit
from printcare.workflow.batch.recover import close_interrupted, quarantine_interrupted
from printcare.workflow.demonstration import RECIPE

pytestmark = pytest.mark.hazard("HZ-07")

FILES = ("record.sqlite", "record.sqlite-wal")


class Died(BaseException):
    """What the death of a process looks like from inside it."""


@pytest.fixture(scope="module", params=[RECIPE, "spironolactone-hydrochlorothiazide-sse"])
def moments(request, tmp_path_factory):
    """Return the folders with what stood on the disk before each commit and at the end, in order.

    From the plan of a batch of one drug and of one of two, through print and finishing, to the signed decision.
    """
    one = prepared_in(tmp_path_factory.mktemp("crash"), recipe=request.param, days=ONE_DAY, is_prepared=False)
    kept = tmp_path_factory.mktemp("moments")
    folders: list[Path] = []

    def keep(*_):
        folders.append(kept / f"{len(folders):03d}")
        folders[-1].mkdir()
        for name in FILES:
            if (one.folder / name).exists():
                shutil.copy(one.folder / name, folders[-1])

    event.listen(one.records._writer, "commit", keep)  # before it reaches the disk
    one.drawn = one.demonstration.prepare(one.planned, 1)
    one.whole()
    keep()
    shutil.copy(one.folder / "station-key.pem", kept)
    assert one.batch["status"] == "rehearsed"
    last = one.records.head()
    one.close()
    return folders, last


def test_every_moment_leaves_a_record_that_verifies_and_a_batch_where_it_belongs(moments):
    folders, last = moments
    seen, heads = set(), []
    for folder in folders:
        with open_store(folder, boot_id="second start", key=folder.parent) as records:
            heads.append(records.head())
            before = {key: BatchState(row["status"]) for key, row in records.all("batch").items()}
            units_before = {key: row["status"] for key, row in records.all("unit").items()}
            found = quarantine_interrupted(records)
            assert set(found) == {key for key, status in before.items() if status in UNDER_WAY}
            for batch_id, status in before.items():
                row = records.get("batch", batch_id)
                units = [row for _, row in sorted(records.all("unit", batch_id=batch_id).items())]
                assert BatchState(row["status"]) is (BatchState.QUARANTINED if status in UNDER_WAY else status)
                assert add_up(units, row["units"])
                _only_the_running_unit_changed(units_before, records.all("unit", batch_id=batch_id))
                assert quarantine_interrupted(records) == ()
                seen.add(row["status"])
            assert audit.verify(records.url)["verdict"] in ("OK", "UNANCHORED"), folder.name
    assert len(set(heads)) > 50  # every commit but those of signed heads makes the log longer
    assert seen == {"planned", "prepared", "quarantined", "finishing", "rehearsed"}
    assert heads[-1] == last


def _only_the_running_unit_changed(before, after):
    for key, row in after.items():
        expected = "rejected" if before[key] == "printing" else before[key]
        assert row["status"] == expected


def test_an_interrupted_batch_is_closed_with_one_deviation(moments):
    folders, _ = moments
    for folder in folders[len(folders) // 2 :]:
        with open_store(folder, boot_id="third start", key=folder.parent) as records:
            batch = records.get("batch", "B-0001")
            if batch is None or batch["outcome"] != "interrupted":
                continue
            account = _operator(records)
            first = close_interrupted(records, account, "B-0001", "power cut")
            assert close_interrupted(records, account, "B-0001", "again") == first
            deviations = records.all("deviation", batch_id="B-0001")
            assert [row["what"] for row in deviations.values()] == [batch["reason"]]
            assert "last recorded unit" in batch["reason"]
            assert audit.verify(records.url)["verdict"] in ("OK", "UNANCHORED")
            return
    pytest.fail("no moment left an interrupted batch")


def test_the_bytes_of_a_killed_job_are_bound_by_their_digest_once(moments):
    folders, _ = moments
    told = []
    for folder in reversed(folders):
        with open_store(folder, boot_id="fourth start", key=folder.parent) as records:
            quarantine_interrupted(records)
            quarantine_interrupted(records)
            kept = records.get("batch", "B-0001")["recording"]
            file = Path(records.get("job_lease", "B-0001")["recording"])
            assert kept["file"] == file.name == "B-0001.jsonl.gz"
            assert kept["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
            assert kept["bytes"] == file.stat().st_size
            assert len(records.events(object_id="B-0001", action="batch.bytes_kept")) == 1
            told.append((kept["whole"], records.get("batch", "B-0001")["outcome"]))
        if told[-1] == (False, "interrupted"):
            break
    assert told[0] == (True, "completed")
    assert told[-1] == (False, "interrupted")


def _operator(records):
    from printcare.records.accounts import find

    return next(find(records, key) for key, row in records.all("account").items() if "operator" in row["roles"])


@pytest.mark.parametrize("nth", [1, 5, 21])
def test_a_process_that_dies_at_the_nth_event_of_the_job_reports_nothing_more(tmp_path, nth):
    """The same from inside: what is raised by dying goes through every `except` on its way out."""

    def die(one, event_):
        if len(one.events) == nth:
            raise Died

    one = prepared_in(tmp_path, days=ONE_DAY, watch=die)
    with pytest.raises(Died):
        one.print()
    assert len(one.events) == nth
    one.close()
    with open_store(tmp_path, boot_id="second start") as records:
        assert quarantine_interrupted(records) == ("B-0001",)
        assert records.get("batch", "B-0001")["outcome"] == "interrupted"
        assert add_up(list(records.all("unit").values()), 4)
        assert audit.verify(records.url)["verdict"] in ("OK", "UNANCHORED")
