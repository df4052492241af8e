"""The wire's own time is no silence: what a line takes at a baud rate is given before a question follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.formats.profile import load_profile
from printcare.protocol.marlin_silence import Silence

LINK = load_profile("marlin-syringe").link


def test_ping_pong_over_a_wire_is_as_fast_as_the_vector_says(vectors: dict) -> None:
    for row in vectors["serial_throughput_pingpong_lines_s"]:
        silence = Silence(replace(LINK, bauds=(row["baud"],)))
        silence.sent(0.0)
        wire_s = silence.due(row["line_bytes"] + row["reply"], tuple) - LINK.silence_probe_s
        assert 1 / (wire_s + row["latency_s"]) == pytest.approx(row["lines_s"], rel=1e-6)
