"""One contract for every balance, host against emulated twin: identify, read, overload, garbage, time-out, unplug."""

from __future__ import annotations

import pytest
from modbus_twin import ModbusPorts

from printcare.devices.balance import recognise
from printcare.devices.exchange import exchange
from printcare.devices.registry import driver
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import LinkLost, PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.mt_sics import NotWeighed, TimedOut, Weighed
from printcare.protocol.wire import Received

FAMILIES = ["mt-sics", "sbi", "and", "ohaus", "radwag", "modbus-balance"]


@pytest.fixture(params=FAMILIES)
def desk(request):
    is_modbus = request.param == "modbus-balance"
    bench = Bench(load_profile("marlin-syringe"), balance="mt-sics" if is_modbus else request.param)
    ports = (ModbusPorts if is_modbus else VirtualPorts)(bench)
    return bench, ports, driver(request.param)(ports)


def weighed(ports, balance, *, stable: bool) -> list:
    events: list = []
    balance.weigh(ports.now(), stable=stable)
    exchange(ports, {"balance": balance}, lambda: balance.is_free, 60, lambda noted: events.append(noted[1]))
    return events


def test_it_says_who_it_is_and_that_it_is_simulated(desk) -> None:
    _, ports, balance = desk
    identity = recognise(ports, balance)
    assert identity.simulated
    assert identity.speed == 1


@pytest.mark.parametrize("stable", [True, False])
def test_it_weighs_in_milligrams(desk, stable: bool) -> None:
    bench, ports, balance = desk
    ports.receive(5.0)
    (reading,) = [event.reading for event in weighed(ports, balance, stable=stable) if isinstance(event, Weighed)]
    assert reading.unit == "mg"
    assert float(reading.value) == pytest.approx(bench.truth()["load_mg"], abs=3)


def test_a_negative_weight_keeps_its_sign(desk) -> None:
    bench, ports, balance = desk
    bench.balance._zero_mg = bench.truth()["load_mg"] + 250.0
    ports.receive(5.0)
    (reading,) = [event.reading for event in weighed(ports, balance, stable=True) if isinstance(event, Weighed)]
    assert float(reading.value) == pytest.approx(-250, abs=3)


def test_an_overload_is_no_weight(desk) -> None:
    bench, ports, balance = desk
    bench.balance.is_overloaded = True
    assert [event.reason for event in weighed(ports, balance, stable=False) if isinstance(event, NotWeighed)] == [
        "overload"
    ]


def test_garbage_is_no_weight(desk) -> None:
    _, ports, balance = desk
    balance.weigh(ports.now(), stable=False)
    assert not [e for e in balance.feed(bytes(range(256)) * 4 + b"\r\n", ports.now()) if isinstance(e, Weighed)]


def test_a_dead_balance_is_not_recognised(desk) -> None:
    bench, ports, balance = desk
    bench.balance.is_dead = True
    with pytest.raises(PrintcareError) as refused:
        recognise(ports, balance)
    assert refused.value.code == "BALANCE_NO_ANSWER"


def test_a_silent_balance_times_out(desk) -> None:
    bench, ports, balance = desk
    bench.balance.is_dead = True
    balance.weigh(ports.now(), stable=False)
    events: list = []
    exchange(ports, {"balance": balance}, lambda: bool(events), 60, lambda noted: events.append(noted[1]))
    assert isinstance(events[0], TimedOut)


def test_a_pulled_cable_is_a_lost_link(desk) -> None:
    _, ports, balance = desk
    balance.weigh(ports.now(), stable=False)
    ports._inbox.append(Received("balance", b"", ports.now()))
    with pytest.raises(LinkLost):
        exchange(ports, {"balance": balance}, lambda: False, 60, lambda _: None)
