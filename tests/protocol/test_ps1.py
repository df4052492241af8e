"""Pressures prove themselves by their check digits; damage and silence are noticed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.protocol.ps1 import ASK_LIMIT, Complaint, Lost, Pressure, Ps1, Recognised, Streaming, Zeroed

GOOD = (b"P 123456 101.32 OK 6C\n", b"P 123506 101.40 OK 6D\n", b"P 123556 1000.00 SAT 1F\n")  # devices.md §13.1


def streaming() -> Ps1:
    ps1 = Ps1(20)
    ps1.open(0.0)
    assert ps1.outgoing() == b"?\n"
    (who,) = ps1.receive(b"#PS1 v1 kPa 0-1000 sn=PS0001 simulated:1 speed:50\n", 0.1)
    assert isinstance(who, Recognised)
    assert (who.identity.simulated, who.identity.speed, who.identity.serial) == (True, Decimal(50), "PS0001")
    assert who.range_kpa == (0, 1000)
    assert ps1.outgoing() == b"R 20\n"
    assert ps1.receive(b"#R 20\n", 0.2) == [Streaming(20)]
    return ps1


def test_readings_with_good_check_digits_are_pressures_in_kpa() -> None:
    ps1 = streaming()
    events = ps1.receive(b"".join(GOOD), 0.3)
    assert [(event.reading.value, event.flag, event.reading.stable) for event in events] == [
        (Decimal("101.32"), "OK", True),
        (Decimal("101.40"), "OK", True),
        (Decimal("1000.00"), "SAT", False),
    ]
    assert events[2].complaint == "at the end of its range"
    assert events[0].complaint == ""
    assert ps1.elapsed_ms == 100


def test_a_reading_with_a_wrong_check_digit_is_counted_and_dropped_and_two_in_a_row_are_told() -> None:
    ps1 = streaming()
    assert ps1.receive(b"P 123456 101.33 OK 6C\n", 0.3) == []
    assert [type(event) for event in ps1.receive(b"P garbage\n" * 2, 0.3)] == [Lost]
    assert ps1.damaged == 3
    assert isinstance(ps1.receive(GOOD[0], 0.4)[0], Pressure)
    assert ps1.receive(b"P x\n", 0.4) == []


def test_three_missing_periods_are_told_once_and_end_with_the_next_good_reading() -> None:
    ps1 = streaming()
    ps1.receive(GOOD[0], 1.0)
    assert ps1.deadline() == pytest.approx(1.15)
    assert ps1.tick(1.14) == []
    assert [type(event) for event in ps1.tick(1.16)] == [Lost]
    assert ps1.deadline() is None
    assert ps1.tick(9.0) == []
    ps1.receive(GOOD[1], 9.1)
    assert ps1.deadline() == pytest.approx(9.25)


def test_the_devices_clock_may_wrap() -> None:
    ps1 = Ps1()

    def line(ms: int) -> bytes:
        body = f"P {ms} 1.00 OK".encode()
        xor = 0
        for byte in body:
            xor ^= byte
        return body + b" %02x\n" % xor

    ps1.receive(line(2**32 - 20) + line(30), 0.0)
    assert ps1.elapsed_ms == 50


def test_a_sensor_that_does_not_answer_is_asked_again_and_then_given_up() -> None:
    ps1, asked = Ps1(), 0
    ps1.open(0.0)
    while (due := ps1.deadline()) is not None:
        asked += ps1.outgoing() == b"?\n"
        lost = ps1.tick(due)
    assert asked == ASK_LIMIT
    assert [type(event) for event in lost] == [Lost]


def test_zero_and_complaints_are_told() -> None:
    ps1 = streaming()
    ps1.zero()
    assert ps1.outgoing() == b"Z\n"
    assert ps1.receive(b"#Z offset=0.42\nE 03 adc\n#R 7\n\n", 0.3) == [
        Zeroed("#Z offset=0.42"), Complaint("E 03 adc"), Complaint("#R 7"),
    ]  # fmt: skip


def test_an_identity_that_comes_again_changes_nothing() -> None:
    ps1 = streaming()
    who = ps1.receive(b"#PS1 v1 kPa 0-1000 sn=PS0001\n", 0.3)[0]
    assert isinstance(who, Recognised)
    assert (who.identity.simulated, who.identity.speed) == (False, 1)
    assert ps1.outgoing() == b""


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    events = streaming().receive(data, 1.0)
    assert not [
        event for event in events if isinstance(event, Pressure) and event.flag not in ("OK", "SAT", "ZER", "FLT")
    ]
