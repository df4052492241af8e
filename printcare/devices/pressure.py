"""A pressure sensor that speaks PS1: recognised, and watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from printcare.devices.exchange import exchange
from printcare.domain.reading import Identity, Reading
from printcare.errors import PrintcareError
from printcare.protocol.ps1 import Event, Lost, Pressure, Ps1, Recognised
from printcare.protocol.wire import PRESSURE, Ports

GREETING_S = 5.0


class PressureSource(Protocol):
    """What a job asks of a pressure transmitter, whatever it speaks; a plug-in's class has all of it."""

    source: str
    identity: Identity | None
    range_kpa: tuple[int, int]
    latest: Reading | None
    is_lost: bool

    def open(self, now: float) -> None:
        """Ask who is there and start the readings."""

    def zero(self) -> None:
        """Take the present pressure as zero."""

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Return what received bytes mean."""

    def pump(self, now: float) -> list[Event]:
        """Let time pass and write what may go out."""

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""


class PressureSensor:
    """One pressure sensor behind a port; `latest` is the last good reading, however old."""

    def __init__(self, ports: Ports, rate_hz: int = 20, source: str = PRESSURE) -> None:
        self.source = source
        self.identity: Identity | None = None
        self.range_kpa = (0, 0)
        self.latest: Reading | None = None
        self.is_lost = False
        self._ports = ports
        self._ps1 = Ps1(rate_hz, source)

    def open(self, now: float) -> None:
        """Ask who is there and start the stream."""
        self._ps1.open(now)

    def zero(self) -> None:
        """Take the present pressure as zero; only with an open tip and a retracted plunger. Raises LinkLost."""
        self._ps1.zero()
        self._write()

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Return what received bytes mean."""
        events = self._ps1.receive(data, now)
        for event in events:
            self._keep(event)
        return events

    def _keep(self, event: Event) -> None:
        if isinstance(event, Pressure):
            self.is_lost = False
            self.latest = event.reading if event.reading.stable else self.latest
        elif isinstance(event, Recognised):
            self.identity, self.range_kpa = event.identity, event.range_kpa
        elif isinstance(event, Lost):
            self.is_lost = True

    def pump(self, now: float) -> list[Event]:
        """Let time pass and write what may go out. Raises LinkLost."""
        events = self._ps1.tick(now)
        for event in events:
            self._keep(event)
        self._write()
        return events

    def _write(self) -> None:
        data = self._ps1.outgoing()
        if data:
            self._ports.send(self.source, data)

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""
        return self._ps1.deadline()


def recognise(ports: Ports, sensor: PressureSource) -> Identity:
    """Return who the sensor is, once a reading has come; raises LinkLost, or PrintcareError PRESSURE_NO_ANSWER."""
    return recognise_all(ports, {sensor.source: sensor})[sensor.source]


def recognise_all(ports: Ports, sensors: Mapping[str, PressureSource]) -> dict[str, Identity]:
    """Return who the sensors are, by source; greeted together, so that none goes unheard while another is.

    Raises LinkLost, or PrintcareError PRESSURE_NO_ANSWER.
    """
    for sensor in sensors.values():
        sensor.open(ports.now())

    def is_answered() -> bool:
        return all(sensor.latest is not None or sensor.is_lost for sensor in sensors.values())

    exchange(ports, sensors, is_answered, GREETING_S, lambda _: None)
    found = {
        source: sensor.identity for source, sensor in sensors.items() if sensor.identity and sensor.latest is not None
    }
    silent = ", ".join(source for source in sensors if source not in found)
    if silent:
        raise PrintcareError(
            "PRESSURE_NO_ANSWER",
            f"The pressure sensor ({silent}) does not say who it is or gives no valid reading.",
            "Check power, cable and sensor.",
        )
    return found
