"""Klipper's answer to M105 before it has measured anything."""

from __future__ import annotations

import pytest

from printcare.formats.profile import load_profile
from printcare.protocol.marlin_reply import Ok, ReplyParser

PARSER = ReplyParser(load_profile("klipper-syringe").link)


def test_an_ok_before_the_first_measurement_counts_and_tells_no_temperature() -> None:
    assert PARSER.classify(b"ok T:0") == Ok()


@pytest.mark.parametrize("line", [b"ok T:0.", b"ok T:00", b"ok T:0 /", b"okT:0"])
def test_what_only_looks_like_it_is_a_lost_ok(line: bytes) -> None:
    assert not isinstance(PARSER.classify(line), Ok)
