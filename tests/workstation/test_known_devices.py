"""A station finds its devices again by what they are, not by where they were."""

from __future__ import annotations

import pytest

from printcare.devices import discovery
from printcare.devices.discovery import FoundPort
from printcare.errors import PrintcareError
from printcare.workstation.known_devices import FILE, KnownDevices

BALANCE = FoundPort("/dev/ttyUSB0", "balance", "0403:6001:B17")


@pytest.fixture
def plugged(monkeypatch):
    """Return what plugs in these ports and nothing else."""

    def plug(*ports):
        monkeypatch.setattr(discovery, "found_ports", lambda: ports)

    return plug


def after_a_job(folder, plugged, *ports):
    plugged(*ports)
    KnownDevices(folder).remember({"balance": "/dev/ttyUSB0"}, {"balance": "/dev/ttyUSB0"})


def test_what_was_never_used_is_opened_where_it_was_named(tmp_path, plugged):
    plugged(BALANCE)
    assert KnownDevices(tmp_path).where_now("balance", "/dev/ttyUSB0") == "/dev/ttyUSB0"


def test_a_device_replugged_under_another_name_is_found_in_the_next_job(tmp_path, plugged):
    after_a_job(tmp_path, plugged, BALANCE)
    plugged(FoundPort("/dev/ttyUSB0", "another", "0403:6001:C99"), FoundPort("/dev/ttyUSB4", "", "0403:6001:B17"))
    assert KnownDevices(tmp_path).where_now("balance", "/dev/ttyUSB0") == "/dev/ttyUSB4"


def test_it_is_found_in_every_job_after_that_too(tmp_path, plugged):
    after_a_job(tmp_path, plugged, BALANCE)
    plugged(FoundPort("/dev/ttyUSB4", "", "0403:6001:B17"))
    KnownDevices(tmp_path).remember({"balance": "/dev/ttyUSB0"}, {"balance": "/dev/ttyUSB4"})
    assert KnownDevices(tmp_path).where_now("balance", "/dev/ttyUSB0") == "/dev/ttyUSB4"


def test_another_device_at_its_address_is_refused(tmp_path, plugged):
    after_a_job(tmp_path, plugged, BALANCE)
    plugged(FoundPort("/dev/ttyUSB0", "another", "0403:6001:C99"))
    with pytest.raises(PrintcareError) as refused:
        KnownDevices(tmp_path).where_now("balance", "/dev/ttyUSB0")
    assert refused.value.code == "PORT_MOVED"


def test_a_port_chosen_anew_is_taken_as_it_is(tmp_path, plugged):
    after_a_job(tmp_path, plugged, BALANCE)
    plugged(FoundPort("/dev/ttyUSB0", "another", "0403:6001:C99"))
    assert KnownDevices(tmp_path).where_now("balance", "/dev/ttyUSB0", is_chosen_anew=True) == "/dev/ttyUSB0"
    assert KnownDevices(tmp_path).where_now("balance", "/dev/ttyUSB7") == "/dev/ttyUSB7"


@pytest.mark.parametrize("text", ["{", "[1]", '{"balance": {}}', '{"balance": 1}'])
def test_a_memory_that_cannot_be_read_is_refused_and_not_forgotten(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(PrintcareError) as refused:
        KnownDevices(tmp_path)
    assert refused.value.code == "DEVICES_UNREADABLE"


def test_a_memory_that_cannot_be_written_stops_no_job(tmp_path, plugged):
    plugged(BALANCE)
    known = KnownDevices(tmp_path / "not" / "there")
    known.remember({"balance": "/dev/ttyUSB0"}, {"balance": "/dev/ttyUSB0"})
    assert known.where_now("balance", "/dev/ttyUSB0") == "/dev/ttyUSB0"
