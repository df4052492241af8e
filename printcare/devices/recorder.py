"""Keeps every byte of every port with its time, for the batch's record and for a replay as a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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


class RecordedPorts:
    """Ports that hand everything on and tell `keep` of every byte, sent and received, before anything is made of it."""

    def __init__(self, ports: Ports, keep: Callable[[Heard], None]) -> None:
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
