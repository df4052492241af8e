"""Sessions written from source play on both halves, and Klipper's recordings as far as the host would send them."""

from __future__ import annotations

import re
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from test_single_host import conversation, klipper, of

from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.dialects import BY_NAME
from printcare.protocol.marlin_device import read_command
from printcare.protocol.marlin_events import Accepted, CommandFailed, Resent
from printcare.protocol.marlin_reply import Fatal, Firmware, Position, Remark
from printcare.protocol.other_devices import RrfReceiver, SmoothieReceiver
from printcare.protocol.settings import settings_in
from printcare.protocol.single_host import SingleHost

WIRE = Path(__file__).parents[1] / "wire"
PROFILES = {"reprapfirmware": "rrf-syringe", "smoothieware": "smoothie-syringe"}
RECEIVERS = {"reprapfirmware": RrfReceiver, "smoothieware": SmoothieReceiver}


def session(dialect: str) -> list[tuple[str, str]]:
    lines = (WIRE / dialect / "01-session.txt").read_text(encoding="ascii").splitlines()
    return [(line[9:14], line[15:]) for line in lines]


def bare(sent: str) -> str:
    return sent.partition(" ")[2].rpartition("*")[0]


def without_zeroes(line: bytes) -> tuple[int, bytes]:
    """Return number and text of a line whose checksum is true."""
    body, number, text, told = re.fullmatch(rb"(N(\d+) (.*))\*(\d+)\n", line).groups()
    assert reduce(xor, body) == int(told)
    return int(number), text


def played(dialect: str) -> tuple[SingleHost, list, list[bytes]]:
    """Return the host after the session, its events, and what it wrote."""
    host = SingleHost(load_profile(PROFILES[dialect]).link, BY_NAME[dialect])
    host.open_at_once(0.0)
    host._number = -1 if dialect == "smoothieware" else 0  # as after the greeting
    wrote, events = [], []
    if dialect == "smoothieware":
        wrote.append(host._send("M110 N0", 0.0, is_own=True))
    sent = dict.fromkeys(bare(text) for tag, text in session(dialect) if tag == "Send:")
    host.queue(line for line in sent if line != "M110 N0")
    for index, (tag, text) in enumerate(session(dialect)):
        events += host.receive(text.encode() + b"\n", index * 0.02) if tag == "Recv:" else []
        out = host.outgoing(index * 0.02)
        wrote += [out] if out else []
    return host, events, wrote


@pytest.mark.parametrize("dialect", list(PROFILES))
def test_the_host_sends_what_the_session_says_byte_for_byte_but_for_zeroes(dialect: str) -> None:
    host, events, wrote = played(dialect)
    sent = [text.encode() + b"\n" for tag, text in session(dialect) if tag == "Send:"]
    # `*036` is `*36` and `N03` is `N3` to every firmware, and a damaged line end shows (see `numbered`).
    assert [without_zeroes(line) for line in wrote[: len(sent)]] == [without_zeroes(line) for line in sent]
    queued = [bare(line.decode().strip()) for line in dict.fromkeys(sent)]
    assert [event.line for event in of(events, Accepted)] == [line for line in queued if line != "M110 N0"]
    assert host.ended is None


def test_repraps_answers_are_understood() -> None:
    _, events, _ = played("reprapfirmware")
    assert of(events, Firmware)[0].text.startswith("FIRMWARE_NAME: RepRapFirmware")
    assert of(events, Position)[0].x_mm == 10.0
    assert [event.line for event in of(events, CommandFailed)] == ["M9999"]
    told = {name: value for event in of(events, Remark) for name, value in settings_in(event.text).items()}
    assert (told["M92 E"], told["M203 E"], told["M201 X"], told["M204 P"]) == (800, 5, 1000, 1000)


def test_smoothiewares_answers_are_understood() -> None:
    _, events, _ = played("smoothieware")
    assert len(of(events, Resent)) == 1
    assert of(events, Position)[0].x_mm == 10.0
    told = {name: value for event in of(events, Remark) for name, value in settings_in(event.text).items()}
    assert (told["M92 E"], told["M203 X"], told["M204 S"]) == (800, 120, 1000)


@pytest.mark.parametrize("dialect", list(PROFILES))
def test_the_devices_half_takes_every_line_of_its_session(dialect: str) -> None:
    receiver = RECEIVERS[dialect](256, 64)
    sent = [text for tag, text in session(dialect) if tag == "Send:"]
    answers = [receiver.receive(line.encode() + b"\n").replies for line in dict.fromkeys(sent)]
    assert not any(answers)
    assert [read_command(line).text for line in receiver.queue] == [bare(line) for line in dict.fromkeys(sent)]


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("reprapfirmware", b"Emergency Stop! Reset the controller to continue."),
        ("reprapfirmware", b"Error: Emergency stop"),
        ("smoothieware", b"ok Emergency Stop Requested - reset or M999 required to exit HALT state"),
        ("smoothieware", b"HALTED, M999 or $X to exit HALT state"),
        ("smoothieware", b"!!"),
    ],
)
def test_each_dialects_own_stop_is_understood_as_the_end(dialect: str, line: bytes) -> None:
    host, _, _ = played(dialect)
    assert isinstance(host.receive(line + b"\n", 99.0)[0], Fatal)
    assert host.ended


@pytest.mark.parametrize("name", ["02-numbers", "03-move-unhomed", "04-home", "05-unknown"])
def test_a_recorded_klipper_conversation_replays_as_far_as_the_host_would_send_it(name: str) -> None:
    host, found, sent, is_ours = klipper(), [], [], False
    for at_s, tag, text in conversation(name):
        if tag == "Send:":
            try:
                host.queue([text])
                is_ours = not text.startswith("M155 S")  # which becomes questions of our own
                sent += [text]
            except PrintcareError:  # numbers, comments and empty lines never leave the host
                is_ours = False
            out = host.outgoing(at_s) if is_ours else b""
            assert out == (text.encode() + b"\n" if is_ours else b"")
        elif is_ours:
            found += host.receive(text.encode() + b"\n", at_s)
        if not is_ours and sent and sent[-1].startswith("M155 S"):
            break
    assert [event.line for event in of(found, Accepted)] == [text for text in sent if not text.startswith("M155 S")]
    failed = [event.line for event in of(found, CommandFailed)]
    assert all(line in sent for line in failed)
    assert bool(failed) == (name != "02-numbers")
    assert host.ended is None
