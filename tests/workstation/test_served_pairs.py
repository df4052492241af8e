"""Every instrument's driver against its twin on a served bench: ports opened by the driver's name, greeted and read."""

from __future__ import annotations

import time

import pytest

from printcare.control.instruments import Instruments
from printcare.devices.ports import SerialPorts
from printcare.domain.checks import blocking
from printcare.domain.policy import REHEARSAL
from printcare.formats.profile import load_profile
from printcare.protocol.mt_sics import Weighed
from printcare.workstation.bench import bench_process, settings_of

BALANCES = ("mt-sics", "sbi", "and", "ohaus", "radwag", "modbus-balance")
PAIRS = [*((balance, "ps1") for balance in BALANCES), ("modbus-balance", "modbus-pressure")]
SPEED = 20.0
LIMIT_S = 20.0
AT_REST_KPA = 20


def weighed(instruments: Instruments) -> list[Weighed]:
    """Return what one question to the balance brings, through the job's own turns."""
    found: list[Weighed] = []

    def note(_source: str, event: object) -> None:
        if isinstance(event, Weighed):
            found.append(event)

    end_s = time.monotonic() + LIMIT_S
    instruments.balance.weigh(instruments.ports.now(), stable=False)
    while not instruments.balance.is_free and time.monotonic() < end_s:
        instruments.turn(0.1, note, lambda _command: None)
    return found


@pytest.mark.parametrize(("balance", "pressure"), PAIRS)
def test_a_driver_greets_and_reads_its_twin_on_the_served_bench(balance: str, pressure: str) -> None:
    profile = load_profile("marlin-syringe")
    with bench_process(profile.id, SPEED, 1, [], balance, pressure) as urls:
        ports = SerialPorts(settings_of(urls, profile.link.bauds, balance, pressure), time.monotonic)
        try:
            instruments = Instruments(ports, profile, balance, pressure)
            found, findings = instruments.connect(REHEARSAL)
            readings = weighed(instruments)
        finally:
            ports.close()
    assert blocking(findings) == ()
    assert all(identity.simulated for identity in found.values())
    assert len(readings) == 1
    latest = instruments.pressures["pressure"].latest
    assert latest is not None
    assert abs(latest.value) < AT_REST_KPA


def test_a_tool_each_has_its_transmitter_on_the_served_bench() -> None:
    profile = load_profile("marlin-two-syringes")
    with bench_process(profile.id, SPEED, 1, []) as urls:
        assert list(urls) == ["printer", "balance", "pressure", "pressure-1"]
        ports = SerialPorts(settings_of(urls, profile.link.bauds), time.monotonic)
        try:
            found, findings = Instruments(ports, profile).connect(REHEARSAL)
        finally:
            ports.close()
    assert set(found) == set(urls)
    assert blocking(findings) == ()
