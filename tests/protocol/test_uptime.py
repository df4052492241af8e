"""A restart that no word tells shows in the seconds since power-up, whatever one answer says or lacks."""

from __future__ import annotations

import pytest

from printcare.protocol.uptime import ASKED, DOUBTS, Uptime


def answer(seconds: int) -> str:
    return f'{{"key":"state.upTime","flags":"","result":{seconds}}}'


def known(seconds: int) -> Uptime:
    """Return what is known after one answer, heard at second 10 of ours."""
    uptime = Uptime()
    uptime.begin()
    uptime.asked(10.0)
    uptime.hear(answer(seconds), 10.0)
    return uptime


def test_an_answer_that_grew_as_our_clock_did_proves_that_nothing_happened() -> None:
    uptime = known(500)
    assert not uptime.is_due
    uptime.is_proven = False
    assert uptime.is_due
    uptime.asked(110.0)
    uptime.hear(answer(599), 110.0)
    assert uptime.is_proven


@pytest.mark.parametrize("told_s", [0, 95, 597])
def test_an_uptime_that_lags_behind_our_clock_is_a_restart_once_it_is_sure(told_s: int) -> None:
    uptime = known(500)
    uptime.is_proven = False
    for doubt in range(DOUBTS):
        assert not uptime.has_restarted
        assert uptime.is_due
        uptime.asked(110.0 + doubt)
        uptime.hear(answer(told_s), 110.0 + doubt)
    assert uptime.has_restarted


def test_a_late_answer_is_no_restart_when_the_next_one_fits() -> None:
    uptime = known(500)
    uptime.asked(110.0)
    uptime.hear(answer(500), 110.0)
    uptime.asked(111.0)
    uptime.hear(answer(601), 111.0)
    assert (uptime.is_proven, uptime.has_restarted) == (True, False)


@pytest.mark.parametrize("text", ["", "ok", answer(0)[:-1], '{"key":"move","result":0}', "x" + answer(0)])
def test_what_is_no_answer_proves_nothing(text: str) -> None:
    uptime = known(500)
    uptime.is_proven = False
    uptime.asked(110.0)
    uptime.hear(text, 110.0)
    assert (uptime.has_answered, uptime.is_proven) == (False, False)


def test_only_the_first_answer_counts() -> None:
    uptime = known(500)
    uptime.hear(answer(0), 10.1)
    assert uptime.is_proven


def test_firmware_that_only_says_ok_is_not_held_to_a_word_it_does_not_know() -> None:
    uptime = Uptime()
    uptime.begin()
    assert [uptime.takes_ok() for _ in range(ASKED)] == [True] * ASKED
    assert not uptime.is_due


def test_an_ok_before_the_answer_is_another_line_s_where_the_word_is_known() -> None:
    uptime = known(500)
    assert uptime.takes_ok()
    uptime.asked(20.0)
    assert not uptime.takes_ok()
