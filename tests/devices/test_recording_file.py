"""A batch's bytes are kept in a file whose digest the record keeps, and the conversation in it replays."""

from __future__ import annotations

import errno
import gzip
import hashlib
from pathlib import Path

import pytest

from printcare.control.instruments import Instruments
from printcare.devices.recorder import Heard, RecordingFile, ReplayedPorts, open_recording
from printcare.domain.events import RecordUnwritable
from printcare.domain.policy import REHEARSAL
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.wire import BALANCE, PRESSURE, PRINTER

PROFILE = load_profile("marlin-syringe")
PROGRAM = ["M155 S1", "G28", *[f"G1 X{index} F3000" for index in range(10, 60)], "M400", "M114"]


def talk(bench: Instruments) -> list[object]:
    """Greet every device, send a program, weigh, and return every event that decides anything."""
    events: list[object] = []
    bench.connect(REHEARSAL)
    bench.printer.queue(PROGRAM)
    while not bench.printer.idle:
        bench.turn(0.1, lambda _source, event: events.append(event), lambda _command: None)
    bench.balance.weigh(bench.ports.now(), stable=True)
    while not bench.balance.is_free:
        bench.turn(0.1, lambda _source, event: events.append(event), lambda _command: None)
    return events


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, str, list[object]]:
    file = RecordingFile(tmp_path / "B-1.jsonl.gz")
    ports = VirtualPorts(Bench(PROFILE, seed=5, faults=("corrupt@rate:0.02", "lost-ok@rate:0.02")))
    events = talk(Instruments(ports, PROFILE, keep=file.keep))
    return file.path, file.close(), events


def test_the_record_keeps_the_digest_of_the_files_own_bytes(recorded) -> None:
    path, digest, _ = recorded
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert {heard.source for heard in open_recording(path)} == {PRINTER, BALANCE, PRESSURE}
    assert len(gzip.decompress(path.read_bytes())) > 4 * path.stat().st_size


def test_the_conversation_of_a_batch_replays_to_the_same_events(recorded) -> None:
    path, _, events = recorded
    ports = ReplayedPorts(open_recording(path))
    assert talk(Instruments(ports, PROFILE)) == events


def test_a_crash_costs_the_last_second_at_most(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "cut.gz")
    for index in range(50):
        file.keep(Heard(index * 0.1, PRINTER, False, b"ok\n"))
    heard = list(open_recording(file.path))  # never closed
    assert 4.9 - heard[-1].at_s <= 1.0
    file.close()


def test_many_bytes_in_one_second_are_written_too(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "fast.gz")
    for _ in range(2000):
        file.keep(Heard(1.0, PRINTER, False, b"ok\n"))
    assert len(list(open_recording(file.path))) == 2000
    file.close()


def test_a_line_cut_in_the_middle_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "half.gz"
    path.write_bytes(gzip.compress(f"{Heard(1.0, PRINTER, True, b'G28').line()}\n[1.0, 'pri".encode()))
    assert len(list(open_recording(path))) == 1


def keep_all(file: RecordingFile, count: int) -> None:
    for index in range(count):
        file.keep(Heard(float(index), PRINTER, True, b"G28\n"))


class FullDisk:
    """A file on a full disk."""

    def __init__(self) -> None:
        self.is_closed = False

    def write(self, _data: bytes) -> None:
        """Refuse."""
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        """Close."""
        self.is_closed = True


def test_a_full_disk_is_told_once_and_then_lets_the_stop_bytes_pass(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "full.gz")
    file._file.close()
    file._file = FullDisk()
    with pytest.raises(RecordUnwritable) as told:
        keep_all(file, 10)
    assert told.value.code == "RECORDING_UNWRITABLE"
    file.keep(Heard(99.0, PRINTER, True, b"\nM112\n"))
    file.close()
    assert file._file.is_closed


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    RecordingFile(tmp_path / "once.gz").close()
    with pytest.raises(RecordUnwritable):
        RecordingFile(tmp_path / "once.gz")


@pytest.mark.parametrize(
    "data",
    [b"no gzip", b"\x1f\x8b\x08\x00garbage and more garbage", gzip.compress(b"{}\n", mtime=0)],
    ids=["text", "damaged", "other"],
)
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.gz"
    path.write_bytes(data)
    with pytest.raises(PrintcareError) as refused:
        list(open_recording(path))
    assert refused.value.code == "RECORDING_BROKEN"
