"""A job's bench is made of the drivers it is told, with one pressure transmitter for each tool."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "devices"))
from modbus_twin import ModbusPorts

from printcare.control.instruments import Instruments
from printcare.devices.modbus import ModbusPressure, ModbusScale
from printcare.domain.checks import blocking
from printcare.domain.policy import LOCKED, RESEARCH
from printcare.emulator.bench import Bench
from printcare.errors import LinkLost, PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.ps1 import Lost, Pressure
from printcare.protocol.ps1_device import Ps1Receiver, identity_line, rate_line, reading_line
from printcare.protocol.wire import Received

PROFILE = load_profile("marlin-syringe")


def test_a_bench_on_modbus_is_greeted_and_read_as_any_other() -> None:
    bench = Instruments(ModbusPorts(Bench(PROFILE)), PROFILE, "modbus-balance", "modbus-pressure")
    found, findings = bench.connect(LOCKED)
    assert isinstance(bench.balance, ModbusScale)
    assert isinstance(bench.pressures["pressure"], ModbusPressure)
    assert not blocking(findings)
    assert {source: who.serial for source, who in found.items() if source != "printer"} == {
        "balance": "4711", "pressure": "815",
    }  # fmt: skip


def test_a_driver_nobody_knows_makes_no_bench() -> None:
    with pytest.raises(PrintcareError, match="DRIVER_UNKNOWN"):
        Instruments(ModbusPorts(Bench(PROFILE)), PROFILE, "kitchen-scale")


def test_research_takes_another_setting_as_a_warning_and_another_printer_not_at_all() -> None:
    other = replace(PROFILE, identity_pattern="FIRMWARE_NAME:Another", asserted=(("M92 E", "1.00"),))
    bench = Instruments(ModbusPorts(Bench(PROFILE)), other, "modbus-balance", "modbus-pressure")
    _, findings = bench.connect(RESEARCH)
    assert {finding.code: finding.blocks for finding in findings} == {
        "PRINTER_IDENTITY": True,
        "PRINTER_SETTING": False,
    }


class TwoTools(ModbusPorts):
    """The bench's ports with a second PS1 transmitter, which answers at once and streams as it is waited for."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._second = Ps1Receiver()
        self._streams_from_s: float | None = None

    def send(self, source, data):
        """Answer for the second transmitter."""
        if source != "pressure-1":
            super().send(source, data)
            return
        for request in self._second.receive(data):
            said = identity_line(600, "PS0002", "simulated:1 speed:1") if request.word == "?" else rate_line(20)
            self._inbox.append(Received(source, said, self.now()))
            self._streams_from_s = self.now() if request.word == "R" else self._streams_from_s

    def receive(self, timeout_s):
        """Let the second transmitter speak every 50 ms."""
        message = super().receive(min(timeout_s, 0.02))
        due = self._streams_from_s
        if message is None and due is not None and self.now() >= due + 0.05:
            self._streams_from_s = due + 0.05
            return Received("pressure-1", reading_line(round(self.now() * 1000), 55.0, "OK"), self.now())
        return message


def test_each_tool_has_its_own_transmitter_and_none_is_lost_while_another_is_greeted() -> None:
    two = replace(PROFILE, further_tools=(PROFILE.tool,), asserted=())
    bench = Instruments(TwoTools(Bench(PROFILE)), two, "modbus-balance", "ps1")
    # The first tool's transmitter is the bench's own PS1, behind the plain ports.
    bench.ports._slaves.pop("pressure")
    found, _ = bench.connect(LOCKED)
    assert list(bench.pressures) == ["pressure", "pressure-1"]
    assert (found["pressure"].serial, found["pressure-1"].serial) == ("PS0001", "PS0002")
    heard: list[tuple[str, object]] = []
    end_s = bench.ports.now() + 1.0
    while bench.ports.now() < end_s:
        bench.turn(0.1, lambda source, event: heard.append((source, event)), lambda _command: None)
    assert {source for source, event in heard if isinstance(event, Pressure)} == {"pressure", "pressure-1"}
    assert not [event for _, event in heard if isinstance(event, Lost)]


def test_a_port_that_closes_is_a_lost_link() -> None:
    bench = Instruments(ModbusPorts(Bench(PROFILE)), PROFILE)
    bench.ports._inbox.append(Received("balance", b"", 0.0))
    with pytest.raises(LinkLost):
        bench.turn(0.1, lambda _source, _event: None, lambda _command: None)
