"""Keeps every byte of every port with its time: a file a batch, whose digest the record keeps, and which replays."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from printcare.domain.events import RecordUnwritable
from printcare.errors import LinkLost, PrintcareError
from printcare.protocol.wire import Command, Message, Ports, Received


@dataclass(frozen=True, slots=True)
class Heard:
    """Bytes one way or the other: `is_sent` for the host's; `at_s` is the monotonic time, empty data a closed link."""

    at_s: float
    source: str
    is_sent: bool
    data: bytes

    def line(self) -> str:
        """Return one line of JSON; bytes as Latin-1 text, so that dialogues can be read."""
        way = ">" if self.is_sent else "<"
        return json.dumps([self.at_s, self.source, way, self.data.decode("latin-1")])


Keep = Callable[[Heard], None]
GZIP = 31  # zlib's word for a gzip file
FLUSH_S = 1.0  # what a crash may cost
FLUSH_LINES = 2000


class RecordingFile:
    """A gzip file of one line of JSON for each piece of bytes; memory stays small however long the batch.

    `keep` is what `RecordedPorts` asks for. What cannot be written is told once, as RecordUnwritable: no record, no
    print. After that `keep` says nothing more, so that the stop bytes still go out.
    """

    def __init__(self, path: Path) -> None:
        """Begin a new file; raises RecordUnwritable where there is one already or none can be made."""
        self.path = path
        self.is_broken = False
        self._sum = hashlib.sha256()
        self._zip = zlib.compressobj(wbits=GZIP)
        self._lines = 0
        self._flushed_s: float | None = None
        try:
            self._file = path.open("xb")
        except OSError as fault:
            raise self._unwritable(fault) from fault

    def keep(self, heard: Heard) -> None:
        """Write one piece; raises RecordUnwritable, once."""
        if self.is_broken:
            return
        data = self._zip.compress(heard.line().encode("utf-8") + b"\n")
        self._lines += 1
        if self._flushed_s is None:
            self._flushed_s = heard.at_s
        if heard.at_s - self._flushed_s >= FLUSH_S or self._lines >= FLUSH_LINES:
            data += self._zip.flush(zlib.Z_SYNC_FLUSH)
            self._flushed_s, self._lines = heard.at_s, 0
        if data:
            self._write(data)

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as fault:
            self.is_broken = True
            raise self._unwritable(fault) from fault
        self._sum.update(data)

    def close(self) -> str:
        """End the file and return the SHA-256 of its bytes, which the batch's record keeps; raises RecordUnwritable."""
        try:
            if not self.is_broken:
                self._write(self._zip.flush())
        finally:
            self._file.close()
        return self._sum.hexdigest()

    def _unwritable(self, fault: OSError) -> RecordUnwritable:
        told = f"The recording {self.path} cannot be written: {fault.strerror}."
        return RecordUnwritable("RECORDING_UNWRITABLE", told, "Make room on the disk, then begin a new batch.")


def open_recording(path: Path) -> Iterator[Heard]:
    """Yield what a recording holds; one that a crash cut short is read as far as it goes.

    Raises:
        PrintcareError: RECORDING_BROKEN for a file that is none.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            yield from read_recording(_whole_lines(file))
    except (OSError, zlib.error) as fault:
        raise PrintcareError(
            "RECORDING_BROKEN", f"{path} cannot be read: {fault}.", "Use a recording of printcare."
        ) from fault


def _whole_lines(file: Iterable[str]) -> Iterator[str]:
    lines = iter(file)
    while True:
        try:
            line = next(lines, "")
        except EOFError:  # cut short
            return
        if not line.endswith("\n"):
            return
        yield line


class RecordedPorts:
    """Ports that hand everything on and tell `keep` of every byte, sent and received, before anything is made of it."""

    def __init__(self, ports: Ports, keep: Keep) -> None:
        self._ports = ports
        self._keep = keep
        self.now = ports.now
        self.close = ports.close

    def send(self, source: str, data: bytes) -> None:
        """Write bytes to a device and keep them; stop bytes go out before they are kept. Raises LinkLost."""
        at_s = self._ports.now()
        self._ports.send(source, data)
        self._keep(Heard(at_s, source, True, data))

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, kept, or None when none came within the time-out."""
        message = self._ports.receive(timeout_s)
        if isinstance(message, Received):
            self._keep(Heard(message.at_s, message.source, False, message.data))
        return message


def read_recording(lines: Iterable[str]) -> Iterator[Heard]:
    """Yield what a recording holds; raises PrintcareError RECORDING_BROKEN for a line that is none."""
    for place, line in enumerate(lines, start=1):
        try:
            at_s, source, way, text = json.loads(line)
            yield Heard(float(at_s), str(source), {">": True, "<": False}[way], str(text).encode("latin-1"))
        except (ValueError, TypeError, KeyError) as fault:
            raise PrintcareError(
                "RECORDING_BROKEN", f"Line {place} of the recording cannot be read.", "Use a recording of printcare."
            ) from fault


class ReplayedPorts:
    """Plays a recording to the host: received bytes come at their time, and what it sends must be what was sent.

    The recording's clock is the clock. A host that sends something else, or sooner, ends the replay by REPLAY_DIFFERS.
    """

    def __init__(self, recording: Iterable[Heard]) -> None:
        self._rest = list(recording)
        self._now_s = self._rest[0].at_s if self._rest else 0.0
        self._expected: dict[str, bytes] = {}

    def now(self) -> float:
        """Return the recording's seconds."""
        return self._now_s

    @property
    def is_over(self) -> bool:
        """Whether everything was played and sent."""
        return not self._rest and not any(self._expected.values())

    def send(self, source: str, data: bytes) -> None:
        """Compare what the host sends with the recording; raises PrintcareError REPLAY_DIFFERS."""
        awaited = self._expected.get(source, b"")
        index = 0
        while len(awaited) < len(data) and index < len(self._rest):
            each = self._rest[index]
            if each.source == source and not each.is_sent:
                break
            if each.source == source:
                awaited += self._rest.pop(index).data
            else:
                index += 1
        if not awaited.startswith(data):
            told = f"The {source} was sent {data!r}; recorded was {awaited[: len(data) + 40]!r}."
            raise PrintcareError("REPLAY_DIFFERS", told, "Compare the versions of host and recording.")
        self._expected[source] = awaited[len(data) :]

    def post(self, command: Command) -> None:
        """Refuse a person's command: a recording has none."""
        raise PrintcareError("REPLAY_DIFFERS", f"{command.name} is not in the recording.", "Replay without people.")

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next recorded bytes when they are due, else let the time-out pass."""
        end_s = self._now_s + max(0.0, timeout_s)
        if self._rest and not self._rest[0].is_sent and self._rest[0].at_s <= end_s:
            heard = self._rest.pop(0)
            self._now_s = max(self._now_s, heard.at_s)
            return Received(heard.source, heard.data, self._now_s)
        self._now_s = end_s  # the host's turn: its own deadline decides when
        if not self._rest and timeout_s > 0:
            raise LinkLost("recording", "it has ended")
        return None

    def close(self) -> None:
        """Nothing to release."""
