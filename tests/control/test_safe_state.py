"""Safe state reaches every dialect: the board stands still and cold, and says so."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "devices"))
from dialect_profiles import PROFILES

from printcare.control.alarms import Stop
from printcare.control.instruments import Instruments
from printcare.control.safe_state import CONFIRM_S, make_safe
from printcare.devices.printer import handshake
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import LinkLost
from printcare.protocol.stops import STOPS

MOVING = ["G28", "M104 S40", "G1 X190 F600", "M400"]


class Ports(VirtualPorts):
    """The bench's ports, which keep what was sent."""

    sent = b""

    def send(self, source, data):
        """Send, and remember."""
        self.sent += data
        super().send(source, data)


@pytest.fixture(params=list(PROFILES))
def moving(request) -> tuple[Bench, Ports, Instruments]:
    """Return a printer of each dialect in a long move, heater on."""
    profile = PROFILES[request.param]
    bench = Bench(profile)
    ports = Ports(bench)
    instruments = Instruments(ports, profile)
    handshake(ports, instruments.printer)
    instruments.printer.queue(MOVING)
    while not bench.nozzle_mm()[0] > 5:
        instruments.turn(0.1, lambda _source, _event: None, lambda _command: None)
    return bench, ports, instruments


@pytest.mark.parametrize("how", [Stop.KILL, Stop.QUICK])
def test_a_moving_printer_stands_still_and_cold_and_says_so(moving, how: Stop) -> None:
    bench, ports, instruments = moving
    began_s, before = ports.now(), len(ports.sent)
    sent = make_safe(instruments, how, "a test", 0.0)
    assert sent.confirmed
    stops = STOPS[instruments.printer.profile.dialect]
    is_gentle = how is not Stop.KILL and stops.quick
    first = b"\n%b\n" % stops.quick.encode() if is_gentle else stops.kill
    assert ports.sent[before:].startswith(first)
    assert sent.how.startswith(stops.quick if is_gentle else stops.kill_told)
    assert ports.now() - began_s < CONFIRM_S
    assert bench.jacket.target_c == 0
    stood = bench.nozzle_mm()
    bench.advance(bench.now_s + 5)
    assert bench.nozzle_mm() == stood


@pytest.mark.parametrize("relief_mm", [0.0, 0.5])
def test_only_a_pressure_that_was_relieved_is_told_so(moving, relief_mm: float) -> None:
    _, _, instruments = moving
    is_gentle = bool(STOPS[instruments.printer.profile.dialect].quick)
    sent = make_safe(instruments, Stop.QUICK, "a test", relief_mm)
    assert ("relieved" in sent.how) == (is_gentle and relief_mm > 0)


def test_a_quick_stop_nobody_answers_is_followed_by_the_kill(moving) -> None:
    bench, ports, instruments = moving
    bench.mute(1e9)
    sent = make_safe(instruments, Stop.QUICK, "a test", 0.5)
    assert not sent.confirmed
    assert ports.sent.endswith(STOPS[instruments.printer.profile.dialect].kill)


def test_a_printer_that_was_never_greeted_is_killed() -> None:
    profile = PROFILES["marlin"]
    ports = Ports(Bench(profile))
    ports.receive(2.0)
    make_safe(Instruments(ports, profile), Stop.QUICK, "a test", 0.0)
    assert ports.sent == STOPS["marlin"].kill


def test_pressure_is_taken_back_and_every_tool_is_cooled() -> None:
    profile = replace(PROFILES["marlin"], further_tools=(PROFILES["marlin"].tool,))
    ports = Ports(Bench(PROFILES["marlin"]))
    instruments = Instruments(ports, profile)
    handshake(ports, instruments.printer)
    make_safe(instruments, Stop.QUICK, "a test", 0.25)
    assert b"M410\nM83\nG1 E-0.25000 F60\nM82\nM104 S0\nM104 T1 S0\nM140 S0\nM155 S1\n" in ports.sent


def test_a_port_that_is_gone_is_said_to_be_unsafe() -> None:
    profile = PROFILES["klipper"]
    ports = Ports(Bench(profile))
    ports.close()
    sent = make_safe(Instruments(ports, profile), Stop.KILL, "a test", 0.0)
    assert not sent.confirmed
    assert "could not be written" in sent.how
    with pytest.raises(LinkLost):
        ports.send("printer", b"")
