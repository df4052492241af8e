"""A pressure sensor says who it is; its last good reading is kept with its time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.devices.pressure import PressureSensor, recognise
from printcare.errors import PrintcareError
from printcare.protocol.wire import Received


class SensorPorts:
    """Answers `?` and `R`; virtual time passes while nothing comes."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self.answers, self.coming, self.time_s, self.written = answers, [], 0.0, b""

    def now(self) -> float:
        """Return virtual seconds."""
        return self.time_s

    def send(self, source: str, data: bytes) -> None:
        """Take what the host writes."""
        self.written += data
        if data in self.answers:
            self.coming.append(Received(source, self.answers[data], self.time_s))

    def receive(self, timeout_s: float) -> Received | None:
        """Return what comes next, or let the time pass."""
        if self.coming:
            return self.coming.pop(0)
        self.time_s += timeout_s
        return None

    def close(self) -> None:
        """Nothing to release."""


ANSWERS = {b"?\n": b"#PS1 v1 kPa 0-1000 sn=PS0001\n", b"R 20\n": b"#R 20\nP 123456 101.32 OK 6C\n"}


def test_a_sensor_is_recognised_by_its_identity_and_a_reading() -> None:
    ports = SensorPorts(ANSWERS)
    sensor = PressureSensor(ports)
    assert recognise(ports, sensor).serial == "PS0001"
    assert sensor.latest
    assert sensor.latest.value == Decimal("101.32")
    sensor.zero()
    assert ports.written.endswith(b"Z\n")


def test_a_silent_sensor_is_lost_and_its_last_reading_grows_stale() -> None:
    ports = SensorPorts(ANSWERS)
    sensor = PressureSensor(ports)
    recognise(ports, sensor)
    assert sensor.latest
    sensor.pump(sensor.deadline() or 0.0)
    assert sensor.is_lost
    assert sensor.latest.is_stale(1.0, limit_s=0.15)
    assert not sensor.latest.is_stale(0.1, limit_s=0.15)


def test_a_saturated_reading_is_never_the_latest_good_one() -> None:
    sensor = PressureSensor(SensorPorts({}))
    sensor.feed(b"P 123556 1000.00 SAT 1F\n", 1.0)
    assert sensor.latest is None


def test_a_sensor_that_does_not_answer_is_refused() -> None:
    ports = SensorPorts({})
    with pytest.raises(PrintcareError, match="PRESSURE_NO_ANSWER"):
        recognise(ports, PressureSensor(ports))
