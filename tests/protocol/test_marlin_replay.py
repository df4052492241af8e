"""The host against recorded conversations: it sends what was sent, and waits where the recording waits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from marlin_files import FOLDER, events

from printcare.formats.profile import load_profile
from printcare.protocol.marlin_events import Accepted, CommandFailed, Ended, Opened
from printcare.protocol.marlin_host import MarlinHost
from printcare.protocol.marlin_reply import Fatal, Position, Temperatures

LINK = load_profile("marlin-syringe").link
BARE = replace(LINK, integrity="none")  # most were recorded without numbers
WHOLE = [
    "01-m115", "08-busy", "09-m155", "10-m109", "11-m109-m108", "16-cold-extrude", "20-m0", "21-m600", "22-actions",
    "23-bounds", "25-nosave", "26-fan", "31-quiet-rest",
]  # fmt: skip
TO_THE_STOP = ["13-m112-moving", "15-m410", "40-bed-maxtemp", "40-maxtemp", "40-mintemp", "41-heating-failed"]
BESIDE_THE_QUEUE = ("M108", "M876", "M410")


def conversation(name: str) -> list[tuple[float, str, str]]:
    times = [float(line[:8]) for line in (FOLDER / f"{name}.txt").read_text().split("\n") if line]
    told = [(at, tag, text) for at, (tag, text) in zip(times, events(name), strict=True)]
    return told[next(index for index, (_, tag, _) in enumerate(told) if tag == "Send:") :]


def replay(name: str) -> tuple[MarlinHost, list]:
    host, found = MarlinHost(BARE, window=1), []
    host.open_at_once(0.0)
    host.outgoing(0.0)
    for at_s, tag, text in conversation(name):
        found += host.tick(at_s)
        if host.ended and tag == "Send:":
            break
        if tag == "Recv:":
            found += host.receive(text.encode() + b"\n", at_s)
        elif text == "M112":
            assert host.emergency() == b"\nM112\n"
        elif text.startswith(BESIDE_THE_QUEUE) and not host.idle:
            assert host.interrupt(text) == text.encode() + b"\n"
        else:
            assert host.idle, f"{text} was sent before everything before it was answered"
            host.queue([text])
            assert host.outgoing(at_s) == text.encode() + b"\n"
        assert host.outgoing(at_s) == b""
    return host, found


@pytest.mark.parametrize("name", WHOLE)
def test_a_recorded_conversation_replays_whole(name: str) -> None:
    host, found = replay(name)
    sent = [text for _, tag, text in conversation(name) if tag == "Send:"]
    taken = [event.line for event in found if isinstance(event, Accepted)]
    unanswered = 1 if name in ("21-m600",) else 0  # the file stops before the end of its pause
    in_queue = [line for line in sent if not line.startswith(BESIDE_THE_QUEUE)]
    assert taken == in_queue[: len(in_queue) - unanswered]
    assert host.ended is None


@pytest.mark.parametrize("name", TO_THE_STOP)
def test_a_recorded_stop_is_understood_as_the_end(name: str) -> None:
    host, found = replay(name)
    is_fatal = any(isinstance(event, Fatal) for event in found)
    assert is_fatal == (name != "15-m410")
    if is_fatal and "M112" not in [text for _, _, text in conversation(name)]:
        assert [event.code for event in found if isinstance(event, Ended)] == ["PRINTER_HALTED"]
    assert host.outgoing(99.0) == b""


def test_the_numbered_recording_replays_from_its_boot_text_on() -> None:
    host, found = MarlinHost(LINK, window=1), []
    host.open(0.0)
    host.queue(["G21", "G90", "M105", "M114"])
    boot = [text for tag, text in events("02-checksum-ok")][:12]
    assert boot[0] == "start"
    host.receive("".join(f"{line}\n" for line in boot).encode(), 0.02)
    assert host.outgoing(0.1) == b""  # the boot text may go on
    for at_s, tag, text in conversation("02-checksum-ok"):
        if tag == "Send:":
            # `*036` is `*36` to the firmware, and a damaged line end shows (see `numbered`).
            assert host.outgoing(at_s).replace(b"*0", b"*") == text.encode() + b"\n"
        else:
            assert host.outgoing(at_s) == b""
            found += host.receive(text.encode() + b"\n", at_s)
    assert isinstance(found[0], Opened)
    assert [event.number for event in found if isinstance(event, Accepted)] == [1, 2, 3, 4]
    assert host.idle


def test_heating_to_a_target_shows_every_temperature_on_the_way() -> None:
    _, found = replay("10-m109")
    waits = [event for event in found if isinstance(event, Temperatures) and event.waiting]
    assert len(waits) > 20
    assert waits[0].target_c() == 35.0


def test_positions_are_reported_as_they_came() -> None:
    _, found = replay("15-m410")
    assert [event.x_mm for event in found if isinstance(event, Position)] == [8.5, 9.5]


def test_an_unknown_word_of_ours_is_a_failed_command_although_ok_follows() -> None:
    _, found = replay("26-fan")
    failed = [event for event in found if isinstance(event, CommandFailed)]
    assert [event.line for event in failed] == ["M42 P4 S1"]
