"""One contract for every pressure transmitter, host against twin: identify, read, zero, fault, garbage, loss."""

from __future__ import annotations

from decimal import Decimal

import pytest
from modbus_twin import ModbusPorts

from printcare.devices.exchange import exchange
from printcare.devices.pressure import recognise
from printcare.devices.registry import driver
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import LinkLost, PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.ps1 import Lost, Pressure, Recognised, Zeroed
from printcare.protocol.wire import Received

PORTS = {"ps1": VirtualPorts, "modbus-pressure": ModbusPorts}


class Desk:
    """A driver and the bench's sensor."""

    def __init__(self, name: str) -> None:
        self.bench = Bench(load_profile("marlin-syringe"))
        self.ports = PORTS[name](self.bench)
        self.sensor = driver(name)(self.ports)
        self.events: list = []

    def wait(self, seconds: float) -> list:
        """Let seconds pass and return what came."""
        self.events.clear()
        devices = {self.sensor.source: self.sensor}
        exchange(self.ports, devices, lambda: False, seconds, lambda noted: self.events.append(noted[1]))
        return self.events

    def of(self, kind: type) -> list:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture(params=list(PORTS))
def desk(request) -> Desk:
    return Desk(request.param)


def test_it_says_who_it_is_and_that_it_is_simulated(desk: Desk) -> None:
    identity = recognise(desk.ports, desk.sensor)
    assert identity.simulated
    assert identity.speed == 1
    assert identity.serial
    assert desk.sensor.range_kpa == (0, 1000)


def test_it_measures_twenty_times_a_second_with_its_own_time(desk: Desk) -> None:
    recognise(desk.ports, desk.sensor)
    desk.bench.sensor.lagged_kpa = 120.0
    desk.wait(2.0)
    found = desk.of(Pressure)
    assert 36 <= len(found) <= 41
    assert float(found[0].reading.value) == pytest.approx(desk.bench.sensor.lagged_kpa, abs=125)
    assert found[-1].device_ms - found[0].device_ms == pytest.approx(1950, abs=120)
    assert found[0].reading.unit == "kPa"
    assert all(event.flag == "OK" for event in found)


def test_zero_takes_the_present_pressure_away(desk: Desk) -> None:
    recognise(desk.ports, desk.sensor)
    desk.bench.sensor.jump_kpa = 50.0
    desk.wait(0.2)
    desk.sensor.zero()
    desk.wait(0.5)
    assert desk.of(Zeroed)
    assert abs(desk.of(Pressure)[-1].reading.value) < Decimal(5)


def test_a_value_it_does_not_stand_for_is_never_the_latest(desk: Desk) -> None:
    recognise(desk.ports, desk.sensor)
    desk.bench.sensor.is_saturated = True
    desk.wait(0.2)
    before = desk.sensor.latest
    desk.wait(0.5)
    assert desk.of(Pressure)[-1].flag in ("SAT", "FLT")
    assert desk.sensor.latest == before


def test_a_silent_one_is_lost_after_three_periods_and_told_once(desk: Desk) -> None:
    recognise(desk.ports, desk.sensor)
    desk.wait(0.2)
    desk.bench.sensor.is_dead = True
    desk.wait(2.0)
    assert len(desk.of(Lost)) == 1
    assert desk.sensor.is_lost


def test_one_that_never_answers_is_refused(desk: Desk) -> None:
    desk.bench.sensor.is_dead = True
    with pytest.raises(PrintcareError) as refused:
        recognise(desk.ports, desk.sensor)
    assert refused.value.code == "PRESSURE_NO_ANSWER"


def test_garbage_is_no_pressure(desk: Desk) -> None:
    recognise(desk.ports, desk.sensor)
    events = desk.sensor.feed(bytes(range(256)) * 4 + b"\n", desk.ports.now())
    assert not [event for event in events if isinstance(event, Pressure | Recognised)]


def test_a_pulled_cable_is_a_lost_link(desk: Desk) -> None:
    recognise(desk.ports, desk.sensor)
    desk.ports._inbox.append(Received("pressure", b"", desk.ports.now()))
    with pytest.raises(LinkLost):
        desk.wait(1.0)


def test_nothing_is_asked_before_it_is_opened(desk: Desk) -> None:
    assert desk.sensor.pump(1.0) == []
    assert desk.sensor.deadline() is None


def test_a_transmitter_that_has_no_name_goes_by_its_map() -> None:
    desk = Desk("modbus-pressure")
    desk.ports._slaves["pressure"]._names = ()
    assert recognise(desk.ports, desk.sensor).model == "Modbus pressure transmitter"


def test_a_transmitter_that_never_answers_its_name_goes_by_its_map_too() -> None:
    desk = Desk("modbus-pressure")
    slave = desk.ports._slaves["pressure"]
    slave._name = lambda _frame: b""
    assert recognise(desk.ports, desk.sensor).model == "Modbus pressure transmitter"


def test_a_transmitter_whose_registers_hold_no_number_grows_stale() -> None:
    desk = Desk("modbus-pressure")
    recognise(desk.ports, desk.sensor)
    desk.ports.is_faulty = True
    desk.wait(1.0)
    assert desk.of(Lost)
    assert not [event for event in desk.of(Pressure) if event.flag == "OK"]


def test_one_that_comes_back_is_no_longer_lost() -> None:
    desk = Desk("modbus-pressure")
    recognise(desk.ports, desk.sensor)
    desk.ports.is_mute = True
    desk.wait(1.0)
    desk.ports.is_mute = False
    desk.wait(0.5)
    assert not desk.sensor.is_lost
