"""Balances that print lines, at their edges: every refusal they can state, and time around a question."""

from __future__ import annotations

import pytest

from printcare.errors import PrintcareError
from printcare.protocol.mt_sics import Discarded, NotWeighed
from printcare.protocol.plain_balance import FAMILIES, PlainBalance
from printcare.protocol.plain_balance_device import error


def asked(family: str) -> PlainBalance:
    balance = PlainBalance(family)
    balance.ask(0.0, stable=False)
    assert balance.outgoing() == FAMILIES[family].ask
    return balance


@pytest.mark.parametrize(
    ("family", "line", "reason"),
    [
        ("and", b"OL,-9999999E+19\r\n", "underload"),
        ("and", b"EC,E01\r\n", "the error E01"),
        ("and", b"QT,+00000012 PC\r\n", "a count of pieces, not a weight"),
        ("ohaus", b"ES\r\n", "a syntax error"),
        ("ohaus", b"Err 8.3\r\n", "overload"),
        ("ohaus", b"Err 8.4\r\n", "underload"),
        ("radwag", b"SI_I\r\n", "not executable"),
        ("radwag", b"SI I\r\n", "not executable"),
        ("radwag", b"SI_E\r\n", "no stable value in its time"),
        ("radwag", b"SI ^  9999999 g  \r\n", "overload"),
        ("radwag", b"SI v  9999999 g  \r\n", "underload"),
        ("sbi", b"       H      \r\n", "overload"),
        ("sbi", b"       L      \r\n", "underload"),
        ("sbi", b"       C      \r\n", "calibrating"),
        ("sbi", b"   Err 54     \r\n", "the error Err 54"),
    ],
)
def test_a_balance_that_states_why_it_does_not_weigh_is_quoted(family: str, line: bytes, reason: str) -> None:
    balance = asked(family)
    (event,) = balance.receive(line, 0.1)
    assert isinstance(event, NotWeighed)
    assert event.reason == reason
    assert balance.is_free


def test_a_second_question_waits_for_the_first_answer() -> None:
    balance = asked("and")
    with pytest.raises(PrintcareError) as caught:
        balance.ask(0.1, stable=True)
    assert caught.value.code == "BALANCE_BUSY"
    assert balance.outgoing() == b""


def test_time_passing_while_nothing_is_owed_is_no_silence() -> None:
    balance = PlainBalance("ohaus")
    assert [event for second in range(100) for event in balance.tick(float(second))] == []
    assert not balance.is_dead


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_an_empty_line_says_nothing(family: str) -> None:
    balance = asked(family)
    assert balance.receive(b"  \r\n\r\n", 0.1) == []
    assert not balance.is_free


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_line_no_manual_knows_leaves_the_question_open(family: str) -> None:
    balance = asked(family)
    assert balance.receive(b"hello there 12\r\n", 0.1) == [Discarded("hello there 12")]
    assert not balance.is_free


@pytest.mark.parametrize(("family", "line"), [("and", b"EC,E01\r\n"), ("ohaus", b"ES\r\n"), ("radwag", b"ES\r\n")])
def test_an_unknown_command_is_answered_as_the_maker_does(family: str, line: bytes) -> None:
    assert error(family) == line


def test_sartorius_answers_an_unknown_command_with_nothing() -> None:
    assert error("sbi") == b""
