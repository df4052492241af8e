"""Drivers are found by name, and ports by the USB identity that survives a re-plug."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from printcare.devices import discovery, registry
from printcare.devices.printer import Printer
from printcare.errors import PrintcareError


def test_built_in_drivers_are_found_without_an_installation() -> None:
    assert registry.driver("marlin") is Printer


def test_an_unknown_driver_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(PrintcareError, match="DRIVER_UNKNOWN") as refusal:
        registry.driver("no-such")
    assert "mt-sics" in refusal.value.remedy


def test_a_plug_in_adds_a_driver_and_cannot_replace_a_built_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [SimpleNamespace(name="marlin", load=lambda: str), SimpleNamespace(name="nir", load=lambda: int)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    assert registry.driver("nir") is int
    assert registry.drivers()["marlin"] is Printer


def test_a_device_is_found_again_under_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [
        SimpleNamespace(device="/dev/ttyACM1", description="Printer", vid=0x2341, pid=0x42, serial_number="A7"),
        SimpleNamespace(device="/dev/ttyS0", description=None, vid=None, pid=None, serial_number=None),
    ]
    monkeypatch.setattr(discovery.list_ports, "comports", lambda: ports)
    found = discovery.same_device("2341:0042:A7")
    assert found
    assert found.url == "/dev/ttyACM1"
    assert discovery.same_device("") is None
    assert [port.title for port in discovery.found_ports()] == ["Printer", "/dev/ttyS0"]


def plugged(monkeypatch: pytest.MonkeyPatch, *ports: tuple[str, str | None]) -> None:
    found = [
        SimpleNamespace(device=name, description=None, vid=0x1A86, pid=0x7523, serial_number=number)
        for name, number in ports
    ]
    monkeypatch.setattr(discovery.list_ports, "comports", lambda: found)


def test_adapters_without_a_number_are_never_taken_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged(monkeypatch, ("/dev/ttyUSB1", None))
    assert discovery.identity_of("/dev/ttyUSB1") == ""
    assert discovery.same_device("1a86:7523:") is None
    assert discovery.where_now("/dev/ttyUSB0", "") == "/dev/ttyUSB0"


@pytest.mark.parametrize("ports", [(), (("/dev/ttyUSB0", "B8"),), (("/dev/ttyUSB0", "A7"), ("/dev/ttyUSB1", "A7"))])
def test_a_device_that_is_gone_or_there_twice_is_not_opened(
    monkeypatch: pytest.MonkeyPatch, ports: tuple[tuple[str, str], ...]
) -> None:
    plugged(monkeypatch, *ports)
    with pytest.raises(PrintcareError) as refused:
        discovery.where_now("/dev/ttyUSB0", "1a86:7523:A7")
    assert refused.value.code == "PORT_MOVED"
