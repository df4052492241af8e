"""SP1: a spectrum is whole and checked or it is none, whatever the wire does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.errors import PrintcareError
from printcare.protocol.spectrometer import Complaint, Measured, NotMeasured, Ready, Recognised, Sp1
from printcare.protocol.spectrometer_device import Sp1Receiver, identity_line

POINTS = 20
WHO = identity_line("NIR", POINTS, "SP1", "")


def pair() -> tuple[Sp1, Sp1Receiver]:
    host, device = Sp1(), Sp1Receiver(WHO, POINTS, lambda kind, ms: [index * ms / 10 for index in range(POINTS)])
    host.ask_identity(0.0)
    (event,) = host.receive(device.receive(host.outgoing()), 0.1)
    assert isinstance(event, Recognised)
    return host, device


def answered(host: Sp1, device: Sp1Receiver, kind: str = "sample") -> bytes:
    host.measure(kind, 1.0)
    return device.receive(host.outgoing())


def test_identity_time_and_a_whole_spectrum() -> None:
    host, device = pair()
    host.set_integration(25.0, 0.2)
    assert host.receive(device.receive(host.outgoing()), 0.3) == [Ready(25.0)]
    (event,) = host.receive(answered(host, device), 1.5)
    assert event == Measured("sample", tuple(index * 2.5 for index in range(POINTS)), 25.0, False, 1.5)
    assert host.is_free


def test_one_question_at_a_time() -> None:
    host, _ = pair()
    host.measure("dark", 1.0)
    with pytest.raises(PrintcareError, match="SPECTROMETER_BUSY"):
        host.measure("sample", 1.0)


@pytest.mark.parametrize("integration_ms", [0.0, 60_001.0])
def test_a_time_it_cannot_have_is_refused(integration_ms: float) -> None:
    with pytest.raises(PrintcareError, match="SPECTROMETER_TIME"):
        Sp1().set_integration(integration_ms, 0.0)


def test_a_question_is_repeated_and_light_is_not() -> None:
    host = Sp1()
    host.ask_identity(0.0)
    assert host.tick(0.9) == []
    asked = host.outgoing()
    for second in (1.0, 2.0):
        assert host.tick(second) == []
        assert host.outgoing() == asked
    assert host.tick(3.0) == [NotMeasured("?", "no answer in its time")]
    assert host.deadline() is None
    host.measure("sample", 4.0)
    assert host.deadline() == 9.0
    assert host.tick(9.0) == [NotMeasured("sample", "no answer in its time")]


def damaged(change) -> list:
    host, device = pair()
    lines = answered(host, device).split(b"\n")
    return host.receive(b"\n".join(change(lines)), 1.5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda lines: [lines[0], *lines[2:]], "a line was damaged or lost"),
        (lambda lines: [lines[0], lines[1], *lines[3:]], "fewer values than points"),
        (lambda lines: [lines[0], lines[1].replace(b" 3.000", b" 4.000"), *lines[2:]], "its check does not fit"),
        (lambda lines: [*lines[:3], b"D 20 1.0", *lines[3:]], "more values than points"),
        (lambda lines: [*lines[:2], lines[0], *lines[2:]], "a line was damaged or lost"),
        (lambda lines: [*lines[:2], b"E 03 lamp", b""], "error 03: lamp"),
    ],
)
def test_what_is_not_whole_is_no_spectrum(change, reason: str) -> None:
    assert damaged(change)[0] == NotMeasured("sample", reason)


def test_saturation_is_told() -> None:
    host, _ = pair()
    device = Sp1Receiver(WHO, POINTS, lambda kind, ms: [65535.0] * POINTS)
    (event,) = host.receive(answered(host, device), 1.5)
    assert event.is_saturated


def test_lines_nobody_waits_for_are_told_and_used_for_nothing() -> None:
    host, device = pair()
    late = answered(host, device)
    host.tick(100.0)
    assert all(isinstance(event, Complaint) for event in host.receive(late, 101.0))
    host.measure("sample", 102.0)
    assert host.receive(b"D 0 1.0\n\n", 102.1) == [Complaint("D 0 1.0")]


@pytest.mark.parametrize(
    "line", ["#SP1 v1 NIR cm-1 20 sn=1", "#SP1 v1 NIR nm 0 sn=1", "#SP1 v1 NIR nm 9999 sn=1", "#I 5"]
)
def test_an_identity_that_cannot_be_is_none(line: str) -> None:
    host = Sp1()
    host.ask_identity(0.0)
    assert host.receive(line.encode() + b"\n", 0.1) == [Complaint(line)]


@pytest.mark.parametrize(
    ("command", "answer"),
    [(b"X\n", b"E 01 syntax\n"), (b"M light\n", b"E 01 syntax\n"), (b"I\n", b"E 02 time\n"), (b"I 0\n", b"E 02 time\n"),
     (b"I 70000\n", b"E 02 time\n"), (b"I 5\r\n", b"#I 5.0\n"), (b"\n", b"")],
)  # fmt: skip
def test_the_device_refuses_what_it_does_not_know(command: bytes, answer: bytes) -> None:
    assert Sp1Receiver(WHO, POINTS, lambda kind, ms: [0.0] * POINTS).receive(command) == answer


@given(st.integers(0, 2000), st.integers(0, 7))
def test_one_wrong_bit_is_never_another_spectrum(at: int, bit: int) -> None:
    host, device = pair()
    reply = bytearray(answered(host, device))
    whole = tuple(index * 1.0 for index in range(POINTS))
    reply[at % len(reply)] ^= 1 << bit
    found = [event for event in host.receive(bytes(reply), 1.5) if isinstance(event, Measured)]
    assert all(event.values == whole and event.kind == "sample" for event in found)


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_are_taken_by_both_halves(noise: list[bytes]) -> None:
    host, device = pair()
    host.measure("sample", 1.0)
    for data in noise:
        assert not [event for event in host.receive(data, 1.1) if isinstance(event, Measured)]
        assert isinstance(device.receive(data), bytes)
