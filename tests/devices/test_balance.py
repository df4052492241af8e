"""A balance says who it is and gives one weight per question."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.devices.balance import Balance, recognise
from printcare.errors import PrintcareError
from printcare.protocol.mt_sics import TimedOut, Weighed
from printcare.protocol.wire import Received


class BalancePorts:
    """Answers each command with its line at once; virtual time passes while nothing comes."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self.answers, self.coming, self.time_s = answers, [], 0.0

    def now(self) -> float:
        """Return virtual seconds."""
        return self.time_s

    def send(self, source: str, data: bytes) -> None:
        """Take what the host writes."""
        for command in data.split():
            if command in self.answers:
                self.coming.append(Received(source, self.answers[command] + b"\r\n", self.time_s))

    def receive(self, timeout_s: float) -> Received | None:
        """Return what comes next, or let the time pass."""
        if self.coming:
            return self.coming.pop(0)
        self.time_s += timeout_s
        return None

    def close(self) -> None:
        """Nothing to release."""


ANSWERS = {b"@": b'I4 A "B1"', b"I2": b'I2 A "EMU204 simulated:1 speed:50 220.0090 g"', b"SI": b"S S   0.3120 g"}


def test_a_balance_is_recognised_and_weighs() -> None:
    ports = BalancePorts(ANSWERS)
    balance = Balance(ports)
    identity = recognise(ports, balance)
    assert (identity.serial, identity.simulated, identity.speed) == ("B1", True, 50)
    balance.weigh(0.0, stable=False)
    assert not balance.is_free
    message = ports.receive(1.0)
    assert message
    (event,) = balance.feed(message.data, message.at_s)
    assert isinstance(event, Weighed)
    assert event.reading.value == Decimal("312.0")


def test_a_missing_weight_is_cancelled_after_its_time() -> None:
    balance = Balance(BalancePorts({}))
    balance.weigh(0.0, stable=True, limit_s=5.0)
    assert balance.deadline() == 5.0
    assert balance.pump(5.0) == [TimedOut("S")]


@pytest.mark.parametrize("missing", [b"@", b"I2"])
def test_a_balance_that_does_not_say_who_it_is_is_refused(missing: bytes) -> None:
    ports = BalancePorts({command: line for command, line in ANSWERS.items() if command != missing})
    with pytest.raises(PrintcareError, match="BALANCE_NO_ANSWER"):
        recognise(ports, Balance(ports))
