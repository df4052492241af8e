"""The check digits of every line can be told apart from those of a line joined with the next."""

from __future__ import annotations

import re

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
