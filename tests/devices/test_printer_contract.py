"""One contract for every dialect, host against twin: connect, identify, read, time-out, garbage, unplug, stop."""

from __future__ import annotations

import re

import pytest
from dialect_profiles import KLIPPER, PROFILES, RRF

from printcare.devices.exchange import exchange
from printcare.devices.printer import Printer, handshake
from printcare.devices.transport import transport_findings
from printcare.domain.checks import blocking
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import LinkLost, PrintcareError
from printcare.protocol.marlin_events import Accepted, CommandFailed
from printcare.protocol.marlin_reply import Position, Temperatures
from printcare.protocol.uptime import QUESTION

LINES = ["G28", "G21", "G90", "M82", "G92 E0", *[f"G1 X{10 + n} Y20 F6000" for n in range(20)], "M400", "M114"]


class Desk:
    """A host's printer and its emulated twin on virtual time."""

    def __init__(self, name: str, *faults: str) -> None:
        self.profile = PROFILES[name]
        self.bench = Bench(self.profile, faults=faults)
        self.ports = VirtualPorts(self.bench)
        self.printer = Printer(self.ports, self.profile)
        self.events: list = []

    def greet(self):
        """Shake hands."""
        return handshake(self.ports, self.printer)

    def run(self, *lines: str, limit_s: float = 300.0) -> None:
        """Send lines and wait."""
        self.printer.queue(lines)
        self.wait(limit_s)

    def wait(self, limit_s: float) -> bool:
        """Wait until all is taken."""
        return exchange(
            self.ports, {"printer": self.printer}, lambda: self.printer.idle or self.printer.ended is not None, limit_s,
            lambda noted: self.events.append(noted[1]),
        )  # fmt: skip

    def of(self, kind: type) -> list:
        """Return events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture(params=list(PROFILES))
def name(request) -> str:
    return request.param


def test_it_connects_and_says_who_it_is_and_that_it_is_simulated(name: str) -> None:
    identity, findings = Desk(name).greet()
    assert not blocking(findings)
    # What a dialect does not tell of itself is said, never assumed.
    told = {finding.code for finding in findings}
    assert told == {"marlin": set(), "klipper": {"PRINTER_SETTING_UNKNOWN"}}.get(
        name, told & {"PRINTER_SETTING_UNKNOWN"}
    )
    assert identity.simulated
    assert identity.speed == 1


def test_every_line_is_taken_in_order_and_the_position_is_read(name: str) -> None:
    desk = Desk(name)
    desk.greet()
    desk.run(*LINES)
    assert [event.line for event in desk.of(Accepted)] == LINES
    assert desk.of(CommandFailed) == []
    position = desk.of(Position)[-1]
    assert (position.x_mm, position.y_mm, position.z_mm) == (29, 20, 0)


def test_temperatures_come_by_themselves_or_by_asking(name: str) -> None:
    desk = Desk(name)
    desk.greet()
    desk.run("M155 S1", "M104 S40")
    desk.events.clear()
    end_s = desk.ports.now() + 10
    exchange(
        desk.ports, {"printer": desk.printer}, lambda: desk.ports.now() >= end_s, 20,
        lambda noted: desk.events.append(noted[1]),
    )  # fmt: skip
    told = [event.actual_c() for event in desk.of(Temperatures)]
    assert 9 <= len(told) <= 11
    assert told[-1] > told[0] > 20


def test_waiting_for_heat_takes_its_time(name: str) -> None:
    desk = Desk(name)
    desk.greet()
    began_s = desk.ports.now()
    desk.run("M109 S38", "M105", limit_s=900)
    assert desk.printer.ended is None
    assert desk.ports.now() - began_s > 20
    assert desk.of(Temperatures)[-1].actual_c() == pytest.approx(38, abs=2)


def test_a_printer_that_falls_silent_ends_the_job(name: str) -> None:
    desk = Desk(name)
    desk.greet()
    desk.bench.mute(1e9)
    desk.run("G21", "G90", limit_s=900)
    assert desk.printer.ended
    assert desk.printer.ended.code == "LINK_SILENT"
    assert desk.ports.now() < 900


def test_garbage_is_no_progress(name: str) -> None:
    desk = Desk(name)
    desk.greet()
    desk.printer.queue(["G4 P500"])
    desk.printer.pump(desk.ports.now())
    events = desk.printer.feed(bytes(range(256)) * 20 + b"\n", desk.ports.now())
    assert not [event for event in events if isinstance(event, Accepted)]


def test_a_pulled_cable_is_a_lost_link(name: str) -> None:
    desk = Desk(name)
    desk.greet()
    desk.bench.unplug(float("inf"))
    with pytest.raises(LinkLost):
        desk.run("G21")


def test_the_stop_halts_the_printer_and_nothing_follows(name: str) -> None:
    desk = Desk(name)
    desk.greet()
    desk.run("G28")
    desk.printer.queue(["G1 X190 F600", "M400"])
    desk.printer.pump(desk.ports.now())
    desk.bench.advance(desk.ports.now() + 1.0)
    desk.printer.stop("M112")
    desk.bench.advance(desk.ports.now() + 0.1)
    stopped = desk.bench.nozzle_mm()
    desk.bench.advance(desk.ports.now() + 5.0)
    assert desk.bench.nozzle_mm() == stopped
    assert 0 < stopped[0] < 100
    with pytest.raises(PrintcareError):
        desk.printer.queue(["G1 X1"])


def test_klipper_is_reached_on_this_computer_only() -> None:
    assert [finding.code for finding in transport_findings(KLIPPER, "/dev/ttyUSB0")] == ["LINK_NOT_LOCAL"]
    assert [finding.code for finding in transport_findings(KLIPPER, "socket://10.0.0.7:3000")] == ["LINK_NOT_LOCAL"]
    assert transport_findings(KLIPPER, "socket://127.0.0.1:3000") == ()
    assert transport_findings(RRF, "/dev/ttyACM0") == ()


@pytest.mark.parametrize("other", list(PROFILES))
def test_a_printer_of_another_dialect_is_refused_and_was_only_asked(name: str, other: str) -> None:
    desk, sent = Desk(other), []
    desk.printer = Printer(desk.ports, PROFILES[name])
    take = desk.bench.receive
    desk.bench.receive = lambda source, data: (sent.append(data), take(source, data))
    if PROFILES[name].dialect == PROFILES[other].dialect:
        desk.greet()
        assert desk.printer.foreign_dialect is None
        return
    with pytest.raises(PrintcareError) as refused:
        desk.greet()
    assert refused.value.code == "E_PRINTER_DIALECT"
    lines = [re.sub(rb"^N\d+ |\*\d+$", b"", line) for data in sent for line in data.split(b"\n")]
    assert set(lines) <= {b"", b"M110 N0", b"M115", b"M105", b"M220", QUESTION.encode()}
