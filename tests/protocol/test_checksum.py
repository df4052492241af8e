"""Numbered lines: the firmware's XOR, and line ends whose damage shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from printcare.protocol.checksum import crc16_ccitt, crc16_numbered, numbered, xor_of
from printcare.protocol.other_devices import crc16_by_division

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "process-vectors.json").read_text(encoding="utf-8"))

PAYLOAD = st.from_regex(r"G1 X[0-9]{1,3}\.[0-9]{3} E[0-9]{1,2}\.[0-9]{5}", fullmatch=True)
JOINTS = [b"", *(bytes([ord("\n") ^ 1 << bit]) for bit in range(8))]


def passes(line: bytes) -> bool:
    """Judge a line as Marlin does: what follows the last star is the XOR of what precedes it."""
    body, _, check = line.rpartition(b"*")
    digits = re.match(rb"[0-9]+", check)
    return digits is not None and int(digits[0]) == xor_of(body)


@given(st.integers(0, 9_999_999), PAYLOAD)
def test_a_numbered_line_carries_its_number_text_and_checksum(number: int, payload: str) -> None:
    line = numbered(number, payload)
    found = re.fullmatch(rb"N(\d+) (.+)\*(\d+)\n", line)
    assert found
    assert (int(found[1]), found[2].decode()) == (number, payload)
    assert passes(line)
    assert len(line) <= 95 - 80 + len(payload)


@given(st.integers(1, 9_999_999), PAYLOAD, PAYLOAD)
def test_no_single_wrong_bit_in_a_line_end_lets_two_lines_pass_as_one(number: int, one: str, two: str) -> None:
    first, second = numbered(number, one), numbered(number + 1, two)
    assert not any(passes(first[:-1] + joint + second) for joint in JOINTS)


def test_the_published_checksums_are_met() -> None:
    published = VECTORS["gcode_checksum_xor"]
    assert {text: xor_of(text.encode()) for text in published} == published


def test_the_published_crcs_are_met_by_both_halves() -> None:
    published = VECTORS["rrf_crc16_ccitt_init0"]
    assert {text: f"{crc16_ccitt(text.encode()):05d}" for text in published} == published
    assert {text: f"{crc16_by_division(text.encode()):05d}" for text in published} == published
    assert crc16_numbered(3, "T0") == b"N3 T0*" + published["N3 T0"].encode() + b"\n"
