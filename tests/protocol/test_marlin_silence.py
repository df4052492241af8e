"""The wire's own time is no silence: what a line takes at a baud rate is given before a question follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.formats.profile import load_profile
from printcare.protocol.marlin_silence import Silence

LINK = load_profile("marlin-syringe").link
# The reference vector serial_throughput_pingpong_lines_s: line and reply in bytes, baud, latency in s, lines/s.
SERIAL_THROUGHPUT_PINGPONG_LINES_S = [
    (40, 3, 115200, 0, 267.90698),
    (40, 3, 115200, 0.001, 211.29861),
    (40, 3, 115200, 0.016, 50.677459),
    (40, 3, 250000, 0.001, 367.64706),
    (40, 3, 9600, 0.001, 21.838035),
    (90, 3, 115200, 0.001, 110.21814),
]


@pytest.mark.parametrize(("line", "reply", "baud", "latency_s", "lines_s"), SERIAL_THROUGHPUT_PINGPONG_LINES_S)
def test_ping_pong_over_a_wire_is_as_fast_as_the_vector_says(line, reply, baud, latency_s, lines_s) -> None:
    silence = Silence(replace(LINK, bauds=(baud,)))
    silence.sent(0.0)
    wire_s = silence.due(line + reply, tuple) - LINK.silence_probe_s
    assert 1 / (wire_s + latency_s) == pytest.approx(lines_s, rel=1e-6)
