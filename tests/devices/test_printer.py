"""A printer is greeted, recognised and compared with its profile before anything moves."""

from __future__ import annotations

import os
import time

import pytest
from marlin_on_pty import IDENTITY, SETTINGS, Marlin, marlin

from printcare.devices.exchange import exchange
from printcare.devices.ports import PortSettings, SerialPorts
from printcare.devices.printer import Printer, handshake
from printcare.errors import LinkLost
from printcare.formats.profile import load_profile
from printcare.protocol.marlin_events import Accepted
from printcare.protocol.wire import Received

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="pseudo-terminals only exist on POSIX systems")
PROFILE = load_profile("marlin-syringe")


class FakePorts:
    """Ports in memory: `script` is what comes, `written` what went out."""

    def __init__(self, script: list[Received] | None = None) -> None:
        self.script, self.written, self.time_s = script or [], b"", 0.0

    def now(self) -> float:
        """Return virtual seconds."""
        return self.time_s

    def send(self, source: str, data: bytes) -> None:
        """Take what the host writes."""
        self.written += data

    def receive(self, timeout_s: float) -> Received | None:
        """Return what comes next, or let the time pass."""
        if self.script:
            return self.script.pop(0)
        self.time_s += max(timeout_s, 0.001)
        return None

    def close(self) -> None:
        """Nothing to release."""


class AnsweringPorts(FakePorts):
    """A printer that answers at once, on virtual time."""

    def __init__(self, replies: dict[str, str]) -> None:
        super().__init__()
        self.printer = Marlin(replies)

    def send(self, source: str, data: bytes) -> None:
        """Take what the host writes and answer it."""
        answer = self.printer.hear(data)
        if answer:
            self.script.append(Received(source, answer, self.time_s))


def greeted(replies: dict[str, str]) -> tuple:
    ports = AnsweringPorts(replies)
    return *handshake(ports, Printer(ports, PROFILE)), ports.printer.executed


def test_a_printer_that_fits_its_profile_is_recognised_without_objection() -> None:
    identity, findings, executed = greeted({})
    assert identity.model == "FIRMWARE_NAME:Marlin 2.1.2.1"
    assert (identity.simulated, identity.speed) == (True, 50)
    assert findings == ()
    assert executed == ["M115", "M110 N0", "M115", "M105", "M220", "M221", "M503", "M211", "G21", "G90", "M82"]


@pytest.mark.parametrize(
    ("replies", "code"),
    [
        ({"M115": IDENTITY.replace("Marlin 2.1", "Marlin 1.1")}, "PRINTER_IDENTITY"),
        ({"M115": IDENTITY.replace("PARSER:1", "PARSER:0")}, "PRINTER_CAPABILITY"),
        ({"M220": "FR:50%\n"}, "PRINTER_NOT_AT_100"),
        ({"M221": "echo:E0 Flow: 90%\n"}, "PRINTER_NOT_AT_100"),
        ({"M221": ""}, "PRINTER_NOT_AT_100"),
        ({"M503": SETTINGS.replace("E800.00", "E799.00")}, "PRINTER_SETTING"),
        ({"M503": SETTINGS.replace("X120.00", "X119.00")}, "PRINTER_SETTING"),
        ({"M503": SETTINGS.replace("P1000.00", "P500.00")}, "PRINTER_SETTING"),
        ({"M503": SETTINGS.replace("M200 S0 D14.43", "M200 S1 D1.75")}, "PRINTER_SETTING"),
        ({"M503": SETTINGS + "echo:  M900 K0.05\n"}, "PRINTER_SETTING"),
        ({"M211": "  M211 S0 ; OFF\n"}, "PRINTER_SETTING"),
        ({"M503": ""}, "PRINTER_SETTING_UNKNOWN"),
    ],
)
def test_a_printer_that_differs_from_its_profile_is_objected_to(replies: dict[str, str], code: str) -> None:
    _, findings, _ = greeted(replies)
    assert {finding.code for finding in findings} == {code}
    assert findings[0].blocks


def test_a_simulated_printer_with_an_unreadable_speed_runs_at_one() -> None:
    identity, _, _ = greeted({"M115": IDENTITY.replace("SPEED:50", "SPEED:fast")})
    assert identity.speed == 1


def test_a_printer_that_never_answers_is_given_up() -> None:
    from printcare.errors import PrintcareError

    ports = FakePorts()
    with pytest.raises(PrintcareError, match="HANDSHAKE_FAILED"):
        handshake(ports, Printer(ports, PROFILE))
    assert ports.time_s < 10


def test_a_closed_link_ends_the_exchange() -> None:
    ports = FakePorts([Received("printer", b"", 0.0)])
    with pytest.raises(LinkLost):
        handshake(ports, Printer(ports, PROFILE))


def test_lines_arrive_once_and_in_order_and_the_stop_passes_every_queue() -> None:
    with marlin() as other:
        ports = SerialPorts({"printer": PortSettings(other.url)}, time.monotonic)
        try:
            printer, noted = Printer(ports, PROFILE), []
            handshake(ports, printer)
            program = [f"G1 X{index}" for index in range(200)]
            printer.queue(program)
            assert exchange(ports, {"printer": printer}, lambda: printer.idle, 20.0, noted.append)
            assert [event.line for _, event in noted if isinstance(event, Accepted)] == program
            assert other.executed[-len(program) :] == program
            printer.queue(["G1 X1"])
            printer.interrupt("M108")
            printer.stop()
            assert printer.pump(ports.now()) == []
            assert printer.ended
            assert printer.ended.code == "STOP_SENT"
        finally:
            ports.close()


def test_an_exchange_that_takes_too_long_says_so() -> None:
    ports = FakePorts()
    assert not exchange(ports, {}, lambda: False, 1.0, lambda _: None)
