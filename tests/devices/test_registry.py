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
