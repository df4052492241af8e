"""The check digits of every line can be told apart from those of a line joined with the next."""

from __future__ import annotations

import re
from functools import reduce
from itertools import accumulate
from operator import xor

import pytest

from printcare.protocol.checksum import numbered

_LINE = re.compile(rb"(N0?(\d+) (.*))\*(\d+)\n")


@pytest.mark.parametrize("number", range(300))
def test_whatever_its_sum_a_line_goes_out_with_number_text_and_a_true_checksum(number: int) -> None:
    found = _LINE.fullmatch(numbered(number, "M105"))
    assert found is not None
    check = 0
    for byte in found[1]:
        check ^= byte
    assert (int(found[2]), found[3], int(found[4])) == (number, b"M105", check)


@pytest.mark.parametrize("number", range(300))
def test_a_joint_damaged_by_one_bit_never_keeps_the_sum_of_the_line_after_it(number: int) -> None:
    line = numbered(number, "M105")
    for bit in range(8):
        joined = line[:-1] + bytes((line[-1] ^ 1 << bit,))
        check = 0
        for byte in joined:
            check ^= byte
        assert check != 0  # 0 would leave the next line's own checksum true of both together


@pytest.mark.parametrize("payload", ["M105", "G28", "G1 X12.5 Y3.25 E0.01234"])
def test_two_whole_lines_joined_with_the_next_never_cancel_each_other_out(payload: str) -> None:
    for number in range(1, 2000):
        joined = numbered(number, payload)[:-1] + numbered(number + 1, payload)[:-1]
        assert reduce(xor, joined) != 0


def test_what_is_left_of_a_line_cut_off_hardly_ever_leaves_the_next_ones_sum_true() -> None:
    cuts = passing = 0
    for number in range(1, 3000):
        line = numbered(number, f"G1 X{number % 90 + 10}.125 Y{number % 70}.250 E{number * 0.00123:.5f}")[:-1]
        left = list(accumulate(line, xor))
        cuts, passing = cuts + len(left), passing + left.count(0)
    assert passing / cuts < 1 / 2000  # one in 256 where nobody looks
