"""The wire's own time is no silence: what a line takes at a baud rate is given before a question follows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from printcare.formats.profile import load_profile
from printcare.protocol.marlin_silence import Silence

LINK = load_profile("marlin-syringe").link
VECTORS = json.loads((Path(__file__).parents[1] / "extrusion" / "vectors" / "process.json").read_text(encoding="utf-8"))


def test_ping_pong_over_a_wire_is_as_fast_as_the_vector_says() -> None:
    for row in VECTORS["serial_throughput_pingpong_lines_s"]:
        silence = Silence(replace(LINK, bauds=(row["baud"],)))
        silence.sent(0.0)
        wire_s = silence.due(row["line_bytes"] + row["reply"], ()) - LINK.silence_probe_s
        assert 1 / (wire_s + row["latency_s"]) == pytest.approx(row["lines_s"], rel=1e-6)
