"""Every byte is kept with its time, and a recording plays as a test."""

from __future__ import annotations

import pytest

from printcare.devices.exchange import exchange
from printcare.devices.printer import Printer, handshake
from printcare.devices.recorder import Heard, RecordedPorts, ReplayedPorts, read_recording
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.wire import Received

PROFILE = load_profile("marlin-syringe")
PROGRAM = ["G28", *[f"G1 X{index} F3000" for index in range(10, 40)], "M400", "M114"]


def print_on(ports, lines: list[str]) -> Printer:
    printer = Printer(ports, PROFILE)
    handshake(ports, printer)
    printer.queue(lines)
    exchange(ports, {"printer": printer}, lambda: printer.idle or printer.ended is not None, 300, lambda _: None)
    return printer


@pytest.fixture(params=[(), ("corrupt@rate:0.05", "lost-ok@rate:0.05")], ids=["clean", "noisy"])
def recording(request) -> list[str]:
    kept: list[Heard] = []
    ports = RecordedPorts(VirtualPorts(Bench(PROFILE, seed=3, faults=request.param)), kept.append)
    assert print_on(ports, PROGRAM).idle
    return [heard.line() for heard in kept]


def test_every_byte_is_kept_in_its_order_with_its_time(recording: list[str]) -> None:
    heard = list(read_recording(recording))
    assert [each.at_s for each in heard] == sorted(each.at_s for each in heard)
    sent = b"".join(each.data for each in heard if each.is_sent)
    assert all(f" {line}*".encode() in sent for line in PROGRAM)
    assert any(each.data.startswith(b"start\n") or b"ok" in each.data for each in heard if not each.is_sent)


def test_a_recording_replays_to_the_same_end(recording: list[str]) -> None:
    ports = ReplayedPorts(read_recording(recording))
    printer = print_on(ports, PROGRAM)
    assert printer.idle
    assert ports.is_over


def test_a_host_that_sends_something_else_is_found_out(recording: list[str]) -> None:
    with pytest.raises(PrintcareError) as refused:
        print_on(ReplayedPorts(read_recording(recording)), ["G28", "G1 X11 F3000"])
    assert refused.value.code == "REPLAY_DIFFERS"


def test_any_bytes_survive_the_record() -> None:
    heard = Heard(1.5, "balance", False, bytes(range(256)))
    assert list(read_recording([heard.line()])) == [heard]


def test_a_closed_link_is_part_of_the_record() -> None:
    ports = ReplayedPorts([Heard(1.0, "printer", False, b"")])
    assert ports.receive(1.0) == Received("printer", b"", 1.0)


@pytest.mark.parametrize("line", ["{}", "[1]", '[1,"printer","=","x"]', "no json"])
def test_a_broken_recording_is_refused(line: str) -> None:
    with pytest.raises(PrintcareError) as refused:
        list(read_recording([line]))
    assert refused.value.code == "RECORDING_BROKEN"
