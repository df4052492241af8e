"""The balance's answers as the host reads them: exact, in mg, and only while someone waits for them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.errors import PrintcareError
from printcare.protocol.mt_sics import (
    CANCELS,
    LIMIT_S,
    Dead,
    Discarded,
    MtSics,
    Named,
    NotWeighed,
    TimedOut,
    Weighed,
    identity,
)


def asked(command: str) -> MtSics:
    sics = MtSics()
    sics.ask(command, 0.0)
    assert sics.outgoing() == command.encode() + b"\r\n"
    return sics


@pytest.mark.parametrize(
    ("sample", "value_mg", "stable"),
    [
        ("S stable 100.00 g", "100000", True),
        ("SI dynamic", "99980", False),
        ("negative", "-50", True),
        ("mg unit", "312.4", True),
    ],
)
def test_a_weight_is_read_exactly_and_in_mg(vectors: dict, sample: str, value_mg: str, stable: bool) -> None:
    line = vectors["mt_sics_lines"][sample].encode()
    (event,) = asked("SI").receive(line, 1.5)
    assert isinstance(event, Weighed)
    reading = event.reading
    assert (reading.value, reading.unit, reading.stable, reading.at_s) == (Decimal(value_mg), "mg", stable, 1.5)
    assert reading.raw == line.decode().strip()


def test_a_weight_keeps_every_digit_the_balance_gave() -> None:
    (event,) = asked("S").receive(b"S S     0.3120 g\r\n", 1.0)
    assert isinstance(event, Weighed)
    assert str(event.reading.value) == "312.0"


@pytest.mark.parametrize(
    ("line", "reason"),
    [("S +", "overload"), ("S -", "underload"), ("S I", "not executable"), ("S L", "a logical error"),
     ("ES", "a syntax error"), ("ET", "a transmission error"), ("EL", "a logical error")],
)  # fmt: skip
def test_an_answer_without_a_weight_says_why(line: str, reason: str) -> None:
    sics = asked("S")
    assert sics.receive(line.encode() + b"\r\n", 1.0) == [NotWeighed(reason, line)]
    assert sics.is_free


def test_a_unit_nobody_knows_is_no_weight() -> None:
    (event,) = asked("S").receive(b"S S      12.34 oz\r\n", 1.0)
    assert isinstance(event, NotWeighed)


def test_a_moving_weight_does_not_answer_the_question_for_a_stable_one() -> None:
    sics = asked("S")
    assert sics.receive(b"S D      99.98 g\r\n", 1.0) == [Discarded("S D      99.98 g")]
    assert not sics.is_free


@pytest.mark.parametrize("line", [b"S S     1O0.00 g\r\n", b"S S 12.34\r\n", b"T S      12.34 g\r\n", b"Z A\r\n"])
def test_a_damaged_or_foreign_line_is_never_a_weight(line: bytes) -> None:
    sics = asked("SI")
    assert [type(event) for event in sics.receive(line, 1.0)] == [Discarded]
    assert not sics.is_free


def test_a_value_that_comes_after_its_time_out_is_discarded() -> None:
    sics = asked("SI")
    assert sics.tick(LIMIT_S["SI"] - 0.1) == []
    assert sics.tick(LIMIT_S["SI"]) == [TimedOut("SI")]
    assert sics.outgoing() == b"@\r\n"
    events = sics.receive(b'S S     100.00 g\r\nI4 A "0123456789"\r\n', 1.2)
    assert events == [Discarded("S S     100.00 g"), Named("I4", "0123456789")]
    assert sics.is_free
    assert sics.deadline() is None
    assert sics.tick(99.0) == []


def test_a_value_nobody_asked_for_is_discarded() -> None:
    assert MtSics().receive(b"S S     100.00 g\r\n\r\n", 1.0) == [Discarded("S S     100.00 g")]


def test_a_balance_that_answers_nothing_is_dead_within_its_limit() -> None:
    sics, now, events = asked("S"), 0.0, []
    while not sics.is_dead:
        now = sics.deadline()
        events += sics.tick(now)
    assert now == LIMIT_S["S"] + CANCELS * LIMIT_S["@"]
    assert events[-1] == Dead()
    assert not sics.is_free


def test_one_question_is_asked_at_a_time_and_no_other_word_is_sent() -> None:
    with pytest.raises(PrintcareError, match="BALANCE_BUSY"):
        asked("SI").ask("SI", 1.0)
    with pytest.raises(PrintcareError, match="BALANCE_COMMAND"):
        MtSics().ask("T", 1.0)


def test_a_simulated_balance_is_known_by_its_type_text() -> None:
    sics = asked("I2")
    assert sics.receive(b'I2 A "EMU204 simulated:1 speed:50 220.0090 g"\r\n', 1.0) == [
        Named("I2", "EMU204 simulated:1 speed:50 220.0090 g")
    ]
    who = identity("EMU204 simulated:1 speed:50 220.0090 g", "B1")
    assert (who.simulated, who.speed, who.serial) == (True, Decimal(50), "B1")


def test_a_real_balance_runs_at_speed_one() -> None:
    who = identity("XS204 Excellence 220.0090 g", "0123456789")
    assert (who.simulated, who.speed) == (False, 1)


def test_a_model_question_is_not_answered_by_a_weight() -> None:
    assert asked("I2").receive(b"S S     100.00 g\r\n", 1.0) == [Discarded("S S     100.00 g")]


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_weigh_only_what_reads_as_a_weight(data: bytes) -> None:
    for event in asked("S").receive(data, 1.0):
        assert isinstance(event, Weighed) <= (b"S S" in data)
