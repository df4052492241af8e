"""Line assembly: any cut of the bytes gives the same lines, and nothing grows without bound."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from printcare.protocol.checksum import numbered, xor_of
from printcare.protocol.lines import LineAssembler


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_lines_do_not_depend_on_how_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    whole, pieces = LineAssembler(), LineAssembler()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    found = [line for a, b in pairwise(places) for line in pieces.feed(data[a:b])]
    assert found == whole.feed(data)


def test_a_carriage_return_before_the_line_feed_belongs_to_the_line_end() -> None:
    assert LineAssembler().feed(b"ok\r\nstart\n") == [b"ok", b"start"]


def test_an_overlong_line_is_given_once_cut_and_its_rest_is_thrown_away() -> None:
    lines = LineAssembler(limit=4)
    assert lines.feed(b"abcdefgh") == [b"abcd"]
    assert lines.feed(b"ijkl") == []
    assert lines.feed(b"mn\nok\n") == [b"ok"]
    assert lines.overlong == 1


def test_a_whole_overlong_line_is_cut() -> None:
    assert LineAssembler(limit=4).feed(b"abcdefgh\nok\n") == [b"abcd", b"ok"]


def test_noise_without_line_ends_fills_no_memory() -> None:
    lines = LineAssembler(limit=64)
    for _ in range(100):
        lines.feed(b"\xff" * 50)
    assert len(lines._rest) <= 64


def test_clearing_forgets_half_a_line() -> None:
    lines = LineAssembler()
    lines.feed(b"half a li")
    lines.clear()
    assert lines.feed(b"ok\n") == [b"ok"]


def test_checksums_are_those_of_the_firmware() -> None:
    # gcode_checksum_xor of the process vectors, taken from recordings
    vectors = {"N3 T0": 57, "N4 G92 E0": 67, "N5 G28": 22, "N0 M110 N0": 125, "N1 M105": 38}
    vectors["N2 G1 X10.000 Y5.500 E0.01234 F600"] = 5
    assert {text: xor_of(text.encode()) for text in vectors} == vectors
    assert numbered(5, "G28") == b"N5 G28*22\n"
