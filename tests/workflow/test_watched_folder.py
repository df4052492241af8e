"""A watched folder: whole files only, each taken once, moved with its findings, nothing written over."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from printcare.domain.checks import error, warning
from printcare.errors import PrintcareError
from printcare.formats.strict_json import MAX_BYTES
from printcare.workflow.order.watched_folder import ACCEPTED, REFUSED, scan


def take_all(name: str, data: bytes):
    return ()


def twice(folder: Path, take=take_all):
    return scan(folder, scan(folder, {}, take).seen, take).taken


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_file_is_not_taken_at_first_sight(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b"{}")
    first = scan(tmp_path, {}, take_all)
    assert first.taken == ()
    assert [each.name for each in scan(tmp_path, first.seen, take_all).taken] == ["a.json"]
    assert names(tmp_path) == []
    assert names(tmp_path / ACCEPTED) == ["a.json", "a.json.findings.json"]


def test_a_file_that_grows_waits(tmp_path: Path):
    file = tmp_path / "a.json"
    file.write_bytes(b"{")
    seen = scan(tmp_path, {}, take_all).seen
    file.write_bytes(b"{}")
    second = scan(tmp_path, seen, take_all)
    assert second.taken == ()
    assert len(scan(tmp_path, second.seen, take_all).taken) == 1


def test_a_file_rewritten_in_the_same_size_waits(tmp_path: Path):
    file = tmp_path / "a.json"
    file.write_bytes(b"{}")
    seen = scan(tmp_path, {}, take_all).seen
    os.utime(file, ns=(1, 1))
    assert scan(tmp_path, seen, take_all).taken == ()


def test_a_file_that_changes_while_it_is_looked_at_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "a.json"
    file.write_bytes(b"{}")
    seen = scan(tmp_path, {}, take_all).seen
    opened = os.open

    def grown(path, flags, *more, **named):
        if Path(path) == file:
            file.write_bytes(b"{} ")
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", grown)
    assert scan(tmp_path, seen, take_all).taken == ()
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("name", [".hidden.json", "order.txt", "order.json.part"])
def test_what_is_not_a_finished_message_is_left_alone(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(b"{}")
    assert twice(tmp_path) == ()


def test_links_folders_and_empty_files_are_left_alone(tmp_path: Path):
    (tmp_path / "outside").write_bytes(b"{}")
    (tmp_path / "link.json").symlink_to(tmp_path / "outside")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "empty.json").touch()
    assert twice(tmp_path) == ()


def test_a_stop_moves_the_file_to_refused_with_its_findings(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b"{}")
    taken = twice(tmp_path, lambda name, data: (error("X_STOP", "why", "what to do"),))
    assert [(each.name, each.outcome) for each in taken] == [("a.json", REFUSED)]
    told = json.loads((tmp_path / REFUSED / "a.json.findings.json").read_text("utf-8"))
    assert (told["outcome"], told["findings"][0]["code"]) == (REFUSED, "X_STOP")


def test_a_warning_alone_is_accepted(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b"{}")
    assert [each.outcome for each in twice(tmp_path, lambda name, data: (warning("W", "why", "what"),))] == [ACCEPTED]


def test_a_fault_of_one_file_refuses_it_and_leaves_the_others(tmp_path: Path):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(b"{}")

    def take(name, data):
        if name == "a.json":
            raise PrintcareError("BROKEN", "why", "what to do")
        return ()

    assert [each.outcome for each in twice(tmp_path, take)] == [REFUSED, ACCEPTED]


def test_without_a_record_nothing_is_taken(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b"{}")

    def take(name, data):
        raise PrintcareError("RECORD_UNWRITABLE", "disk full", "free it")

    with pytest.raises(PrintcareError, match="RECORD_UNWRITABLE"):
        twice(tmp_path, take)
    assert names(tmp_path) == ["a.json"]


def test_a_name_that_comes_again_writes_nothing_over(tmp_path: Path):
    for text in (b"{}", b"[]"):
        (tmp_path / "a.json").write_bytes(text)
        twice(tmp_path)
    kept = tmp_path / ACCEPTED
    assert names(kept) == ["a-1.json", "a-1.json.findings.json", "a.json", "a.json.findings.json"]
    assert (kept / "a.json").read_bytes() == b"{}"


def test_of_a_huge_file_only_enough_to_refuse_it_is_read(tmp_path: Path):
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(MAX_BYTES * 3)
    sizes = []
    twice(tmp_path, lambda name, data: (sizes.append(len(data)), ())[1])
    assert sizes == [MAX_BYTES + 1]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(PrintcareError, match="WATCHED_FOLDER"):
        scan(tmp_path / "none", {}, take_all)
