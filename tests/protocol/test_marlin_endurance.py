"""The endurance run in short (in full: benchmarks/endurance_link.py): the bench reads what a noisy wire leaves."""

from __future__ import annotations

import random

import pytest
from fake_firmware import Noise, converse
from receiver_firmware import ReceiverFirmware

from printcare.formats.profile import load_profile
from printcare.protocol.marlin_host import MarlinHost

LINK = load_profile("marlin-syringe").link
KINDS = ("corrupt", "drop", "lost_ok", "double_ok", "burst")
LINES = 1500


@pytest.mark.parametrize("advanced", [True, False], ids=["advanced-ok", "plain-ok"])
@pytest.mark.parametrize("window", [1, 3])
@pytest.mark.parametrize("rate", [0.001, 0.02])
@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_the_bench_executes_every_line_once_and_in_order(kind: str, rate: float, window: int, advanced: bool) -> None:
    noise = Noise(**({name: rate for name in KINDS} if kind == "all" else {kind: rate}))
    firmware = ReceiverFirmware(random.Random(f"{kind} {rate} {window} {advanced}"), noise, advanced)
    host, program = MarlinHost(LINK, window), [f"G1 X{index % 199} E{index}" for index in range(LINES)]
    host.open(0.0)
    host.queue(program)
    converse(host, firmware, limit_s=LINES)
    assert host.idle
    assert firmware.executed == program
    assert firmware.unchecked == []
