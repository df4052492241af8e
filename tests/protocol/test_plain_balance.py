"""Balances that print lines: the published samples, units never assumed, late values never used."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.protocol.mt_sics import Dead, Discarded, NotWeighed, TimedOut, Weighed
from printcare.protocol.plain_balance import FAMILIES, PlainBalance

SAMPLES = [
    ("and", "AND_stable", "123450", True),
    ("and", "AND_unstable", "123400", False),
    ("and", "AND_overload", "overload", None),
    ("and", "AND_overload_EJ_EK_style", "overload", None),
    ("ohaus", "OHAUS_EX_stable", "192210", True),
    ("ohaus", "OHAUS_EX_unstable", "10", False),
    ("sbi", "SBI16_stable", "1255.7", True),
    ("sbi", "SBI22_stable", "1255.7", True),
    ("radwag", "RADWAG_SI_unstable", "18500000", False),
]


def asked(family: str, *, stable: bool = False) -> PlainBalance:
    balance = PlainBalance(family)
    balance.ask(0.0, stable=stable)
    assert balance.outgoing() == FAMILIES[family].ask
    return balance


@pytest.mark.parametrize(("family", "sample", "value", "is_stable"), SAMPLES)
def test_the_published_lines_are_read(
    vectors: dict, family: str, sample: str, value: str, is_stable: bool | None
) -> None:
    (event,) = asked(family).receive(vectors["other_balance_lines"][sample].encode(), 0.1)
    if is_stable is None:
        assert isinstance(event, NotWeighed)
        assert event.reason == value
    else:
        assert isinstance(event, Weighed)
        assert (event.reading.value, event.reading.unit, event.reading.stable) == (Decimal(value), "mg", is_stable)


def test_a_sartorius_line_without_a_unit_is_not_stable_and_is_asked_for_again(vectors: dict) -> None:
    balance, line = asked("sbi"), vectors["other_balance_lines"]["SBI16_unstable"]
    assert balance.receive(line.encode(), 0.1) == [Discarded(line.removesuffix("\r\n"))]
    balance.tick(0.3)
    assert balance.outgoing() == b"\x1bP\r\n"
    assert isinstance(balance.receive(b"+   1.2557 g  \r\n", 0.4)[0], Weighed)


def test_a_moving_value_does_not_answer_the_question_for_a_stable_one() -> None:
    balance = asked("and", stable=True)
    assert isinstance(balance.receive(b"US,+00123.40  g\r\n", 0.1)[0], Discarded)
    assert isinstance(balance.receive(b"ST,+00123.45  g\r\n", 0.3)[0], Weighed)


def test_a_value_after_its_time_is_thrown_away() -> None:
    balance = asked("ohaus")
    assert [type(event) for event in balance.tick(2.0)] == [TimedOut]
    assert isinstance(balance.receive(b"    192.21 g     \r\n", 2.1)[0], Discarded)


def test_a_balance_silent_three_times_is_dead() -> None:
    balance, now, events = PlainBalance("radwag"), 0.0, []
    while not balance.is_dead:
        balance.ask(now, stable=False)
        now += 3.0
        events += balance.tick(now)
    assert [type(event) for event in events] == [TimedOut, TimedOut, TimedOut, Dead]


def test_an_unknown_unit_is_no_weight() -> None:
    (event,) = asked("ohaus").receive(b"    192.21 oz    \r\n", 0.1)
    assert isinstance(event, NotWeighed)


@given(st.sampled_from(list(FAMILIES)), st.lists(st.binary(max_size=60), max_size=20))
def test_arbitrary_bytes_raise_nothing(family: str, noise: list[bytes]) -> None:
    balance = asked(family)
    for data in noise:
        assert isinstance(balance.receive(data, 0.1), list)
